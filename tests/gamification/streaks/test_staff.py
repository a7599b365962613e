"""Streaks in the admin, and granting an amnesty there."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from gamification.awards.activity import check_in
from gamification.models import Amnesty
from gamification.streaks.changing_zones import change_time_zone
from tests.factories import StaffFactory

from .day_patterns import day, noon, pattern_of

pytestmark = pytest.mark.django_db

ADD = "admin:gamification_amnesty_add"


def form(**changes):
    times = {"starts_at_0": "2026-03-03", "starts_at_1": "10:00", "ends_at_0": "2026-03-04", "ends_at_1": "11:00"}
    return {**times, "reason": "Maintenance", **changes}


def test_staff_grant_an_amnesty_in_the_admin(admin_client, learner, time_machine, django_capture_on_commit_callbacks):
    for number in [1, 2]:
        check_in(learner.pk, at=noon(number))
    time_machine.move_to(noon(5), tick=False)
    with django_capture_on_commit_callbacks(execute=True):
        answer = admin_client.post(reverse(ADD), form())
    amnesty = Amnesty.objects.get()
    assert (answer.status_code, amnesty.created_by.username, amnesty.created_at) == (302, "admin", noon(5))
    assert pattern_of(learner) == "AAPP"
    page = admin_client.get(reverse("admin:gamification_amnesty_changelist"))
    assert "Maintenance" in page.content.decode()


@pytest.mark.parametrize(
    ("changes", "words"),
    [({"ends_at_0": "2026-03-02"}, "It must end after it starts."), ({"ends_at_0": "2026-05-02"}, "at most 31 days")],
)
def test_the_form_shows_what_is_wrong(admin_client, changes, words):
    assert words in admin_client.post(reverse(ADD), form(**changes)).content.decode()
    assert Amnesty.objects.count() == 0


def test_a_granted_amnesty_cannot_be_changed_or_deleted(admin_client, grant):
    amnesty = grant(1, 2)
    change = reverse("admin:gamification_amnesty_change", args=[amnesty.pk])
    assert admin_client.get(change).status_code == 200
    assert admin_client.post(change, form()).status_code == 403
    assert admin_client.post(reverse("admin:gamification_amnesty_delete", args=[amnesty.pk])).status_code == 403


def test_staff_without_the_permission_cannot_grant_an_amnesty(client):
    client.force_login(StaffFactory(is_superuser=False))
    assert client.post(reverse(ADD), form()).status_code == 403


@pytest.mark.parametrize("model", ["activityday", "freezeevent", "timezonechange"])
def test_rows_of_learners_are_read_only(admin_client, learner, model):
    for number in [1, 3]:
        check_in(learner.pk, at=noon(number))
    change_time_zone(learner.pk, "Asia/Jakarta", at=datetime(2026, 3, 4, tzinfo=UTC))
    page = admin_client.get(reverse(f"admin:gamification_{model}_changelist"), {"q": learner.username})
    rows = page.context["cl"].queryset
    assert rows.exists()
    change = reverse(f"admin:gamification_{model}_change", args=[rows[0].pk])
    assert admin_client.get(change).status_code == 200
    assert admin_client.post(change, {"date": str(day(9))}).status_code == 403
    assert admin_client.get(reverse(f"admin:gamification_{model}_add")).status_code == 403
    assert admin_client.post(reverse(f"admin:gamification_{model}_delete", args=[rows[0].pk])).status_code == 403
