"""Learners by their external ids, the ids that another system has for them: found, and created where they are missing.

All functions take sets, so that a batch of events or an import needs few statements for many learners.
"""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import Exists, OuterRef
from rest_framework.exceptions import APIException

from gamification.errors import LearnerErased, LearnerNotFound
from gamification.models import LearnerKind, LearnerProfile
from hotsql.writes import insert_new, insert_rows
from skillquest.accounts.display_names import refused_names, skeleton
from skillquest.accounts.email_addresses import normal_form
from skillquest.accounts.models import User, UserQuerySet

from .external_ids import closed_ids
from .learners_errors import LearnerDeactivated

MOST_AT_ONCE = 1_000  # learners of one call; SQLite limits the parameters of a statement
ONE_OF_EACH = "(external_id) WHERE external_id IS NOT NULL"  # the unique index


@dataclass(frozen=True)
class NewLearner:
    """A learner who is wanted, with what the account begins with. All values have been validated."""

    external_id: str
    display_name: str = ""
    time_zone: str = "UTC"
    email: str = ""
    language: str = "en"


@dataclass
class Learners:
    """What was found, by external id. Each id that was asked for is in one of the first three.

    `created` are those of `people` that are new, `unnamed` those of them whose display name is not allowed.
    """

    people: dict[str, User] = field(default_factory=dict)
    refused: dict[str, APIException] = field(default_factory=dict)
    absent: set[str] = field(default_factory=set)
    created: set[str] = field(default_factory=set)
    unnamed: set[str] = field(default_factory=set)


def find_learners(external_ids: Iterable[str], *, is_test: bool, at: datetime) -> Learners:
    """The accounts that a test key (`is_test`) or a live key may act for; two statements, one where all are its own.

    Refused with LearnerNotFound are those of the other mode or with rights, with LearnerErased those erased recently.
    Both take the same statements as an id that nobody has, so that neither shows whether somebody else has it.
    """
    wanted, found = set(external_ids), Learners()
    for person in people_with_rights().filter(external_id__in=wanted):
        refusal = refusal_of(person, is_test=is_test)
        if refusal:
            found.refused[person.external_id] = refusal
        else:
            found.people[person.external_id] = person
    deactivated = {name for name, refusal in found.refused.items() if isinstance(refusal, LearnerDeactivated)}
    closed = closed_ids(wanted - found.people.keys() - deactivated, is_test=is_test, at=at)
    found.refused |= {external_id: LearnerErased() for external_id in closed}
    found.absent = wanted - found.people.keys() - found.refused.keys()
    return found


def locked_learner(external_id: str, *, is_test: bool, at: datetime) -> User:
    """The account, locked against other changes. Raises LearnerNotFound, LearnerDeactivated and LearnerErased."""
    User.objects.select_for_update(no_key=True).filter(external_id=external_id).first()
    return found_learner(external_id, is_test=is_test, at=at)


def found_learner(external_id: str, *, is_test: bool, at: datetime) -> User:
    """Raises LearnerNotFound, LearnerDeactivated and LearnerErased."""
    found = find_learners([external_id], is_test=is_test, at=at)
    if found.people:
        return found.people[external_id]
    raise found.refused.get(external_id, LearnerNotFound())


@transaction.atomic
def ensure_learners(wanted: Sequence[NewLearner], *, is_test: bool, at: datetime) -> Learners:
    """Find the learners, and create those who do not exist; at most MOST_AT_ONCE of them.

    A few statements, however many there are. Of several with one id the first decides; accounts that exist do not
    change. Call it before any profile is locked: it may wait for another transaction that creates the same learners.
    """
    by_id = {learner.external_id: learner for learner in reversed(wanted)}
    found = find_learners(by_id, is_test=is_test, at=at)
    if not found.absent:
        return found
    missing = [by_id[external_id] for external_id in sorted(found.absent)]
    unnamed = refused_names({learner.display_name for learner in missing})
    people = [new_person(learner, at, named=learner.display_name not in unnamed) for learner in missing]
    insert_people(people, missing, is_test=is_test)
    # Another transaction may have created some of them meanwhile.
    found = find_learners(by_id, is_test=is_test, at=at)
    found.created = {person.external_id for person in people if person.pk}
    found.unnamed = {each.external_id for each in missing if each.display_name in unnamed} & found.created
    return found


def new_person(learner: NewLearner, at: datetime, *, named: bool = True) -> User:
    """An account without a password and with a name for signing in that nobody knows."""
    name = learner.display_name if named else ""
    return User(
        username=f"learner-{secrets.token_hex(10)}",
        email=learner.email,
        email_normal_form=normal_form(learner.email),
        password=make_password(None),
        display_name=name,
        display_name_skeleton=skeleton(name),
        external_id=learner.external_id,
        language=learner.language,
        date_joined=at,
    )


def insert_people(people: list[User], learners: list[NewLearner], *, is_test: bool) -> None:
    """Insert those accounts, sorted by external id, whose id is still free; only these have a primary key afterwards.

    Raises IntegrityError where somebody else has the e-mail address.
    """
    insert_new(people, conflict=ONE_OF_EACH, key=("external_id",))
    kind = LearnerKind.TEST if is_test else LearnerKind.MEMBER
    insert_rows(
        [
            LearnerProfile(user_id=person.pk, time_zone=learner.time_zone, kind=kind, listed=not is_test)
            for person, learner in zip(people, learners, strict=True)
            if person.pk
        ]
    )


def people_with_rights() -> UserQuerySet:
    """Accounts with their profiles, each with `has_rights`: whether it can, or could, do more than a learner."""
    own = User.user_permissions.through.objects.filter(user=OuterRef("pk"))
    groups = User.groups.through.objects.filter(user=OuterRef("pk"))
    return User.objects.select_related("profile").annotate(has_rights=Exists(own) | Exists(groups))


def refusal_of(person: User, *, is_test: bool) -> APIException | None:
    """Why a key does not act for this account: one of the other mode, or with rights, is as if it did not exist."""
    profile = getattr(person, "profile", None)
    is_test_learner = profile is not None and profile.kind == LearnerKind.TEST
    if person.is_staff or person.is_superuser or person.has_rights or is_test_learner != is_test:
        return LearnerNotFound()
    return None if person.is_active else LearnerDeactivated()
