"""Which questions a play asks: missed ones first, then those never seen, then those not seen for the longest time.

However large the pool of a level is, few of its questions are read; only for a learner who has seen nearly all of them
the database looks through it.
"""

from random import Random

from django.db import connection
from django.db.models import Exists, OuterRef

from levels.models import MAX_QUESTIONS, Level, Question
from tracking.models import QuestionMemory

CHOICE = 3  # drawn are some of this many times as many


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
    # Not by a join: SQLite would go through the questions first.
    of_level = memories.filter(Exists(Question.objects.published().filter(pk=OuterRef("question"), level=level)))
    return list(of_level.order_by("last_review").values_list("question_id", flat=True)[:limit])


def _never_seen(learner_id: int, level: Level, place: float, limit: int) -> list[int]:
    """Those that follow `place` in the order of their draw keys, and then those from the beginning on."""
    with connection.cursor() as cursor:
        near = [level.pk, True, place, learner_id, limit]
        cursor.execute(_NEVER_SEEN, [*near, *near, limit])
        return [key for (key,) in cursor.fetchall()]


def _near(comparison: str) -> str:
    question, memory = Question._meta.db_table, QuestionMemory._meta.db_table
    return (
        f"SELECT * FROM (SELECT id FROM {question} AS question WHERE level_id = %s AND published = %s "  # noqa: S608
        f"AND draw_key {comparison} %s AND NOT EXISTS (SELECT 1 FROM {memory} AS memory "
        "WHERE memory.learner_id = %s AND memory.question_id = question.id) ORDER BY draw_key LIMIT %s) AS part"
    )


_NEVER_SEEN = f"SELECT id FROM ({_near('>=')} UNION ALL {_near('<')}) AS near LIMIT %s"  # noqa: S608
