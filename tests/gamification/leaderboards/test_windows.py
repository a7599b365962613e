"""XP of the last 7 and 30 UTC dates, by when it was earned."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from gamification.awards.adjustments import reverse
from gamification.leaderboards import windows
from gamification.leaderboards.backends import board
from gamification.leaderboards.base import METRICS, Standing
from gamification.leaderboards.score_updates import refresh_listed
from gamification.ledger.entries import NewEntry
from gamification.models import LearnerProfile, LedgerEntry, Trust, WindowRefresh
from gamification.profiles.locking import lock_profile
from tests.factories import StaffFactory, UserFactory, adjust, credit

pytestmark = pytest.mark.django_db

WEEKLY, MONTHLY = METRICS["xp_weekly"], METRICS["xp_monthly"]
NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def earn(db):
    """`earn(learner_id, 10, moment)`: XP that was earned then, whenever it was recorded."""

    def earn(learner_id, delta, moment):
        number = LedgerEntry.objects.count()
        new_entry = NewEntry(delta, LedgerEntry.Reason.IMPORT, "test", str(number), moment, Trust.REPORTED)
        return credit(lock_profile(learner_id), [new_entry], at=NOW)[0]

    return earn


def scores(metric, at=NOW):
    return {each.learner_id: each.score for each in board(metric).top(100, at=at)}


def test_windows_hold_7_and_30_dates_with_today_and_no_more(make_learners, earn):
    me, other = make_learners(2)
    midnight = datetime(2026, 11, 20, tzinfo=UTC)
    moment = timedelta(microseconds=1)
    for power, first_moment in enumerate(
        [midnight + DAY - moment, midnight - 6 * DAY, midnight - 6 * DAY - moment, midnight - 29 * DAY]
    ):
        earn(me, 10**power, first_moment)
    earn(me, 10_000, midnight - 29 * DAY - moment)
    earn(me, 100_000, midnight + DAY)
    earn(other, 5, midnight - 10 * DAY)
    assert scores(WEEKLY) == {me: 11}
    assert scores(MONTHLY) == {me: 1111, other: 5}


def test_at_midnight_utc_the_oldest_date_leaves(make_learners, earn):
    [me] = make_learners(1)
    earn(me, 10, datetime(2026, 11, 14, 0, 0, tzinfo=UTC))
    earn(me, 1, datetime(2026, 11, 15, 23, 59, tzinfo=UTC))
    before = datetime(2026, 11, 20, 23, 59, 59, tzinfo=UTC)
    assert scores(WEEKLY, before) == {me: 11}
    assert scores(WEEKLY, before + timedelta(minutes=16)) == {me: 1}
    assert scores(WEEKLY, before + DAY) == {me: 1}
    assert scores(WEEKLY, before + 2 * DAY) == {}


def test_a_reversal_takes_the_xp_out_of_the_day_that_earned_it(make_learners, earn):
    [me] = make_learners(1)
    old, new = earn(me, 10, NOW - 20 * DAY), earn(me, 3, NOW)
    actor = StaffFactory()
    reverse(old, actor=actor, note="", at=NOW)
    assert (scores(WEEKLY), scores(MONTHLY)) == ({me: 3}, {me: 3})
    later = NOW + DAY
    reverse(new, actor=actor, note="", at=later)
    assert (scores(WEEKLY, later), scores(MONTHLY, later)) == ({}, {})


def test_debits_count_and_only_learners_above_zero_have_a_rank(make_learners, earn):
    debtor, even, fine = make_learners(3)
    actor = StaffFactory()
    for each, amount in [(debtor, -60), (even, -50), (fine, -20)]:
        earn(each, 100, NOW - 40 * DAY)
        earn(each, 50, NOW - 3 * DAY)
        adjust(learner_id=each, amount=amount, reason="test", actor=actor, at=NOW)
    assert scores(WEEKLY) == {fine: 30}


def test_a_board_is_computed_on_the_first_request_and_never_older_than_15_minutes(make_learners, earn):
    [me] = make_learners(1)
    earn(me, 10, NOW)
    first = board(WEEKLY).read(me, limit=10, around=0, at=NOW)
    earn(me, 5, NOW)
    still = board(WEEKLY).read(me, limit=10, around=0, at=NOW + timedelta(minutes=10))
    later = NOW + timedelta(minutes=10, seconds=1)
    then = board(WEEKLY).read(me, limit=10, around=0, at=later)
    assert first == still
    assert (first.as_of, first.me) == (NOW, Standing(1, me, 10))
    assert (then.as_of, then.me) == (later, Standing(1, me, 15))


def test_a_fresh_board_costs_every_learner_the_same_statements(make_learners, earn):
    ids = make_learners(4)
    for each in ids[:3]:
        earn(each, 10, NOW)
    scores(WEEKLY)
    costs = []
    for limit, around in [(1, 0), (100, 50)]:
        with CaptureQueriesContext(connection) as captured:
            board(WEEKLY).read(ids[0], limit=limit, around=around, at=NOW)
        costs.append(len(captured))
    assert costs == [3, 3]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="asks PostgreSQL which rows were written")
def test_only_differences_are_written(make_learners, earn):
    """What stays untouched stays readable from the index alone."""
    ids = make_learners(3)
    for each in ids:
        earn(each, 10, NOW - DAY)
    windows.refresh(WEEKLY, at=NOW, oldest=NOW)
    before = places_of_rows()
    earn(ids[1], 1, NOW)
    windows.refresh(WEEKLY, at=NOW + DAY, oldest=NOW + DAY)
    assert scores(WEEKLY, NOW + DAY) == {ids[0]: 10, ids[1]: 11, ids[2]: 10}
    after = places_of_rows()
    assert [before[each] == after[each] for each in ids] == [True, False, True]


def places_of_rows():
    with connection.cursor() as cursor:
        cursor.execute("SELECT learner_id, ctid::text FROM gamification_windowscore")
        return dict(cursor.fetchall())


def test_a_refresh_by_another_process_is_not_repeated(make_learners, earn):
    [me] = make_learners(1)
    earn(me, 10, NOW)
    windows.refresh(WEEKLY, at=NOW, oldest=NOW)
    earn(me, 10, NOW)
    assert windows.refresh(WEEKLY, at=NOW + timedelta(seconds=3), oldest=NOW) == NOW
    assert scores(WEEKLY) == {me: 10}


def test_a_board_from_the_future_is_computed_again_once_the_clock_was_set_back(make_learners, earn):
    [me] = make_learners(1)
    earn(me, 10, NOW)
    assert scores(WEEKLY, NOW + 30 * DAY) == {}
    assert scores(WEEKLY) == {me: 10}


def test_a_clock_that_is_slightly_ahead_is_accepted():
    ahead = NOW + timedelta(seconds=3)
    assert windows.refresh(WEEKLY, at=ahead, oldest=ahead) == ahead
    assert windows.refresh(WEEKLY, at=NOW, oldest=NOW) == ahead


def test_opting_out_and_in_takes_effect_at_once(make_learners, earn, django_capture_on_commit_callbacks):
    def opt_out(learner_id, opt_out, at):
        with django_capture_on_commit_callbacks(execute=True):
            LearnerProfile.objects.filter(pk=learner_id).update(leaderboard_opt_out=opt_out)
            refresh_listed(learner_id, at=at)

    me, other = make_learners(2)
    earn(me, 10, NOW)
    earn(other, 5, NOW)
    assert scores(WEEKLY) == scores(MONTHLY) == {me: 10, other: 5}
    opt_out(me, True, NOW)
    assert scores(WEEKLY) == scores(MONTHLY) == {other: 5}
    assert board(WEEKLY).read(other, limit=5, around=5, at=NOW).total == 1
    later = NOW + timedelta(hours=1)
    assert scores(WEEKLY, later) == {other: 5}
    opt_out(me, False, later)
    assert scores(WEEKLY, later) == {me: 10, other: 5}


def test_a_learner_hidden_in_the_database_leaves_with_the_next_refresh(make_learners, earn):
    [me] = make_learners(1)
    earn(me, 10, NOW)
    scores(WEEKLY)
    LearnerProfile.objects.update(listed=False)
    assert scores(WEEKLY, NOW + DAY) == {}


def test_any_history_agrees_with_the_sum_of_its_entries(make_learners):
    ids = make_learners(3)
    actor = StaffFactory()
    earned = st.tuples(st.sampled_from(ids), st.integers(1, 9), st.timedeltas(-32 * DAY, timedelta()), st.booleans())

    @examples(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(amounts=st.lists(earned, max_size=8), at=st.timedeltas(timedelta(), 3 * DAY))
    def agrees(amounts, at):
        for learner_id, delta, when, reversed_later in amounts:
            reference = str(LedgerEntry.objects.count())
            new_entry = NewEntry(delta, LedgerEntry.Reason.IMPORT, "test", reference, NOW + when, Trust.REPORTED)
            [entry] = credit(lock_profile(learner_id), [new_entry], at=NOW)
            if reversed_later:
                reverse(entry, actor=actor, note="", at=NOW)
        moment = NOW + at
        for metric in [WEEKLY, MONTHLY]:
            WindowRefresh.objects.update(as_of=moment - DAY)
            earliest = moment.date() - (metric.days - 1) * DAY
            sums = dict.fromkeys(ids, 0)
            for entry in LedgerEntry.objects.all():
                if earliest <= entry.effective_at.astimezone(UTC).date() <= moment.date():
                    sums[entry.learner_id] += entry.delta
            assert scores(metric, moment) == {each: total for each, total in sums.items() if total > 0}

    agrees()


def test_a_learner_without_a_profile_causes_no_error():
    user = UserFactory()
    LearnerProfile.objects.filter(pk=user.pk).delete()
    refresh_listed(user.pk, at=NOW)
    assert board(WEEKLY).read(user.pk, limit=5, around=5, at=NOW).total == 0
