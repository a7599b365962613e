"""challenges: the levels of kind challenge, in the words of clients that know no other levels."""
