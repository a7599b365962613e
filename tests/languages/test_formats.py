"""Dates, times and numbers are written as the language writes them."""

from datetime import UTC, datetime

import pytest
from django.template import Context, Template
from django.utils import translation
from django.utils.translation import trans_real

AT = datetime(2026, 8, 9, 18, 5, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _real_texts(monkeypatch, _marks):
    monkeypatch.delitem(trans_real._translations, "id")


@pytest.mark.parametrize(
    ("language", "text"),
    [("en", "Sunday, 9 August, 18:05 9 August 2026 33.3"), ("id", "Minggu, 9 Agustus, 18.05 9 Agustus 2026 33,3")],
)
def test_the_same_moment_in_both_languages(language, text):
    template = '{% load quest %}{{ at|moment:"l, j F, " }} {{ at|date:"j F Y" }} {{ share|floatformat:"-1" }}'
    with translation.override(language):
        assert Template(template).render(Context({"at": AT, "share": 33.3})) == text
