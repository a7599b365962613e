"""Trust of results, boards of verified XP, board standings, wrong clocks. See `seeded_bugs`."""

from .seeding import WALKS, bug

TRUST = ["tests/tracking/recording/test_trust.py"]
POLICIES = ["tests/gamification/leaderboards/test_policies.py"]
STANDINGS = ["tests/gamification/staff/test_standings.py"]
CLOCKS = ["tests/tracking/recording/test_clock_shift.py"]

TRUST_AND_STANDING = [
    bug(
        "the bonus of an offline completion counts as verified",
        "gamification/awards/award_entries.py",
        "            trust=award.trust,\n            metadata=_breakdown(",
        '            trust="verified",\n            metadata=_breakdown(',
        tests=TRUST,
    ),
    bug(
        "an achievement that an offline completion unlocks counts as reported",
        "gamification/awards/batch.py",
        "*achievement_entries(earned.achievements, earned_at, trust=trust)]",
        '*achievement_entries(earned.achievements, earned_at, trust="reported")]',
        tests=WALKS,
    ),
    bug(
        "a reversal of a reported entry counts as verified",
        "gamification/awards/adjustments.py",
        "trust=entry.trust,",
        "trust=Trust.VERIFIED,",
        tests=WALKS,
    ),
    bug(
        "a result is trusted as reported for an hour",
        "tracking/recording/trust.py",
        "REPORTED_WITHIN = timedelta(minutes=5)",
        "REPORTED_WITHIN = timedelta(minutes=60)",
        tests=TRUST,
    ),
    bug(
        "verified XP counts what was only reported",
        "gamification/ledger/entries.py",
        "if new_entry.trust == Trust.VERIFIED:",
        "if new_entry.trust != Trust.OFFLINE:",
        tests=POLICIES,
    ),
    bug(
        "weekly boards of verified XP count everything",
        "gamification/leaderboards/windows.py",
        "trust=ONLY_VERIFIED if metric.only_verified else",
        'trust="" if metric.only_verified else',
        tests=POLICIES,
    ),
    bug(
        "whoever is under review stays on the boards",
        "gamification/leaderboards/score_updates.py",
        "listed = is_active and is_member and is_ranked and not profile.leaderboard_opt_out",
        "listed = is_active and is_member and not profile.leaderboard_opt_out",
        tests=STANDINGS,
    ),
    bug(
        "a member of staff puts themselves back on the boards",
        "gamification/staff/standings.py",
        "if actor.pk == learner_id:",
        "if actor.pk is None:",
        tests=STANDINGS,
    ),
    bug(
        "a wrong clock is corrected in the wrong direction",
        "tracking/recording/clocks.py",
        "round((at - sent_at).total_seconds())",
        "round((sent_at - at).total_seconds())",
        tests=CLOCKS,
    ),
]
