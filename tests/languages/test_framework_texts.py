"""What REST framework says when it refuses something is translated, there or in `skillquest.api.framework_texts`."""

import pytest
from django.utils import translation
from django.utils.translation import trans_real
from rest_framework import exceptions, fields, relations, serializers

KINDS = [
    *(fields.BooleanField, fields.CharField, fields.SlugField, fields.UUIDField, fields.IntegerField),
    *(fields.FloatField, fields.DateTimeField, fields.DateField, fields.ChoiceField, fields.MultipleChoiceField),
    *(fields.ListField, fields.DictField, fields.EmailField, relations.PrimaryKeyRelatedField),
    *(relations.SlugRelatedField, serializers.Serializer, serializers.ListSerializer),
]


@pytest.fixture(autouse=True)
def _real_texts(monkeypatch, _marks):
    monkeypatch.delitem(trans_real._translations, "id")


def is_translated(text):
    with translation.override("en"):
        english = str(text)
    with translation.override("id"):
        return str(text) != english


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_refusals_of_fields(kind):
    messages = [text for each in kind.__mro__ for text in getattr(each, "default_error_messages", {}).values()]
    assert [str(text) for text in messages if not is_translated(text)] == []


def test_refusals_of_requests():
    kinds = exceptions.APIException.__subclasses__()
    details = [kind.default_detail for kind in kinds if kind.__module__ == exceptions.__name__]
    assert [str(text) for text in details if not is_translated(text)] == []
