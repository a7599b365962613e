from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate


class GamificationConfig(AppConfig):
    name = "gamification"

    def ready(self):
        from .leaderboards import backends as boards  # noqa: F401 - the same
        from .ledger import triggers as guards  # noqa: F401 - what `manage.py check` looks at

        post_migrate.connect(prepare_database, sender=self)


def prepare_database(*, using, **_):
    """After migrate: the ledger's triggers stand and there is a rule set to pay by."""
    from .leaderboards import tuning as storage
    from .ledger import triggers as guards
    from .rule_sets import publishing as rulesets

    # `migrate accounts` on an empty database comes by here before our tables are there.
    if "xp_history" in connections[using].introspection.table_names():
        guards.install(connections[using])
        rulesets.ensure_first_rule_set(using)
        storage.tune(connections[using])
