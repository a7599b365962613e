"""Limits of plausibility. See `seeded_bugs`."""

from .seeding import bug

LIMITS = "tests/tracking/recording/test_limits.py"
RACES = "tests/tracking/recording/test_races.py"

LIMITS_OF_PLAUSIBILITY = [
    bug(
        "usage that was read before another transaction changed it is believed",
        "gamification/profiles/locking.py",
        'getattr(profile, "seen_revision", None) == profile.revision',
        'hasattr(profile, "seen_revision")',
        tests=[f"{RACES}::test_no_limit_is_exceeded_by_results_that_come_at_once"],
        on_servers=True,
    ),
    bug(
        "the day of a limit is that of UTC",
        "gamification/awards/batch.py",
        "self.limiter.held_reason(award, local.date(), xp.total(breakdown))",
        "self.limiter.held_reason(award, award.occurred_at.date(), xp.total(breakdown))",
        tests=[f"{LIMITS}::test_the_day_is_that_of_the_learner"],
    ),
    bug(
        "the first result of a day is held for its XP",
        "gamification/awards/limiter.py",
        'has_paid and used.get("xp", 0) + amount',
        'used.get("xp", 0) + amount',
        tests=[f"{LIMITS}::test_the_first_result_of_a_day_is_never_held_for_its_xp"],
    ),
    bug(
        "rebuilding counts what a limit has cut",
        "tracking/recording/counting.py",
        "**(completion.counted or {}),",
        "**{},",
        tests=[f"{LIMITS}::test_of_a_metric_a_day_counts_only_so_much"],
    ),
    bug(
        "results of before the account make a streak",
        "tracking/recording/completions.py",
        "counts_at=None if reporter.is_server else joined_after(learner, occurred_at),",
        "counts_at=None,",
        tests=[f"{LIMITS}::test_results_from_before_the_account_share_its_first_day"],
    ),
]
