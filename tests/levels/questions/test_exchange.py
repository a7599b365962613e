"""Import and export of questions in the admin: first what would change, then exactly that."""

import json

import pytest
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile

from levels.importing import FORMATS
from levels.models import Question
from tests.factories import LevelFactory, StaffFactory

from .examples import EVERY_KIND, NUMBER, ORDERING, TRUE_FALSE, question

pytestmark = pytest.mark.django_db
IMPORT, EXPORT = "/admin/levels/question/import/", "/admin/levels/question/export/"
ROW = {"question_id": "q-0", "kind": "true_false", "prompt": "Is it?", "answer": True}


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


def save(level, fields, question_id):
    one = question({"choices": [], "accept": [], **fields}, level=level, question_id=question_id)
    one.full_clean()
    one.save()
    return one


@pytest.fixture
def pool(level):
    return [save(level, fields, f"q-{number}") for number, fields in enumerate(EVERY_KIND)]


def upload(editor, level, text, name="json", **more):
    content = text if isinstance(text, bytes) else text.encode()
    file = SimpleUploadedFile("questions.txt", content)
    return editor.post(IMPORT, {"level": level.pk, "format": name, "file": file, **more})


def confirm(editor, level, page, text, name="json"):
    data = {"level": level.pk, "format": name, "text": text, "_apply": page.context["plan"].fingerprint}
    return editor.post(IMPORT, data, follow=True)


def document(*rows):
    return json.dumps({"questions": rows})


def verdicts(page):
    return [change.verdict for change in page.context["plan"].changes]


@pytest.mark.parametrize("name", ["json", "csv", "gift"])
def test_what_was_exported_changes_nothing_when_imported(editor, level, pool, name):
    answer = editor.get(EXPORT, {"level": level.pk, "format": name})
    assert answer["Content-Disposition"].startswith('attachment; filename="quiz.')
    page = upload(editor, level, answer.content, name)
    said = [one for one in pool if name != "gift" or one.kind != "ordering"]
    assert verdicts(page) == ["unchanged"] * len(said)
    assert b"Import this" not in page.content


@pytest.mark.parametrize("name", ["json", "csv", "gift"])
def test_an_export_can_be_imported_where_there_is_nothing(editor, level, pool, name):
    text = editor.get(EXPORT, {"level": level.pk, "format": name}).content.decode()
    before = [(one.question_id, one.answer) for one in pool if name != "gift" or one.kind != "ordering"]
    Question.objects.all().delete()
    page = upload(editor, level, text, name)
    assert set(verdicts(page)) == {"new"}
    assert not Question.objects.exists()
    confirm(editor, level, page, text.replace("\r\n", "\n").replace("\n", "\r\n"), name)
    assert list(Question.objects.values_list("question_id", "answer")) == before


def test_the_plan_shows_before_and_after_and_then_just_that_is_written(editor, level, pool):
    text = document(ROW | {"prompt": "Is it <b>?"}, {"question_id": "new-one", **NUMBER, "prompt": "Many?"})
    page = upload(editor, level, text)
    assert verdicts(page) == ["changed", "new"]
    shown = page.content.decode()
    assert '<del>What is *right*?</del> <span aria-hidden="true">→</span> <ins>Is it &lt;b&gt;?</ins>' in shown
    assert "<dt>Question ID</dt><dd><ins>new-one</ins>" in shown
    assert "<dt>Published</dt><dd><ins>Yes</ins>" in shown
    assert "Hint</th><td>-</td><td>-</td>" not in shown
    assert "1 new, 1 changed, 0 unchanged, 0 with a problem." in shown
    assert b"2 new or changed" in confirm(editor, level, page, text).content
    assert Question.objects.get(question_id="q-0").prompt == "Is it <b>?"
    assert Question.objects.get(question_id="new-one").position == len(pool)
    assert set(Question.history.filter(history_change_reason="import").values_list("history_type", flat=True)) == {
        "+",
        "~",
    }


def test_fields_that_the_format_lacks_stay_as_they_are(editor, level):
    save(level, TRUE_FALSE | {"hint": "Keep me", "published": False}, "q-0")
    text = "// [id:q-0]\nChanged{F}"
    confirm(editor, level, upload(editor, level, text, "gift"), text, "gift")
    kept = Question.objects.get()
    assert (kept.prompt, kept.answer, kept.hint, kept.published) == ("Changed", False, "Keep me", False)


TRANSLATIONS = {"id": {"prompt": "Apakah benar?", "answer": ["satu", "dua", "tiga"]}}


@pytest.mark.parametrize("name", ["csv", "json"])
def test_translations_that_the_file_leaves_out_stay(editor, level, name):
    kept = save(level, ORDERING | {"language": "en", "translations": TRANSLATIONS}, "q-0")
    text = FORMATS[name][0]([kept]) if name == "csv" else document({"question_id": "q-0", "hint": "Look"})
    text = text.replace("What is *right*?", "Which order?")
    page = upload(editor, level, text, name)
    assert verdicts(page) == ["changed"]
    confirm(editor, level, page, text, name)
    assert Question.objects.get().translations == TRANSLATIONS


def test_a_file_whose_choices_do_not_fit_the_stored_translations_is_a_problem(editor, level):
    save(level, ORDERING | {"translations": TRANSLATIONS}, "q-0")
    page = upload(editor, level, document({"question_id": "q-0", "answer": ["one", "two", "three", "four"]}))
    (change,) = page.context["plan"].changes
    assert change.problem == "translations: id: answer: Give as many entries as in the row's own language: 4."


def test_the_plan_shows_each_translated_text(editor, level):
    save(level, ORDERING | {"translations": TRANSLATIONS}, "q-0")
    changed = {"id": TRANSLATIONS["id"] | {"prompt": "Mana urutannya?"}}
    page = upload(editor, level, document({"question_id": "q-0", "translations": changed}))
    assert (
        'id: prompt</dt><dd><del>Apakah benar?</del> <span aria-hidden="true">→</span> <ins>Mana urutannya?</ins>'
        in page.content.decode()
    )


def test_a_new_question_is_in_the_language_of_its_level(editor, level):
    level.language = "id"
    level.save()
    for text, name in [("// [id:q-0]\nBenar?{T}", "gift"), (document({**ROW, "question_id": "q-1"}), "json")]:
        confirm(editor, level, upload(editor, level, text, name), text, name)
    text = json.dumps({"language": "en", "questions": [{**ROW, "question_id": "q-2", "prompt": "Really?"}]})
    confirm(editor, level, upload(editor, level, text), text)
    assert list(Question.objects.values_list("question_id", "language")) == [
        ("q-0", "id"),
        ("q-1", "id"),
        ("q-2", "en"),
    ]


def test_a_question_without_an_id_is_found_again_by_its_prompt(editor, level):
    text = "Is it?{T}"
    confirm(editor, level, upload(editor, level, text, "gift"), text, "gift")
    assert verdicts(upload(editor, level, text, "gift")) == ["unchanged"]


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ({"answer": "perhaps"}, "answer: Give true or false."),
        ({"question_id": "q 0"}, "question_id: "),
        ({"question_id": 5}, "question_id: "),
        ({"question_id": "q-1"}, "The same question_id is given twice."),
        ({"question_id": "elsewhere"}, "It belongs to the level “"),
        ({"prompt": None}, "prompt: "),
        ({"prompt": "a\0"}, "NUL"),
        ({"kind": ["number"]}, "kind: "),
        ({"published": "perhaps"}, "published: "),
        ({"level": 1}, "level: unknown field."),
    ],
)
def test_a_problem_is_shown_with_its_question_and_nothing_can_be_saved(editor, level, row, problem):
    save(LevelFactory(), TRUE_FALSE, "elsewhere")
    text = document(ROW | {"question_id": "q-1"}, ROW | row)
    page = upload(editor, level, text)
    assert verdicts(page) == ["new", "problem"]
    assert problem in page.context["plan"].changes[1].problem
    assert b"Import this" not in page.content
    confirm(editor, level, page, text)
    assert not level.questions.exists()


def test_what_somebody_changed_meanwhile_is_not_overwritten(editor, level, pool):
    text = document(ROW)
    page = upload(editor, level, text)
    Question.objects.filter(question_id="q-0").update(prompt="Edited meanwhile")
    answer = confirm(editor, level, page, text)
    assert b"changed meanwhile, so nothing is saved" in answer.content
    assert Question.objects.get(question_id="q-0").prompt == "Edited meanwhile"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "file is empty"),
        (b"\xff\xfe", "not in UTF-8"),
        (b"{", "no JSON"),
        (b'{"questions": []}', "0 questions"),
        (b" " * 500_001, "more than"),
        (document(*[ROW] * 501).encode(), "501 questions"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_a_reason(editor, level, content, words):
    page = upload(editor, level, content)
    assert page.context["plan"] is None
    assert words in str(page.context["form"].errors)


def test_the_export_for_moodle_says_what_it_leaves_out(editor, level):
    save(level, ORDERING, "q-0")
    assert b"q-0 is left out" in editor.get(EXPORT, {"level": level.pk, "format": "gift"}).content


def test_the_list_of_questions_leads_editors_to_import_and_export(editor, level):
    page = editor.get("/admin/levels/question/").content.decode()
    assert f'<a href="{IMPORT}">' in page
    assert f'<a href="{EXPORT}">' in page


def test_who_may_only_view_exports_and_does_not_import(client, level, pool):
    analyst = member(client, "Analyst")
    assert analyst.get(EXPORT, {"level": level.pk, "format": "csv"}).status_code == 200
    assert analyst.get(IMPORT).status_code == 403
    assert upload(analyst, level, document(ROW)).status_code == 403
    assert b"/question/import/" not in analyst.get("/admin/levels/question/").content


def test_who_may_not_view_questions_exports_none(client, level, pool):
    assert member(client, "XP steward").get(EXPORT, {"level": level.pk, "format": "json"}).status_code == 403


@pytest.mark.parametrize("path", [IMPORT, EXPORT])
def test_a_level_is_searched_for_and_not_chosen_from_all(editor, level, path):
    other = LevelFactory(level_id="other", name="Another level")
    page = editor.get(path, {"level": level.pk}).content.decode()
    assert (f'<option value="{level.pk}" selected>' in page, f'value="{other.pk}"' in page) == (True, False)
    assert "admin/js/autocomplete.js" in page
    search = {"app_label": "levels", "model_name": "question", "field_name": "level", "term": "another"}
    found = editor.get("/admin/autocomplete/", search).json()["results"]
    assert [each["id"] for each in found] == [str(other.pk)]


@pytest.mark.parametrize("key", ["", "abc", "-1", "٣", "9" * 18, "9" * 40, "1 OR 1=1"])
def test_what_is_no_level_is_refused(editor, level, key):
    assert editor.get(IMPORT, {"level": key}).status_code == 200
    data = {"level": key, "format": "json", "text": document(ROW)}
    assert list(editor.post(IMPORT, data).context["form"].errors) == ["level"]
    page = editor.get(EXPORT, {"level": key, "format": "json"})
    assert list(page.context["form"].errors) == ["level"]


def test_a_sheet_of_excel_keeps_what_csv_keeps_and_changes_nothing_when_it_comes_back(editor, level, pool):
    sheet = editor.get(EXPORT, {"level": level.pk, "format": "xlsx"}).content
    page = upload(editor, level, sheet, "xlsx")
    assert page.context["counts"] == [("new", 0), ("changed", 0), ("unchanged", len(pool)), ("with a problem", 0)]


def test_a_sheet_is_applied_as_it_was_shown(editor, level):
    source = LevelFactory(level_id="source")
    save(source, TRUE_FALSE, "q-1")
    sheet = editor.get(EXPORT, {"level": source.pk, "format": "xlsx"}).content
    Question.objects.all().delete()
    page = upload(editor, level, sheet, "xlsx")
    confirm(editor, level, page, page.context["given"]["text"], page.context["given"]["format"])
    assert [one.question_id for one in level.questions.all()] == ["q-1"]


def test_what_is_no_sheet_is_refused(editor, level):
    page = upload(editor, level, "question_id,kind,prompt,answer\n", "xlsx")
    assert page.context["form"].non_field_errors() == ["This is no XLSX file, or it is damaged."]
