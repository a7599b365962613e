"""Accounts for imported learners: without a password, with the names and choices that the old system had."""

from datetime import datetime
from typing import Any

from gamification.awards import save_totals
from gamification.models import BoardStanding
from hotsql.writes import update_rows
from skillquest.accounts.models import User
from skillquest.machines.learners import MOST_AT_ONCE, NewLearner, ensure_learners

from .records import Record

NEW_ACCOUNT = ("username", "date_joined")
NEW_PROFILE = (
    "first_freezes",
    "freezes_available",
    "leaderboard_opt_out",
    "board_standing",
    "board_standing_until",
    "listed",
)


def create_learners(records: list[Record], *, at: datetime) -> None:
    """The accounts of accepted records of the kind learner; those that exist stay as they are."""
    for first in range(0, len(records), MOST_AT_ONCE):
        part = records[first : first + MOST_AT_ONCE]
        found = ensure_learners([_new_learner(record) for record in part], is_test=False, at=at)
        people = {record.external_id: record.values for record in part if record.external_id in found.created}
        accounts = [_account(found.people[external_id], given, at) for external_id, given in people.items()]
        update_rows(accounts, NEW_ACCOUNT)
        save_totals([account.profile for account in accounts], NEW_PROFILE, at=at)


def _new_learner(record: Record) -> NewLearner:
    names = ("display_name", "time_zone", "email", "language")
    return NewLearner(record.external_id, **{name: record.values[name] for name in names if name in record.values})


def _account(person: User, given: dict[str, Any], at: datetime) -> User:
    profile = person.profile
    person.username, person.date_joined = given.get("username") or person.username, given.get("created_at", at)
    profile.first_freezes = profile.freezes_available = given.get("freezes", profile.first_freezes)
    profile.leaderboard_opt_out = given.get("leaderboard_opt_out", False)
    profile.board_standing = given.get("board_standing", BoardStanding.RANKED)
    profile.board_standing_until = given.get("board_standing_until")
    profile.listed = not profile.leaderboard_opt_out and profile.standing_at(at) == BoardStanding.RANKED
    return person
