"""Serves the API's schema. It is in English for everybody, so each process builds it once for each format."""

from functools import cache
from threading import Lock

from django.http import HttpResponse
from django.utils import translation
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework.renderers import BaseRenderer

BUILDING = Lock()


class SchemaView(SpectacularAPIView):
    # Clients may store it, and ask whether it has changed (ETag).
    cache_control = "private, no-cache"

    @extend_schema(exclude=True)
    def get(self, request, *_args, **_kwargs) -> HttpResponse:
        renderer = request.accepted_renderer
        with BUILDING:  # one request builds it, others wait for that
            document = rendered(type(renderer))
        headers = {"Content-Disposition": f'inline; filename="SkillQuest.{renderer.format}"'}
        return HttpResponse(document, content_type=renderer.media_type, headers=headers)


@cache
def rendered(renderer: type[BaseRenderer]) -> bytes:
    return renderer().render(schema(), renderer_context={})


@cache
def schema() -> dict:
    with translation.override("en"):
        return SchemaGenerator().get_schema(public=True)
