from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate


class GamificationConfig(AppConfig):
    name = "gamification"

    def ready(self) -> None:
        # What `manage.py check` looks at, and the kinds of approval requests, register themselves when imported.
        from .conditions.metrics import learn_from
        from .earnables import checks  # noqa: F401
        from .leaderboards import backends  # noqa: F401
        from .ledger import protection  # noqa: F401
        from .metrics.reading import words_of_metrics
        from .staff import (  # noqa: F401
            achievement_approvals,
            approval_kinds,
            earnings,
            grant_approvals,
            job_kinds,
            metric_approvals,
            version_approvals,
        )
        from .streaks import checks as streak_checks  # noqa: F401

        learn_from(words_of_metrics)
        job_kinds.register_all()
        post_migrate.connect(prepare_database, sender=self)


def prepare_database(*, using, **_) -> None:
    """After migrate: install the ledger's triggers, tune storage, and add rules, limits and metrics where missing."""
    from .leaderboards.policies import ensure_board_policies
    from .leaderboards.tuning import tune
    from .ledger.triggers import install
    from .metrics.built_in import ensure_built_in_metrics
    from .models import BoardPolicy, LedgerEntry, LimitSet, Metric, XPRuleSet
    from .versions.publishing import ensure_first_version

    # `migrate accounts` on an empty database runs this before our tables exist, and `migrate gamification 0005` without
    # those of later migrations.
    tables = connections[using].introspection.table_names()
    if LedgerEntry._meta.db_table in tables:
        install(connections[using])
        tune(connections[using])
    for model in (XPRuleSet, LimitSet):
        if model._meta.db_table in tables:
            ensure_first_version(model, using)
    if BoardPolicy._meta.db_table in tables:
        ensure_board_policies(using)
    if Metric._meta.db_table in tables:
        ensure_built_in_metrics(using)
