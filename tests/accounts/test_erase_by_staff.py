"""Staff erase a person in the admin."""

import pytest
from django.contrib.admin.models import LogEntry
from django.db import models

from skillquest.accounts.models import User
from tests.accounts.personal_data import (
    MARK,
    erase,
    found,
)
from tests.factories import StaffFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss(client, staff):
    client.force_login(staff)
    return client


def page_of(person):
    return f"/admin/accounts/user/{person.pk}/erase/"


def test_staff_see_the_notes_that_contain_the_names_and_erase(boss, person, mention, staff):
    assert page_of(person) in boss.get(f"/admin/accounts/user/{person.pk}/change/").content.decode()
    page = boss.get(page_of(person)).content.decode()
    assert f"{MARK.upper()} asked for it" in page
    answer = boss.post(page_of(person), {"username": MARK, "names_too": "on"})
    assert (answer.status_code, answer["Location"]) == (302, "/admin/accounts/user/")
    assert found(f"{MARK}@") == {}
    entry = LogEntry.objects.get(object_id=str(person.pk), change_message="Erased.")
    assert (entry.user, entry.object_repr) == (staff, User.objects.get(pk=person.pk).username)


@pytest.mark.parametrize("typed", ["", "xanthippe", "somebody else"])
def test_staff_have_to_type_the_name(boss, person, typed):
    assert boss.post(page_of(person), {"username": typed}).status_code == 200
    assert User.objects.get(pk=person.pk).is_active


def test_nobody_erases_themselves_here_or_somebody_erased(boss, staff, person):
    assert boss.post(page_of(staff), {"username": staff.username}).status_code == 403
    left = erase(person)
    assert boss.post(page_of(left), {"username": left.username}).status_code == 403
    assert boss.post(f"/admin/accounts/user/{left.pk}/change/", {"is_active": "on"}).status_code == 403


def test_erasing_needs_the_permission_and_for_staff_all_their_permissions(client, person):
    helper, colleague = UserFactory(is_staff=True), StaffFactory()
    client.force_login(helper)
    assert client.post(page_of(person), {"username": MARK}).status_code == 403
    rights = models.Q(codename__in=["erase_user", "change_user", "view_user"])
    helper.user_permissions.set(helper.user_permissions.model.objects.filter(rights))
    assert client.post(page_of(colleague), {"username": colleague.username}).status_code == 403
    assert client.post(page_of(person), {"username": MARK}).status_code == 302
