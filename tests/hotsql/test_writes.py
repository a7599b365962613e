"""The statements that are built once do what Django's ORM would do."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from gamification.models import ActivityDay, FreezeEvent, LearnerProfile, LedgerEntry
from gamification.streaks.pending_days import ONE_ROW_A_DATE
from hotsql.querysets import Prepared
from hotsql.writes import insert_new, insert_rows, update_rows
from levels.models import Level
from tests.factories import LevelFactory, UserFactory
from tracking.models import Completion

pytestmark = pytest.mark.django_db
AT = timezone.now()


def test_an_update_writes_the_named_fields_and_no_others(learner):
    profile = LearnerProfile.objects.get(pk=learner.pk)
    profile.levels_completed, profile.counters, profile.time_zone = 3, {"languages": 2}, "Asia/Jakarta"
    update_rows([profile], ["levels_completed", "counters"])
    profile.refresh_from_db()
    assert (profile.levels_completed, profile.counters, profile.time_zone) == (3, {"languages": 2}, "UTC")


def test_an_update_of_a_row_that_is_gone_is_refused(learner):
    profile = LearnerProfile.objects.get(pk=learner.pk)
    LearnerProfile.objects.filter(pk=learner.pk).delete()
    with pytest.raises(LearnerProfile.DoesNotExist):
        update_rows([profile], ["levels_completed"])


def test_a_prepared_queryset_gives_what_the_queryset_gives():
    """With related rows, JSON, annotations, and other values the second time."""
    levels = [LevelFactory(level_id=name, skills=[name]) for name in ("one", "two")]
    find = Prepared(lambda name: Level.objects.with_has_missing(Completion.objects.none()).filter(level_id=name))
    for level in levels:
        (found,) = find(level.level_id)
        assert (found, found.skills, found.created_at, found.has_missing) == (level, level.skills, level.created_at, 0)
    assert find("three") == []


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite takes Django's own road")
def test_a_value_that_the_statement_does_not_hold_as_it_is_is_refused():
    with pytest.raises(ValueError, match="as it is"):
        Prepared(lambda number: LedgerEntry.objects.filter(sequence=number + 1))(5)


@pytest.mark.parametrize("count", [1, 3, 200])
def test_many_rows_are_written_like_one_at_a_time(count):
    """Texts with all that SQL and arrays quote, nulls, JSON, moments; few rows go another way than many."""
    learner, level, at = UserFactory(), LevelFactory(), timezone.now()
    text = """a "b" 'c' {d}, \\e NULL é 漢\n%s"""
    made = [
        Completion(
            learner=learner,
            level=level,
            client_event_id=uuid4(),
            score=number,
            max_score=1000,
            time_spent=number or None,
            level_type="",
            category=text,
            difficulty="normal",
            source="sync",
            passed=bool(number % 2),
            perfect=False,
            metadata={"a": [text, None, number]},
            occurred_at=at,
            created_at=at,
        )
        for number in range(count)
    ]
    insert_new(made, conflict="(learner_id, client_event_id)", key="client_event_id")
    assert [vars_of(row) for row in Completion.objects.order_by("pk")] == [vars_of(row) for row in made]
    for row in made:
        row.answer, row.held, row.time_spent = {text: row.score}, not row.passed, None
    update_rows(made, ["answer", "held", "time_spent"])
    assert [vars_of(row) for row in Completion.objects.order_by("pk")] == [vars_of(row) for row in made]


def test_rows_that_are_there_already_get_no_key():
    learner, level, at = UserFactory(), LevelFactory(), timezone.now()

    def completion(event_id):
        facts = {"score": 1, "max_score": 1, "passed": True, "perfect": True, "occurred_at": at, "created_at": at}
        return Completion(learner=learner, level=level, client_event_id=event_id, **facts)

    event_ids = [uuid4() for _ in range(20)]
    first, again = [completion(event_id) for event_id in event_ids[:12]], [completion(each) for each in event_ids]
    for rows in (first, again):
        insert_new(rows, conflict="(learner_id, client_event_id)", key="client_event_id")
    assert [row.pk is None for row in again] == [True] * 12 + [False] * 8
    assert Completion.objects.count() == 20


@pytest.mark.parametrize("count", [3, 12, 700])
def test_inserted_rows_get_their_own_keys_also_where_a_stored_row_is_overwritten(learner, count):
    """Some days exist already, with another kind; few rows take another way than many."""
    days = [day_of(learner, number) for number in range(count)]
    ActivityDay.objects.bulk_create(day_of(learner, number, kind="frozen") for number in range(count - 1, -1, -3))
    freezes = [FreezeEvent(learner=learner, kind="used", delta=-1, date=day.date, created_at=AT) for day in days]
    insert_rows(days, conflict=ONE_ROW_A_DATE, changes=["kind"])
    insert_rows(freezes)
    for row in (*days, *freezes):
        assert (row.learner_id, row.date) == (learner.pk, type(row).objects.get(pk=row.pk).date)
    assert list(ActivityDay.objects.values_list("kind", flat=True)) == ["active"] * count


@pytest.mark.parametrize("count", [2, 12])
def test_updated_rows_keep_their_keys(learner, count):
    days = [day_of(learner, number) for number in range(count)]
    ActivityDay.objects.bulk_create(days)
    before = [vars_of(day) for day in days]
    for number, day in enumerate(days):
        day.recorded_at = before[number]["recorded_at"] = AT + timedelta(hours=number)
    update_rows(days[::-1], ["recorded_at"])
    assert [vars_of(day) for day in days] == before == [vars_of(day) for day in ActivityDay.objects.all()]


def day_of(learner, number, kind="active"):
    return ActivityDay(learner=learner, date=date(2026, 1, 1) + timedelta(days=number), kind=kind, recorded_at=AT)


def vars_of(row):
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
