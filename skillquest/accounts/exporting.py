"""Everything that is stored about a user, without the names and texts of others."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import IO

from django.db.models import Model

from approvals.models import ApprovalRequest
from gamification.models import (
    ActivityDay,
    BadgeAward,
    DayRepair,
    DayUsage,
    FirstTime,
    FreezeEvent,
    LearnerProfile,
    LedgerEntry,
    MetricTotal,
    StandingChange,
    TimeZoneChange,
    Unlock,
    WindowScore,
)
from skillquest.api.rendering import UTCEncoder
from skillquest.database.snapshots import snapshot
from skillquest.machines.models import ClaimLink
from tracking.models import (
    CheckIn,
    Completion,
    IdempotencyKey,
    LearningSession,
    MetricEvent,
    Play,
    PlayQuestion,
    QuestionMemory,
    Review,
)

from .models import AuthSession, BrowserSession, GuestDevice, GuestLink, User

ROWS_IN_MEMORY = 500


@dataclass(frozen=True)
class Part:
    """The rows of `model` whose field `owner` is the user, with every column except those in `without`.

    `by_name` is the path to a name that replaces a foreign key to the catalogue. Of the text in `first_line` only the
    first line is exported; the rest is for staff.
    """

    model: type[Model]
    owner: str = "learner"
    without: tuple[str, ...] = ()
    by_name: str = ""
    first_line: str = ""

    @property
    def columns(self) -> list[str]:
        relation = self.by_name.partition("__")[0]
        left_out = {self.owner, relation, *self.without}
        columns = [field.attname for field in self.model._meta.concrete_fields if field.name not in left_out]
        return [*columns, *filter(None, [self.by_name])]

    def rows_of(self, user: User) -> Iterator[dict]:
        mine = self.model._base_manager.filter(**{self.owner: user.pk}).order_by("pk")
        return map(self.exported, mine.values(*self.columns).iterator(ROWS_IN_MEMORY))

    def exported(self, row: dict) -> dict:
        if self.by_name:
            row[self.by_name.partition("__")[0]] = row.pop(self.by_name)
        if self.first_line:
            row[self.first_line] = row[self.first_line].partition("\n")[0]
        return row


# Left out: secrets, the names of staff, and what staff wrote for each other.
PARTS = {
    "account_changes": Part(User.history.model, "id", without=("history_user", "history_change_reason")),
    "time_zone_changes": Part(TimeZoneChange),
    "sessions": Part(LearningSession, by_name="level__level_id"),
    "plays": Part(Play, "session__learner"),
    "answers": Part(PlayQuestion, "play__session__learner", by_name="question__question_id"),
    "completions": Part(Completion, by_name="level__level_id"),
    "check_ins": Part(CheckIn),
    "question_memories": Part(QuestionMemory, by_name="question__question_id"),
    "reviews": Part(Review, by_name="question__question_id"),
    "metric_events": Part(MetricEvent),
    "metric_totals": Part(MetricTotal),
    "ledger": Part(LedgerEntry, without=("actor",), first_line="note"),
    "approval_requests": Part(
        ApprovalRequest, without=("fingerprint", "note", "requested_by", "decided_by", "decision_note")
    ),
    "days": Part(ActivityDay),
    "limit_usage": Part(DayUsage),
    "freezes": Part(FreezeEvent),
    "repaired_days": Part(DayRepair, without=("note", "actor")),
    "achievements": Part(Unlock, by_name="achievement__achievement_id"),
    "badges": Part(BadgeAward, without=("note", "actor", "revoked_by"), by_name="badge__name"),
    "first_times": Part(FirstTime),
    "board_standings": Part(StandingChange, without=("note", "actor")),
    "leaderboard_windows": Part(WindowScore),
    "sign_ins_by_token": Part(AuthSession, "user", without=("refresh_id", "previous_refresh_id", "password_stamp")),
    "sign_ins_by_browser": Part(BrowserSession, "user", without=("session_key", "session_data")),
    "guest_devices": Part(GuestDevice, "user", without=("device_hash",)),
    "linked_guests": Part(GuestLink, "account"),
    "claim_links": Part(ClaimLink, "user", without=("token_hash",)),
    "idempotency_keys": Part(IdempotencyKey, "user", without=("fingerprint", "body")),
}
ACCOUNT = Part(User, "id", without=("password", "sign_in_generation", "email_normal_form", "display_name_skeleton"))
PROFILE = Part(LearnerProfile, "user")


def write_export(file: IO[bytes], user: User, *, at: datetime) -> None:
    """Write the JSON of the export: one statement for each part, and the same memory, however long the history."""
    with snapshot():
        for piece in _pieces(user, at):
            file.write(piece)


def _pieces(user: User, at: datetime) -> Iterator[bytes]:
    yield b'{"success":true'
    for name, value in _single_rows(user, at).items():
        yield b"," + _as_json(name) + b":" + _as_json(value)
    for name, part in PARTS.items():
        yield b"," + _as_json(name) + b":["
        for number, row in enumerate(part.rows_of(user)):
            yield (b"," if number else b"") + _as_json(row)
        yield b"]"
    yield b"}"


def _single_rows(user: User, at: datetime) -> dict:
    return {
        "exported_at": at,
        "account": {
            "id": user.pk,
            **next(ACCOUNT.rows_of(user)),
            "groups": list(user.groups.order_by("name").values_list("name", flat=True)),
            "permissions": list(user.user_permissions.order_by("codename").values_list("codename", flat=True)),
        },
        "profile": next(PROFILE.rows_of(user), None),
    }


def _as_json(value: object) -> bytes:
    return json.dumps(value, cls=UTCEncoder, ensure_ascii=False, separators=(",", ":")).encode()
