"""Plays as the API takes and shows them."""

from rest_framework import serializers

from tracking.recording.question_serializers import AnswerField, AskedQuestionSerializer, VerdictSerializer
from tracking.recording.serializers import EndAnswerSerializer


class TakeHintSerializer(serializers.Serializer):
    question_id = serializers.CharField(max_length=100)


class AnswerQuestionSerializer(serializers.Serializer):
    question_id = serializers.CharField(max_length=100)
    answer = AnswerField()


class AnsweredQuestionSerializer(VerdictSerializer):
    question_id = serializers.CharField()
    answer = AnswerField()


class PlaySerializer(serializers.Serializer):
    session_id = serializers.IntegerField()
    level_id = serializers.CharField()
    questions = AskedQuestionSerializer(many=True)
    answered = AnsweredQuestionSerializer(many=True, help_text="Those that were answered already, where it goes on.")


class TakenHintSerializer(serializers.Serializer):
    hint = serializers.CharField()


class AnswerVerdictSerializer(VerdictSerializer):
    answered = serializers.IntegerField(help_text="How many questions were answered, with this one.")
    remaining = serializers.IntegerField()


class FinishedPlaySerializer(EndAnswerSerializer):
    right = serializers.IntegerField()
    asked = serializers.IntegerField()
    skills_to_practise = serializers.ListField(
        child=serializers.CharField(), help_text="Of the questions that were not right; empty where the play passed."
    )
