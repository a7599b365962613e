from django.apps import AppConfig
from django.db.backends.signals import connection_created


class DatabaseConfig(AppConfig):
    name = "skillquest.database"
    label = "skillquest_database"

    def ready(self) -> None:
        from . import checks  # noqa: F401 - registers itself with `manage.py check`
        from .letters import fold_letters_on_sqlite

        connection_created.connect(fold_letters_on_sqlite)
