"""What a review has paid, as staff, boards and the learner see it."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from gamification.awards.adjustments import reverse
from gamification.leaderboards.base import METRICS
from gamification.leaderboards.presentation import show_leaderboard
from gamification.models import BoardPolicy, LearnerProfile, LedgerEntry
from gamification.staff.bulk_reversal_jobs import start_bulk_reversal
from gamification.staff.bulk_reversals import Criteria, plan_bulk_reversal
from tests.factories import LevelFactory, StaffFactory
from tests.tracking.review.practising import known_questions
from tracking.models import Review
from tracking.recording.completions import Claim
from tracking.recording.services import complete_level

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _frozen_clock(time_machine):
    time_machine.move_to("2026-11-20T10:30:00Z", tick=False)


@pytest.fixture
def practised(practise, learner):
    """`practised(3)` reviews so many questions; returns the lines that it pays."""

    def practised(count):
        for question in known_questions(count, learner, prompt="Is *seven* a number?"):
            practise(question)
        return list(LedgerEntry.objects.filter(learner=learner, reason="review").order_by("sequence"))

    return practised


def totals_of(learner):
    return LearnerProfile.objects.filter(pk=learner.pk).values_list("total_xp", "verified_xp").get()


def take_back(line):
    return reverse(line, actor=StaffFactory(), reason="Not theirs", note="Seen", at=timezone.now())


def explain(client, line):
    answer = client.get(f"/api/v1/gamification/explain/xp/{line.pk}")
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_staff_reverse_a_review(practised, learner):
    lines = practised(3)
    take_back(lines[1])
    assert totals_of(learner) == (2, 2)
    reversal = LedgerEntry.objects.get(reversal_of=lines[1])
    assert (reversal.delta, reversal.trust) == (-1, "verified")


def test_a_reversed_review_makes_no_room_for_another_one_on_its_date(practised, learner):
    take_back(practised(20)[0])
    practised(1)
    assert totals_of(learner) == (19, 19)
    assert Review.objects.order_by("pk").last().awarded_xp == 0


@pytest.mark.parametrize("metric", ["xp_all_time", "xp_weekly", "xp_monthly"])
def test_boards_of_verified_xp_count_reviews_that_stand(practised, learner, metric):
    BoardPolicy.objects.filter(metric=metric).update(trust="verified")
    take_back(practised(3)[0])
    board = show_leaderboard(METRICS[metric], learner.pk, limit=10, around=0, at=timezone.now())
    assert (board.trust, board.me.score) == ("verified", 2)


def reverse_since(learner, **criteria):
    plan = plan_bulk_reversal(Criteria(learner.pk, until=timezone.now(), **criteria))
    start_bulk_reversal(plan, learner_id=learner.pk, note="Not theirs", actor=StaffFactory(), at=timezone.now())
    call_command("run_jobs", once=True)


def test_everything_since_a_moment_takes_back_reviews(practised, learner, time_machine):
    practised(2)
    time_machine.shift(HOUR)
    since = timezone.now()
    practised(3)
    reverse_since(learner, since=since)
    assert totals_of(learner) == (2, 2)


@pytest.mark.parametrize(("trust", "left"), [("verified", (10, 0)), ("reported", (3, 3))])
@pytest.mark.usefixtures("unlimited")
def test_everything_of_a_trust_takes_back_reviews_if_it_is_theirs(practised, learner, trust, left):
    claim = Claim(LevelFactory(xp_rule="fixed", xp_reward=10).level_id, 900, 60)
    complete_level(learner=learner, claim=claim, source="api", at=timezone.now())
    practised(3)
    assert totals_of(learner) == (13, 3)
    reverse_since(learner, trust=trust)
    assert totals_of(learner) == left


def test_a_line_says_for_which_question_it_paid(practised, learner_api):
    line = practised(1)[0]
    told = explain(learner_api, line)
    assert told["why"] == "You got 1 XP for your right answer to the question “Is seven a number?”, while practising."
    assert [(part["factor"], part["value"]) for part in told["breakdown"]] == [("review", 1)]


def test_the_line_that_takes_it_back_says_so(practised, learner_api):
    line = practised(1)[0]
    assert explain(learner_api, take_back(line))["why"] == (
        "1 XP that you got on 20 November 2026 for your right answer to the question “Is seven a number?”, while "
        "practising were taken back: Not theirs."
    )
    assert explain(learner_api, line)["why"].endswith("while practising; taken back on 20 November 2026.")
