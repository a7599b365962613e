"""Django's sessions in the database, each in a row that names its person (settings.SESSION_ENGINE)."""

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore

from .models import BrowserSession


class SessionStore(DatabaseStore):
    @classmethod
    def get_model_class(cls) -> type[BrowserSession]:
        return BrowserSession

    def create_model_instance(self, data) -> BrowserSession:
        row = super().create_model_instance(data)
        row.user_id = data.get(SESSION_KEY)
        return row
