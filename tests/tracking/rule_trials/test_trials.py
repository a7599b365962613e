"""A trial prices the results of some days by a draft, and says who gains and loses."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from gamification.models import XPRuleSet
from jobs.models import Job
from tests.factories import UserFactory
from tracking.models import Completion, RuleTrial
from tracking.staff.rule_trials import figures
from tracking.staff.rule_trials.trials import start_trial, why_outdated

from .playing import NOW, ago, changed, differences, draft_of, in_force, play, run_all, try_out

DAY = timedelta(days=1)


def test_a_hand_made_example_has_the_right_values(staff):
    """By hand. In force: base 10, a point for each 100, bonus 5 a day. The draft: base 20, no points, bonus 7 a day."""
    ann, bob = UserFactory(), UserFactory()
    play(ann, NOW - 2 * DAY, level="cave", score=500)  # 10 + 5 = 15; by the draft 20
    play(ann, NOW - DAY, level="cave", score=900)  # 19 less 15 paid = 4, and a bonus of 10; 20 less 20 = 0, and 14
    play(bob, NOW - DAY, score=1000)  # 20; 20
    play(bob, NOW - DAY, score=300)  # 13; 20
    draft = draft_of(formula={"base": 20, "points_per_xp": 1_000_000}, streak_bonus={"per_day": 7})
    trial = try_out(draft, staff, days=7)
    assert differences(trial) == {ann.pk: (29, 34), bob.pk: (33, 40)}
    assert trial.figures == {
        "learners": 2,
        "results": 4,
        "changed": 4,
        "moved": 2,
        "now_xp": 62,
        "tried_xp": 74,
        "gain": 2,
        "lose": 0,
        "gained_xp": 12,
        "lost_xp": 0,
        "up": 0,
        "down": 0,
        "percentiles": [[1, 5], [5, 5], [25, 5], [50, 5], [75, 5], [95, 5], [99, 5]],
    }
    assert [(each["source"], each["now_xp"], each["tried_xp"]) for each in figures.by_source(trial)] == [
        ("level_completion", 52, 60),
        ("streak_bonus", 10, 14),
    ]
    assert [(each["level"].level_id, each["difference"], each["percent"]) for each in figures.by_level(trial)] == [
        ("maze", 7, 21.21),
        ("cave", 1, 5.26),
    ]


def test_what_was_paid_before_the_period_counts_for_repeats(staff, learner):
    play(learner, NOW - 30 * DAY, level="cave", score=500)  # 15
    play(learner, NOW - DAY, level="cave", score=700)  # 17 less 15; by the draft 27 less 15
    assert differences(try_out(draft_of(formula={"base": 20}), staff, days=7)) == {learner.pk: (2, 12)}


def test_a_daily_cap_of_the_draft_cuts_what_a_utc_date_pays(staff, learner):
    for hours in (3, 2, 1):
        play(learner, ago(hours=hours))
    assert differences(try_out(draft_of(daily_xp_cap=25), staff, days=7)) == {learner.pk: (30, 25)}


def test_a_cap_counts_what_a_date_has_paid_before_the_period(staff, learner):
    """The clock of the client: a result of the date before the period arrives within it."""
    before = NOW.replace(hour=0) - 7 * DAY - timedelta(hours=1)
    play(learner, before)
    play(learner, NOW - 6 * DAY, occurred_at=before)
    assert differences(try_out(draft_of(daily_xp_cap=12), staff, days=7)) == {learner.pk: (10, 2)}


def test_the_period_begins_with_the_utc_date_so_many_days_ago(staff, learner):
    first = NOW.replace(hour=0) - 7 * DAY
    play(learner, first - timedelta(hours=1))
    play(learner, first)
    assert try_out(draft_of(), staff, days=7).figures["results"] == 1
    assert try_out(draft_of(3), staff).figures["results"] == 2


def test_held_imported_and_reversed_results_and_erased_people_are_left_out(staff, learner):
    others = [UserFactory() for _ in range(3)]
    for each in (learner, *others):
        play(each, ago(hours=1))
    of = {each.learner_id: each for each in Completion.objects.all()}
    Completion.objects.filter(pk=of[others[0].pk].pk).update(held=True)
    Completion.objects.filter(pk=of[others[1].pk].pk).update(source="import")
    others[2].profile.erased_at = NOW
    others[2].profile.save()
    assert differences(try_out(draft_of(formula={"base": 20}), staff)) == {learner.pk: (10, 20)}


def test_players_whose_level_changes_are_counted(staff, learner):
    for hours in range(12, 0, -1):
        play(learner, ago(hours=hours))  # 120 XP: level 2
    trial = try_out(draft_of(curve={"first_step": 10, "growth": "1.0"}), staff, days=7)
    assert (trial.figures["up"], trial.figures["down"], trial.figures["changed"]) == (1, 0, 0)


def test_the_same_draft_tried_twice_gives_the_same_figures(staff, learner):
    play(learner, ago(hours=1), score=700)
    draft = draft_of(formula={"base": 33})
    first, second = try_out(draft, staff, days=30), try_out(draft, staff, days=30)
    assert first != second
    assert (first.figures, differences(first)) == (second.figures, differences(second))


def test_a_draft_that_is_changed_later_makes_the_trial_one_of_an_older_draft(staff, learner):
    play(learner, ago(hours=1))
    draft = draft_of(formula={"base": 20})
    trial = start_trial(draft, days=7, actor=staff, at=NOW)
    XPRuleSet.objects.filter(pk=draft.pk).update(rules=changed(formula={"base": 99}))
    assert why_outdated(RuleTrial.objects.get(pk=trial.pk)).startswith("It is a trial of an older draft")
    run_all()
    assert differences(trial) == {learner.pk: (10, 20)}


def test_rules_that_are_published_during_a_trial_change_nothing_in_it(staff, learner):
    play(learner, ago(hours=1))
    trial = start_trial(draft_of(formula={"base": 20}), days=7, actor=staff, at=NOW)
    in_force(3, formula={"base": 50})
    run_all()
    assert differences(trial) == {learner.pk: (10, 20)}
    assert why_outdated(RuleTrial.objects.get(pk=trial.pk)) == "Other rules are in force than when it was tried."


def test_a_second_click_finds_the_trial_of_the_first(staff):
    draft = draft_of()
    first, second = (start_trial(draft, days=7, actor=staff, at=NOW) for _ in range(2))
    assert first == second
    assert Job.objects.count() == 1
    assert start_trial(draft, days=30, actor=staff, at=NOW) != first


def test_a_deleted_draft_leaves_its_trial(staff):
    draft = draft_of()
    trial = try_out(draft, staff)
    draft.delete()
    assert why_outdated(RuleTrial.objects.get(pk=trial.pk)) == "The draft has been deleted."


def test_numbers_that_cannot_be_read_are_not_tried(staff):
    draft = draft_of()
    XPRuleSet.objects.filter(pk=draft.pk).update(rules={"formula": {}})
    with pytest.raises(ValidationError):
        start_trial(draft, days=7, actor=staff, at=NOW)
