"""Limits hold for both together: many guests do not multiply what an account may earn."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import transaction

from gamification.awards.adjustments import adjust_xp
from gamification.limit_sets.publishing import publish_limit_set
from gamification.models import LearnerProfile, LedgerEntry, LimitSet
from gamification.pricing.limits import DEFAULT_LIMITS
from tests.factories import LevelFactory, StaffFactory, UserFactory
from tracking.explanations.ledger_entries import explain_entry
from tracking.merging.services import merge_learners
from tracking.models import Completion
from tracking.recording.completions import Claim
from tracking.recording.services import complete_level, release_completion

from .histories import START, Histories, books, catalogue, differences

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def publish(**limits):
    draft = LimitSet.objects.create(version=LimitSet.objects.count() + 1, limits=DEFAULT_LIMITS | limits)
    publish_limit_set(draft, at=START - timedelta(days=40))


@pytest.fixture
def levels(db):
    fixed = {"xp_rule": "fixed", "xp_reward": 100, "repeat_policy": "none"}
    return [LevelFactory(level_id=f"level-{n}", **fixed) for n in range(8)]


@pytest.fixture
def people(db):
    return UserFactory(), UserFactory()


def play(who, level, after, **more):
    claim = Claim(level.level_id, 900, 60, client_event_id=uuid4(), **more)
    at = START + after
    return complete_level(learner=who, claim=claim, source="api", at=at).answer


def merge(guest, account, after=timedelta(hours=9)):
    with transaction.atomic():
        merge_learners(guest_id=guest.pk, account_id=account.pk, at=START + after)


def xp_of(learner):
    return LearnerProfile.objects.get(pk=learner.pk).total_xp


@pytest.mark.usefixtures("levels")
def test_xp_of_a_date_is_limited_for_both_together(people, levels):
    publish(xp_per_day=300)
    guest, account = people
    for n, (who, level) in enumerate(zip([guest, account] * 3, levels, strict=False)):
        assert play(who, level, n * 5 * MINUTE)["held"] is False
    assert (xp_of(guest), xp_of(account)) == (300, 300)
    merge(guest, account)
    assert xp_of(account) == 300
    held = Completion.objects.filter(learner=account, held=True).order_by("created_at")
    assert [(each.level, each.held_reason) for each in held] == [(level, "too_much_xp") for level in levels[3:6]]


def test_guests_one_after_the_other_do_not_multiply_it(levels, people):
    publish(xp_per_day=200)
    _, account = people
    for n in range(3):
        guest = UserFactory()
        play(guest, levels[2 * n], n * 20 * MINUTE)
        play(guest, levels[2 * n + 1], (n * 20 + 5) * MINUTE)
        merge(guest, account, timedelta(hours=5 + n))
    assert xp_of(account) == 200
    assert play(account, levels[7], timedelta(hours=8))["held"] is True


def test_a_result_that_the_merge_held_is_released_and_paid_again(people, levels):
    publish(xp_per_day=100)
    guest, account = people
    play(guest, levels[0], MINUTE)
    play(account, levels[1], 5 * MINUTE)
    merge(guest, account)
    held = Completion.objects.get(learner=account, held=True)
    assert (xp_of(account), held.level, held.answer["held"]) == (100, levels[1], True)
    release_completion(held, at=START + timedelta(hours=10))
    assert xp_of(account) == 200
    lines = LedgerEntry.objects.filter(learner=account, reference_type="completion").order_by("sequence")
    of_held = [
        (line.reference_id, line.delta)
        for line in lines
        if str(held.pk) in (line.reference_id.split(".")[0], line.metadata.get("corrects"))
    ]
    assert of_held == [(str(held.pk), 100), (f"merge/{guest.pk}/1", -100), (f"{held.pk}.1", 100)]
    profile = LearnerProfile.objects.get(pk=account.pk)
    assert explain_entry(profile, lines[2]).why == (
        "What you did as a guest was merged into this account; counted as one, this takes off 100 XP; "
        "our staff released it on 2 March 2026."
    )


def test_a_result_whose_level_only_a_held_one_opened_is_held_too(people):
    publish(xp_per_day=100)
    guest, account = people
    fixed = {"xp_rule": "fixed", "repeat_policy": "none"}
    other, first = LevelFactory(xp_reward=80, **fixed), LevelFactory(xp_reward=90, **fixed)
    second = LevelFactory(xp_reward=1, prerequisites=[first], **fixed)
    play(guest, other, MINUTE)
    play(account, first, 5 * MINUTE)
    play(account, second, 10 * MINUTE)
    merge(guest, account)
    held = Completion.objects.filter(learner=account, held=True).order_by("created_at")
    assert [each.held_reason for each in held] == ["too_much_xp", "prerequisite_held"]
    assert xp_of(account) == 80


def test_words_of_a_date_count_up_to_the_limit_of_both(people, levels):
    publish(metric_per_day=DEFAULT_LIMITS["metric_per_day"] | {"words_learned": 100})
    guest, account = people
    play(guest, levels[0], MINUTE, metadata={"words_learned": 70})
    play(account, levels[1], 5 * MINUTE, metadata={"words_learned": 70})
    merge(guest, account)
    assert LearnerProfile.objects.get(pk=account.pk).counters["words_learned"] == 100
    assert [each.counted for each in Completion.objects.order_by("created_at")] == [None, {"words_learned": 30}]


def test_repetitions_of_a_date_are_limited_for_both_together(people):
    publish(full_repeats_per_day=2)
    arena = LevelFactory(kind="mode", xp_rule="fixed", xp_reward=10, repeat_policy="full")
    guest, account = people
    for n in range(4):
        play([guest, account][n % 2], arena, n * 5 * MINUTE)
    merge(guest, account)
    assert xp_of(account) == 20


def test_hours_are_limited_for_both_together(people, levels):
    publish(completions_per_hour=3)
    guest, account = people
    for n in range(6):
        play([guest, account][n % 2], levels[n], n * 5 * MINUTE)
    merge(guest, account)
    assert xp_of(account) == 300


def test_dates_of_the_account_alone_stay_as_they_were(people, levels):
    guest, account = people
    for n in range(4):
        play(account, levels[n], n * 5 * MINUTE)
    play(guest, levels[5], timedelta(days=3))
    publish(xp_per_day=1)
    merge(guest, account, timedelta(days=4))
    assert Completion.objects.filter(held=True).count() == 0
    assert xp_of(account) == 510  # with the bonus of a streak of two days


@pytest.mark.parametrize("seed", range(100, 106))
def test_books_are_those_of_a_twin_under_limits_that_both_have_kept(seed):
    publish(
        min_time_percent=None, completions_per_hour=4, xp_per_day=450, full_repeats_per_day=2, seconds_per_hour=None
    )
    catalogue()
    histories = Histories(seed, waits=[MINUTE, 20 * MINUTE, timedelta(hours=2)])
    histories.play()
    had_held = Completion.objects.filter(learner__in=[histories.guest, histories.account], held=True).exists()
    histories.merge()
    different = differences(books(histories.account), books(histories.twin))
    if had_held:
        # What was held already stays held, so there may be less than the twin has, never more.
        assert xp_of(histories.account) <= xp_of(histories.twin) + 100
    else:
        assert different == {}


class TestStaff:
    def test_what_the_owner_gave_to_the_guest_is_not_carried_over(self, people):
        guest, account = people
        staff = StaffFactory()
        for actor in (account, staff):
            adjust_xp(learner_id=guest.pk, amount=50, reason="Fair", actor=actor, at=START)
        merge(guest, account)
        assert xp_of(account) == 50
        assert xp_of(guest) == 0

    def test_an_adjustment_that_both_have_counts_once(self, people):
        guest, account = people
        staff = StaffFactory()
        for who in people:
            adjust_xp(learner_id=who.pk, amount=50, reason="Fair", actor=staff, at=START, reference_id="fair-2026")
        merge(guest, account)
        assert xp_of(account) == 50
