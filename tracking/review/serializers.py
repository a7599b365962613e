"""What is sent about reviews, and what is answered."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from gamification.api.docs import WHY
from gamification.api.serializers import RewardSerializer
from levels.choices import QuestionKind

ANSWER_HELP = (
    "By kind: true_false true or false; single_choice the id of a choice; multiple_choice a list of ids; ordering all "
    "ids in order; matching an object of choice id to match id; short_text a text; number a number, or a text that is "
    "one."
)


@extend_schema_field({"description": ANSWER_HELP})
class AnswerField(serializers.JSONField):
    """Its form depends on the kind of the question."""

    json_types = (bool, int, float, str, list, dict)


class ReviewAnswerSerializer(serializers.Serializer):
    question_id = serializers.CharField(max_length=100)
    answer = AnswerField()


class ChoiceSerializer(serializers.Serializer):
    id = serializers.CharField()
    text = serializers.CharField()
    html = serializers.CharField()


class PresentedQuestionSerializer(serializers.Serializer):
    question_id = serializers.CharField()
    kind = serializers.ChoiceField(QuestionKind.choices)
    prompt_html = serializers.CharField()
    prompt_text = serializers.CharField()
    choices = ChoiceSerializer(many=True)
    matches = ChoiceSerializer(many=True, required=False, help_text="Of matching questions only.")
    has_hint = serializers.BooleanField(help_text="Always false: there are no hints while practising.")


class ReviewQueueSerializer(serializers.Serializer):
    due = serializers.IntegerField(help_text="How many questions are due now.")
    questions = PresentedQuestionSerializer(
        many=True, help_text="The first 20: those answered wrongly at last, then the longest overdue."
    )


class ReviewedSerializer(RewardSerializer):
    """`streak` is null until the date has enough reviews to count as one with a completion."""

    correct = serializers.BooleanField()
    correct_answer = AnswerField()
    explanation_html = serializers.CharField()
    explanation_text = serializers.CharField()
    reviewed_today = serializers.IntegerField(help_text="Different questions on my local date, with this one.")
    remaining = serializers.IntegerField(help_text="How many questions are still due.")


class SkillSerializer(serializers.Serializer):
    skill = serializers.CharField()
    questions = serializers.IntegerField(help_text="All published questions of this skill.")
    known = serializers.IntegerField(help_text="Those that I have answered before.")
    remembered = serializers.IntegerField(help_text="Those that I answered rightly at last and that are not due yet.")
    percent = serializers.IntegerField(help_text="`remembered` of `questions`, rounded down.")


class SkillsSerializer(serializers.Serializer):
    skills = SkillSerializer(many=True)


class ReviewExplanationSerializer(serializers.Serializer):
    question_id = serializers.CharField()
    correct = serializers.BooleanField(help_text="Was my last answer right?")
    answered_at = serializers.DateTimeField()
    stability_days = serializers.FloatField(help_text="Days until the chance of a right answer has fallen to 90%.")
    retrievability = serializers.FloatField(help_text="The chance of a right answer now, from 0 to 1.")
    remembered = serializers.BooleanField(help_text="Answered rightly at last, and not due yet.")
    is_due = serializers.BooleanField()
    due_at = serializers.DateTimeField()
    why = serializers.CharField(help_text=WHY)
