"""Rows are written as Django's ORM would write them, in fewer statements."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from gamification.models import ActivityDay, FreezeEvent, LearnerProfile
from gamification.streaks.pending_days import ONE_ROW_A_DATE
from hotsql.writes import insert_new, insert_rows, update_rows
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
    insert_new(made, conflict="(learner_id, client_event_id)", key=("learner", "client_event_id"))
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
        insert_new(rows, conflict="(learner_id, client_event_id)", key=("learner", "client_event_id"))
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
