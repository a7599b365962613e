from collections import Counter

from django.db.models import QuerySet
from django.utils import timezone
from rest_framework.decorators import action
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from apidocs.server_keys import LearnerHeader
from change_history.context import because
from gamification.api.serializers import EmptySerializer
from gamification.awards.activity import check_achievements
from gamification.earnables.catalogue import load_catalogue, shipped_files
from gamification.earnables.rarity import rarity_now
from gamification.earnables.unlocking import values_of
from gamification.models import Achievement
from gamification.profiles.standing import profile_of
from gamification.rule_sets.publishing import published_rules

from . import docs
from .filters import AchievementFilter
from .permissions import MayLoadCatalogue
from .serializers import (
    AchievementCheckSerializer,
    AchievementProgressSerializer,
    AchievementSerializer,
    CatalogueLoadSerializer,
)


@docs.achievements
class AchievementViewSet(GenericViewSet):
    queryset = Achievement.objects.all()
    serializer_class = AchievementSerializer
    filterset_class = AchievementFilter
    key_scopes = {"GET": "read"}
    learner_in_header = LearnerHeader.OPTIONAL

    def get_queryset(self) -> QuerySet[Achievement]:
        return super().get_queryset().shown_to(self.request.user)

    def list(self, *_) -> Response:
        return self._page(self.get_queryset(), holder_counts=rarity_now(timezone.now()))

    @docs.mine
    @action(detail=False, learner_in_header=LearnerHeader.REQUIRED)
    def user(self, *_) -> Response:
        mine = self.get_queryset().exclude(unlocked_at=None).order_by("-unlocked_at", "pk")
        return self._page(mine, holder_counts=rarity_now(timezone.now()))

    @docs.progress
    @action(detail=False, serializer_class=AchievementProgressSerializer, learner_in_header=LearnerHeader.REQUIRED)
    def progress(self, request) -> Response:
        values = values_of(profile_of(request.user), published_rules(), timezone.now())
        return self._page(self.get_queryset(), values=values)

    @docs.check
    @action(
        detail=False,
        methods=["post"],
        serializer_class=EmptySerializer,
        filter_backends=[],
        key_scopes={"POST": "track"},
        learner_in_header=LearnerHeader.REQUIRED,
    )
    def check(self, request) -> Response:
        self.get_serializer(data=request.data).is_valid(raise_exception=True)
        return Response(AchievementCheckSerializer(check_achievements(request.user.pk, at=timezone.now())).data)

    @docs.initialize
    @action(
        detail=False,
        methods=["post"],
        serializer_class=EmptySerializer,
        permission_classes=[MayLoadCatalogue],
        filter_backends=[],
    )
    def initialize(self, request) -> Response:
        self.get_serializer(data=request.data).is_valid(raise_exception=True)
        with because("Loaded from the shipped files"):
            outcomes = load_catalogue(shipped_files())
        verdicts = Counter({"created": 0, "changed": 0, "unchanged": 0})
        verdicts.update(outcome.verdict for outcome in outcomes)
        return Response(CatalogueLoadSerializer({**verdicts, "results": outcomes}).data)

    def _page(self, achievements, **context) -> Response:
        page = self.paginate_queryset(self.filter_queryset(achievements))
        serializer = self.get_serializer_class()(page, many=True, context=context)
        return self.get_paginated_response(serializer.data)
