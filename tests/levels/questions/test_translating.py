"""Questions in several languages."""

import pytest
from django.core.exceptions import ValidationError
from django.utils.translation import override

from levels.questions.judging import is_right
from levels.questions.presenting import correct_answer, present

from .examples import EVERY_KIND, MATCHING, MULTIPLE, NUMBER, ORDERING, SHORT_TEXT, SINGLE, TRUE_FALSE, ids_of, question

INDONESIAN = {
    "true_false": {},
    "single_choice": {"choices": ["Roma", "Oslo kota", "*Paris kota*"]},
    "multiple_choice": {"choices": ["dua", "tiga", "empat"]},
    "ordering": {"answer": ["pertama", "kedua", "ketiga"]},
    "matching": {
        "answer": [["kucing", "mengeong"], ["anjing", "menggonggong"], ["serigala", "melolong"]],
        "choices": ["bernyanyi"],
    },
    "short_text": {"answer": "Kopi susu", "accept": ["kopi dengan susu"]},
    "number": {},
}


def bilingual(fields, **texts):
    return question(fields, translations={"id": {"prompt": "Mana yang benar?", **INDONESIAN[fields["kind"]], **texts}})


def presented(row, language):
    with override(language):
        return present(row, "seed")


def problem_of(row):
    with pytest.raises(ValidationError) as caught:
        row.clean()
    (message,) = caught.value.message_dict["translations"]
    return message


@pytest.mark.parametrize("fields", EVERY_KIND, ids=lambda fields: fields["kind"])
def test_ids_and_order_are_the_same_in_each_language(fields):
    row = bilingual(fields)
    row.clean()
    english, indonesian = presented(row, "en"), presented(row, "id")
    for name in ("choices", "matches"):
        assert [choice["id"] for choice in english[name]] == [choice["id"] for choice in indonesian[name]]
    assert indonesian["prompt_text"] == "Mana yang benar?"
    assert english["prompt_text"] == "What is right?"


@pytest.mark.parametrize("fields", [SINGLE, MULTIPLE, ORDERING, MATCHING], ids=lambda fields: fields["kind"])
def test_an_answer_that_was_begun_in_one_language_is_right_in_the_other(fields):
    row = bilingual(fields)
    with override("id"):
        answer = correct_answer(row)
    with override("en"):
        assert is_right(row, answer)


def test_the_texts_of_choices_are_translated():
    assert ids_of(presented(bilingual(SINGLE), "id")).keys() == {"Roma", "Oslo kota", "Paris kota"}
    assert ids_of(presented(bilingual(ORDERING), "id")).keys() == {"pertama", "kedua", "ketiga"}
    matching = presented(bilingual(MATCHING), "id")
    assert ids_of(matching).keys() == {"kucing", "anjing", "serigala"}
    assert ids_of(matching, "matches").keys() == {"mengeong", "menggonggong", "melolong", "bernyanyi"}


def test_a_short_text_is_right_in_any_language_and_shown_in_the_active_one():
    row = bilingual(SHORT_TEXT)
    for text in ("café au lait", "milk coffee", "KOPI susu", "kopi dengan susu"):
        assert is_right(row, text)
    assert not is_right(row, "teh susu")
    with override("id"):
        assert correct_answer(row) == "Kopi susu"
    with override("en"):
        assert correct_answer(row) == "Café au lait"


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (bilingual(TRUE_FALSE, answer=True), "answer: There is no such text to translate."),
        (bilingual(SINGLE, answer="Roma"), "answer: There is no such text to translate."),
        (bilingual(NUMBER, accept={"tolerance": 2}), "accept: There is no such text to translate."),
        (bilingual(SINGLE, choices=["a", "b"]), "choices: Give as many entries as in the row's own language: 3."),
        (bilingual(SINGLE, choices=["a", "b", "*b*"]), "choices: A text is given twice."),
        (bilingual(MULTIPLE, choices=["* a", "b", "c"]), "choices: A choice must not begin with “* ”."),
        (bilingual(ORDERING, answer=["a", "b", 3]), "answer: Give texts."),
        (bilingual(MATCHING, answer=["a", "b", "c"]), "answer: Give a list of pairs: [left, right]."),
        (bilingual(MATCHING, answer=[["a", "x"], ["b", "x"], ["c", "y"]]), "answer: Two right sides are the same text"),
        (bilingual(MATCHING, choices=["melolong"]), "choices: A text is given twice."),
        (bilingual(SHORT_TEXT, accept=["kopi SUSU"]), "accept: A text is given twice"),
        (bilingual(SINGLE, prompt="```\n```"), "prompt: The prompt shows nothing."),
        (bilingual(SINGLE, hint="Petunjuk"), "hint: It has no text in the row's own language."),
        (bilingual(SINGLE, prompt="x" * 5001), "prompt: Longer than 5000 characters."),
    ],
)
def test_a_translation_that_could_not_be_asked_is_refused(row, message):
    assert problem_of(row).startswith(f"id: {message}")


def test_what_is_missing_depends_on_the_kind():
    row = question(SHORT_TEXT, hint="Coffee", translations={"id": {"prompt": "Apa?"}})
    assert row.missing_texts("id") == ["hint", "answer"]
    assert bilingual(MATCHING).missing_texts("id") == []
    assert question(NUMBER).missing_texts("id") == ["prompt"]
