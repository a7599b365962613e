"""Playing a level on its page, without JavaScript."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django.asserts import assertRedirects

from levels.questions.presenting import correct_answer, present
from skillquest.pages.questions import Feedback, QuestionForm
from tests.factories import LevelFactory, QuestionFactory, UserFactory
from tests.levels.questions.examples import EVERY_KIND
from tracking.models import Completion, LearningSession, Play, PlayQuestion

from .answering import PagePlayer
from .html import elements_of, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def level():
    """One question of each kind, of which four have to be right."""
    level = LevelFactory(level_id="quiz", name="The Quiz", xp_rule="proportional", xp_reward=70, max_score=700)
    for number, fields in enumerate(EVERY_KIND):
        kind = fields["kind"]
        own = {"question_id": f"q-{kind}", "prompt": f"About {kind}?", "explanation": f"Because of {kind}."}
        QuestionFactory(level=level, position=number, skill=f"{kind} skill", **own, **fields)
    return level


@pytest.fixture
def player(learner_page, level):
    return PagePlayer(learner_page, level.level_id)


@pytest.fixture
def play(player):
    player.begin()
    return Play.objects.get()


def rows_of(play):
    return list(play.questions.select_related("question").order_by("position"))


def row_of(play, kind):
    return play.questions.select_related("question").get(question__kind=kind)


def let_minutes_pass(play):
    LearningSession.objects.filter(pk=play.pk).update(start_time=timezone.now() - timedelta(minutes=10))


def play_all(player, play, *, right):
    let_minutes_pass(play)
    for number, row in enumerate(rows_of(play)):
        player.answer(row, rightly=number < right)
    return player.finish(play)


def test_the_page_says_what_comes_before_it_begins(player, level):
    text = text_of(player.look())
    assert "7 questions, and no clock on the screen." in text
    assert "You pass with 60 % right." in text
    assert not Play.objects.exists(), "looking starts nothing"


def test_the_first_question_without_an_answer_is_shown(player, play):
    first, second, *_ = rows_of(play)
    assert "Question 1 of 7" in text_of(player.look())
    player.answer(first)
    text = text_of(player.look())
    assert "Question 2 of 7" in text
    assert second.question.prompt.removesuffix("?") in text


def test_a_block_of_one_line_is_wrapped_and_a_longer_one_is_reached_by_keys():
    code = "```\na.example\n```\n\n```\nname  age\nAda   36\n```"
    question = QuestionFactory.build(prompt=code, hint=code, explanation=code)
    form, feedback = QuestionForm(question, ""), Feedback(question, answer=True, correct=True)
    for html in (form.prompt, form.hint, feedback.explanation):
        assert re.findall("<pre.*?>", html) == ['<pre class="one-line">', '<pre tabindex="0">']


def test_a_play_can_be_left_for_the_page_of_its_level(player, play):
    hrefs = [attrs.get("href") for _, attrs in elements_of(player.look()) if attrs.get("class") == "leave"]
    assert hrefs == ["/levels/quiz"]


@pytest.mark.parametrize("kind", [fields["kind"] for fields in EVERY_KIND])
def test_a_right_answer_of_each_kind_is_told_with_its_explanation(player, play, kind):
    response = player.answer(row_of(play, kind))
    text = text_of(response)
    assert response.redirect_chain[0][1] == 302
    assert "Right!" in text
    assert f"Because of {kind}." in text
    assert "The right answer" not in text
    assert row_of(play, kind).correct


@pytest.mark.parametrize("kind", [fields["kind"] for fields in EVERY_KIND])
def test_a_wrong_answer_of_each_kind_is_told_with_what_is_right(player, play, kind):
    text = text_of(player.answer(row_of(play, kind), rightly=False))
    assert "Not quite." in text
    assert "The right answer" in text
    assert row_of(play, kind).correct is False


def test_an_order_and_pairs_are_told_in_words(player, play):
    assert "first second third" in text_of(player.answer(row_of(play, "ordering"), rightly=False))
    assert "dog → barks" in text_of(player.answer(row_of(play, "matching"), rightly=False))


def test_a_wrong_answer_says_which_of_its_parts_are_right(player, play):
    in_reverse = text_of(player.answer(row_of(play, "ordering"), rightly=False))
    assert "third (wrong) second (right) first (wrong) The right answer first second third" in in_reverse
    several = row_of(play, "multiple_choice")
    ids = {choice["text"]: choice["id"] for choice in present(several.question, "")["choices"]}
    told = text_of(player.answer(several, answer=[ids["2"], ids["4"]]))
    assert "2 (right)" in told
    assert "4 (wrong)" in told
    assert "(wrong)" in text_of(player.answer(row_of(play, "matching"), rightly=False))
    assert "(wrong)" not in text_of(player.answer(row_of(play, "number"), rightly=False))


@pytest.mark.parametrize(
    ("kind", "fields", "problem"),
    [
        ("true_false", {}, "Choose true or false."),
        ("single_choice", {}, "Choose an answer."),
        ("single_choice", {"answer": "nobody"}, "This is no answer to a question of this kind."),
        ("multiple_choice", {}, "Choose at least one answer."),
        ("short_text", {"answer": "  "}, "Type an answer."),
        ("number", {"answer": "many"}, "This is no answer to a question of this kind."),
        ("matching", {}, "Something is still missing: choose one for each line."),
        ("ordering", {}, "Something is still missing: choose one for each line."),
    ],
)
def test_an_answer_that_is_none_is_refused_beside_the_form(player, play, kind, fields, problem):
    response = player.answer(row_of(play, kind), **({"other": "1"} | fields))
    assert response.status_code == 200
    assert problem in text_of(response)
    assert row_of(play, kind).answered_at is None


def test_two_lines_cannot_have_the_same_place_and_what_was_chosen_stays(player, play):
    row = row_of(play, "ordering")
    response = player.answer(row, **{f"to-{id_}": "2" for id_ in correct_answer(row.question)})
    assert "Two lines have the same place." in text_of(response)
    chosen = [attrs["value"] for tag, attrs in elements_of(response) if tag == "option" and "selected" in attrs]
    assert chosen == ["2", "2", "2"]


def test_a_hint_is_shown_and_what_was_typed_stays(player, play):
    row = row_of(play, "short_text")
    known = {"session_id": play.pk, "question_id": row.question.question_id}
    response = player.post("hint", **known, answer="Café")
    assert "Count." in text_of(response)
    assert [attrs["value"] for _, attrs in elements_of(response) if attrs.get("name") == "answer"][:1] == ["Café"]
    assert row_of(play, "short_text").hint_taken
    assert "Give me a hint" not in text_of(response).split("Answer")[1]


def test_a_passed_play_shows_its_xp_and_one_next_step_first(player, play, level):
    other = LevelFactory(name="The Other", number=20_000)
    QuestionFactory(level=other)
    response = play_all(player, play, right=7)
    text = text_of(response)
    assert "Flawless! 7 of 7 right +70 XP Play The Other" in text
    assert "for your score +70" in text
    assert ("data-gain", None) in [item for _, attrs in elements_of(response) for item in attrs.items()]
    assert Completion.objects.get().trust == "verified"


def test_a_play_that_is_not_passed_pays_nothing_and_says_what_to_practise(player, play):
    response = play_all(player, play, right=4)
    text = text_of(response)
    assert "Not yet, and that is fine. 4 of 7 right" in text
    assert text.count("Try again") == 2  # before and after all that was missed
    assert "XP" not in text.split("Look back")[0].split("right")[1]
    assert "data-gain" not in response.content.decode()
    completion = Completion.objects.get()
    assert (completion.passed, completion.answer["total_awarded_xp"]) == (False, 0)
    assert " ".join(["Practise these", *completion.answer["skills_to_practise"]]) in text


def test_what_was_not_answered_does_not_say_what_is_right(player, play):
    let_minutes_pass(play)
    response = player.finish(play)
    text = text_of(response)
    assert text.count("Not answered.") == 7
    assert "The right answer" not in text


def test_playing_again_begins_a_new_play(player, play):
    play_all(player, play, right=1)
    assert "Question 1 of 7" in text_of(player.begin())
    assert Play.objects.count() == 2


def test_a_double_click_on_anything_counts_once(player, play):
    first, *_ = rows_of(play)
    let_minutes_pass(play)
    assert [player.answer(first).status_code for _ in range(2)] == [200, 200]
    assert [player.begin().status_code for _ in range(2)] == [200, 200]
    results = [player.finish(play) for _ in range(2)]
    assert {response.redirect_chain[-1] for response in results} == {(f"/plays/{play.pk}", 302)}
    assert (Play.objects.count(), Completion.objects.count()) == (1, 1)
    assert PlayQuestion.objects.exclude(answered_at=None).count() == 1


def test_in_two_tabs_the_first_answer_counts_and_the_second_tab_says_so(player, play):
    row = row_of(play, "true_false")
    player.answer(row)
    text = text_of(player.answer(row, rightly=False))
    assert "You had answered this one already" in text
    assert row_of(play, "true_false").correct


def test_an_answer_after_the_end_leads_to_the_result(player, play):
    row = row_of(play, "number")
    let_minutes_pass(play)
    player.finish(play)
    assertRedirects(player.answer(row), f"/plays/{play.pk}")
    assert row_of(play, "number").answered_at is None


def test_another_learner_sees_and_changes_nothing_of_it(visit, play, level):
    stranger = PagePlayer(visit(UserFactory()), level.level_id)
    row = row_of(play, "number")
    assert stranger.browser.get(f"/plays/{play.pk}").status_code == 404
    for response in (stranger.answer(row), stranger.finish(play)):
        assertRedirects(response, stranger.address)
    assert row_of(play, "number").answered_at is None
    assert LearningSession.objects.get().status == "open"


def test_an_open_play_has_no_result_yet(player, play):
    assertRedirects(player.browser.get(f"/plays/{play.pk}"), player.address)


@pytest.mark.parametrize("step", ["start", "hint", "answer", "finish"])
def test_nothing_is_changed_by_looking_at_an_address(player, step):
    assert player.browser.get(f"{player.address}/{step}").status_code == 405


def test_a_level_without_questions_has_no_page_to_play_on(learner_page):
    level = LevelFactory()
    assert learner_page.get(f"/levels/{level.level_id}/play").status_code == 404
    assert learner_page.get("/levels/no-such-level/play").status_code == 404


def test_a_locked_level_says_why_it_does_not_begin(learner_page, level):
    level.unlocked = False
    level.save()
    response = PagePlayer(learner_page, "quiz").begin()
    assert response.status_code == 200
    assert "“The Quiz” is not open yet." in text_of(response)
    assert "Begin" not in text_of(response)
    assert not Play.objects.exists()


@pytest.mark.parametrize(("step", "field"), [("answer", "answer"), ("hint", "question_id")])
def test_a_form_with_a_nul_character_is_refused(player, play, step, field):
    row = row_of(play, "short_text")
    form = {"session_id": play.pk, "question_id": row.question.question_id, field: "a\0b"}
    assert player.post(step, **form).status_code == 400
    assert not PlayQuestion.objects.filter(answered_at__isnull=False).exists()


def test_a_level_in_a_unit_shows_its_own_eyebrow_else_its_kind(learner_page, ask):
    level = LevelFactory(category="sea", unit="sea_1", kind="training")
    ask(level)
    address = f"/levels/{level.level_id}/play"
    assert '<p class="eyebrow">Training</p>' in learner_page.get(address).content.decode()
    level.metadata = {"eyebrow": "Harbour, at dawn"}
    level.save()
    assert '<p class="eyebrow">Harbour, at dawn</p>' in learner_page.get(address).content.decode()
