"""The most that an honest player could have gained on so many dates, by the published limits.

A player who never sleeps, plays without a mistake, and is as fast as the limits believe anybody to be:

- XP of completions: the most that the time of all clock hours and the number of results in them allow, and at most
  `xp_per_day` on each date (or one level that is worth more); levels that improve pay once, modes
  `full_repeats_per_day` times on each date;
- the streak bonus of each date, in one run;
- metrics at their daily limits, and at the time of the clock hours; study time cannot be more than that time;
- every achievement whose condition these numbers meet.
"""

from gamification.conditions.engine import holds
from gamification.models import Achievement
from gamification.pricing import xp
from gamification.pricing.limits import Limits
from gamification.pricing.progression import level_at
from gamification.pricing.rules import Rules
from levels.models import Level


def honest_maximum(levels: list[Level], rules: Rules, limits: Limits, *, dates: int, hours: int) -> dict[str, int]:
    results = limits.completions_per_hour * hours
    metrics = most_of_metrics(limits, dates=dates, hours=hours)
    reached = metrics | dict.fromkeys(["active_days", "current_streak", "longest_streak"], dates)
    reached |= dict.fromkeys(["completions", "attempts_passed", "sessions_completed", "perfect_scores"], results)
    reached |= dict.fromkeys(["early_completions", "late_completions", "languages", "categories_completed"], results)
    reached["levels_completed"] = sum(level.kind != "mode" for level in levels)
    played = most_of_completions(levels, rules, limits, dates=dates, hours=hours)
    played += sum(xp.streak_bonus(day, rules) for day in range(1, dates + 1))
    unlocked, total = unlockable(reached, played, rules)
    return {
        "xp": total,
        "streak": dates,
        "levels": min(reached["levels_completed"], results),
        "achievements": len(unlocked),
        **metrics,
    }


def most_of_metrics(limits: Limits, *, dates: int, hours: int) -> dict[str, int]:
    """Of one result at most 500 words and 50 conversations are believed, see COMPLETION_METADATA."""
    daily, results = limits.metric_per_day, limits.completions_per_hour * hours
    return {
        "study_seconds": min(daily["study_seconds"] * dates, limits.seconds_per_hour * hours),
        "words_learned": min(daily["words_learned"] * dates, 500 * results),
        "conversations": min(daily["conversations"] * dates, 50 * results),
    }


def most_of_completions(levels: list[Level], rules: Rules, limits: Limits, *, dates: int, hours: int) -> int:
    """The most XP of completions: the best results first, as far as time and number allow."""
    offers = [offer for level in levels for offer in [best_of(level, rules, limits)] * times(level, limits, dates)]
    number, seconds = limits.completions_per_hour * hours, limits.seconds_per_hour * hours
    by_number = sum(sorted((amount for amount, _ in offers), reverse=True)[:number])
    by_time = 0
    for amount, least in sorted(offers, key=lambda offer: offer[0] / max(offer[1], 0.001), reverse=True):
        by_time += amount
        seconds -= least
        if seconds <= 0:
            break
    a_day = max(limits.xp_per_day, *(amount for amount, _ in offers))
    return min(by_number, by_time, a_day * dates)


def times(level: Level, limits: Limits, dates: int) -> int:
    return limits.full_repeats_per_day * dates if level.repeat_policy == "full" else 1


def best_of(level: Level, rules: Rules, limits: Limits) -> tuple[int, int]:
    """(XP of a perfect result, the seconds that it takes at least)"""
    expected = level.expected_time_seconds or 0
    least = level.metadata.get("min_seconds") or expected * limits.min_time_percent // 100
    facts = xp.Facts(
        rule=level.xp_rule,
        repeat_policy=level.repeat_policy,
        difficulty=level.difficulty,
        score=level.max_score,
        max_score=level.max_score,
        passed=True,
        xp_reward=level.xp_reward,
        time_spent=max(1, least),
        expected_seconds=level.expected_time_seconds,
        hints_used=0,
    )
    return xp.total(xp.price(facts, rules)), least


def unlockable(reached: dict[str, int], played: int, rules: Rules) -> tuple[set[Achievement], int]:
    """The achievements that these numbers meet, and the total XP with them; each may unlock more."""
    unlocked: set[Achievement] = set()
    while True:
        total = played + sum(achievement.xp_reward for achievement in unlocked)
        numbers = reached | {"xp": total, "level": level_at(total, rules), "achievements_unlocked": len(unlocked)}
        more = {each for each in Achievement.objects.filter(published=True) if holds(each.condition, numbers)}
        if more <= unlocked:
            return unlocked, total
        unlocked |= more
