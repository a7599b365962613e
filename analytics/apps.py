from django.apps import AppConfig


class AnalyticsConfig(AppConfig):
    name = "analytics"

    def ready(self) -> None:
        from jobs.kinds import register

        from .rolling.jobs import KIND

        register(KIND)
