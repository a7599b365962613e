"""Who is meant by what somebody typed at a sign-in: a username or an e-mail address, in whatever spelling."""

from django.http import HttpRequest

from .email_addresses import normal_form
from .models import User


def user_named(request: HttpRequest | None, identifier: str) -> User | None:
    """Looked up once a request, since the rate limit, the lock-out and the check of the password all need it."""
    found = {} if request is None else http_request(request).__dict__.setdefault("users_by_identifier", {})
    if identifier not in found:
        found[identifier] = User.objects.known_as(identifier).first()
    return found[identifier]


def counted_as(request: HttpRequest | None, identifier: str) -> str:
    """The key under which attempts are counted: one for all spellings of all names of an account."""
    user = user_named(request, identifier)
    return f"name {normal_form(identifier)}" if user is None else key_of(user)


def key_of(user: User) -> str:
    return f"user {user.pk}"


def http_request(request) -> HttpRequest:
    """Django's request, also out of Django REST framework's."""
    return getattr(request, "_request", request)
