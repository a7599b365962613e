from django.apps import AppConfig


class LevelsConfig(AppConfig):
    name = "levels"

    def ready(self) -> None:
        from . import approvals  # noqa: F401 (registers the kind of its requests)
