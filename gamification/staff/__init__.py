"""What staff do by hand, and what it would do before it is done."""

from .erasing import ERASED, erase_learner, find_mentions, lock_learner, strike_out, texts_of_staff

__all__ = ["ERASED", "erase_learner", "find_mentions", "lock_learner", "strike_out", "texts_of_staff"]
