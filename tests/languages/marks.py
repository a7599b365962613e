"""A language for tests: every translated text stands between ⟦ and ⟧, and so does what tests write into the database.

What a page shows outside of these marks never went through gettext.
"""

import json
import re
from html.parser import HTMLParser

from django.utils.translation import trans_real

CONTEXT = "\4"  # gettext's separator of a context and its text
# Texts that are the same in every language: the product's name, units, names of languages, times of day.
SAME_EVERYWHERE = re.compile(r"SkillQuest|\bXP\b|English|Bahasa Indonesia|\bUTC\b|\b[ADGMSJ]\b")
SHOWN = {"aria-label", "alt", "placeholder", "title", "data-tip"}
SILENT = {"script", "style"}


def mark(text):
    return f"⟦{text}⟧"


class Marked:
    """What Django takes for the messages of Indonesian."""

    def gettext(self, message):
        return mark(message.rpartition(CONTEXT)[2])

    def ngettext(self, one, many, number):
        return self.gettext(one if number == 1 else many)

    def to_language(self):
        return "id"

    def language(self):
        return "id"


def use_marks(monkeypatch):
    monkeypatch.setitem(trans_real._translations, "id", Marked())


def outside(text):
    """The words that stand outside of all marks."""
    depth, left = 0, []
    for character in text:
        depth += (character == "⟦") - (character == "⟧")
        left.append(character if depth == 0 and character != "⟧" else "|")
    words = SAME_EVERYWHERE.sub(" ", "".join(left))
    return re.findall(r"[^\W\d_]{2,}(?:[ ,.]+[^\W\d_]+)*", words)


class _Page(HTMLParser):
    def __init__(self):
        super().__init__()
        self.texts, self.attributes, self._open = [], [], []

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag in SILENT or attrs.get("name") == "time_zone":  # names of places
            self._open.append(tag)
        shown = SHOWN | ({"content"} if attrs.get("name") == "description" else set())
        shown |= {"value"} if tag == "input" and attrs.get("type") in ("submit", "button") else set()
        self.attributes += [attrs[name] for name in shown & set(attrs)]

    def handle_endtag(self, tag):
        if self._open and self._open[-1] == tag:
            self._open.pop()

    def handle_data(self, data):
        if not self._open:
            self.texts.append(data)
        elif data.startswith('{"'):
            self.attributes += json.loads(data).values()  # texts for scripts


def untranslated(response):
    """What a person reads on the page, and did not go through gettext."""
    page = _Page()
    page.feed(response.content.decode())
    return [words for text in ["".join(page.texts), *page.attributes] for words in outside(text)]
