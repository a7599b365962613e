import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client

from tests.factories import StaffFactory


@pytest.fixture
def as_staff(db):
    """`as_staff("Analyst")` is a browser of a member of that group, `as_staff()` one of staff without a right."""

    def as_staff(*groups, rights=()):
        person = StaffFactory(is_superuser=False)
        person.groups.set(Group.objects.filter(name__in=groups))
        person.user_permissions.set(Permission.objects.filter(codename__in=rights))
        return browser_of(person)

    return as_staff


@pytest.fixture
def superuser(db):
    return browser_of(StaffFactory())


def browser_of(person):
    client = Client()
    client.force_login(person)
    client.person = person
    return client
