"""What a recalculation does besides totals: explanations, boards, reversals, erasure."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from gamification.awards.adjustments import reverse
from gamification.leaderboards.base import METRICS
from gamification.leaderboards.windows import refresh
from gamification.models import LearnerProfile, LedgerEntry, WindowScore, XPRuleSet
from skillquest.accounts.erasing import erase_person
from tests.factories import QuestionFactory, UserFactory
from tracking.explanations.ledger_entries import explain_entry
from tracking.merging.services import merge_learners
from tracking.models import TriedLearner
from tracking.review.answering import answer_review
from tracking.review.remembering import remember
from tracking.staff.recalculation.services import recalculate_or_request, undo_or_request

from .playing import NOW, ago, draft_of, in_force, play, run_all, total_of, try_out

DAY = timedelta(days=1)
WHY = {"reason": "New rules", "note": "Agreed on Friday."}


def recalculate(staff, **changes):
    trial = try_out(in_force(2, **changes), staff)
    recalculation = recalculate_or_request(trial, **WHY, actor=staff, at=timezone.now())
    run_all()
    recalculation.refresh_from_db()
    return recalculation


def sentences(learner, **only):
    profile = LearnerProfile.objects.get(pk=learner.pk)
    lines = LedgerEntry.objects.filter(learner=learner, **only).order_by("sequence")
    return [explain_entry(profile, line).why for line in lines]


def practise(learner, moment):
    question = QuestionFactory()
    remember(learner_id=learner.pk, question=question, correct=True, at=moment - 30 * DAY)
    answer_review(learner=learner, question_id=question.question_id, answer=True, at=moment)


def test_each_entry_says_what_was_counted_anew(staff, learner):
    play(learner, NOW - DAY)
    play(learner, ago(hours=1), level="cave")
    practise(learner, ago(minutes=5))
    recalculation = recalculate(staff, formula={"base": 25}, streak_bonus={"per_day": 1}, reviews={"xp_per_answer": 3})
    assert sentences(learner, reason="recalculation") == [
        "“Maze” was counted anew by version 2 of the rules, which added 15 XP.",
        "“Cave” was counted anew by version 2 of the rules, which added 15 XP.",
        "Your practice was counted anew by version 2 of the rules, which added 2 XP.",
        "Your streak bonuses were counted anew by version 2 of the rules, which took off 8 XP.",
    ]
    undo_or_request(recalculation, **WHY, actor=staff, at=NOW)
    run_all()
    assert "15 XP that you got on" in " ".join(sentences(learner, reason="reversal"))


def test_boards_of_days_follow_as_of_when_it_was_played(staff, learner):
    play(learner, NOW - 20 * DAY)
    play(learner, NOW - DAY, level="cave")
    recalculate(staff, formula={"base": 25})
    for name, expected in [("xp_weekly", 25), ("xp_monthly", 50)]:
        metric = METRICS[name]
        refresh(metric, at=NOW, oldest=NOW)
        assert WindowScore.objects.get(metric=metric.name, learner=learner).score == expected


def test_a_person_who_is_erased_is_erased_from_trials(staff, learner):
    other = UserFactory()
    for each in (learner, other):
        play(each, ago(hours=1))
    trial = try_out(draft_of(), staff)
    erase_person(user_id=learner.pk, at=NOW)
    assert list(TriedLearner.objects.filter(trial=trial).values_list("learner", flat=True)) == [other.pk]


def test_erased_people_are_left_out_of_what_was_prepared(staff, learner):
    other = UserFactory()
    for each in (learner, other):
        play(each, ago(hours=1))
    trial = try_out(in_force(2, formula={"base": 25}), staff)
    erase_person(user_id=learner.pk, at=NOW)
    recalculate_or_request(trial, **WHY, actor=staff, at=NOW)
    run_all()
    assert (total_of(learner), total_of(other)) == (10, 25)


@pytest.mark.parametrize("base", [25, 0])
def test_trust_of_results_is_that_of_what_they_are_changed_by(staff, learner, base):
    play(learner, ago(hours=1), score=1000)
    learner.completions.update(trust="verified")
    LearnerProfile.objects.filter(pk=learner.pk).update(verified_xp=0)
    recalculate(staff, formula={"base": base})
    line = LedgerEntry.objects.get(reason="recalculation")
    assert (line.trust, LearnerProfile.objects.get(pk=learner.pk).verified_xp) == ("verified", line.delta)


def test_a_guest_who_is_merged_brings_what_was_recalculated(staff):
    guest, account = UserFactory(profile__kind="guest"), UserFactory()
    play(guest, ago(hours=2))
    play(account, ago(hours=1))
    recalculate(staff, formula={"base": 25})
    with transaction.atomic():
        merge_learners(guest_id=guest.pk, account_id=account.pk, at=NOW)
    assert total_of(account) == 50
    rules = XPRuleSet.objects.published().get()
    assert try_out(rules, staff).figures["changed"] == 0


def test_reversing_an_entry_by_hand_ends_its_part_of_the_recalculation(staff, learner):
    """As for every line; another recalculation may write it again."""
    play(learner, ago(hours=1))
    recalculation = recalculate(staff, formula={"base": 25})
    reverse(LedgerEntry.objects.get(reason="recalculation"), actor=staff, note="", at=NOW)
    assert total_of(learner) == 10
    undo_or_request(recalculation, **WHY, actor=staff, at=NOW)
    run_all()
    assert total_of(learner) == 10
    assert try_out(XPRuleSet.objects.published().get(), staff).figures["gained_xp"] == 15
