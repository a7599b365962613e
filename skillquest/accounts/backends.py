"""The API, the pages and the admin all check passwords here."""

from django.contrib.auth.backends import BaseBackend, ModelBackend
from django.http import HttpRequest

from . import identifiers, lockout
from .models import User
from .security_log import note


class UsernameOrEmailBackend(ModelBackend):
    # ModelBackend has an asynchronous version of its own, which would not know the lock-out.
    aauthenticate = BaseBackend.aauthenticate

    def authenticate(self, request: HttpRequest | None, username=None, password=None, **_) -> User | None:
        if username is None or password is None:
            return None
        account = identifiers.counted_as(request, username)
        if lockout.seconds_locked(request, account):
            return None
        # The password is checked in any case: an unknown name must take as long as a wrong password.
        user = identifiers.user_named(request, username) or User()
        if not (user.check_password(password) and user.is_active):
            lockout.count_failure(request, account)
            note("sign_in_refused", user_id=user.pk)
            return None
        lockout.forget_failures(request, account)
        note("sign_in", user_id=user.pk)
        return user
