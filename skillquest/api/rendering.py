from datetime import UTC, datetime

from django.utils.timezone import is_aware
from rest_framework.exceptions import APIException
from rest_framework.renderers import JSONRenderer
from rest_framework.utils.encoders import JSONEncoder

from .middleware import current_request_id


class UTCEncoder(JSONEncoder):
    def default(self, obj):
        if isinstance(obj, APIException):
            from .errors import body_of  # which needs this module

            # A refusal inside an answer: one event of a batch.
            return body_of(obj, None) | {"request_id": current_request_id.get()}
        if isinstance(obj, datetime) and is_aware(obj):
            obj = obj.astimezone(UTC)
        return super().default(obj)


class SuccessJSONRenderer(JSONRenderer):
    """Puts `"success": true` first in every object that is not a problem."""

    encoder_class = UTCEncoder

    def render(self, data, accepted_media_type=None, renderer_context=None):
        response = (renderer_context or {}).get("response")
        if isinstance(data, dict) and (response is None or response.status_code < 400):
            data = {"success": True, **data}
        return super().render(data, accepted_media_type, renderer_context)
