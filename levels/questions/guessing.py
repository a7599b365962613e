"""How likely somebody who only guesses passes a play, exactly.

A play draws k of the n questions of a level, all sets of k being equally likely, and passes with at least r right
answers. A guess at one question is right with probability

| kind | p |
|---|---|
| true_false | 1/2 |
| single_choice of c choices | 1/c |
| multiple_choice of c choices | 1/(2^c - 1): any choices but none |
| ordering of c texts | 1/c! |
| matching of c pairs, m different matches | 1/(m (m-1) … (m-c+1)), or 1/m^c where a match fits twice |
| short_text, number | 0: there is nothing to choose from |

W[j][i] is the sum, over all sets of j questions, of the probability that i of them are guessed right. One question
after the other is added: W'[j][i] = W[j][i] + p W[j-1][i-1] + (1-p) W[j-1][i]. The probability of passing is the sum
of W[k][i] for i >= r, divided by the number of sets, n!/(k! (n-k)!).
"""

from collections.abc import Iterable
from fractions import Fraction
from math import comb, factorial, perm
from typing import TYPE_CHECKING

from levels.choices import QuestionKind

from .presenting import match_texts

if TYPE_CHECKING:
    from levels.models import Level, Question


def level_chance(level: "Level", questions: Iterable["Question"]) -> Fraction:
    """That a guesser passes a play of the level; 0 without questions."""
    chances = [guess_chance(question) for question in questions]
    asked = min(level.questions_per_play or len(chances), len(chances))
    return pass_chance(chances, asked=asked, needed=needed_right(asked, level.needed_percent)) if asked else Fraction(0)


def needed_right(asked: int, percent: int) -> int:
    """The least number of right answers that are `percent` percent of those asked."""
    return -(-asked * percent // 100)


def guess_chance(question: "Question") -> Fraction:
    match question.kind:
        case QuestionKind.TRUE_FALSE:
            return Fraction(1, 2)
        case QuestionKind.SINGLE_CHOICE:
            return Fraction(1, len(question.choices))
        case QuestionKind.MULTIPLE_CHOICE:
            return Fraction(1, 2 ** len(question.choices) - 1)
        case QuestionKind.ORDERING:
            return Fraction(1, factorial(len(question.answer)))
        case QuestionKind.MATCHING:
            return Fraction(1, _matchings(question))
    return Fraction(0)


def _matchings(question: "Question") -> int:
    pairs, matches = len(question.answer), len(match_texts(question))
    repeats = len({right for _, right in question.answer}) < pairs
    return matches**pairs if repeats else perm(matches, pairs)


def pass_chance(chances: Iterable[Fraction], *, asked: int, needed: int) -> Fraction:
    """`chances` are those of the questions to draw from."""
    chances = list(chances)
    weights = [[Fraction(0)] * (asked + 1) for _ in range(asked + 1)]  # [questions][right answers]
    weights[0][0] = Fraction(1)
    for chance in chances:
        _add(weights, chance)
    return sum(weights[asked][needed:], Fraction(0)) / comb(len(chances), asked)


def _add(weights: list[list[Fraction]], chance: Fraction) -> None:
    for count in range(len(weights) - 1, 0, -1):
        fewer = weights[count - 1]
        for right in range(count, -1, -1):
            weights[count][right] += (1 - chance) * fewer[right] + (chance * fewer[right - 1] if right else 0)
