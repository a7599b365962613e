"""Sentences that explain numbers to learners, and the words they are made of."""

from .wording import FACTOR_WORDS, duration, listed, on_date

__all__ = ["FACTOR_WORDS", "duration", "listed", "on_date"]
