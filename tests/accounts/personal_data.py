"""A person about whom everything is kept that can be, each text of it planted, and the whole database as one text."""

import json
from datetime import timedelta
from uuid import UUID

from django.apps import apps
from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import connection, models, transaction
from django.test import Client
from django.utils import timezone

from approvals.models import ApprovalRequest
from approvals.services import approve
from gamification.awards.adjustments import reverse
from gamification.ledger.triggers import maintenance_mode
from gamification.models import (
    ActivityDay,
    Amnesty,
    AmnestyPreview,
    AppliedAmnesty,
    BadgeAward,
    BoardStanding,
    DayRepair,
    DayUsage,
    FirstTime,
    FreezeEvent,
    LearnerProfile,
    LedgerEntry,
    Metric,
    PreviewedLearner,
    StandingChange,
    TimeZoneChange,
    Unlock,
    WindowScore,
)
from gamification.staff.approvals import request_adjustment
from gamification.staff.awards import award_badge
from gamification.staff.standings import set_board_standing
from jobs.models import Job
from jobs.services import start_job
from skillquest.accounts.erasing import erase_person
from skillquest.accounts.models import AuthSession, BrowserSession, GuestDevice, GuestLink, User
from skillquest.accounts.sessions import open_session
from skillquest.machines.models import ClaimLink
from skillquest.moving.models import StaleTotals
from tests.factories import LevelFactory, MetricFactory, StaffFactory, UserFactory, adjust
from tests.gamification.earnables.factories import AchievementFactory, BadgeFactory, metric
from tests.machines.keys import make_key
from tests.tracking.metrics.reporting import record
from tests.tracking.plays.content import QuestionFactory
from tests.tracking.review.practising import known_question
from tracking.models import (
    CheckIn,
    Completion,
    IdempotencyKey,
    LearningSession,
    MetricEvent,
    Play,
    PlayQuestion,
    Review,
    RuleTrial,
    TriedLearner,
)
from tracking.plays.services import answer_question, start_play
from tracking.recording.completions import Claim
from tracking.recording.services import complete_level, start_session
from tracking.review.answering import answer_review

MARK = "Xanthippe"
UserVersion = User.history.model
# Every text about a person that somebody chose. (JSON: what it becomes with the text inside.)
PLANTED = {
    User: {
        "username": None,
        "email": lambda text: f"{text}@example.test",
        "email_normal_form": lambda text: f"{text.casefold()}@example.test",
        "display_name": None,
        "display_name_skeleton": None,
        "external_id": None,
        "password": None,
    },
    LearnerProfile: {"time_zone": lambda _text: "Pacific/Kiritimati"},
    TimeZoneChange: {"before": None, "time_zone": None},
    Completion: {
        "metadata": lambda text: {"client_version": text, "language": f"en-{text}", "hints_used": 1, text: text}
    },
    Review: {"answer": None},
    LedgerEntry: {"note": lambda text: f"{text}\n{text}"},
    Job: {"note": None},
    ApprovalRequest: {
        **dict.fromkeys(["reason", "note", "decision_note", "fingerprint"]),
        "payload": lambda text: {"amount": 5, "reference_id": text, "metadata": {text: text}},
    },
    **dict.fromkeys([StandingChange, DayRepair], dict.fromkeys(["reason", "note"])),
    BadgeAward: {"note": None, "metadata": lambda text: {text: text}},
    PlayQuestion: {"answer": None},
    IdempotencyKey: {"key": None, "body": lambda text: text.encode(), "content_type": None},
    AuthSession: {"password_stamp": None},
    ClaimLink: {"token_hash": None},
    GuestDevice: {"device_hash": None},
    BrowserSession: {"session_data": None},
    UserVersion: {
        "username": None,
        "email": None,
        "changes": lambda text: {"username": [text, text], "email": [None, f"{text}@example.test"]},
    },
}
# Texts that the code or the catalogue wrote, and nobody can choose.
NOT_PLANTED = {
    User: {"language"},
    LearnerProfile: {"counters", "verified_counters", "board_standing", "kind"},
    StandingChange: {"standing"},
    DayRepair: {"kind"},
    Completion: {
        *("level_type", "category", "reason", "claimed_difficulty", "difficulty", "source", "answer"),
        *("counted", "held_reason", "trust", "metrics", "server_key"),
    },
    CheckIn: {"trust", "server_key", "answer"},
    Review: {"response"},
    MetricEvent: {"source", "trust", "server_key", "answer"},
    # But for adjustments, see below.
    LedgerEntry: {"reason", "reference_type", "reference_id", "subject", "trust", "metadata"},
    ApprovalRequest: {"kind", "subject", "status", "summary", "result"},
    IdempotencyKey: {"fingerprint", "language"},
    BrowserSession: {"session_key"},
    LearningSession: {"status"},
    Play: {"seed"},
    FirstTime: {"metric", "value"},
    ActivityDay: {"kind"},
    DayUsage: {"by_hour", "by_day"},
    FreezeEvent: {"kind"},
    AppliedAmnesty: {"days", "returned", "frozen", "state", "behind"},
    PreviewedLearner: {"days", "returned"},
    Unlock: {"condition"},
    BadgeAward: {"condition"},
    WindowScore: {"metric"},
    Job: {"kind", "params", "state", "cursor", "error"},
    UserVersion: {"history_type", "history_change_reason", "source"},
}


def texts_of(model):
    kinds = models.CharField | models.TextField | models.JSONField | models.BinaryField
    return {field.name for field in model._meta.concrete_fields if isinstance(field, kinds)}


def rows_about(user):
    """(model, its rows about this person), for every model that has any way to a person."""
    yield User, User.objects.filter(pk=user.pk)
    yield UserVersion, User.history.filter(id=user.pk)
    yield Play, Play.objects.filter(session__learner=user.pk)
    yield PlayQuestion, PlayQuestion.objects.filter(play__session__learner=user.pk)
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if field.related_model is User and field.name in {"learner", "user"} and model is not LogEntry:
                yield model, model._base_manager.filter(**{field.name: user.pk})


def make_person(name=MARK):
    """Somebody who did all there is to do, and of whom staff did and wrote all there is to write."""
    at, staff, boss = timezone.now(), StaffFactory(), StaffFactory()
    names = {"display_name": f"{name} of Athens", "external_id": f"pupil-{name}"}
    person = UserFactory(username=name, email=f"{name}@example.test", **names)
    level, badge = LevelFactory(), BadgeFactory()
    AchievementFactory(condition=metric("levels_completed", 1), xp_reward=5)
    metadata = {"client_version": name, "language": f"en-{name[:8]}", "hints_used": 1}
    event = UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8")  # of version 1: made of a device's address
    claim = Claim(level.level_id, 900, 60, metadata=metadata, client_event_id=event)
    complete_level(learner=person, claim=claim, source="api", at=at)
    if not Metric.objects.filter(metric_id="pages_read").exists():
        MetricFactory()
    record(person, 12, at=at, client_event_id=event)
    question = known_question(person, kind="short_text", answer="Athens")
    answer_review(learner=person, question_id=question.question_id, answer=name, at=at)
    CheckIn.objects.create(learner=person, client_event_id=event, occurred_at=at, created_at=at)
    StaleTotals.objects.create(learner=person)
    start_session(learner=person, level=level.level_id, resume=False, at=at)
    answer_in_a_play(person, level, name, at=at)
    texts = {"reason": f"For {name}", "note": f"{name} fell ill."}
    common = {"learner_id": person.pk, "at": at, "actor": staff, **texts}
    for standing in (BoardStanding.UNDER_REVIEW, BoardStanding.RANKED):
        set_board_standing(standing=standing, until=None, **common)
    DayRepair.objects.create(learner=person, kind="repaired", date=at.date(), actor=staff, created_at=at, **texts)
    line = adjust(amount=50, reference_id=f"gift-{name}", metadata={"for": name}, **common)
    reverse(line, actor=staff, note=f"{name} is well again.", at=at)
    for amount in (5_000, 6_000):
        request = request_adjustment(amount=amount, reference_id=f"{name}-{amount}", **common)
    approve(request.pk, actor=boss, at=at)
    award_badge(learner_id=person.pk, badge=badge, actor=staff, note=name, metadata={"for": name}, at=at)
    TimeZoneChange.objects.create(learner=person, before="UTC", time_zone="UTC", effective_from=at)
    FreezeEvent.objects.create(learner=person, kind="granted", delta=1, date=at.date(), created_at=at)
    LearnerProfile.objects.filter(pk=person.pk).update(freezes_available=4)
    IdempotencyKey.objects.create(user=person, key="k", fingerprint="f", created_at=at)
    DayUsage.objects.get_or_create(learner=person, date=at.date(), defaults={"by_day": {"xp": 5}})
    trial = RuleTrial.objects.create(
        purpose="draft", version=2, rules={}, in_force=1, until=at, created_by=staff, created_at=at
    )
    TriedLearner.objects.create(trial=trial, learner=person)
    pardon(person, staff, at)
    WindowScore.objects.get_or_create(learner=person, metric="xp_weekly", defaults={"score": 5})
    start_job("reverse_since", params={}, created_by=staff, learner_id=person.pk, note=f"For {name}", at=at)
    for address in (f"{name}.new@example.test", person.email):
        person.email = address
        person.save()
    ClaimLink.objects.create(user=person, server_key=make_key()[0], token_hash=name, created_at=at, expires_at=at)
    GuestDevice.objects.create(user=person, device_hash=name, created_at=at)
    GuestLink.objects.create(guest=person, account=person, created_at=at)
    open_session(user=person, at=at)
    Client().force_login(person)
    return person


def pardon(person, staff, at):
    """An amnesty that was previewed and applied."""
    number = Amnesty.objects.count() + 1
    span = {"starts_at": at, "ends_at": at + timedelta(hours=1), "created_by": staff, "created_at": at}
    preview = AmnestyPreview.objects.create(reason="An outage", after=number - 1, undone=0, **span)
    amnesty = Amnesty.objects.create(number=number, reason="An outage", **span)
    did = {"learner": person, "days": [at.date().isoformat()], "streak_before": 1, "streak_after": 1}
    PreviewedLearner.objects.create(preview=preview, gain=0, **did)
    AppliedAmnesty.objects.create(amnesty=amnesty, applied_at=at, has_given=False, **did)


def answer_in_a_play(person, level, text, *, at):
    question = QuestionFactory(level=level, kind="short_text", answer="Athens")
    play = start_play(learner=person, level=level.level_id, at=at)
    called = {"learner": person, "session_id": play["session_id"], "question_id": question.question_id}
    answer_question(**called, answer=text, at=at)


def note_in_admin(user, staff, text):
    """In the admin's history of each row about this person."""
    for model, rows in rows_about(user):
        for number in rows.values_list("pk", flat=True) if admin.site.is_registered(model) else ():
            LogEntry.objects.create(
                user=staff,
                content_type=ContentType.objects.get_for_model(model),
                object_id=str(number),
                object_repr=text,
                action_flag=CHANGE,
                change_message=text,
            )


@transaction.atomic
def plant(user, text=MARK):
    """In every text about this person, bypassing all validators; the number of rows."""
    planted = 0
    with maintenance_mode(connection):
        for model, rows in rows_about(user):
            for row in rows if model is not WindowScore else ():
                for name, into in PLANTED.get(model, {}).items():
                    limit, value = model._meta.get_field(name).max_length, into(text) if into else text
                    # Numbers keep keys apart that are unique.
                    value = f"{value}{row.pk}"[-limit:] if name in {"key", "reference_id"} else value
                    model._base_manager.filter(pk=row.pk).update(**{name: value})
                planted += bool(PLANTED.get(model))
    return planted


def whole_database():
    """Every row of every table, JSON and bytes included."""
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        return {table: sorted(map(as_text, rows_of(cursor, table))) for table in tables}


def rows_of(cursor, table):
    cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
    return cursor.fetchall()


def as_text(row):
    return json.dumps([str(bytes(value) if isinstance(value, memoryview) else value) for value in row])


def found(text):
    """table -> rows in which it stands, in whatever case."""
    rows = {
        table: [row for row in rows if text.casefold() in row.casefold()] for table, rows in whole_database().items()
    }
    return {table: rows for table, rows in rows.items() if rows}


def unlocks_of(user):
    return list(Unlock.objects.filter(learner=user.pk).values_list("achievement_id", "earned_at"))


def erase(person, **options):
    return erase_person(user_id=person.pk, at=timezone.now(), **options)
