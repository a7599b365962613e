from django.apps import AppConfig


class TrackingConfig(AppConfig):
    name = "tracking"

    def ready(self) -> None:
        from jobs.kinds import register

        from .staff import held_results, reverse_since  # noqa: F401 (register their approvals)

        register(held_results.KIND)
