"""What the API's documentation says about XP."""

from drf_spectacular.utils import extend_schema_view

from apidocs.operations import answer_example, documented

WHY = "One sentence for people."  # help text of each explanation
BREAKDOWN = [
    {"factor": "base", "value": 10},
    {"factor": "score", "value": 8},
    {"factor": "speed_bonus", "value": 5},
    {"factor": "no_hints_bonus", "value": 5},
]
ENTRY = {
    "id": 4711,
    "sequence": 12,
    "delta": 28,
    "reason": "level_completion",
    "reference_id": "815",
    "balance_after": 340,
    "trust": "reported",
    "metadata": {"breakdown": BREAKDOWN},
    "created_at": "2026-03-01T12:00:00Z",
}
STANDING = {
    "total_xp": 340,
    "current_level": 3,
    "xp_to_next_level": 7,
    "level_progress_percentage": 94,
    "title": "Novice",
    "next_level_at": 347,
}
# The block of every awarding answer, with the numbers of SPEC's own example.
REWARD = {
    "awarded_xp": 28,
    "total_awarded_xp": 28,
    "new_total_xp": 340,
    "xp_breakdown": BREAKDOWN,
    "level_up": False,
    "player_level": 3,
    "title": "Novice",
    "streak": None,
    "unlocked_achievements": [],
    "unlocked_badges": [],
    "entries": [{"reason": "level_completion", "delta": 28, "balance_after": 340}],
    "trust": "reported",
}

history = extend_schema_view(
    get=documented(
        "XP",
        "listXpHistory",
        "List the changes of my XP, newest first",
        "`metadata.breakdown` says where the points of an entry come from; its values add up to `delta`.",
        examples=[answer_example(ENTRY)],
    )
)
level = documented(
    "XP",
    "getPlayerLevel",
    "Get my total XP, player level and title",
    examples=[answer_example(STANDING)],
)
