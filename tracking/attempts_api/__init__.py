"""attempts: the sessions on challenges, in the words of clients that know no other sessions."""
