"""`challenges`: the levels of kind challenge, for clients that know no other levels."""
