"""Reversing a ledger entry in the admin: the page shows the consequences, and it happens once."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.urls import reverse

from gamification.awards import adjustments
from gamification.models import LearnerProfile, LedgerEntry, Unlock
from tests.factories import LevelFactory, StaffFactory, UserFactory
from tracking.recording.completions import Claim
from tracking.recording.services import complete_level

from .reversals import NOON, WHY, achievement, give, total_of, url

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _frozen_clock(time_machine):
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def xp_staff(client):
    """Staff with the permissions to adjust XP and to view the ledger."""
    user = StaffFactory(is_superuser=False)
    user.user_permissions.set(Permission.objects.filter(codename__in=["award_xp", "view_ledgerentry"]))
    client.force_login(user)
    return user


def test_the_page_of_an_entry_begins_with_why_it_was_paid(client, xp_staff, learner, django_assert_max_num_queries):
    LevelFactory(level_id="maze", name="Maze")
    complete_level(learner=learner, claim=Claim("maze", 850, time_spent=1), source="api", at=NOON)
    address = reverse("admin:gamification_ledgerentry_change", args=[LedgerEntry.objects.get().pk])
    with django_assert_max_num_queries(12):
        page = client.get(address).content.decode()
    assert "You got 18 XP for “Maze”: 10 for finishing and 8 for 850 points." in page
    assert page.index("You got 18 XP") < page.index("Sequence")


def state_of(learner):
    return (
        list(LedgerEntry.objects.order_by("pk").values()),
        list(Unlock.objects.order_by("pk").values()),
        LearnerProfile.objects.filter(pk=learner.pk).values().get(),
        LogEntry.objects.count(),
    )


@pytest.mark.parametrize(
    ("policy", "sentence"),
    [
        (
            "improvement",
            "would pay 18 XP instead of 0: its repeat policy is “improvement”, and it would then have paid 0",
        ),
        ("none", "would pay 18 XP instead of 0: its repeat policy is “none”, and it would then have paid 0 XP."),
        ("full", "would pay 18 XP instead of 18: its repeat policy is “full”, and it would then have paid 0 XP."),
    ],
)
def test_the_page_shows_what_the_level_then_pays_next_time(client, xp_staff, learner, policy, sentence):
    LevelFactory(level_id="maze", name="Maze", repeat_policy=policy)
    complete_level(learner=learner, claim=Claim("maze", 850, time_spent=1), source="api", at=NOON)
    entry = LedgerEntry.objects.get()
    page = client.get(url(entry)).content.decode()
    assert f"Played again with the same result, “Maze” {sentence}" in page
    assert "The completion stays: “Maze” counts as played with 850 of 1000 points." in page
    adjustments.reverse(entry, actor=StaffFactory(), at=NOON, **WHY)
    again = complete_level(learner=learner, claim=Claim("maze", 850, time_spent=2), source="api", at=NOON)
    assert again.answer["awarded_xp"] == 18


def test_the_page_shows_the_whole_plan(client, xp_staff, learner):
    achievement("hundred", {"type": "xp", "threshold": 100})
    achievement("collector", {"type": "xp", "threshold": 150}, xp_reward=0)
    give(learner, 100)
    page = client.get(url(LedgerEntry.objects.get(reason="achievement")))
    words = " ".join(page.content.decode().split())
    for sentence in [
        "<td>150</td><td>100</td>",
        "<td>2 (Novice)</td><td>2 (Novice)</td>",
        "The achievement “Hundred” is taken back with its XP, and it is not earned a second time.",
        "The achievement “Collector” stays, although its condition will hold no longer: total XP reaches 150.",
    ]:
        assert sentence in words, sentence


def test_reversing_writes_the_opposite_entry_with_reason_and_note_and_an_entry_in_the_log(client, xp_staff, learner):
    entry = give(learner, 100)
    answer = client.post(url(entry), WHY)
    assert (answer.status_code, total_of(learner)) == (302, 0)
    reversal = LedgerEntry.objects.get(reversal_of=entry)
    assert (reversal.delta, reversal.actor, reversal.note) == (
        -100,
        xp_staff,
        "Not their score\nSeen by two colleagues.",
    )
    log = LogEntry.objects.get()
    assert (log.user, log.object_id, log.get_change_message()) == (
        xp_staff,
        str(entry.pk),
        (
            f"Reversed by entry {reversal.pk}: -100 XP, the balance is 0. "
            "Reason: Not their score Note: Seen by two colleagues."
        ),
    )
    shown = client.get(reverse("admin:gamification_ledgerentry_change", args=[entry.pk])).content.decode()
    assert f">entry {reversal.pk}</a>" in shown


@pytest.mark.parametrize("change", [{"note": ""}, {"reason": ""}, {"reason": "ab"}, {"note": " "}])
def test_without_a_reason_or_note_nothing_happens(client, xp_staff, learner, change):
    entry = give(learner, 100)
    before = state_of(learner)
    answer = client.post(url(entry), WHY | change)
    assert "errorlist" in answer.content.decode()
    assert state_of(learner) == before


def test_a_double_click_reverses_once_and_shows_a_warning(client, xp_staff, learner):
    entry = give(learner, 100)
    answers = [client.post(url(entry), WHY, follow=True) for _ in range(2)]
    assert total_of(learner) == 0
    reversal = LedgerEntry.objects.get(reversal_of=entry)
    assert f"This entry has been reversed already, by entry {reversal.pk}." in answers[1].content.decode()
    assert LogEntry.objects.count() == 1


def test_a_reversal_and_a_reversed_entry_are_refused_with_the_reason(client, xp_staff, learner):
    entry = give(learner, 100)
    reversal = adjustments.reverse(entry, actor=StaffFactory(), at=NOON, **WHY)
    before = state_of(learner)
    for target, sentence in [
        (entry, "This entry has been reversed already."),
        (reversal, "A reversal cannot be reversed."),
    ]:
        page = client.get(url(target)).content.decode()
        assert sentence in page
        assert "Reverse this entry" not in page
        assert "What a reversal does" not in page
        client.post(url(target), WHY)
    assert state_of(learner) == before


def test_a_balance_below_zero_is_refused_with_the_reason(client, xp_staff, learner):
    entry = give(learner, 100)
    give(learner, -60)
    before = state_of(learner)
    sentence = "This would take the learner&#x27;s XP below zero."
    assert sentence in client.get(url(entry)).content.decode()
    assert sentence in client.post(url(entry), WHY).content.decode()
    assert state_of(learner) == before


def test_nobody_reverses_their_own_entry(client, xp_staff):
    entry = give(xp_staff, 100)
    assert "Nobody adjusts or reverses their own XP." in client.get(url(entry)).content.decode()
    client.post(url(entry), WHY)
    assert total_of(xp_staff) == 100


def test_reversing_requires_the_permission(client, learner):
    entry = give(learner, 100)
    looker = StaffFactory(is_superuser=False)
    looker.user_permissions.set(Permission.objects.filter(codename="view_ledgerentry"))
    client.force_login(looker)
    assert [client.get(url(entry)).status_code, client.post(url(entry), WHY).status_code] == [403, 403]
    page = client.get(reverse("admin:gamification_ledgerentry_change", args=[entry.pk])).content.decode()
    assert url(entry) not in page
    client.force_login(UserFactory())
    assert client.get(url(entry)).status_code == 302
    assert total_of(learner) == 100


def test_the_page_of_an_entry_links_to_its_reversal(client, xp_staff, learner):
    entry = give(learner, 100)
    page = client.get(reverse("admin:gamification_ledgerentry_change", args=[entry.pk])).content.decode()
    assert url(entry) in page


def test_an_unknown_entry_is_not_found(client, xp_staff):
    assert client.get(reverse("admin:gamification_ledgerentry_reverse", args=[10**9])).status_code == 404


def test_planning_writes_nothing(learner, xp_staff, client):
    achievement("hundred", {"type": "xp", "threshold": 100})
    give(learner, 100)
    fine = give(learner, -60)
    entries = list(LedgerEntry.objects.all())
    adjustments.reverse(fine, actor=StaffFactory(), at=NOON, **WHY)
    before = state_of(learner)
    for entry in entries:
        assert client.get(url(entry)).status_code == 200
    assert state_of(learner) == before
