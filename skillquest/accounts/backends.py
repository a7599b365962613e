"""One door for passwords: the API, the pages and the admin all come through here."""

from django.contrib.auth.backends import BaseBackend, ModelBackend

from . import lockout
from .models import User
from .security_log import note


class UsernameOrEmailBackend(ModelBackend):
    # ModelBackend's own asynchronous road would pass by the lock below.
    aauthenticate = BaseBackend.aauthenticate

    def authenticate(self, request, username=None, password=None, **_):
        if username is None or password is None or lockout.seconds_locked(request, username):
            return None
        # Nobody's password is checked too: an unknown name must take as long as a wrong password.
        user = User.objects.known_as(username).first() or User()
        if not (user.check_password(password) and user.is_active):
            lockout.count_failure(request, username)
            note("sign_in_refused", user_id=user.pk)
            return None
        lockout.forgive(request, username)
        note("sign_in", user_id=user.pk)
        return user
