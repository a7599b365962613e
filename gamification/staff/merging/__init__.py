"""Merging the books of a guest into those of an account, as if both had been one account from the start."""

from .brought import Brought, MergedEvent, MergedResult, OtherResult
from .merge import Merged, merge_books

__all__ = ["Brought", "Merged", "MergedEvent", "MergedResult", "OtherResult", "merge_books"]
