"""What a portion of records has to be compared with, in few statements however many they are."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from django.db.models.functions import Lower

from gamification.awards import lock_profiles
from gamification.errors import LearnerErased, LearnerNotFound
from gamification.models import Achievement, Badge, LearnerProfile, Metric
from levels.models import Level
from skillquest.accounts.display_names import skeleton, username_skeleton
from skillquest.accounts.email_addresses import normal_form
from skillquest.accounts.models import User
from skillquest.machines.learners import find_learners
from skillquest.machines.learners_errors import LearnerDeactivated
from tracking.models import Completion, MetricEvent

from .models import ImportedRow, ImportSource
from .records import Hashing, Record
from .scratch import Claim, Scratch

T = TypeVar("T")
AT_ONCE = 1_000  # parameters of a statement
REFUSALS: dict[type, str] = {
    LearnerNotFound: "the account with this external id is one of staff, or a test learner",
    LearnerErased: "the person with this external id was erased",
    LearnerDeactivated: "the account with this external id is deactivated",
}


class Catalogue:
    """Levels, achievements and badges, as rows may call them. Read once: catalogues have hundreds of rows, not more."""

    def __init__(self) -> None:
        levels = list(Level.objects.defer("description", "tags", "skills"))
        by_number = {str(level.number): level for level in levels if level.number is not None}
        # As in the API: a level's number, its id, or its name; the id wins over another one's name.
        self.levels = {level.name: level for level in levels} | by_number | {level.level_id: level for level in levels}
        self.achievements = {row.achievement_id: row for row in Achievement.objects.all()}
        self.badges = {row.name: row for row in Badge.objects.all()}
        self.metrics = set(Metric.objects.custom().values_list("metric_id", flat=True))


@dataclass
class Known:
    """`imported` are the rows of this source, key -> content; `taken` what only one learner or row can have.

    Judging adds what it accepts, so that the next record of the portion is compared with it.
    """

    source: ImportSource
    hashing: Hashing
    scratch: Scratch | None
    at: datetime
    imported: dict[UUID, UUID] = field(default_factory=dict)
    people: dict[str, User] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    taken: set[Claim] = field(default_factory=set)
    profiles: dict[int, LearnerProfile] = field(default_factory=dict)
    balances: dict[str, int] = field(default_factory=dict)
    new_rows: dict[UUID, UUID] = field(default_factory=dict)
    new_claims: set[Claim] = field(default_factory=set)
    new_balances: dict[str, int] = field(default_factory=dict)
    paid: int = 0  # XP of completions, where they are paid
    new_people: list[Record] = field(default_factory=list)

    def load(self, records: list[Record]) -> None:
        """What was imported, and whom the records are about."""
        external_ids = {record.external_id for record in records}
        keys = {record.key for record in records} | set(map(self.learner_key, external_ids))
        for part in _parts(keys):
            rows = ImportedRow.objects.filter(source=self.source, key__in=part) if self.source.pk else []
            self.imported |= {row.key: row.content for row in rows}
            self.imported |= self.scratch.imported(part) if self.scratch else {}
        self.find_people(external_ids)

    def find_people(self, external_ids: Iterable[str]) -> None:
        found = find_learners(external_ids, is_test=False, at=self.at)
        self.people |= found.people
        self.refused |= {external_id: REFUSALS.get(type(error), "") for external_id, error in found.refused.items()}
        if self.scratch:
            self.balances |= self.scratch.balances(external_ids)

    def load_names(self, records: list[Record]) -> None:
        """Which e-mail addresses and names of these new learners somebody has already."""
        emails = {normal_form(record.values.get("email", "")) for record in records} - {""}
        usernames = {record.values.get("username", "").lower() for record in records} - {""}
        skeletons = {skeleton(record.values.get(name, "")) for record in records for name in NAMES} - {""}
        rows = User.objects.filter(email_normal_form__in=emails, email_normal_form__gt="")
        self.taken |= {("email", email) for email in rows.values_list("email_normal_form", flat=True)}
        lower = User.objects.alias(lower=Lower("username")).filter(lower__in=usernames)
        self.taken |= {("username", name.lower()) for name in lower.values_list("username", flat=True)}
        signing_in = User.objects.alias(like=username_skeleton()).filter(like__in=skeletons)
        self.taken |= {("sign-in name", skeleton(name)) for name in signing_in.values_list("username", flat=True)}
        shown = User.objects.filter(display_name_skeleton__in=skeletons, display_name_skeleton__gt="")
        for like, is_staff in shown.values_list("display_name_skeleton", "is_staff"):
            self.taken |= {("shown name", like)} | ({("sign-in name", like)} if is_staff else set())
        self._load_claims({("", value) for value in emails | usernames | skeletons})

    def load_events(self, records: list[Record]) -> None:
        """Which of these event ids belong to stored completions and events. `people` are those of the portion."""
        names = {person.pk: external_id for external_id, person in self.people.items()}
        for kind, rows in {"completion": Completion.objects.all(), "metric": MetricEvent.objects.all()}.items():
            mine = [record for record in records if record.kind == kind and "client_event_id" in record.values]
            if mine:
                ids = {record.values["client_event_id"] for record in mine}
                found = rows.filter(client_event_id__in=ids, learner_id__in=names)
                for learner_id, event_id in found.values_list("learner_id", "client_event_id"):
                    self.taken.add(event_claim(kind, event_id, names[learner_id]))
                self._load_claims(event_claims(mine))

    def lock_profiles(self) -> None:
        """Each row has the rules that a ledger entry names. Those of people who were erased meanwhile are missing."""
        ids = {person.pk for person in self.people.values()}
        self.profiles = {profile.pk: profile for profile in lock_profiles(ids)} if ids else {}

    def can_write_for(self, external_id: str) -> bool:
        """In a dry run everybody whose own row was accepted, though there is no account yet."""
        person = self.people.get(external_id)
        return self.scratch is not None or (person is not None and person.pk in self.profiles)

    def learner_key(self, external_id: str) -> UUID:
        return self.hashing.key_of("learner", [external_id])

    def balance_of(self, external_id: str) -> int:
        if external_id in self.balances:
            return self.balances[external_id]
        person = self.people.get(external_id)
        profile = self.profiles.get(person.pk, getattr(person, "profile", None)) if person else None
        return profile.total_xp if profile else 0

    def accept(self, record: Record, *claims: Claim) -> None:
        self.imported[record.key] = self.new_rows[record.key] = record.content
        self.taken.update(claims)
        self.new_claims.update(claims)

    def set_balance(self, external_id: str, balance: int) -> None:
        self.balances[external_id] = self.new_balances[external_id] = balance

    def _load_claims(self, claims: set[Claim]) -> None:
        for part in _parts(claims) if self.scratch else []:
            self.taken |= self.scratch.taken(part)  # type: ignore[union-attr]


NAMES = ("username", "display_name")


def event_claim(kind: str, event_id: UUID, external_id: str) -> Claim:
    """Completions and events of metrics have ids of their own."""
    return f"{kind} event", f"{event_id} {external_id}"


def event_claims(records: Iterable[Record]) -> set[Claim]:
    return {
        event_claim(record.kind, record.values["client_event_id"], record.external_id)
        for record in records
        if "client_event_id" in record.values
    }


def _parts(values: Iterable[T]) -> list[list[T]]:
    ordered = sorted(values, key=str)
    return [ordered[first : first + AT_ONCE] for first in range(0, len(ordered), AT_ONCE)]
