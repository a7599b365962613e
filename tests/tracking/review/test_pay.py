"""What reviews pay: 1 XP for a right answer, at most 20 on a local date, and a streak day for 5 questions."""

from datetime import date, timedelta

import pytest

from gamification.models import ActivityDay, LearnerProfile, LedgerEntry, XPRuleSet
from tests.gamification.earnables.factories import AchievementFactory
from tests.tracking.review.practising import known_question, known_questions, memory_of
from tracking.models import Review

pytestmark = pytest.mark.django_db

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _frozen_clock(time_machine):
    time_machine.move_to("2026-11-20T10:30:00Z", tick=False)


def profile_of(learner):
    return LearnerProfile.objects.get(pk=learner.pk)


def test_the_ledger_says_for_which_review(practise, learner):
    question = known_question(learner)
    practise(question)
    line, review = LedgerEntry.objects.get(), Review.objects.get()
    assert (line.reason, line.reference_type, line.reference_id) == ("review", "review", str(review.pk))
    assert (line.subject, line.trust, line.delta) == (f"question:{question.pk}", "verified", 1)
    assert line.metadata == {"breakdown": [{"factor": "review", "value": 1}]}
    assert (review.learner, review.date, review.awarded_xp) == (learner, date(2026, 11, 20), 1)
    assert profile_of(learner).verified_xp == 1


def test_at_most_twenty_xp_a_date(practise, learner, time_machine):
    questions = known_questions(24, learner)
    paid = [practise(question)["awarded_xp"] for question in questions[:20]]
    answer = practise(questions[20])
    assert (paid, answer["awarded_xp"], answer["correct"]) == ([1] * 20, 0, True)
    assert answer["xp_breakdown"] == [{"factor": "review", "value": 1}, {"factor": "review_limit", "value": -1}]
    time_machine.shift(DAY)
    assert practise(questions[21])["awarded_xp"] == 1


def test_wrong_answers_on_purpose_do_not_pay_more_than_twenty_xp_a_date(practise, learner, time_machine):
    """A question that was answered wrongly is due, and pays, again on the same date; the most of a date stays."""
    question = known_question(learner)
    for _ in range(22):
        practise(question, False)
        time_machine.shift(10 * MINUTE)
        practise(question)
        Review.objects.update(reviewed_at="2026-11-19T00:00:00Z")
        question_is_due_again(learner, question)
    assert profile_of(learner).total_xp == 20
    assert not ActivityDay.objects.exists()  # one question is one question


def question_is_due_again(learner, question):
    memory = memory_of(learner, question)
    memory.due = memory.last_review
    memory.save()


def test_changing_the_time_zone_there_and_back_pays_no_date_twice(practise, learner, sign_in, time_machine):
    def move_to(zone):
        answer = sign_in(learner).patch("/api/v1/auth/me", {"time_zone": zone})
        assert answer.status_code == 200, answer.content

    questions = known_questions(42, learner)
    move_to("Pacific/Kiritimati")  # 21 November
    assert sum(practise(question)["awarded_xp"] for question in questions[:21]) == 20
    time_machine.shift(DAY)
    move_to("UTC")  # 21 November again
    assert sum(practise(question)["awarded_xp"] for question in questions[21:]) == 0
    assert set(Review.objects.values_list("date", flat=True)) == {date(2026, 11, 21)}


def test_five_questions_make_a_streak_day(practise, learner):
    questions = known_questions(5, learner)
    answers = [practise(question) for question in questions[:4]]
    assert ([answer["streak"] for answer in answers], ActivityDay.objects.count()) == ([None] * 4, 0)
    fifth = practise(questions[4], False)  # a wrong answer is a review too
    assert fifth["streak"]["current_streak"] == 1
    assert ActivityDay.objects.values_list("date", "completed").get() == (date(2026, 11, 20), True)


def test_days_of_practice_keep_a_streak_and_pay_its_bonus_once(practise, learner, time_machine):
    for run, bonus in (1, 0), (2, 10), (3, 15):
        answers = [practise(question) for question in known_questions(6, learner)]
        assert answers[4]["streak"]["current_streak"] == run
        assert [answer["total_awarded_xp"] for answer in answers] == [1, 1, 1, 1, 1 + bonus, 1]
        time_machine.shift(DAY)


def test_the_same_question_counts_once_towards_a_day(practise, learner, time_machine):
    first, *others = known_questions(5, learner)
    for answer in (False, False, True):
        practise(first, answer)
        time_machine.shift(10 * MINUTE)
    assert [practise(question)["reviewed_today"] for question in others] == [2, 3, 4, 5]


def test_what_reviews_pay_can_unlock_achievements(practise, learner):
    AchievementFactory(achievement_id="first-xp", condition={"type": "xp", "threshold": 1}, xp_reward=10)
    answer = practise(known_question(learner))
    assert [each["achievement_id"] for each in answer["unlocked_achievements"]] == ["first-xp"]
    assert (answer["awarded_xp"], answer["total_awarded_xp"]) == (1, 11)
    assert set(LedgerEntry.objects.values_list("trust", flat=True)) == {"verified"}


def test_staff_change_what_reviews_pay(practise, learner):
    rules = XPRuleSet.objects.published().get()
    XPRuleSet.objects.filter(pk=rules.pk).update(
        rules=rules.rules | {"reviews": {"xp_per_answer": 3, "xp_per_day": 4, "for_a_day": 1}}
    )
    answers = [practise(question) for question in known_questions(3, learner)]
    assert [answer["awarded_xp"] for answer in answers] == [3, 1, 0]
    assert answers[0]["streak"]["current_streak"] == 1


def test_rules_from_before_there_were_reviews_pay_for_them(practise, learner):
    rules = XPRuleSet.objects.published().get()
    old = {name: value for name, value in rules.rules.items() if name != "reviews"}
    XPRuleSet.objects.filter(pk=rules.pk).update(rules=old)
    assert practise(known_question(learner))["awarded_xp"] == 1


def test_the_xp_limit_of_a_date_is_not_used_up_by_reviews(practise, learner, settings):
    for limits in (True, False):
        settings.TRUST_LIMITS = limits
        assert practise(known_question(learner))["awarded_xp"] == 1
