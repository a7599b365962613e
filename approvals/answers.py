"""What the API answers where a change waits for a second person."""

from typing import Any

from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers
from rest_framework.response import Response

from .models import ApprovalRequest

PENDING = "pending_approval"
PENDING_EXAMPLE = OpenApiExample(
    "Waits for approval", {"status": PENDING, "request_id": 17}, response_only=True, status_codes=["202"]
)


class PendingApprovalSerializer(serializers.Serializer[Any]):
    status = serializers.ChoiceField(choices=[PENDING], help_text="Nothing has changed yet: a second person decides.")
    request_id = serializers.IntegerField(help_text="The request, which is listed in the admin under Approvals.")


def pending_answer(request: ApprovalRequest) -> Response:
    return Response({"status": PENDING, "request_id": request.pk}, status=202)
