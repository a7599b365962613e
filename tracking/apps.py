from django.apps import AppConfig


class TrackingConfig(AppConfig):
    name = "tracking"

    def ready(self) -> None:
        from jobs.kinds import register

        from .staff import held_results, reverse_since  # noqa: F401 (register their approvals)
        from .staff.recalculation import jobs as recalculations
        from .staff.recalculation import services  # noqa: F401 (registers its approvals)
        from .staff.rule_trials import jobs as trials

        for kind in [held_results.KIND, *trials.KINDS, *recalculations.KINDS]:
            register(kind)
