"""Answers about plays."""

from dataclasses import dataclass
from typing import Any

from .results import Reward


@dataclass(frozen=True)
class Play:
    """`questions` and `answered` are as the API shows them: dictionaries."""

    session_id: int
    level_id: str
    questions: list[dict[str, Any]]
    answered: list[dict[str, Any]]


@dataclass(frozen=True)
class Hint:
    hint: str


@dataclass(frozen=True)
class Verdict:
    """`correct_answer` has the form in which the question is answered."""

    correct: bool
    correct_answer: Any
    explanation_html: str
    explanation_text: str
    answered: int
    remaining: int


@dataclass(frozen=True)
class FinishedPlay(Reward):
    session_id: int
    time_spent: int
    right: int
    asked: int
    skills_to_practise: list[str]
    is_new_completion: bool
