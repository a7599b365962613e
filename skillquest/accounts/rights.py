"""Who may touch whom: nobody changes an account or a group that has rights which they lack themselves."""

from django.contrib.auth.models import Group, Permission
from django.db.models import Q, QuerySet

from .models import User


def permissions_of(user: User) -> QuerySet[Permission]:
    """By themselves and by their groups, also while they are deactivated: they may be activated again."""
    return Permission.objects.filter(Q(user=user) | Q(group__user=user)).distinct()


def may_touch(actor: User, person: User) -> bool:
    """Whether `actor` has every right of `person`; sign-ins of programs have rights too, without being staff."""
    if actor.is_superuser or actor == person:
        return True
    return (
        not person.is_superuser
        and not permissions_of(person).exclude(pk__in=permissions_of(actor).values("pk")).exists()
    )


def may_touch_group(actor: User, group: Group) -> bool:
    """Whether `actor` has every right of the group and of each of its members."""
    if actor.is_superuser:
        return True
    more = Permission.objects.exclude(pk__in=permissions_of(actor).values("pk"))
    stronger = Q(is_superuser=True) | Q(user_permissions__in=more) | Q(groups__permissions__in=more)
    # Not `group.user_set.filter`, which would look at the rights of this group only.
    members = User.objects.filter(pk__in=group.user_set.values("pk"))
    return not group.permissions.filter(pk__in=more).exists() and not members.filter(stronger).exists()


def people_who_may_more(people: QuerySet[User]) -> set[int]:
    """The keys of those who are staff or have rights, by themselves or by a group."""
    more = Q(is_staff=True) | Q(is_superuser=True) | Q(user_permissions__isnull=False) | Q(groups__isnull=False)
    return {*people.filter(more).values_list("pk", flat=True)}
