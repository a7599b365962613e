"""Which questions a play asks: missed ones first, then those never seen, then those not seen for the longest time.

No statement reads the whole pool of a level, however large it is.
"""

from random import Random

from django.db import connection

from levels.models import MAX_QUESTIONS, Level, Question
from tracking.models import QuestionMemory

CHOICE = 3  # drawn are some of this many times as many
NEAR = 1_000  # questions from a random place on, in both directions, in which those never seen are looked for


def draw(learner_id: int, level: Level, seed: str) -> list[int]:
    """Primary keys of published questions, in the order in which they are asked; the seed decides what is random."""
    count = min(level.questions_per_play or MAX_QUESTIONS, MAX_QUESTIONS)
    chance = Random(seed)  # noqa: S311 (nothing secret)
    drawn = _some(chance, _missed(learner_id, level, count * CHOICE), count)
    if len(drawn) < count:
        unseen = _never_seen(learner_id, level, chance.random(), count * CHOICE)
        drawn += _some(chance, unseen, count - len(drawn))
    if len(drawn) < count:
        longest_ago = _answered(learner_id, level, count - len(drawn), correct=True)
        drawn += _some(chance, longest_ago, len(longest_ago))
    return drawn


def _some(chance: Random, keys: list[int], count: int) -> list[int]:
    return chance.sample(keys, min(count, len(keys)))


def _missed(learner_id: int, level: Level, limit: int) -> list[int]:
    return _answered(learner_id, level, limit, correct=False)


def _answered(learner_id: int, level: Level, limit: int, *, correct: bool) -> list[int]:
    """The last answer was right or wrong, that of longest ago first."""
    memories = QuestionMemory.objects.filter(learner=learner_id, correct=correct)
    of_level = memories.filter(question__level=level, question__published=True)
    return list(of_level.order_by("last_review").values_list("question_id", flat=True)[:limit])


def _never_seen(learner_id: int, level: Level, place: float, limit: int) -> list[int]:
    """Those that follow `place` in the order of their draw keys, and then those from the beginning on."""
    with connection.cursor() as cursor:
        near = [level.pk, place, NEAR]
        cursor.execute(_NEVER_SEEN, [*near, *near, learner_id, limit])
        return [key for (key,) in cursor.fetchall()]


def _near(comparison: str) -> str:
    table = Question._meta.db_table
    return (
        f"SELECT * FROM (SELECT id FROM {table} WHERE level_id = %s AND published AND draw_key {comparison} %s "  # noqa: S608
        "ORDER BY draw_key LIMIT %s) AS part"
    )


_NEVER_SEEN = (
    f"SELECT near.id FROM ({_near('>=')} UNION ALL {_near('<')}) AS near WHERE NOT EXISTS ("  # noqa: S608
    f"SELECT 1 FROM {QuestionMemory._meta.db_table} AS memory "
    "WHERE memory.learner_id = %s AND memory.question_id = near.id) LIMIT %s"
)
