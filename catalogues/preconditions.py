"""Changes over HTTP on the condition that nobody else made one meanwhile (If-Match, RFC 9110 section 13.1.1)."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from django.utils.http import parse_etags
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import status
from rest_framework.exceptions import APIException
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

IF_MATCH = OpenApiParameter(
    "If-Match",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="The `ETag` of the answer that the change is based on. Without it, the last change wins.",
)


class PreconditionFailed(APIException):
    status_code = status.HTTP_412_PRECONDITION_FAILED
    default_code = "precondition_failed"
    default_detail = _("Somebody else has changed it since you read it. Read it again and repeat your change.")


def etag_of(representation: Mapping[str, Any]) -> str:
    """A strong entity tag of what an answer says."""
    return f'"{sha256(JSONRenderer().render(representation)).hexdigest()[:32]}"'


def check_if_match(request: Request, representation: Mapping[str, Any]) -> None:
    """Raises PreconditionFailed if the request names other entity tags. Call it with the row locked."""
    header = request.headers.get("If-Match")
    if header is None or header.strip() == "*":
        return
    # A proxy that compresses answers makes their tags weak.
    if etag_of(representation) not in [tag.removeprefix("W/") for tag in parse_etags(header)]:
        raise PreconditionFailed
