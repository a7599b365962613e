"""Merging the books of a guest into those of an account, as if both had been one account from the start."""

from .brought import Brought, MergedEvent, MergedResult, OtherResult
from .merge import Merged, merge_books
from .versions import Versions

__all__ = ["Brought", "Merged", "MergedEvent", "MergedResult", "OtherResult", "Versions", "merge_books"]
