from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    name = "skillquest.accounts"
    label = "accounts"

    def ready(self) -> None:
        from .groups import ensure_groups

        post_migrate.connect(ensure_groups, sender=self)
