"""Limits in the admin. What they share with rule sets is tested there."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.urls import reverse

from gamification.models import LimitSet
from gamification.pricing.limits import DEFAULT_LIMITS
from tests.factories import StaffFactory
from tests.gamification.rule_sets.test_admin import form_of

pytestmark = pytest.mark.django_db

ADD = "admin:gamification_limitset_add"


@pytest.fixture
def draft(db):
    return LimitSet.objects.create(version=2, note="Shorter days", limits={**DEFAULT_LIMITS, "xp_per_day": 500})


def url(page, limits):
    return reverse(f"admin:gamification_limitset_{page}", args=[limits.pk])


def versions():
    return dict(LimitSet.objects.values_list("version", "status"))


def test_version_1_is_in_force_with_the_shipped_limits():
    published = LimitSet.objects.get()
    assert (published.version, published.status, published.limits) == (1, "published", DEFAULT_LIMITS)


def test_a_new_draft_begins_with_the_limits_in_force(admin_client):
    form = form_of(admin_client, reverse(ADD), note="As before")
    assert (form["version"], form["xp_per_day"], form["metric_per_day__words_learned"]) == (2, 5000, 2000)
    assert admin_client.post(reverse(ADD), form).status_code == 302
    assert LimitSet.objects.get(version=2).limits == DEFAULT_LIMITS


def test_a_limit_is_switched_off_by_leaving_it_empty(admin_client, draft):
    form = form_of(admin_client, url("change", draft), seconds_per_hour="", metric_per_day__conversations="")
    assert admin_client.post(url("change", draft), form).status_code == 302
    draft.refresh_from_db()
    assert (draft.limits["seconds_per_hour"], draft.limits["metric_per_day"]["conversations"]) == (None, None)


@pytest.mark.parametrize(("field", "value"), [("xp_per_day", "0"), ("min_time_percent", "101"), ("note", "")])
def test_a_bad_limit_is_refused_at_its_field(admin_client, draft, field, value):
    answer = admin_client.post(url("change", draft), form_of(admin_client, url("change", draft), **{field: value}))
    assert list(answer.context["adminform"].form.errors) == [field]


def test_publishing_shows_both_values_and_is_logged(admin_client, draft, settings):
    page = " ".join(admin_client.get(url("publish", draft)).content.decode().split())
    assert '<tr><th scope="row">xp_per_day</th><td>5000</td><td>500</td>' in page
    assert "From then on results are judged by the new limits." in page
    comparison = admin_client.get(url("publish", draft)).context["form"].initial
    assert admin_client.post(url("publish", draft), comparison).status_code == 302
    assert versions() in ({1: "retired", 2: "published"}, {1: "published", 2: "draft"})
    assert LogEntry.objects.count() == 1


def test_published_limits_are_shown_and_never_change(admin_client):
    published = LimitSet.objects.get()
    assert "<td>4500</td>" in admin_client.get(url("change", published)).content.decode()
    assert admin_client.post(url("change", published), {"version": 9}).status_code == 403
    assert admin_client.post(url("delete", published), {"post": "yes"}).status_code == 403


def test_publishing_requires_the_change_permission(client, draft):
    looker = StaffFactory(is_superuser=False)
    looker.user_permissions.set(Permission.objects.filter(codename="view_limitset"))
    client.force_login(looker)
    assert client.get(url("change", draft)).status_code == 200
    assert client.post(url("publish", draft)).status_code == 403
    assert versions() == {1: "published", 2: "draft"}
