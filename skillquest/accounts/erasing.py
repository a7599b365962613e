"""Erase a person. Their row stays, because ledger entries refer to it, without anything that identifies them."""

import secrets
from collections.abc import Iterator
from datetime import datetime

from django.apps import apps
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import CharField, Model, Q, QuerySet
from django.db.models.functions import Cast

from analytics.rolling.learners import mark_days_of
from exchange.services import discard_kind
from gamification.models import LearnerKind, LearnerProfile
from gamification.staff import ERASED, erase_learner, find_mentions, lock_learner, strike_out, texts_of_staff
from skillquest.machines.external_ids import close_external_id
from skillquest.machines.models import ClaimLink
from tracking.maintenance.erasing import forget_memories, leave_sessions

from .erasing_jobs import scrub_deeds
from .models import GuestDevice, GuestLink, User
from .roster import ROSTER
from .security_log import SIGN_IN_NAMES, note

SCRUBBED = [
    *("username", "email", "email_normal_form", "display_name", "display_name_skeleton", "language", "last_login"),
    *("external_id", "password", "sign_in_generation", "is_active", "is_staff", "is_superuser"),
]


def erase_person(*, user_id: int, at: datetime, names_too: bool = False) -> User:
    """Scrub the person, end all sign-ins, keep what they earned under a random name.

    To everybody else the person is gone at once; the results of a long history are scrubbed afterwards, by a job.
    Their e-mail address is removed from what staff wrote about others; with `names_too` their names are removed too,
    though they may be everyday words. Raise LearnerErased.
    """
    with transaction.atomic():
        # Other changes of the account finish before this one or find it erased.
        user = User.objects.select_for_update(no_key=True).get(pk=user_id)
        names = names_of(user) if names_too else [user.email]
        leave_sessions(user.pk)
        forget_memories(user.pk)
        lock_learner(user.pk)
        # Before the rows go: the log keeps who did what and when, without the texts.
        admin_history_of(user).update(object_repr=ERASED, change_message="")
        mark_days_of([user.pk])
        erase_learner(user.pk, at=at)
        strike_out(mentions_of(user, names))
        close_to_servers(user, at)
        scrub_account(user)
        scrub_deeds(user.pk, at=at)
        discard_kind(ROSTER, at=at)
    note("erased", user_id=user.pk)
    return user


def names_of(user: User) -> list[str]:
    return [user.email, user.username, user.display_name]


def mentions_of(user: User, names: list[str]) -> list[tuple[Model, dict[str, str]]]:
    """Texts of staff about others in which one of these names stands."""
    texts = [(rows.exclude(learner=user.pk), fields) for rows, fields in texts_of_staff()]
    log = LogEntry.objects.exclude(pk__in=admin_history_of(user).values("pk")), ["object_repr", "change_message"]
    return [mention for rows, fields in [*texts, log] for mention in find_mentions(rows, fields, names)]


def admin_history_of(user: User) -> QuerySet:
    about = Q()
    for rows in rows_in_admin(user):
        numbers = rows.order_by().annotate(number=Cast("pk", CharField())).values("number")
        about |= Q(content_type=ContentType.objects.get_for_model(rows.model), object_id__in=numbers)
    return LogEntry.objects.filter(about)


def rows_in_admin(user: User) -> Iterator[QuerySet]:
    """All rows about this person of which the admin may keep a history."""
    yield User.objects.filter(pk=user.pk)
    for model in apps.get_models():
        names = {field.name for field in model._meta.concrete_fields if field.related_model is User}
        for name in names & {"learner", "user"} if admin.site.is_registered(model) else ():
            yield model._base_manager.filter(**{name: user.pk})


def close_to_servers(user: User, at: datetime) -> None:
    ClaimLink.objects.filter(user=user).delete()
    if user.external_id:
        is_test = LearnerProfile.objects.filter(pk=user.pk, kind=LearnerKind.TEST).exists()
        close_external_id(user.external_id, is_test=is_test, at=at)


def scrub_account(user: User) -> None:
    user.username = f"erased-{secrets.token_hex(10)}"
    user.email = user.email_normal_form = user.display_name = user.display_name_skeleton = ""
    user.external_id = None
    user.language, user.last_login = User._meta.get_field("language").default, None
    user.is_active = user.is_staff = user.is_superuser = False
    user.sign_in_generation += 1
    user.set_unusable_password()
    # Not `save`, which refuses to change an erased person; not `objects`, which would record the names in the history.
    User._base_manager.filter(pk=user.pk).update(**{name: getattr(user, name) for name in SCRUBBED})
    for rights in (user.groups, user.user_permissions):
        rights.clear()
    scrub_history(user)
    for sign_ins in (user.auth_sessions, user.browser_sessions):
        sign_ins.all().delete()
    GuestDevice.objects.filter(user=user).delete()
    GuestLink.objects.filter(Q(guest=user) | Q(account=user)).delete()


def scrub_history(user: User) -> None:
    """Which rights changed, when and by whom, stays; the names do not."""
    rows = list(User.history.filter(id=user.pk))
    for row in rows:
        row.username, row.email = user.username, user.email
        names = {name: [ERASED, ERASED] for name in row.changes.keys() & set(SIGN_IN_NAMES)}
        row.changes = row.changes | names
    User.history.bulk_update(rows, ["username", "email", "changes"])
