"""The navigation shows every page of the admin in one place, to those who may open it."""

from collections import Counter

import pytest
from django.contrib import admin
from django.urls import reverse

from skillquest.accounts.groups import GROUPS as ROLES
from skillquest.admin_site.navigation import GROUPS, Page

pytestmark = pytest.mark.django_db

ENTRIES = [entry for _, entries in GROUPS for entry in entries]
HOME = "/admin/"


def address_of(entry):
    name = entry.url_name if isinstance(entry, Page) else f"admin:{entry.replace('.', '_')}_changelist"
    return reverse(name)


def navigation(client, path=HOME):
    return client.get(path).context["navigation"]


def shown(client):
    return Counter(link.url for group in navigation(client) for link in group.links)


def test_every_list_is_in_one_group():
    registered = {model._meta.label_lower for model in admin.site._registry}
    assert Counter(entry for entry in ENTRIES if not isinstance(entry, Page)) == Counter(registered)


@pytest.mark.parametrize("role", [*ROLES, "superuser", "nobody"])
def test_each_role_sees_once_what_it_may_open_and_nothing_else(as_staff, superuser, role):
    client = superuser if role == "superuser" else as_staff(role)
    may_open = {url for url in map(address_of, ENTRIES) if client.get(url).status_code == 200}
    assert shown(client) == Counter(may_open)
    assert bool(may_open) is (role != "nobody")


def test_a_page_is_shown_to_whoever_has_its_right_alone(as_staff):
    assert set(shown(as_staff(rights=["view_completion"]))) == {
        reverse("admin:tracking_completion_changelist"),
        reverse("admin:tracking_completion_held"),
    }


def test_groups_without_a_page_are_left_out(as_staff):
    assert [group.label for group in navigation(as_staff(rights=["view_level"]))] == ["Catalogue"]
    assert navigation(as_staff()) == []


@pytest.mark.parametrize(
    ("path", "label", "mark"),
    [
        ("/admin/tracking/completion/", "completions", "page"),
        ("/admin/tracking/completion/held/", "Held results", "page"),
        ("/admin/levels/level/add/", "levels", "true"),
    ],
)
def test_the_page_that_is_shown_is_marked(superuser, path, label, mark):
    marked = [
        (link.label.lower(), link.current)
        for group in navigation(superuser, path)
        for link in group.links
        if link.current
    ]
    assert marked == [(label.lower(), mark)]


def test_the_menu_of_phones_works_without_scripts(superuser):
    page = superuser.get(HOME).content.decode()
    assert page.count('<details class="menu">') == 1
    assert page.count('href="/admin/levels/level/"') == 2  # in the menu, and beside the content on wide screens


def test_whoever_is_not_signed_in_sees_no_navigation(client):
    page = client.get("/admin/login/").content.decode()
    assert "menu" not in page
    assert 'role="search"' not in page
