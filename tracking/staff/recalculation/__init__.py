"""Bringing old results to the rules in force, by ledger entries that can be undone together."""
