"""GET leaderboard, gamification/leaderboard/{metric} and gamification/leaderboard/{metric}/rank."""

import hashlib

from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.generics import GenericAPIView
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from apidocs.server_keys import LearnerHeader, sent_by_test_key
from gamification.leaderboards.base import METRICS, Metric
from gamification.leaderboards.custom import find_board
from gamification.leaderboards.presentation import show_leaderboard, show_standing
from gamification.models import BOARD_PREFIX, BoardPolicy, BoardStanding

from . import leaderboard_docs as docs

MOST_ENTRIES, MOST_NEIGHBOURS = 100, 50
NOBODY = 0  # a server key that names no learner


class LeaderboardQuerySerializer(serializers.Serializer):
    """Which part of a leaderboard to show."""

    limit = serializers.IntegerField(min_value=1, default=10, help_text=f"More than {MOST_ENTRIES} counts as that.")
    around = serializers.IntegerField(
        min_value=0, default=5, help_text=f"Neighbours on each side of me; more than {MOST_NEIGHBOURS} counts as that."
    )

    def validate_limit(self, limit) -> int:
        return min(limit, MOST_ENTRIES)

    def validate_around(self, around) -> int:
        return min(around, MOST_NEIGHBOURS)


class LeaderboardEntrySerializer(serializers.Serializer):
    rank = serializers.IntegerField()
    user_id = serializers.IntegerField()
    username = serializers.CharField(
        help_text="The display name, or a neutral one such as `Learner 12`; in one's own entry the sign-in name."
    )
    display_name = serializers.CharField(help_text="Empty where the learner has chosen none.")
    score = serializers.IntegerField()
    level = serializers.IntegerField()
    title = serializers.CharField()
    is_me = serializers.BooleanField()


class MyStandingSerializer(serializers.Serializer):
    rank = serializers.IntegerField()
    score = serializers.IntegerField()
    percentile = serializers.IntegerField(min_value=0, max_value=100)


@extend_schema_field({"type": "string", "enum": [*METRICS, f"{BOARD_PREFIX}{{metric_id}}"]})
class BoardNameField(serializers.CharField):
    """As in the path."""


class BoardSerializer(serializers.Serializer):
    metric = BoardNameField(help_text="`metric:{metric_id}` stands for the boards of metrics that staff made.")
    trust = serializers.ChoiceField(
        BoardPolicy.Trust.choices, help_text="Which results count here: all of them, or verified ones only."
    )
    as_of = serializers.DateTimeField()
    total = serializers.IntegerField(help_text="Learners with a rank.")
    standing = serializers.ChoiceField(
        BoardStanding.choices, help_text="Mine, as staff decided. Only who is `ranked` appears on leaderboards."
    )


class LeaderboardSerializer(BoardSerializer):
    entries = LeaderboardEntrySerializer(many=True)
    around = LeaderboardEntrySerializer(many=True, help_text="Me among my neighbours; empty without a rank.")
    me = MyStandingSerializer(allow_null=True)


class MyRankSerializer(BoardSerializer):
    rank = serializers.IntegerField(allow_null=True)
    score = serializers.IntegerField(allow_null=True)
    percentile = serializers.IntegerField(allow_null=True, min_value=0, max_value=100)


class MetricView(GenericAPIView):
    key_scopes = {"GET": "read"}
    cache_control = "private, no-cache"  # clients may keep it, and ask by its ETag whether it has changed

    def requested_metric(self) -> Metric:
        metric = find_board(self.kwargs["metric"])
        if metric is None:
            raise NotFound(_("There is no such leaderboard."))
        return metric

    def answer(self, metric: Metric, shown) -> Response:
        """The ETag leaves out the time of a live board, which is always now: only other changes make a new tag."""
        data = self.get_serializer(shown).data
        content = data if metric.is_windowed else {**data, "as_of": None}
        digest = hashlib.sha256(JSONRenderer().render(content)).hexdigest()
        return Response(data, headers={"ETag": f'W/"{digest[:32]}"'})


class LeaderboardView(MetricView):
    serializer_class = LeaderboardSerializer
    query_parameters = frozenset({"limit", "around"})
    learner_in_header = LearnerHeader.OPTIONAL

    @docs.show_board(LeaderboardQuerySerializer)
    def get(self, request, **_) -> Response:
        metric = self.requested_metric()
        query = LeaderboardQuerySerializer(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        viewer = {"viewer_id": request.user.pk or NOBODY, "for_tests": sent_by_test_key(request)}
        shown = show_leaderboard(metric, **viewer, **query.validated_data, at=timezone.now())
        return self.answer(metric, shown)


class MainLeaderboardView(LeaderboardView):
    @docs.show_main_board(LeaderboardQuerySerializer)
    def get(self, request) -> Response:
        return super().get(request)

    def requested_metric(self) -> Metric:
        return METRICS["xp_all_time"]


class RankView(MetricView):
    serializer_class = MyRankSerializer

    @docs.show_rank
    def get(self, request, **_) -> Response:
        metric = self.requested_metric()
        return self.answer(metric, show_standing(metric, request.user.pk, at=timezone.now()))


urlpatterns = [
    path("leaderboard", MainLeaderboardView.as_view(), name="leaderboard"),
    path("gamification/leaderboard/<str:metric>", LeaderboardView.as_view(), name="leaderboard-of"),
    path("gamification/leaderboard/<str:metric>/rank", RankView.as_view(), name="leaderboard-rank"),
]
