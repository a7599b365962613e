"""What a completion adds to the learner's metrics; the same when it happens and when profiles are rebuilt.

It asks only what the completion itself remembers: levels are edited, what was learned stays.
"""

from gamification.conditions import counted_metadata
from levels.choices import Kind
from levels.models import Level
from tracking.models import Completion

# However long a tab stayed open, one completion is no more learning than this: seconds, or times what was expected.
STUDY_SECONDS_AT_MOST, STUDY_TIMES_EXPECTED_AT_MOST = 3600, 3


def counts_of(completion: Completion) -> dict[str, int]:
    """Metric -> what it grows by; nothing where the level was not passed."""
    if not completion.passed:
        return {}
    counts = {key: completion.metadata.get(key, 0) for key in counted_metadata()}
    return {
        **counts,
        **(completion.metrics or {}),
        "completions": 1,
        "sessions_completed": int(completion.session_id is not None),
        "attempts_passed": int(completion.level_type == Kind.CHALLENGE),
        "perfect_scores": int(completion.perfect),
        "study_seconds": completion.study_seconds,
        # What counted of those that a daily limit has cut.
        **(completion.counted or {}),
    }


def firsts_of(completion: Completion) -> tuple[tuple[str, str], ...]:
    """(metric, value): counts once for a learner. A mode is no level that could be completed."""
    firsts: list[tuple[str, str]] = []
    if not completion.passed:
        return ()
    if completion.level_type != Kind.MODE:
        firsts += [("levels_completed", str(completion.level_id)), ("categories_completed", completion.category)]
    if language := completion.metadata.get("language"):
        # "en", "en-GB" and "EN-us" are one language.
        firsts.append(("languages", language.partition("-")[0].lower()))
    return tuple(firsts)


def study_seconds(level: Level, time_spent: int | None) -> int:
    expected = level.expected_time_seconds or 0
    return min(time_spent or 0, max(STUDY_SECONDS_AT_MOST, STUDY_TIMES_EXPECTED_AT_MOST * expected))
