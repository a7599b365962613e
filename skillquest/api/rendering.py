from datetime import UTC, datetime

from django.utils.timezone import is_aware
from rest_framework.exceptions import APIException
from rest_framework.renderers import JSONRenderer
from rest_framework.utils.encoders import JSONEncoder

from .middleware import current_request_id


class UTCEncoder(JSONEncoder):
    def default(self, obj) -> object:
        if isinstance(obj, APIException):
            from .errors import MOST_ERRORS_OF_EVENT, body_of  # at the top it would be a circular import

            # A problem inside an answer: one event of a batch was refused.
            return body_of(obj, None, MOST_ERRORS_OF_EVENT) | {"request_id": current_request_id.get()}
        if isinstance(obj, datetime) and is_aware(obj):
            obj = obj.astimezone(UTC)
        return super().default(obj)


class SuccessJSONRenderer(JSONRenderer):
    """Adds `"success": true` as the first member of every object that is not a problem."""

    encoder_class = UTCEncoder

    def render(self, data, accepted_media_type=None, renderer_context=None) -> bytes:
        response = (renderer_context or {}).get("response")
        if isinstance(data, dict) and (response is None or response.status_code < 400):
            data = {"success": True, **data}
        return super().render(data, accepted_media_type, renderer_context)
