from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from rest_framework.decorators import action
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.viewsets import ReadOnlyModelViewSet

from apidocs.server_keys import LearnerHeader
from catalogues.preconditions import check_if_match, etag_of
from gamification.errors import BadgeNotFound, LearnerNotFound
from gamification.models import Badge, BadgeAward, LearnerProfile
from gamification.models.earnables import may_edit_badges
from gamification.staff.awards import delete_badge, save_badge

from . import docs
from .permissions import StaffMayEditBadges
from .serializers import BadgeAwardSerializer, BadgeSerializer, SaveBadgeSerializer


@docs.badges
class BadgeViewSet(ReadOnlyModelViewSet):
    queryset = Badge.objects.all()
    serializer_class = BadgeSerializer
    permission_classes = [StaffMayEditBadges]
    filter_backends = []
    lookup_url_kwarg = "id"
    # At most 18 digits, which include every id and fit into a bigint.
    lookup_value_regex = "[0-9]{1,18}"
    key_scopes = {"GET": "read"}
    learner_in_header = LearnerHeader.OPTIONAL

    def get_queryset(self) -> QuerySet[Badge]:
        return super().get_queryset().shown_to(self.request.user)

    def get_object(self) -> Badge:
        return self._find(self.get_queryset())

    def locked_object(self) -> Badge:
        """Call it in the transaction that changes the badge."""
        badge = self._find(self.get_queryset().select_for_update(no_key=True, of=("self",)))
        check_if_match(self.request, self._represent(badge))
        return badge

    def _find(self, badges: QuerySet[Badge]) -> Badge:
        badge = badges.filter(pk=self.kwargs["id"]).first()
        if badge is None:
            raise BadgeNotFound
        return badge

    def retrieve(self, *_, **__) -> Response:
        return self._answer(self.get_object())

    def get_serializer_class(self) -> type[BaseSerializer]:
        return SaveBadgeSerializer if self.request.method in {"POST", "PUT"} else super().get_serializer_class()

    @docs.add_badge
    def create(self, *_) -> Response:
        return self._save(Badge())

    @docs.change_badge
    @transaction.atomic
    def update(self, *_, **__) -> Response:
        return self._save(self.locked_object())

    @docs.delete_badge
    @transaction.atomic
    def destroy(self, *_, **__) -> Response:
        delete_badge(badge=self.locked_object())
        return Response(status=204)

    @docs.my_badges
    @action(detail=False, serializer_class=BadgeAwardSerializer, learner_in_header=LearnerHeader.REQUIRED)
    def me(self, request) -> Response:
        return self._awards(request.user.pk)

    @docs.their_badges
    @action(
        detail=False,
        url_path="users/(?P<learner_id>[0-9]{1,18})",
        serializer_class=BadgeAwardSerializer,
        learner_in_header=LearnerHeader.REQUIRED,
    )
    def users(self, request, learner_id) -> Response:
        learner_id = int(learner_id)
        visible = LearnerProfile.objects.visible_to(request.user.pk)
        if learner_id != request.user.pk and not visible.filter(pk=learner_id).exists():
            raise LearnerNotFound
        return self._awards(learner_id)

    def _awards(self, learner_id) -> Response:
        awards = BadgeAward.objects.held().filter(learner=learner_id).select_related("badge")
        page = self.paginate_queryset(awards.order_by("-awarded_at", "-pk"))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def _save(self, badge) -> Response:
        serializer = self.get_serializer(data=self.request.data)
        serializer.is_valid(raise_exception=True)
        badge = save_badge(badge=badge, fields=serializer.validated_data)
        return self._answer(Badge.objects.shown_to(self.request.user).get(pk=badge.pk))

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "for_editors": may_edit_badges(self.request.user)}

    def _represent(self, badge: Badge) -> dict[str, Any]:
        return BadgeSerializer(badge, context=self.get_serializer_context()).data

    def _answer(self, badge: Badge) -> Response:
        data = self._represent(badge)
        return Response(data, headers={"ETag": etag_of(data)})
