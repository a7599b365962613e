"""Questions and answers as the API takes and shows them, in plays and while practising."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from levels.choices import QuestionKind

ANSWER_SCHEMA = {
    "description": "By the kind of the question: true or false (`true_false`); the id of a choice (`single_choice`); a "
    "list of ids of choices (`multiple_choice`), in order (`ordering`); an object of choice id to match id "
    "(`matching`); a text (`short_text`); a number, or a text that is one (`number`).",
    "oneOf": [
        {"type": "boolean"},
        {"type": "string"},
        {"type": "number"},
        {"type": "array", "items": {"type": "string"}},
        {"type": "object", "additionalProperties": {"type": "string"}},
    ],
    "example": "aa00000000000001",
}


@extend_schema_field(ANSWER_SCHEMA)
class AnswerField(serializers.Field):
    """Any JSON value but null; the question decides what is understood."""

    def to_internal_value(self, data: Any) -> Any:
        return data

    def to_representation(self, value: Any) -> Any:
        return value


class ChoiceSerializer(serializers.Serializer):
    id = serializers.CharField(help_text="Says nothing about what is right; changes when the text does.")
    text = serializers.CharField()
    html = serializers.CharField(help_text="With emphasis and inline code.")


class AskedQuestionSerializer(serializers.Serializer):
    question_id = serializers.CharField()
    kind = serializers.ChoiceField(QuestionKind.choices)
    prompt_html = serializers.CharField()
    prompt_text = serializers.CharField()
    choices = ChoiceSerializer(many=True, help_text="Shuffled; the order stays the same until the answer.")
    matches = ChoiceSerializer(
        many=True, help_text="What the choices of `matching` are matched with; empty for other kinds."
    )
    has_hint = serializers.BooleanField()


class VerdictSerializer(serializers.Serializer):
    correct = serializers.BooleanField()
    correct_answer = AnswerField()
    explanation_html = serializers.CharField()
    explanation_text = serializers.CharField()
