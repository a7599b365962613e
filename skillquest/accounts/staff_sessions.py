"""Sessions of staff by cookie end after some hours, and sooner where nothing is asked for; those of learners stay."""

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from .models import User
from .security_log import note

STARTED, SEEN = "staff_session_started", "staff_session_seen"  # seconds
NOTED_EVERY = 120  # seconds; a write to the database for each request would cost too much


class StaffSessionsMiddleware:
    """Nothing is looked up for requests that do not ask who the user is, and nothing written for learners."""

    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        request.user = SimpleLazyObject(lambda: whoever_is_left(request, user))
        return self.get_response(request)


def whoever_is_left(request: HttpRequest, user: User | AnonymousUser) -> User | AnonymousUser:
    """The user; or nobody, where the session has ended."""
    if not (user.is_authenticated and user.is_staff):
        return user
    now = seconds_now()
    if has_ended(request.session, now):
        note("staff_session_ended", user_id=user.pk)
        request.session.flush()
        return AnonymousUser()
    if now - request.session.get(SEEN, 0) >= NOTED_EVERY:
        request.session[SEEN] = now
        # Somebody who became staff meanwhile begins now.
        request.session.setdefault(STARTED, now)
    return user


def has_ended(session, now: int) -> bool:
    return (
        now - session.get(STARTED, now) >= settings.STAFF_SESSION_AGE.total_seconds()
        or now - session.get(SEEN, now) >= settings.STAFF_SESSION_IDLE.total_seconds()
    )


def begin_staff_session(*, request: HttpRequest, user: User, **_) -> None:
    """At each sign-in by cookie."""
    if user.is_staff:
        request.session[STARTED] = request.session[SEEN] = seconds_now()


def seconds_now() -> int:
    return int(timezone.now().timestamp())
