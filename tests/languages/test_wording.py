"""Words of the pages that have to fit each other, in every language."""

import json
from pathlib import Path

import pytest
from django.conf import settings
from django.utils.translation import gettext, override, trans_real

from skillquest.pages.forms import SignUpForm

LANGUAGES = [code for code, _ in settings.LANGUAGES]


@pytest.fixture(autouse=True)
def _real_texts(monkeypatch, _marks):
    monkeypatch.delitem(trans_real._translations, "id")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_verdict_is_no_choice_of_a_question_about_true_or_false(language):
    with override(language):
        verdicts = {gettext("Right!").strip("!"), gettext("Not quite.").strip(".")}
        assert not verdicts & {gettext("True"), gettext("False")}


def test_the_landing_page_names_its_example_as_the_catalogue_does(client):
    catalogue = json.loads(Path(settings.BASE_DIR, "levels/catalogues/cyber.json").read_text("utf-8"))
    (name,) = (each["translations"]["id"]["name"] for each in catalogue["levels"] if each["name"] == "Malware Mayhem")
    assert name in client.get("/", headers={"accept-language": "id"}).content.decode()


@pytest.mark.parametrize(("language", "word"), [("en", "e-mail"), ("id", "surel")])
def test_an_address_is_called_as_its_field_is(language, word):
    with override(language):
        form = SignUpForm({"username": "ana", "email": "nobody", "password": "a quiet walk uphill"})
        assert word in form["email"].label.lower()
        assert word in form.errors["email"][0]
