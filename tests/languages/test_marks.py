from types import SimpleNamespace

import pytest

from .marks import mark, outside, untranslated


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (mark("all of it"), []),
        (f"{mark('Hello ' + mark('Ana'))}, +20 XP · 18:30", []),
        ("Hello", ["Hello"]),
        (f"3 days {mark('left')} or so", ["days", "or so"]),
    ],
)
def test_words_outside_of_marks_are_found(text, words):
    assert outside(text) == words


def test_names_of_parts_and_texts_for_scripts_are_read_too():
    html = '<p title="Tip">⟦a <b>b</b>⟧</p><input type="submit" value="Send"><script>{"a": "Text"}</script><p>Out'
    assert sorted(untranslated(SimpleNamespace(content=html.encode()))) == ["Out", "Send", "Text", "Tip"]
