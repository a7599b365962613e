import pytest
from django.db import models
from django.db.migrations.writer import MigrationWriter

from catalogues.texts import NormalCharField, NormalJSONField, NormalTextField, normal_form

COMPOSED, DECOMPOSED = "Caf\u00e9", "Cafe\u0301"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (DECOMPOSED, COMPOSED),
        ([DECOMPOSED, {DECOMPOSED: DECOMPOSED}], [COMPOSED, {COMPOSED: COMPOSED}]),
        (None, None),
        (5, 5),
    ],
)
def test_every_text_inside_is_put_into_normal_form(value, expected):
    assert normal_form(value) == expected


def test_expressions_are_left_alone():
    expression = models.F("name")
    assert normal_form(expression) is expression


@pytest.mark.parametrize(
    ("field", "plain"),
    [
        (NormalCharField(max_length=5), models.CharField(max_length=5)),
        (NormalTextField(), models.TextField()),
        (NormalJSONField(default=list), models.JSONField(default=list)),
    ],
)
def test_migrations_see_the_field_of_django(field, plain):
    assert MigrationWriter.serialize(field) == MigrationWriter.serialize(plain)
