"""Merging the books of a guest into those of an account, as if both had been one account from the start."""

from .merge import MergedResult, OtherResult, merge_books

__all__ = ["MergedResult", "OtherResult", "merge_books"]
