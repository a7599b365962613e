"""Plays: sessions whose questions the server asks and whose answers it judges."""
