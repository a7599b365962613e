"""Texts without markup are not parsed; what they show is the same as if they were."""

import pytest

from levels.questions import markdown

PLAIN = ["Pangkal", " spaces  kept ", "a\tb", "&amp; <b>bold</b>", "# no heading", "1. no list", "~~struck~~", "[a](b)"]


@pytest.mark.parametrize("text", PLAIN)
def test_a_plain_text_is_shown_as_the_parser_would_show_it(text, monkeypatch):
    shown = markdown.to_inline_text(text)
    monkeypatch.setattr(markdown, "_NOT_PLAIN", markdown.re.compile(""))
    assert shown == markdown.to_inline_text(text)
