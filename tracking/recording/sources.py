"""Where a completion was reported from."""

from rest_framework.request import Request

from tracking.models import Completion


def source_of(request: Request) -> str:
    """`api` for a client with a token, `web` for a page with a session cookie."""
    return Completion.Source.API if request.auth else Completion.Source.WEB
