"""Who the learner is, and where they stand."""

from typing import cast

from gamification.awards import player_level
from gamification.models import LearnerKind, LearnerProfile, StandingChange
from skillquest.accounts.models import User

from .blocks import Cell, Facts, moment
from .visits import Visit


def person_of(profile: LearnerProfile) -> User:
    return cast(User, profile.user)


def overview_facts(visit: Visit) -> list[Facts]:
    """Two statements: the rules in force, and the newest decision about the board standing."""
    return [Facts("Person", _person(visit)), Facts("XP", _xp(visit.profile)), Facts("Leaderboards", _boards(visit))]


def _person(visit: Visit) -> list[tuple[str, Cell]]:
    profile, person = visit.profile, person_of(visit.profile)
    return [
        ("Username", person.username),
        ("Display name", person.display_name or "-"),
        *([("E-mail address", person.email or "-")] if visit.may_view(User) else []),
        ("Kind", LearnerKind(profile.kind).label.capitalize()),
        ("Staff", _staff(person)),
        ("Joined", f"{person.date_joined:%Y-%m-%d}"),
        ("Last active", str(profile.last_active_day or "Never")),
        ("Time zone", profile.time_zone),
    ]


def _staff(person: User) -> str:
    if not person.is_active:
        return "Deactivated"
    if person.is_superuser:
        return "Superuser"
    return "Yes" if person.is_staff else "No"


def _xp(profile: LearnerProfile) -> list[tuple[str, Cell]]:
    rank = player_level(profile.total_xp)
    next_level = f"{rank.xp_to_next_level} XP to the next level" if rank.next_level_at else "The highest level"
    return [
        ("Total XP", profile.total_xp),
        ("Verified XP", profile.verified_xp),
        ("Level", f"{rank.level}, {rank.title}"),
        ("Next", next_level),
        ("Levels completed", profile.levels_completed),
        ("Achievements", profile.achievements_unlocked),
    ]


def _boards(visit: Visit) -> list[tuple[str, Cell]]:
    profile = visit.profile
    facts: list[tuple[str, Cell]] = [("Board standing", profile.standing_at(visit.at).label)]
    if visit.may_view(StandingChange) and (change := _newest_change(profile)):
        facts += [("Until", moment(change.until)), ("Reason", change.reason), ("Note", change.note)]
        facts += [("Decided", f"{moment(change.created_at)} by {change.actor}")]
    return [*facts, ("Opted out", "Yes" if profile.leaderboard_opt_out else "No")]


def _newest_change(profile: LearnerProfile) -> StandingChange | None:
    return StandingChange.objects.filter(learner=profile.pk).select_related("actor").first()
