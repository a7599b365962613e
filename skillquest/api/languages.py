"""In which language a request is answered: pages as their reader chose, the API by `Accept-Language` alone."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.locale import LocaleMiddleware
from django.utils import translation

from .errors import is_api


class LanguageMiddleware(LocaleMiddleware):
    """Django's own: the visitor's choice, which a cookie keeps, else `Accept-Language`, else English.

    It stands before everything that answers with a text. Who signed in is not known here yet.
    """

    def process_request(self, request: HttpRequest) -> None:
        if is_api(request):
            request.COOKIES.pop(settings.LANGUAGE_COOKIE_NAME, None)
        super().process_request(request)


class ProfileLanguageMiddleware:
    """Pages of somebody who is signed in are in the language of the profile."""

    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # Every page asks who is signed in anyway, so this costs no statement more.
        if not is_api(request) and request.user.is_authenticated:
            translation.activate(request.user.language)
            request.LANGUAGE_CODE = translation.get_language()
        return self.get_response(request)
