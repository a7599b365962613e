"""Practice of a guest and an account is counted and paid as that of one account."""

from datetime import date, datetime, timedelta

import pytest
from django.db import transaction

from gamification.awards.adjustments import reverse
from gamification.ledger.audit import find_mismatches
from gamification.models import ActivityDay, LearnerProfile, LedgerEntry, XPRuleSet
from tests.factories import QuestionFactory, StaffFactory, UserFactory
from tracking.maintenance.rebuilding import rebuild_profiles
from tracking.merging.services import merge_learners
from tracking.models import Review
from tracking.review.answering import answer_review
from tracking.review.remembering import remember

from .histories import DAY, HOUR, MINUTE, START, STEPS, Histories, books, catalogue, differences

pytestmark = pytest.mark.django_db

PRACTICE = [*STEPS, *(["practise"] * 12)]


@pytest.fixture
def people(db):
    return UserFactory(), UserFactory()


def practise(who, count, *, at=START, answer=True):
    for n in range(count):
        question = QuestionFactory()
        remember(learner_id=who.pk, question=question, correct=True, at=START - 60 * DAY)
        given = {"question_id": question.question_id, "answer": answer}
        answer_review(learner=who, **given, at=at + n * timedelta(seconds=10))


def merge(guest, account, at=START + 9 * DAY):
    with transaction.atomic():
        merge_learners(guest_id=guest.pk, account_id=account.pk, at=at)
    assert find_mismatches() == []
    assert list(rebuild_profiles(write=False, at=at)) == []


def xp_of(learner):
    return LearnerProfile.objects.get(pk=learner.pk).total_xp


def pay(**reviews):
    rules = XPRuleSet.objects.published().get()
    changed = rules.rules | {"reviews": rules.rules["reviews"] | reviews}
    XPRuleSet.objects.filter(pk=rules.pk).update(rules=changed)


@pytest.mark.parametrize("zone", ["UTC", "Asia/Jakarta"])
@pytest.mark.parametrize("seed", range(8))
@pytest.mark.usefixtures("unlimited")
def test_books_after_a_merge_are_those_of_a_twin_who_practised_as_much(seed, zone):
    catalogue()
    pay(xp_per_answer=2, xp_per_day=7, for_a_day=4)
    histories = Histories(seed, zone, waits=[MINUTE, HOUR, 7 * HOUR, DAY, 2 * DAY], choices=PRACTICE)
    histories.play()
    histories.merge()
    assert Review.objects.filter(learner=histories.account).count() > 10
    assert differences(books(histories.account), books(histories.twin)) == {}
    assert books(histories.guest)["total_xp"] == 0
    assert find_mismatches() == []


def test_at_most_twenty_xp_a_date_for_both_together(people):
    guest, account = people
    practise(guest, 20)
    practise(account, 20, at=START + HOUR)
    assert (xp_of(guest), xp_of(account)) == (20, 20)
    merge(guest, account)
    assert (xp_of(guest), xp_of(account)) == (0, 20)
    taken = LedgerEntry.objects.filter(learner=account, reason="recalculation")
    assert {(line.delta, line.reference_type, line.trust) for line in taken} == {(-1, "review", "verified")}
    assert LearnerProfile.objects.get(pk=account.pk).verified_xp == 20
    assert sum(Review.objects.values_list("awarded_xp", flat=True)) == 20


def test_what_is_practised_after_the_merge_counts_from_what_both_have_practised(people):
    guest, account = people
    practise(guest, 12)
    practise(account, 7, at=START + HOUR)
    merge(guest, account, at=START + 2 * HOUR)
    practise(account, 3, at=START + 3 * HOUR)
    assert xp_of(account) == 20
    newest = Review.objects.filter(learner=account).order_by("pk").last()
    assert (newest.awarded_xp, newest.response["reviewed_today"]) == (0, 22)


def test_questions_of_both_together_make_a_day(people):
    guest, account = people
    practise(guest, 3)
    practise(account, 2, at=START + HOUR, answer=False)
    assert not ActivityDay.objects.exists()
    merge(guest, account)
    day = ActivityDay.objects.get()
    assert (day.learner, day.date, day.completed) == (account, START.date(), True)
    assert day.recorded_at == START + HOUR + timedelta(seconds=10)


def test_days_of_both_make_one_streak_with_its_bonuses(people):
    guest, account = people
    practise(guest, 5)
    practise(account, 5, at=START + DAY)
    practise(guest, 5, at=START + 2 * DAY)
    merge(guest, account)
    profile = LearnerProfile.objects.get(pk=account.pk)
    assert (profile.longest_streak, profile.total_xp) == (3, 15 + 10 + 15)


def test_dates_are_those_of_the_account(people):
    guest, account = people
    LearnerProfile.objects.filter(pk=account.pk).update(time_zone="Pacific/Kiritimati")  # 14 hours ahead
    practise(guest, 5, at=datetime.combine(START, datetime.min.time(), START.tzinfo) + 12 * HOUR)
    merge(guest, account)
    tomorrow = date(2026, 3, 3)
    assert set(Review.objects.values_list("learner", "date")) == {(account.pk, tomorrow)}
    assert ActivityDay.objects.get().date == tomorrow


@pytest.mark.parametrize("of_guest", [True, False])
def test_a_review_that_staff_reversed_stays_reversed(people, of_guest):
    guest, account = people
    practise(guest, 2)
    practise(account, 2)
    line = LedgerEntry.objects.filter(learner=guest if of_guest else account, reason="review").first()
    reverse(line, actor=StaffFactory(), note="Cheated", at=START + HOUR)
    merge(guest, account)
    assert (xp_of(guest), xp_of(account)) == (0, 3)
