"""A level as a learner sees it, for staff: level page, introduction and questions, and nothing is recorded."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gamification.models import LearnerProfile
from skillquest.accounts.groups import ensure_groups
from tests.factories import LevelFactory, QuestionFactory, UserFactory
from tests.levels.questions.examples import EVERY_KIND
from tracking.models import Completion, LearningSession

pytestmark = pytest.mark.django_db

PREVIEW, PLAY = "/levels/maze/preview", "/levels/maze/preview/play"


@pytest.fixture
def maze():
    level = LevelFactory(
        level_id="maze", name="Maze", published=False, metadata={"eyebrow": "Monday, 9:00", "intro": "Listen!"}
    )
    QuestionFactory(level=level, question_id="q1", prompt="Is **this** a maze?", position=1)
    QuestionFactory(level=level, question_id="q2", position=2, published=False)
    QuestionFactory(level=level, question_id="q3", position=3)
    return level


@pytest.fixture
def editor(client):
    ensure_groups(using="default")
    person = UserFactory(is_staff=True)
    person.groups.add(Group.objects.get(name="Content editor"))
    LearnerProfile.objects.all().delete()
    client.force_login(person)
    return person


def text(answer):
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def test_the_form_of_a_level_leads_to_its_preview(client, editor, maze):
    assert f'href="{PREVIEW}"' in text(client.get(f"/admin/levels/level/{maze.pk}/change/"))


def test_a_draft_is_shown_from_its_page_to_the_last_question(client, editor, maze):
    page = text(client.get(PREVIEW))
    assert "A preview: this is what learners see, and nothing is recorded." in page
    assert f'class="button" href="{PLAY}"' in page
    intro = text(client.get(PLAY))
    assert [words in intro for words in ("Monday, 9:00", "Listen!", "2 questions", 'href="?question=1"')] == [True] * 4
    first = text(client.get(f"{PLAY}?question=1"))
    assert "Question 1 of 2" in first
    assert "<strong>this</strong>" in first
    right = text(client.post(f"{PLAY}?question=1", {"answer": "true"}))
    assert [words in right for words in ("Right!", 'href="?question=2"', "<em>is</em>")] == [True] * 3
    wrong = text(client.post(f"{PLAY}?question=2", {"answer": "false"}))
    assert [words in wrong for words in ("Not quite.", "The right answer", "Back to the level")] == [True] * 3


def test_the_right_answer_is_not_on_the_page_of_the_question(client, editor, maze):
    page = text(client.get(f"{PLAY}?question=1"))
    assert "<em>is</em>" not in page
    assert "checked" not in page


@pytest.mark.parametrize("fields", EVERY_KIND, ids=lambda fields: fields["kind"])
def test_each_kind_of_question_is_shown_and_an_empty_answer_is_explained(client, editor, fields):
    QuestionFactory(level=LevelFactory(level_id="maze"), **fields)
    assert 'name="question_id"' in text(client.get(f"{PLAY}?question=1"))
    assert 'role="alert"' in text(client.post(f"{PLAY}?question=1", {}))
    assert 'role="alert"' in text(client.post(f"{PLAY}?question=1", {"answer": "no such choice"})) or (
        fields["kind"] == "short_text"
    )


def test_nothing_is_recorded(client, editor, maze):
    client.get(PREVIEW)
    with CaptureQueriesContext(connection) as queries:
        client.get(PREVIEW)
        client.get(PLAY)
        client.get(f"{PLAY}?question=1")
        client.post(f"{PLAY}?question=1", {"answer": "true"})
    assert [query["sql"] for query in queries if query["sql"].startswith(("INSERT", "UPDATE", "DELETE"))] == []
    assert not LearningSession.objects.exists()
    assert not Completion.objects.exists()
    assert not LearnerProfile.objects.exists()


def test_a_page_takes_few_statements_however_many_questions_there_are(
    client, editor, maze, django_assert_max_num_queries
):
    QuestionFactory.create_batch(30, level=maze)
    for url in (PREVIEW, PLAY, f"{PLAY}?question=7"):
        with django_assert_max_num_queries(12):
            text(client.get(url))


@pytest.mark.parametrize("number", ["0", "3", "-1", "x", "\u0661", "9" * 400])
def test_a_question_that_is_not_there_is_not_found(client, editor, maze, number):
    assert client.get(PLAY, {"question": number}).status_code == 404


def test_a_level_without_questions_has_no_play(client, editor):
    LevelFactory(level_id="maze")
    assert PLAY not in text(client.get(PREVIEW))
    assert "?question=1" not in text(client.get(PLAY))
    assert client.get("/levels/nowhere/preview").status_code == 404


@pytest.mark.parametrize("codenames", [[], ["view_question"], ["change_level"]])
def test_staff_without_the_right_to_view_levels_see_nothing(client, maze, codenames):
    person = UserFactory(is_staff=True)
    person.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    client.force_login(person)
    assert [client.get(url).status_code for url in (PREVIEW, PLAY, f"{PLAY}?question=1")] == [403] * 3


def test_who_may_not_view_questions_sees_the_level_and_no_play(client, maze):
    person = UserFactory(is_staff=True)
    person.user_permissions.set(Permission.objects.filter(codename="view_level"))
    client.force_login(person)
    assert [client.get(url).status_code for url in (PREVIEW, PLAY)] == [200, 403]
    assert client.post(f"{PLAY}?question=1", {"answer": "true"}).status_code == 403


def test_learners_and_visitors_see_no_preview(client, maze):
    assert client.get(PREVIEW).status_code == 302
    learner = UserFactory()
    learner.user_permissions.set(Permission.objects.filter(codename__in=["view_level", "view_question"]))
    client.force_login(learner)
    assert [client.get(PREVIEW).status_code, client.get(f"{PLAY}?question=1").status_code] == [403, 403]


def test_hostile_texts_are_shown_as_text(client, editor, maze):
    maze.metadata = {"eyebrow": "<script>alert(1)</script>", "intro": "<img src=x onerror=alert(1)>"}
    maze.name = "<script>alert(2)</script>"
    maze.save()
    pages = [text(client.get(url)) for url in (PREVIEW, PLAY, f"{PLAY}?question=1")]
    assert ["<script>alert" in page or "<img src=x" in page for page in pages] == [False] * 3
