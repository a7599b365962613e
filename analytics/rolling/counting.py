"""What is counted once a day, over all learners: who reached how far in each level, and how players are spread."""

from collections import Counter
from datetime import UTC, date
from typing import Any

from django.db.models import Count, Q
from django.db.models.functions import Coalesce

from analytics.counted import counted_learners, of_counted
from analytics.models import Analytics, LevelReach
from analytics.periods import RANGES, begin, first_monday, monday_of
from gamification.awards import player_level_at, published_rules
from gamification.models import Achievement, Unlock
from levels.models import Level
from tracking.models import Completion, LearningSession

LEARNERS = 20_000  # in a portion


def count_next_level(cursor: dict[str, Any], today: date) -> bool:
    """True when no level is left."""
    level = Level.objects.filter(pk__gt=cursor.get("level", 0)).order_by("pk").first()
    if level is None:
        return True
    LevelReach.objects.filter(level=level).delete()
    LevelReach.objects.bulk_create(_reach(level, weeks, today) for weeks in RANGES)
    cursor["level"] = level.pk
    return False


def _reach(level: Level, weeks: int, today: date) -> LevelReach:
    """Started: began a session on it, or sent a result without one."""
    start = begin(first_monday(weeks, today))
    results = of_counted(Completion.objects.counted().filter(level=level))
    results = results.alias(at=Coalesce("counts_at", "occurred_at")).filter(at__gte=start)
    sessions = of_counted(LearningSession.objects.filter(level=level, start_time__gte=start))
    ended = Count("learner", distinct=True)
    passed = Count("learner", distinct=True, filter=Q(passed=True))
    return LevelReach(
        level=level,
        weeks=weeks,
        started=sessions.values_list("learner").union(results.values_list("learner")).count(),
        **results.aggregate(finished=ended, passed=passed),
    )


def count_next_learners(cursor: dict[str, Any]) -> bool:
    """Add the next learners to the counts in `cursor`; True when no learner is left."""
    rules = published_rules()
    learners = counted_learners().filter(pk__gt=cursor.get("learner", 0)).order_by("pk")
    portion = list(learners.values_list("pk", "total_xp", "longest_streak", "user__date_joined")[:LEARNERS])
    counts = {name: Counter(cursor.get(name, {})) for name in ("player_levels", "longest_streaks", "joined")}
    for _, xp, streak, joined in portion:
        counts["player_levels"][str(player_level_at(xp, rules).level)] += 1
        counts["longest_streaks"][str(streak)] += 1
        counts["joined"][monday_of(joined.astimezone(UTC).date()).isoformat()] += 1
    cursor.update({name: dict(count) for name, count in counts.items()})
    cursor["players"] = cursor.get("players", 0) + len(portion)
    cursor["learner"] = portion[-1][0] if portion else cursor.get("learner", 0)
    return len(portion) < LEARNERS


def count_next_achievement(cursor: dict[str, Any]) -> bool:
    """True when no achievement is left."""
    key = Achievement.objects.filter(pk__gt=cursor.get("achievement", 0)).order_by("pk").values_list("pk").first()
    if key is None:
        return True
    holders = of_counted(Unlock.objects.held().filter(achievement=key[0])).count()
    cursor.setdefault("holders", {})[str(key[0])] = holders
    cursor["achievement"] = key[0]
    return False


def store_counts(analytics: Analytics, cursor: dict[str, Any]) -> None:
    for name in ("player_levels", "longest_streaks", "joined", "holders"):
        setattr(analytics, name, cursor.get(name, {}))
    analytics.players = cursor.get("players", 0)
