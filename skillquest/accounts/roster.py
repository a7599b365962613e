"""Importing and exporting rosters: lists of people by username.

An import makes accounts without a password, and changes display names. It never changes passwords, rights, XP, or the
names by which somebody signs in.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.db.models.functions import Lower

from exchange.models import FileImport, ImportRow
from exchange.reading.rows import Fault
from exchange.registration import register
from exchange.resources import ExchangeResource
from exchange.whole_files import WholeFile
from gamification.models import LearnerKind, LearnerProfile
from skillquest.machines.external_ids import closed_ids

from .display_names import (
    LOOKS_LIKE_A_NAME,
    LOOKS_LIKE_SOMEBODY,
    refuse_impersonation,
    refused_names,
    skeleton,
    tidy,
)
from .email_addresses import fold, normal_form
from .models import User
from .rights import people_who_may_more
from .security_log import note

ROSTER = "people"


@register
class RosterResource(ExchangeResource):
    kind, key = ROSTER, "username"
    unique = ["username", "email", "external_id"]
    fixed = ["email", "external_id"]

    class Meta:
        model = User
        fields = ["username", "email", "display_name", "external_id"]

    @classmethod
    def key_of(cls, value: Any) -> str:
        return fold(str(value))

    def comparable(self, column: str, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        return {"username": fold, "email": normal_form}.get(column, str)(value)

    def stored(self, keys: Collection[str], *, locked: bool = False) -> dict[str, Any]:
        people = User.objects.alias(folded=Lower("username")).filter(folded__in=keys).order_by("pk")
        people = people.select_for_update(no_key=True, of=("self",)) if locked else people
        return {self.key_of(person.username): person for person in people}

    def holders(self, column: str, values: Collection[Any]) -> dict[Any, str]:
        wanted = {self.comparable(column, value) for value in values}
        stored = {"email": "email_normal_form"}.get(column, column)
        if column == "username" or not wanted:
            return {}
        rows = User.objects.filter(**{f"{stored}__in": wanted, f"{stored}__gt": ""})
        return {value: self.key_of(username) for value, username in rows.values_list(stored, "username")}

    def new_row(self) -> User:
        return User(password=make_password(None), date_joined=self.at)

    def set_values(self, row: User, values: Mapping[str, Any]) -> None:
        """Of an account that exists, another spelling of the same address is no change."""
        same = {
            name for name in ("username", "email") if row.pk and name in values and self._is_same(row, name, values)
        }
        super().set_values(row, {name: value for name, value in values.items() if name not in same})
        row.display_name = tidy(row.display_name)
        row.email = User.objects.normalize_email(row.email) if not row.pk else row.email
        row.email_normal_form = normal_form(row.email) if not row.pk else row.email_normal_form
        row.display_name_skeleton = skeleton(row.display_name)

    def _is_same(self, row: User, name: str, values: Mapping[str, Any]) -> bool:
        return bool(self.comparable(name, values[name]) == self.comparable(name, getattr(row, name)))

    def clean_row(self, row: User) -> None:
        """Nothing: what `User.clean` looks up is looked up at once in `prepare`."""

    def prepare(self, rows: Sequence[Any], whole: WholeFile) -> None:
        names = {tidy(values["display_name"]) for _, values in rows if values.get("display_name")}
        ids = {values["external_id"] for _, values in rows if values.get("external_id")}
        self.refused_names = refused_names(names)
        self.usernames_of_file = {skeleton(key): key for key in whole.numbers}
        self.names_like = self._shown_like({skeleton(key) for key, _ in rows if key})
        self.closed = closed_ids(ids, is_test=False, at=self.at)
        self.special = people_who_may_more(User.objects.filter(pk__in=[one.pk for one in self._of(rows)]))
        self.fixed_people = _fixed(self._of(rows))

    def _of(self, rows: Sequence[Any]) -> list[User]:
        return [*self.stored({key for key, _ in rows if key}).values()]

    def _shown_like(self, keys: Collection[str]) -> dict[str, int]:
        shown = User.objects.filter(display_name_skeleton__in=keys, display_name_skeleton__gt="")
        return dict(shown.values_list("display_name_skeleton", "pk"))

    def more_faults(self, before: Any, after: User, values: Mapping[str, Any], whole: WholeFile) -> list[Fault]:  # noqa: ARG002
        if before is None:
            return [*self._faults_of_new(after), *self._faults_of_name(after)]
        if before.display_name == after.display_name:
            return []
        if before.pk in self.special or before.pk in self.fixed_people:
            return [Fault(self.key, "This account has rights, was erased or is a guest: an import does not change it.")]
        return self._faults_of_name(after)

    def _faults_of_new(self, person: User) -> list[Fault]:
        faults = []
        if skeleton(person.username) in self.names_like:
            faults.append(Fault("username", str(LOOKS_LIKE_A_NAME)))
        if person.external_id in self.closed:
            faults.append(Fault("external_id", "Whoever had it was erased a short time ago."))
        return faults

    def _faults_of_name(self, person: User) -> list[Fault]:
        """As `refuse_impersonation` says, and by the other usernames of the file."""
        key = self.key_of(person.username)
        if self.usernames_of_file.get(person.display_name_skeleton or None, key) != key:
            return [Fault("display_name", str(LOOKS_LIKE_SOMEBODY))]
        if person.display_name not in self.refused_names:
            return []
        try:
            refuse_impersonation(person.display_name, person)
        except ValidationError as error:
            return [Fault("display_name", error.message_dict["display_name"][0])]
        return []

    def write(self, rows: Sequence[ImportRow], instances: Sequence[User], source: FileImport) -> None:
        new = [person for person in instances if person.pk is None]
        User.objects.bulk_create(new)
        LearnerProfile.objects.bulk_create(LearnerProfile(user_id=person.pk) for person in new)
        for person in new:
            note("account_added", user_id=person.pk, by=source.created_by_id)
        for person, row in zip(instances, rows, strict=True):
            if row.verdict == ImportRow.Verdict.CHANGED:
                person.save(update_fields=["display_name"])


def _fixed(people: Collection[User]) -> set[int]:
    """Erased people, and guests."""
    profiles: QuerySet[LearnerProfile] = LearnerProfile.objects.filter(pk__in=[person.pk for person in people])
    fixed = profiles.filter(erased_at__isnull=False) | profiles.filter(kind=LearnerKind.GUEST)
    return {*fixed.values_list("pk", flat=True)}
