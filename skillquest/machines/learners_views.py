"""learners/{external_id}: for servers with a key, about the learner in the path."""

from django.utils import timezone
from rest_framework.exceptions import ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from apidocs.server_keys import LearnerHeader, OnlyServerKeys
from gamification.api.serializers import EmptySerializer

from . import learners_docs as docs
from .claims import make_claim_link
from .learners_erasing import erase_learner
from .learners_reading import read_learner
from .learners_saving import save_learner
from .learners_serializers import (
    AskForTokenSerializer,
    ClaimLinkSerializer,
    ExternalIdField,
    LearnerStatusSerializer,
    SavedLearnerSerializer,
    SaveLearnerSerializer,
    ShortTokenSerializer,
)
from .learners_tokens import issue_short_token


class LearnerInPathView(GenericAPIView):
    permission_classes = [IsAuthenticated, OnlyServerKeys]
    learner_in_header = LearnerHeader.UNUSED

    @property
    def external_id(self) -> str:
        try:
            return ExternalIdField().run_validation(self.kwargs["external_id"])
        except ValidationError as refused:
            raise ValidationError({"external_id": refused.detail}) from None

    def validated(self, request) -> dict:
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return serializer.validated_data


class LearnerView(LearnerInPathView):
    key_scopes = {"GET": "read", "PUT": "learners", "DELETE": "learners"}

    def get_serializer_class(self) -> type[Serializer]:
        return {"PUT": SaveLearnerSerializer, "DELETE": EmptySerializer}.get(
            self.request.method, LearnerStatusSerializer
        )

    @docs.get_learner
    def get(self, request, **_) -> Response:
        status = read_learner(self.external_id, is_test=request.auth.is_test, at=timezone.now())
        return Response(LearnerStatusSerializer(status).data)

    @docs.save_learner
    def put(self, request, **_) -> Response:
        fields, is_test = self.validated(request), request.auth.is_test
        saved = save_learner(external_id=self.external_id, fields=fields, is_test=is_test, at=timezone.now())
        return Response(SavedLearnerSerializer(saved).data, status=201 if saved.is_new else 200)

    @docs.erase_learner
    def delete(self, request, **_) -> Response:
        erase_learner(external_id=self.external_id, key=request.auth, at=timezone.now())
        return Response(status=204)


class LearnerTokenView(LearnerInPathView):
    key_scopes = {"POST": "learners"}
    serializer_class = AskForTokenSerializer

    @docs.issue_token
    def post(self, request, **_) -> Response:
        fields = self.validated(request)
        token = issue_short_token(external_id=self.external_id, key=request.auth, at=timezone.now(), **fields)
        return Response(ShortTokenSerializer(token).data, status=201)


class ClaimLinkView(LearnerInPathView):
    key_scopes = {"POST": "learners"}
    serializer_class = EmptySerializer

    @docs.make_claim_link
    def post(self, request, **_) -> Response:
        self.validated(request)
        link = make_claim_link(external_id=self.external_id, key=request.auth, at=timezone.now())
        return Response(ClaimLinkSerializer(link).data, status=201)
