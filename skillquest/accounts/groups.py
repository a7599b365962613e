"""The default groups. They are made once, after `migrate`; later changes by administrators are kept.

A right that is added here reaches the groups of existing installations by a migration: see `granting`.
"""

from django.apps import apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission
from django.db import connections
from django.db.models import Q, QuerySet

APPS = ["levels", "gamification", "tracking", "jobs", "approvals", "machines", "analytics"]
EDIT, VIEW = ["add", "change", "delete", "view"], ["view"]


def _on(app: str, models: str, acts: list[str]) -> set[tuple[str, str]]:
    return {(app, f"{act}_{model}") for model in models.split() for act in acts}


GROUPS = {
    "Content editor": {
        *_on("levels", "level question section unit", EDIT),
        *_on("gamification", "achievement badge", EDIT),
        *_on("gamification", "metric", VIEW),  # which conditions are made of
    },
    "XP steward": {
        ("gamification", "award_xp"),
        ("gamification", "award_badge"),
        ("gamification", "change_board_standing"),
        ("gamification", "repair_days"),
        ("gamification", "reverse_since"),
        ("tracking", "decide_held_results"),
        *_on("gamification", "ledgerentry learnerprofile standingchange boardpolicy xpruleset limitset metric", VIEW),
        *_on(
            "gamification", "achievement unlock badge badgeaward activityday dayrepair freezeevent timezonechange", VIEW
        ),
        *_on("tracking", "completion learningsession", VIEW),
        *_on("levels", "level", VIEW),
        *_on("jobs", "job", VIEW),
        *_on("approvals", "approvalrequest", VIEW),
    },
    # Takes away what was not earned, and gives what was held; never gives anything else.
    "Fairness reviewer": {
        ("gamification", "change_board_standing"),
        ("gamification", "reverse_since"),
        ("tracking", "decide_held_results"),
        *_on("gamification", "ledgerentry learnerprofile standingchange boardpolicy limitset unlock activityday", VIEW),
        *_on("tracking", "completion learningsession", VIEW),
        *_on("levels", "level", VIEW),
    },
    "Analyst": {
        *_on("levels", "level question section unit", VIEW),
        *_on("gamification", "ledgerentry learnerprofile standingchange boardpolicy xpruleset limitset amnesty", VIEW),
        *_on(
            "gamification",
            "achievement unlock badge badgeaward activityday dayrepair freezeevent timezonechange metric",
            VIEW,
        ),
        *_on("tracking", "completion learningsession", VIEW),
        *_on("jobs", "job", VIEW),
        *_on("approvals", "approvalrequest", VIEW),
        *_on("analytics", "analytics", VIEW),
    },
    # Together with "XP steward" for keys with the scope `award`.
    "Integrator": {
        ("machines", "manage_server_keys"),
        *_on("machines", "serverkey", VIEW),
        *_on("tracking", "completion", VIEW),
    },
}


def ensure_groups(*, using, **_) -> None:
    """Create the missing groups; existing ones are not changed."""
    # `migrate contenttypes` on an empty database sends this signal before these tables exist.
    if not {"auth_group", Group.history.model._meta.db_table} <= {*connections[using].introspection.table_names()}:
        return
    existing = set(Group.objects.using(using).values_list("name", flat=True))
    if missing := [name for name in GROUPS if name not in existing]:
        # Django creates the permissions of an app after this signal; the groups need those of several apps.
        for app in APPS:
            create_permissions(apps.get_app_config(app), using=using, verbosity=0)
        for name in missing:
            Group.objects.using(using).create(name=name).permissions.set(_permissions(GROUPS[name], using))


def _permissions(names: set[tuple[str, str]], using: str) -> QuerySet[Permission]:
    wanted = Q()
    for app, codename in names:
        wanted |= Q(content_type__app_label=app, codename=codename)
    return Permission.objects.using(using).filter(wanted)
