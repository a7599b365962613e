"""Leaderboards, and the words that explain a number. See `seeded_bugs`."""

from .seeding import WALKS, bug

TESTS = "tests/gamification/leaderboards"

BOARDS_AND_WORDS = [
    bug(
        "whoever opted out stays on the boards",
        "gamification/leaderboards/score_updates.py",
        " and is_ranked and not profile.leaderboard_opt_out",
        " and is_ranked",
        tests=WALKS,
    ),
    bug(
        "windows count XP when it was written, not when it was earned",
        "gamification/leaderboards/windows.py",
        "entry.effective_at >= %(since)s AND entry.effective_at < %(until)s",
        "entry.created_at >= %(since)s AND entry.created_at < %(until)s",
        tests=WALKS,
    ),
    bug(
        "windows are one date short",
        "gamification/leaderboards/windows.py",
        "return today - timedelta(days=metric.days - 1)",
        "return today - timedelta(days=metric.days - 2)",
        tests=[f"{TESTS}/test_windows.py"],
    ),
    bug(
        "equal scores do not share their rank",
        "gamification/leaderboards/base.py",
        "if score_before not in (None, score):",
        "if score_before is not None:",
        tests=[f"{TESTS}/test_contract.py"],
    ),
    bug(
        "the streak board shows streaks that have run out",
        "gamification/leaderboards/database_board.py",
        '    if metric.name == "streak_current":\n',
        '    if metric.name == "streak":\n',
        tests=WALKS,
    ),
    bug(
        "Redis receives totals before they are committed",
        "gamification/leaderboards/score_updates.py",
        "transaction.on_commit(lambda: redis_board.store().update_scores(new_scores), robust=True)",
        "redis_board.store().update_scores(new_scores)",
        tests=[f"{TESTS}/test_score_updates.py"],
        on_servers=True,
    ),
    bug(
        "in Redis whoever writes last wins",
        "gamification/leaderboards/redis_scripts.py",
        "if known and known > tonumber(ARGV[1]) then return 0 end",
        "if known and known > 2^53 then return 0 end",
        tests=[f"{TESTS}/test_redis.py"],
        on_servers=True,
    ),
    bug(
        "the explanation of an entry leaves out what was taken off",
        "tracking/explanations/ledger_entries.py",
        'for factor in entry.metadata.get("breakdown", [])\n',
        'for factor in entry.metadata.get("breakdown", [])\n        if factor["value"] > 0\n',
        tests=["tests/tracking/explanations/test_api.py"],
    ),
    bug(
        "the explanation of an achievement asks for one part of all",
        "gamification/explanations/achievements.py",
        "yield from _nearest(part, values)\n    elif",
        "yield from _nearest(part, values)\n                return\n    elif",
        tests=["tests/gamification/explanations/test_achievements.py"],
    ),
    bug(
        "the plan of a reversal forgets what the returned XP unlocks",
        "gamification/staff/reversal_plans.py",
        "earned=Earned(_achievements_only_in(after, before), _badges_only_in(after, before)),",
        "earned=Earned(),",
        tests=["tests/gamification/staff/test_reversal_plans.py"],
    ),
]
