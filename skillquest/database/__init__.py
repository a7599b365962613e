"""How the product uses its database, whichever it is."""
