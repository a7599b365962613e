"""Practising what is due on its page, without JavaScript."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django.asserts import assertRedirects

from gamification.models import XPRuleSet
from tests.factories import LevelFactory, QuestionFactory, UserFactory
from tests.levels.questions.examples import EVERY_KIND
from tracking.models import QuestionMemory, Review
from tracking.review.remembering import remember

from .answering import fields_of
from .html import text_of

pytestmark = pytest.mark.django_db
KINDS = [fields["kind"] for fields in EVERY_KIND]


@pytest.fixture
def questions():
    level = LevelFactory(name="The Quiz")
    return {
        fields["kind"]: QuestionFactory(level=level, prompt=f"About {fields['kind']}?", **fields)
        for fields in EVERY_KIND
    }


def answered(learner, question, *, correct=False, ago=timedelta(days=2)):
    remember(learner_id=learner.pk, question=question, correct=correct, at=timezone.now() - ago)


def practise(browser, question, *, rightly=True, **fields):
    known = {"question_id": question.question_id, "session_id": ""}
    return browser.post("/practice/answer", known | (fields or fields_of(question, rightly=rightly)), follow=True)


def test_a_new_learner_is_told_what_comes_here_and_where_to_begin(learner_page, questions):
    text = text_of(learner_page.get("/practice"))
    assert "Play a level first." in text
    assert "Play The Quiz" in text


def test_when_nothing_is_due_the_true_date_is_told(learner_page, learner, questions):
    answered(learner, questions["number"], correct=True, ago=timedelta(hours=1))
    due = QuestionMemory.objects.get().due
    text = text_of(learner_page.get("/practice"))
    assert "Nothing is due." in text
    assert f"Next: {due:%A}, {due.day} {due:%B}, {due:%H:%M}" in text


def test_what_was_missed_comes_first_and_says_why(learner_page, learner, questions):
    answered(learner, questions["number"], correct=True, ago=timedelta(days=100))
    answered(learner, questions["short_text"])
    text = text_of(learner_page.get("/practice"))
    assert "2 questions left About short_text?" in text
    assert "and wrongly, so it has been due since" in text


@pytest.mark.parametrize("kind", KINDS)
def test_a_question_of_each_kind_is_practised(learner_page, learner, questions, kind):
    answered(learner, questions[kind])
    text = text_of(practise(learner_page, questions[kind]))
    assert "Right!" in text
    assert "+1 XP" in text
    assert "1 of 5 today: 5 questions keep your streak." in text
    assert Review.objects.get().correct
    assert "Done for now." in text_of(learner_page.get("/practice"))


def test_the_page_says_how_many_questions_keep_a_streak_by_the_published_rules(learner_page, learner, questions):
    rules = XPRuleSet.objects.published().get()
    reviews = rules.rules["reviews"] | {"for_a_day": 3}
    XPRuleSet.objects.filter(pk=rules.pk).update(rules=rules.rules | {"reviews": reviews})
    answered(learner, questions["number"])
    assert "1 of 3 today: 3 questions keep your streak." in text_of(practise(learner_page, questions["number"]))


def test_a_wrong_answer_is_told_with_what_is_right(learner_page, learner, questions):
    answered(learner, questions["matching"])
    text = text_of(practise(learner_page, questions["matching"], rightly=False))
    assert "Not quite." in text
    assert "cat → meows" in text
    assert "XP" not in text


def test_the_page_counts_all_shows_at_most_twenty_and_takes_as_many_statements_for_one_as_for_twenty(
    learner_page, learner, django_assert_max_num_queries
):
    level = LevelFactory()
    for question in QuestionFactory.create_batch(25, level=level):
        answered(learner, question)
    with django_assert_max_num_queries(9):
        response = learner_page.get("/practice")
    assert "25 questions left" in text_of(response)
    assert response.content.decode().count("data-waiting-question") == 19


def test_an_answer_that_is_missing_is_refused_beside_the_form(learner_page, learner, questions):
    for question in questions.values():
        answered(learner, question)
    response = practise(learner_page, questions["ordering"], other="1")
    assert "Something is still missing" in text_of(response)
    assert "7 questions left About ordering?" in text_of(response)
    assert not Review.objects.exists()


def test_a_double_click_or_a_second_tab_counts_once(learner_page, learner, questions):
    answered(learner, questions["true_false"])
    for rightly in (True, True, False):
        assert "Right!" in text_of(practise(learner_page, questions["true_false"], rightly=rightly))
    assert Review.objects.count() == 1


def test_five_questions_keep_the_streak(learner_page, learner, questions):
    for kind in KINDS[:5]:
        answered(learner, questions[kind])
        response = practise(learner_page, questions[kind])
    assert "5 practised today: your streak is safe." in text_of(response)


def test_what_is_not_due_or_somebody_elses_is_not_practised(learner_page, questions):
    answered(UserFactory(), questions["number"])
    response = practise(learner_page, questions["number"])
    assert "Not quite." not in text_of(response)
    assert not Review.objects.exists()
    assert practise(learner_page, questions["number"], answer="3.5").status_code == 200


def test_no_page_says_what_is_right_before_the_answer(learner_page, learner):
    question = QuestionFactory(kind="short_text", answer="xylophone", explanation="It is xanadu.", hint="xerox")
    answered(learner, question)
    page = learner_page.get("/practice").content.decode()
    assert not [secret for secret in ("xylophone", "xanadu", "xerox") if secret in page]


@pytest.mark.parametrize("path", ["/practice", "/practice/answer"])
def test_anonymous_visitors_are_redirected_to_sign_in(client, path):
    assertRedirects(client.post(path) if "answer" in path else client.get(path), f"/sign-in?next={path}")


def test_what_was_right_last_time_is_not_shown_once_the_question_is_due_again(learner_page, learner, questions):
    answered(learner, questions["matching"])
    address = f"/practice?answered={questions['matching'].question_id}"
    practise(learner_page, questions["matching"], rightly=False)
    assert "cat → meows" in text_of(learner_page.get(address))
    QuestionMemory.objects.update(due=timezone.now())
    text = text_of(learner_page.get(address))
    assert "About matching?" in text
    assert "cat → meows" not in text


def test_a_form_with_a_nul_character_is_refused(learner_page, learner, questions):
    answered(learner, questions["short_text"])
    assert practise(learner_page, questions["short_text"], answer="a\0b").status_code == 400
    assert learner_page.post("/practice/answer", {"question_id": "\0"}).status_code == 400
    assert not Review.objects.exists()
