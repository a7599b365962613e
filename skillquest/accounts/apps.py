from django.apps import AppConfig
from django.contrib.auth import user_logged_in
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    name = "skillquest.accounts"
    label = "accounts"

    def ready(self) -> None:
        from jobs.kinds import register

        from .erasing_jobs import KIND
        from .groups import ensure_groups
        from .staff_sessions import begin_staff_session
        from .viewable_links import link_only_what_may_be_viewed

        register(KIND)
        user_logged_in.connect(begin_staff_session)
        post_migrate.connect(ensure_groups, sender=self)
        link_only_what_may_be_viewed()
