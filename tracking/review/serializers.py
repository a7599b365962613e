"""What is sent about reviews, and what is answered."""

from rest_framework import serializers

from gamification.api.docs import WHY
from gamification.api.serializers import RewardSerializer
from tracking.recording.question_serializers import AnswerField, AskedQuestionSerializer, VerdictSerializer


class ReviewAnswerSerializer(serializers.Serializer):
    question_id = serializers.CharField(max_length=100)
    answer = AnswerField()


class ReviewQueueSerializer(serializers.Serializer):
    due = serializers.IntegerField(help_text="How many questions are due now.")
    questions = AskedQuestionSerializer(
        many=True, help_text="The first 20, without hints: those answered wrongly at last, then the longest overdue."
    )


class ReviewedSerializer(VerdictSerializer, RewardSerializer):
    """`streak` is null until the date has enough reviews to count as one with a completion."""

    reviewed_today = serializers.IntegerField(help_text="Different questions on my local date, with this one.")
    remaining = serializers.IntegerField(help_text="How many questions are still due.")


class RememberedSkillSerializer(serializers.Serializer):
    skill = serializers.CharField()
    questions = serializers.IntegerField(help_text="All published questions of this skill.")
    known = serializers.IntegerField(help_text="Those that I have answered before.")
    remembered = serializers.IntegerField(help_text="Those that I answered rightly at last and that are not due yet.")
    percent = serializers.IntegerField(help_text="`remembered` of `questions`, rounded down.")


class MySkillsSerializer(serializers.Serializer):
    skills = RememberedSkillSerializer(many=True)


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
