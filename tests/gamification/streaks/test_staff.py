"""Streaks in the admin."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from gamification.awards.activity import check_in
from gamification.streaks.changing_zones import change_time_zone

from .day_patterns import day, noon

pytestmark = pytest.mark.django_db


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
