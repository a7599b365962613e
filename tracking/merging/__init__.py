"""Merging what a guest did into an account, as if both had been one account from the start."""
