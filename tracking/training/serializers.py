from rest_framework import serializers

from levels.choices import Difficulty
from levels.models import MAX_SCORE
from levels.validators import MAX_COUNT
from tracking.progress.levels import STATUSES as LEVEL_STATUSES
from tracking.recording.fields import LevelReferenceField
from tracking.recording.serializers import MAX_TIME_SPENT, HeldOrPaidSerializer

from .services import STATUSES, Result


class TrainingLevelSerializer(serializers.Serializer):
    level_id = serializers.CharField(source="level.level_id")
    title = serializers.CharField(source="level.shown.name")
    level_number = serializers.IntegerField(source="level.position", help_text="Its place in the unit.")
    difficulty = serializers.ChoiceField(Difficulty.choices, source="level.difficulty")
    xp_reward = serializers.IntegerField(source="level.xp_reward")
    status = serializers.ChoiceField(LEVEL_STATUSES)


class TrainingUnitSerializer(serializers.Serializer):
    unit_id = serializers.CharField(source="unit.unit_id")
    unit_title = serializers.CharField(source="unit.shown.title")
    order = serializers.IntegerField(source="unit.order")
    levels = TrainingLevelSerializer(many=True)


class TrainingPathSerializer(serializers.Serializer):
    section_id = serializers.CharField(source="section.section_id")
    section_title = serializers.CharField(source="section.shown.title")
    units = TrainingUnitSerializer(many=True)


class SubmitTrainingSerializer(serializers.Serializer):
    level_id = LevelReferenceField()
    score = serializers.IntegerField(min_value=0, max_value=MAX_SCORE, help_text="At most the level's max_score.")
    total_questions = serializers.IntegerField(min_value=1, max_value=MAX_COUNT, help_text="As many as the level has.")
    correct_answers = serializers.IntegerField(min_value=0, max_value=MAX_COUNT)
    time_spent_seconds = serializers.IntegerField(
        min_value=0, max_value=MAX_TIME_SPENT, required=False, allow_null=True, help_text="Whole seconds."
    )

    @property
    def result(self) -> Result:
        data = self.validated_data
        return Result(
            level=data["level_id"],
            score=data["score"],
            total_questions=data["total_questions"],
            correct_answers=data["correct_answers"],
            time_spent=data.get("time_spent_seconds"),
        )


class TrainingAnswerSerializer(HeldOrPaidSerializer):
    level_id = serializers.CharField()
    status = serializers.ChoiceField(STATUSES)
    score = serializers.IntegerField()
    correct_answers = serializers.IntegerField()
    total_questions = serializers.IntegerField()
    xp_earned = serializers.IntegerField(help_text="The same as `awarded_xp`.")
    total_xp = serializers.IntegerField(help_text="The same as `new_total_xp`.")
    next_level_id = serializers.CharField(
        allow_null=True, help_text="The next level of the unit; null at its end, and until this level is completed."
    )
    server_time = serializers.DateTimeField()
