from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate


class GamificationConfig(AppConfig):
    name = "gamification"

    def ready(self):
        from . import checks, guards  # noqa: F401 - what `manage.py check` looks at
        from .leaderboards import boards  # noqa: F401 - the same

        post_migrate.connect(prepare_database, sender=self)


def prepare_database(*, using, **_):
    """After migrate: the ledger's triggers stand and there is a rule set to pay by."""
    from . import guards, rulesets
    from .leaderboards import storage

    # `migrate accounts` on an empty database comes by here before our tables are there.
    if "xp_history" in connections[using].introspection.table_names():
        guards.install(connections[using])
        rulesets.ensure_first_rule_set(using)
        storage.tune(connections[using])
