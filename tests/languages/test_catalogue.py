"""The translations are whole, fit the English texts, and are those that were compiled."""

import shutil

import pytest
from django.conf import settings
from django.core.management import call_command

from skillquest.pages.management.commands.update_messages import IGNORED, PROGRAMS

from .catalogue import PO, compiled, messages_of

MISSING = [program for program in PROGRAMS if shutil.which(program) is None]


def test_every_text_has_a_translation_that_somebody_has_looked_at():
    messages = messages_of(PO)
    assert len(messages) > 1000
    assert [message.key for message in messages if not message.texts["msgstr"]] == []
    assert [message.key for message in messages if "fuzzy" in message.flags] == []


def test_translations_have_the_same_placeholders_tags_and_lines():
    different = [message.key for message in messages_of(PO) if message.places[0] != message.places[1]]
    assert different == []


def test_a_translation_begins_and_ends_like_its_text():
    """Parts of sentences are put together with the spaces that they have."""
    for message in messages_of(PO):
        english, translated = message.texts["msgid"], message.texts["msgstr"]
        assert english[:1].isspace() == translated[:1].isspace(), message.key
        assert english[-1:].isspace() == translated[-1:].isspace(), message.key


def test_the_compiled_translations_are_those_of_the_file():
    assert compiled() == {message.key: message.texts["msgstr"] for message in messages_of(PO)}


@pytest.mark.skipif(bool(MISSING), reason=f"!!! GNU gettext is missing: {MISSING}; whether `make messages` is due")
def test_the_file_has_the_texts_of_the_sources(tmp_path, monkeypatch, settings):
    copied = tmp_path / "product"
    copy_sources(copied)
    settings.LOCALE_PATHS = [copied / "locale"]
    monkeypatch.chdir(copied)
    call_command("update_messages", verbosity=0)
    assert (copied / PO.relative_to(settings.BASE_DIR)).read_text("utf-8") == PO.read_text("utf-8"), "run make messages"


def copy_sources(folder):
    ignore = shutil.ignore_patterns("__pycache__", "migrations", "*.json", "*.gz")
    for path in settings.BASE_DIR.iterdir():
        if path.is_dir() and not path.name.startswith(".") and path.name not in {*IGNORED} - {"locale"}:
            shutil.copytree(path, folder / path.name, ignore=ignore)
    (folder / "staticfiles").mkdir()
