"""What learners are told about results that were held."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from gamification.awards import profile_of
from gamification.models import LedgerEntry
from levels.models import Level
from tests.factories import LevelFactory, UserFactory
from tracking.explanations.held_results import held_results_of
from tracking.explanations.ledger_entries import explain_entry
from tracking.explanations.levels import explain_level
from tracking.models import Completion
from tracking.recording.completions import Claim
from tracking.recording.services import complete_level, refuse_completion, release_completion

pytestmark = pytest.mark.django_db
WAITING = "This result took less time than anybody needs. It counts once our staff have looked at it."
REFUSED = "Our staff have looked at this result and did not accept it."
RELEASED = "Our staff looked at this result and released it on 20 November 2026; it counts as of when it happened."


@pytest.fixture(autouse=True)
def _frozen_clock(time_machine):
    time_machine.move_to("2026-11-20T12:00:00Z", tick=False)


@pytest.fixture
def three(learner):
    """One that waits, one that was released, one that was refused; the newest first."""
    LevelFactory(level_id="slow", name="Slow", repeat_policy="full", metadata={"min_seconds": 60})
    rows = [hold(learner, hours) for hours in (3, 2, 1)]
    refuse_completion(rows[0], at=timezone.now())
    release_completion(rows[1], at=timezone.now())
    return rows[::-1]


def hold(learner, hours):
    at = timezone.now() - timedelta(hours=hours)
    complete_level(learner=learner, claim=Claim("slow", 850, 1), source="api", at=at)
    return Completion.objects.latest("pk")


def told(learner):
    return [(result.completion, result.state, result.why) for result in held_results_of(profile_of(learner))]


def test_a_result_is_waiting_released_or_refused_and_says_so_for_ever(learner, three, time_machine):
    expected = list(zip(three, ["waiting", "released", "refused"], [WAITING, RELEASED, REFUSED], strict=True))
    assert told(learner) == expected
    time_machine.shift(timedelta(days=1_000))
    assert told(learner) == expected


def test_nobody_is_told_about_the_results_of_others(three):
    assert told(UserFactory()) == []


def test_the_history_page_lists_them(client, learner, three):
    client.force_login(learner)
    page = client.get(reverse("history")).content.decode()
    for words in (WAITING, RELEASED, REFUSED, "Results that our staff look at", "not accepted"):
        assert words in page
    assert WAITING not in client.get(reverse("history"), {"reason": "level_completion"}).content.decode()


def test_the_history_page_of_others_does_not_mention_them(client, three):
    client.force_login(UserFactory())
    assert "Results that our staff look at" not in client.get(reverse("history")).content.decode()


def test_the_explanation_of_a_level_says_that_its_latest_result_waits(learner, three):
    slow = Level.objects.get(level_id="slow")
    assert explain_level(profile_of(learner), slow).why.endswith(WAITING)
    refuse_completion(three[0], at=timezone.now())
    assert explain_level(profile_of(learner), slow).why.endswith(REFUSED)
    release_completion(three[0], at=timezone.now())
    assert "staff" not in explain_level(profile_of(learner), slow).why


def test_the_explanation_of_its_xp_says_that_it_was_released(learner, three):
    why = explain_entry(profile_of(learner), LedgerEntry.objects.get(reason="level_completion")).why
    assert why.endswith("; our staff released it on 20 November 2026.")
