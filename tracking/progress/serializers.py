"""Progress as the API shows it."""

from rest_framework import serializers

from tracking.recording.serializers import SessionSerializer, StartedSessionSerializer

from .levels import STATUSES


class MissingLevelSerializer(serializers.Serializer):
    level_id = serializers.CharField()
    name = serializers.CharField(source="shown.name")


class LevelProgressSerializer(serializers.Serializer):
    level_id = serializers.CharField(source="level.level_id")
    name = serializers.CharField(source="level.shown.name")
    status = serializers.ChoiceField(STATUSES)
    best_score = serializers.IntegerField(source="results.best_score", allow_null=True)
    best_max_score = serializers.IntegerField(
        source="results.best_max_score",
        allow_null=True,
        help_text="The level's maximum when `best_score` was reached; it may have changed since.",
    )
    best_time = serializers.IntegerField(
        source="results.best_time", allow_null=True, help_text="Seconds of the fastest passed completion."
    )
    completions = serializers.IntegerField(source="results.completions")
    awarded_xp = serializers.IntegerField(help_text="What this level has paid, net of reversals.")
    first_completed_at = serializers.DateTimeField(source="results.first_completed_at", allow_null=True)
    last_completed_at = serializers.DateTimeField(source="results.last_completed_at", allow_null=True)
    missing = MissingLevelSerializer(many=True)


class LevelsSummarySerializer(serializers.Serializer):
    total_levels = serializers.IntegerField()
    completed_levels = serializers.IntegerField()
    completion_percentage = serializers.IntegerField()
    total_xp = serializers.IntegerField()
    level = serializers.IntegerField()
    title = serializers.CharField()


class LevelsProgressSerializer(serializers.Serializer):
    summary = LevelsSummarySerializer()
    levels = LevelProgressSerializer(many=True)
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)


class SessionsSummarySerializer(serializers.Serializer):
    total_sessions = serializers.IntegerField()
    active_sessions = serializers.IntegerField()
    completed_sessions = serializers.IntegerField()
    total_time_spent = serializers.IntegerField(help_text="Seconds in ended sessions.")
    total_xp = serializers.IntegerField()
    level = serializers.IntegerField()
    title = serializers.CharField()


class SessionsProgressSerializer(serializers.Serializer):
    summary = SessionsSummarySerializer()
    active_sessions = StartedSessionSerializer(many=True)
    results = SessionSerializer(many=True)
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
