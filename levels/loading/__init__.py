"""Catalogue files: reading them, and bringing the database in line with them."""
