from datetime import UTC, datetime

from django.utils.timezone import is_aware
from rest_framework.renderers import JSONRenderer
from rest_framework.utils.encoders import JSONEncoder


class UTCEncoder(JSONEncoder):
    def default(self, obj):
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
