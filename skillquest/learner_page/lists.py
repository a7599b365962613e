"""The columns of the list of learners."""

from collections.abc import Callable
from functools import cache
from typing import Any

from django.contrib import admin
from django.utils import timezone

from gamification.awards import Rules, player_level_at, published_rules
from gamification.models import LearnerProfile

Column = Callable[[LearnerProfile], Any]


def columns() -> list[str | Column]:
    """Made for each request: the rules that give the levels are read once in it."""
    rules: Callable[[], Rules] = cache(published_rules)
    at = timezone.now()

    @admin.display(description="Learner")
    def person(profile: LearnerProfile) -> str:
        return profile.user.get_username()

    @admin.display(description="Display name", empty_value="-")
    def display_name(profile: LearnerProfile) -> str:
        return profile.user.display_name  # type: ignore[attr-defined,no-any-return]

    @admin.display(description="Level")
    def level(profile: LearnerProfile) -> str:
        rank = player_level_at(profile.total_xp, rules())
        return f"{rank.level}, {rank.title}"

    @admin.display(description="Leaderboards")
    def standing(profile: LearnerProfile) -> str:
        if profile.erased_at:
            return "Erased"
        return "Opted out" if profile.leaderboard_opt_out else profile.standing_at(at).label

    @admin.display(description="Total XP")
    def total_xp(profile: LearnerProfile) -> int:
        return profile.total_xp

    return [person, display_name, total_xp, level, "last_active_day", standing]
