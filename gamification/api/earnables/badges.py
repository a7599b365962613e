from rest_framework.decorators import action
from rest_framework.response import Response
from rest_framework.viewsets import ReadOnlyModelViewSet

from gamification.errors import BadgeNotFound, LearnerNotFound
from gamification.models import Badge, BadgeAward, LearnerProfile
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
    # 18 digits: every id, and no number that a database would stumble over.
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self):
        return super().get_queryset().shown_to(self.request.user)

    def get_object(self):
        badge = self.get_queryset().filter(pk=self.kwargs["id"]).first()
        if badge is None:
            raise BadgeNotFound
        return badge

    def get_serializer_class(self):
        return SaveBadgeSerializer if self.request.method in {"POST", "PUT"} else super().get_serializer_class()

    @docs.add_badge
    def create(self, *_):
        return self._save(Badge())

    @docs.change_badge
    def update(self, *_, **__):
        return self._save(self.get_object())

    @docs.delete_badge
    def destroy(self, *_, **__):
        delete_badge(badge=self.get_object())
        return Response(status=204)

    @docs.my_badges
    @action(detail=False, serializer_class=BadgeAwardSerializer)
    def me(self, request):
        return self._awards(request.user.pk)

    @docs.their_badges
    @action(detail=False, url_path="users/(?P<learner_id>[0-9]{1,18})", serializer_class=BadgeAwardSerializer)
    def users(self, request, learner_id):
        learner_id = int(learner_id)
        if learner_id != request.user.pk and not LearnerProfile.objects.visible().filter(pk=learner_id).exists():
            raise LearnerNotFound
        return self._awards(learner_id)

    def _awards(self, learner_id):
        awards = BadgeAward.objects.held().filter(learner=learner_id).select_related("badge")
        page = self.paginate_queryset(awards.order_by("-awarded_at", "-pk"))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def _save(self, badge):
        asked = self.get_serializer(data=self.request.data)
        asked.is_valid(raise_exception=True)
        badge = save_badge(badge=badge, fields=asked.validated_data)
        return Response(BadgeSerializer(Badge.objects.shown_to(self.request.user).get(pk=badge.pk)).data)
