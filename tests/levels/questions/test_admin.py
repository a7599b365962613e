"""How editors write questions in the admin."""

import pytest
from django.contrib.auth.models import Group

from catalogues.editing import CONFLICT, fingerprint
from levels.models import Question
from tests.factories import LevelFactory, StaffFactory

from .examples import EVERY_KIND, MATCHING, MULTIPLE, NUMBER, ORDERING, SINGLE, TRUE_FALSE

pytestmark = pytest.mark.django_db
ADD = "/admin/levels/question/add/"


def member(client, group):
    person = StaffFactory(is_superuser=False)
    person.groups.add(Group.objects.get(name=group))
    client.force_login(person)
    return client


@pytest.fixture
def editor(client):
    return member(client, "Content editor")


@pytest.fixture
def level(db):
    return LevelFactory(level_id="quiz")


def form(level, **fields):
    return {
        "question_id": "q-1",
        "level": level.pk,
        "position": 0,
        "published": "on",
        "language": "en",
        "kind": "single_choice",
        "prompt": "Where is *Oslo*?",
        "answer_lines": "* Norway\nItaly",
        **fields,
    }


def saved(level, fields):
    question = Question(level=level, **{"question_id": "q-1", "prompt": "Look: `x`", **fields})
    question.full_clean()
    question.save()
    return question


def edit(editor, question, **fields):
    shown = editor.get(f"/admin/levels/question/{question.pk}/change/").context["adminform"].form
    data = {name: value for name, value in shown.initial.items() if value is not None}
    data |= {"published": "on"} | fields
    return editor.post(f"/admin/levels/question/{question.pk}/change/", data)


def errors_of(answer):
    return answer.context["adminform"].form.errors


@pytest.mark.parametrize(
    ("fields", "stored"),
    [
        ({}, (["Norway", "Italy"], "Norway", [])),
        ({"kind": "true_false", "answer_lines": "true"}, ([], True, [])),
        ({"kind": "multiple_choice", "answer_lines": "* a\n* b\nc"}, (["a", "b", "c"], ["a", "b"], [])),
        ({"kind": "ordering", "answer_lines": "a\nb\nc"}, ([], ["a", "b", "c"], [])),
        (
            {"kind": "matching", "answer_lines": "a :: 1\nb :: 2\nc :: 3\n:: 4"},
            (["4"], [["a", "1"], ["b", "2"], ["c", "3"]], []),
        ),
        ({"kind": "short_text", "answer_lines": "cafe\u0301\ncoffee"}, ([], "café", ["coffee"])),
        ({"kind": "number", "answer_lines": "3,5", "tolerance": "0.5"}, ([], 3.5, {"tolerance": 0.5})),
    ],
    ids=lambda value: value.get("kind", "single_choice") if isinstance(value, dict) else "",
)
def test_an_editor_writes_a_question_of_each_kind_in_lines(editor, level, fields, stored):
    answer = editor.post(ADD, form(level, **fields))
    assert answer.status_code == 302, errors_of(answer)
    question = Question.objects.get()
    assert (question.choices, question.answer, question.accept) == stored


@pytest.mark.parametrize(
    ("fields", "where", "words"),
    [
        ({"answer_lines": "Norway\nItaly"}, "answer_lines", "Exactly one line"),
        ({"answer_lines": "* Norway"}, "answer_lines", "Give 2 to 8 texts"),
        ({"kind": "ordering", "answer_lines": "a\nb"}, "answer_lines", "Give 3 to 8 texts"),
        ({"kind": "number", "answer_lines": "many"}, "answer_lines", "a number"),
        ({"kind": "number", "answer_lines": "1", "tolerance": "-1"}, "answer_lines", "0 or more"),
        ({"kind": "number", "answer_lines": "1", "tolerance": "a bit"}, "tolerance", "Give a number"),
        ({"tolerance": "1"}, "tolerance", "Only a number"),
        ({"kind": "essay"}, "kind", "valid choice"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field(editor, level, fields, where, words):
    answer = editor.post(ADD, form(level, **fields))
    assert words in str(errors_of(answer)[where])
    assert not Question.objects.exists()


@pytest.mark.parametrize("fields", EVERY_KIND, ids=lambda fields: fields["kind"])
def test_saving_what_the_form_shows_changes_nothing(editor, level, fields):
    question = saved(level, fields)
    before = fingerprint(question)
    assert edit(editor, question).status_code == 302
    question.refresh_from_db()
    assert fingerprint(question) == before


def test_an_edit_that_conflicts_is_refused_and_a_saved_one_is_in_the_history(editor, level):
    question = saved(level, SINGLE)
    assert str(CONFLICT) in str(errors_of(edit(editor, question, opened="old")))
    assert edit(editor, question, answer_lines="* Rome\nOslo").status_code == 302
    page = editor.get(f"/admin/levels/question/{question.pk}/history/").content.decode()
    assert "Rome, Oslo, *Paris*" in page
    assert "Rome, Oslo<" in page


def test_the_preview_shows_what_a_learner_sees_in_shuffled_order(editor, level):
    question = saved(level, MATCHING | {"prompt": "Who `barks`? <b>", "explanation": "*Dogs* do.", "hint": "Woof"})
    page = editor.get(f"/admin/levels/question/{question.pk}/preview/")
    text = page.content.decode()
    for shown in ("<code>barks</code>? &lt;b&gt;", "<em>Dogs</em> do.", "Woof", ">sings</option>"):
        assert shown in text
    assert "<script" not in text
    assert "<style" not in text


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        (TRUE_FALSE, ['value="false"', "Choose one"]),
        (SINGLE, ['type="radio"', "Choose one"]),
        (MULTIPLE, ['type="checkbox"', "Choose every one that fits"]),
        (ORDERING, ["Give each line its place", '<option value="3" >3</option>']),
        (MATCHING, ["Find the match of each line"]),
        (NUMBER, ['inputmode="decimal"']),
    ],
)
def test_the_preview_has_the_fields_of_the_page_of_learners(editor, level, fields, words):
    page = editor.get(f"/admin/levels/question/{saved(level, fields).pk}/preview/").content.decode()
    assert [word for word in words if word not in page] == []


def test_the_page_of_a_level_links_to_its_questions(editor, level, django_assert_max_num_queries):
    question = saved(level, SINGLE)
    page = editor.get(f"/admin/levels/level/{level.pk}/change/").content.decode()
    assert f'<a href="/admin/levels/question/{question.pk}/change/">Look: x</a>' in page
    assert f"/admin/levels/question/?level__id__exact={level.pk}" in page
    with django_assert_max_num_queries(12):
        listed = editor.get(f"/admin/levels/question/?level__id__exact={level.pk}").content.decode()
    assert "Look: x" in listed


def test_an_analyst_reads_questions_and_changes_none(client, level):
    question, analyst = saved(level, SINGLE), member(client, "Analyst")
    page = f"/admin/levels/question/{question.pk}/change/"
    assert "* *Paris*" in analyst.get(page).content.decode()
    assert analyst.post(page, form(level)).status_code == 403
    assert analyst.get(ADD).status_code == 403


def test_who_may_not_view_questions_sees_no_preview(client, level):
    question, steward = saved(level, SINGLE), member(client, "XP steward")
    assert steward.get(f"/admin/levels/question/{question.pk}/preview/").status_code == 403


def test_questions_without_a_skill_are_listed_too(editor, level):
    saved(level, SINGLE)
    page = editor.get("/admin/levels/question/").content.decode()
    assert '<a href="?skill=">-</a>' in page


def test_a_question_without_id_and_position_is_put_behind_the_others(editor, level):
    for _ in range(2):
        answer = editor.post(ADD, form(level, question_id="", position="") | {"_addanother": "1"})
        assert answer.url == f"{ADD}?level={level.pk}"
    assert [*level.questions.values_list("question_id", "position")] == [("quiz-q1", 0), ("quiz-q2", 1)]
    assert editor.get(answer.url).context["adminform"].form["level"].value() == level.pk
