from django.apps import AppConfig


class TrackingConfig(AppConfig):
    name = "tracking"

    def ready(self) -> None:
        from jobs.kinds import register

        # They register their approvals, and what depends on levels.
        from .staff import held_results, level_dependants, reverse_since  # noqa: F401
        from .staff.recalculation import jobs as recalculations
        from .staff.recalculation import services  # noqa: F401 (registers its approvals)
        from .staff.rule_trials import jobs as trials

        for kind in [held_results.KIND, *trials.KINDS, *recalculations.KINDS]:
            register(kind)
