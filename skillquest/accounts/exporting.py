"""Everything that is stored about a user, without the names and texts of others."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Model

from approvals.models import ApprovalRequest
from gamification.models import (
    ActivityDay,
    BadgeAward,
    DayUsage,
    FirstTime,
    FreezeEvent,
    LearnerProfile,
    LedgerEntry,
    StandingChange,
    TimeZoneChange,
    Unlock,
    WindowScore,
)
from tracking.models import Completion, IdempotencyKey, LearningSession

from .models import AuthSession, BrowserSession, User


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

    def rows_of(self, user: User) -> list[dict]:
        mine = self.model._base_manager.filter(**{self.owner: user.pk}).order_by("pk")
        return [self.exported(row) for row in mine.values(*self.columns)]

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
    "completions": Part(Completion, by_name="level__level_id"),
    "ledger": Part(LedgerEntry, without=("actor",), first_line="note"),
    "approval_requests": Part(
        ApprovalRequest, without=("fingerprint", "note", "requested_by", "decided_by", "decision_note")
    ),
    "days": Part(ActivityDay),
    "limit_usage": Part(DayUsage),
    "freezes": Part(FreezeEvent),
    "achievements": Part(Unlock, by_name="achievement__achievement_id"),
    "badges": Part(BadgeAward, without=("note", "actor", "revoked_by"), by_name="badge__name"),
    "first_times": Part(FirstTime),
    "board_standings": Part(StandingChange, without=("note", "actor")),
    "leaderboard_windows": Part(WindowScore),
    "sign_ins_by_token": Part(AuthSession, "user", without=("refresh_id", "previous_refresh_id", "password_stamp")),
    "sign_ins_by_browser": Part(BrowserSession, "user", without=("session_key", "session_data")),
    "idempotency_keys": Part(IdempotencyKey, "user", without=("fingerprint", "body")),
}
ACCOUNT = Part(User, "id", without=("password", "sign_in_generation", "email_normal_form", "display_name_skeleton"))
PROFILE = Part(LearnerProfile, "user")


def export_of(user: User, *, at: datetime) -> dict:
    """One statement for each part, however long the history."""
    return {
        "exported_at": at,
        "account": {
            "id": user.pk,
            **ACCOUNT.rows_of(user)[0],
            "groups": list(user.groups.order_by("name").values_list("name", flat=True)),
            "permissions": list(user.user_permissions.order_by("codename").values_list("codename", flat=True)),
        },
        "profile": next(iter(PROFILE.rows_of(user)), None),
        **{name: part.rows_of(user) for name, part in PARTS.items()},
    }
