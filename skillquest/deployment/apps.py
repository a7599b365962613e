from django.apps import AppConfig


class DeploymentConfig(AppConfig):
    name = "skillquest.deployment"

    def ready(self) -> None:
        from . import demo_people, files, settings_checks  # noqa: F401 - they register themselves
