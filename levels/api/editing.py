"""What the endpoints for levels and for challenges have in common."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.viewsets import ReadOnlyModelViewSet

from apidocs.server_keys import LearnerHeader
from approvals.answers import pending_answer
from approvals.models import ApprovalRequest
from catalogues.preconditions import check_if_match, etag_of
from levels.errors import LevelNotFound
from levels.models import Level, LevelQuerySet, may_edit_levels
from levels.services import delete_level

from .permissions import StaffMayEdit

CONFIRMED = OpenApiParameter(
    "confirmed", bool, description="Unpublish or delete it although other levels require it (`level_required`)."
)


class QuerySerializer(serializers.Serializer[Any]):
    confirmed = serializers.BooleanField(default=False)


class LevelEditingViewSet(ReadOnlyModelViewSet[Level]):
    """Read by everybody who is signed in, changed by staff, under the condition of an If-Match if there is one."""

    permission_classes = [StaffMayEdit]
    lookup_url_kwarg = "id"
    lookup_value_regex = "[^/]+"
    key_scopes = {"GET": "read"}
    learner_in_header = LearnerHeader.OPTIONAL

    serializer_class: type[BaseSerializer[Level]]

    def get_queryset(self) -> LevelQuerySet:
        raise NotImplementedError

    def find(self, levels: LevelQuerySet) -> LevelQuerySet:
        """The one row that the path names."""
        raise NotImplementedError

    def get_object(self) -> Level:
        return self._first(self.get_queryset())

    def locked_object(self) -> Level:
        """Call it in the transaction that changes the level."""
        level = self._first(self.get_queryset().select_for_update(no_key=True, of=("self",)))
        check_if_match(self.request, self.represent(level))
        return level

    def _first(self, levels: LevelQuerySet) -> Level:
        level = self.find(levels).first()
        if level is None:
            raise LevelNotFound
        return level

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "for_editors": may_edit_levels(self.request.user)}

    def represent(self, level: Level) -> dict[str, Any]:
        representation: dict[str, Any] = self.serializer_class(level, context=self.get_serializer_context()).data
        return representation

    def answer(self, level: Level, *, status: int = 200) -> Response:
        data = self.represent(level)
        return Response(data, status=status, headers={"ETag": etag_of(data)})

    def answer_edit(self, saved: Level | ApprovalRequest, *, status: int = 200) -> Response:
        return pending_answer(saved) if isinstance(saved, ApprovalRequest) else self.answer(saved, status=status)

    def retrieve(self, *_: Any, **__: Any) -> Response:
        return self.answer(self.get_object())

    def delete_object(self, request: Request) -> Response:
        delete_level(level=self.locked_object(), confirmed=self.is_confirmed(request))
        return Response(status=204)

    def is_confirmed(self, request: Request) -> bool:
        query = QuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        confirmed: bool = query.validated_data["confirmed"]
        return confirmed
