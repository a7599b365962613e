"""The front page of the admin says what waits."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

QUEUE = reverse("admin:tracking_completion_held")


def ago(**more):
    return timezone.now() - timedelta(**more)


def front_page(client):
    return client.get("/admin/").content.decode()


@pytest.mark.parametrize(
    ("number", "sentence"), [(1, "1 held result waits for a decision."), (2, "2 held results wait for a decision.")]
)
def test_the_front_page_of_the_admin_says_how_many_results_wait(client, steward, hold, learner, number, sentence):
    for minutes in range(number):
        hold(learner, ago(minutes=minutes))
    assert f'<a href="{QUEUE}">{sentence}</a>' in front_page(client)


def test_the_front_page_counts_neither_ones_own_results_nor_those_that_others_decide(client, steward, hold, learner):
    hold(steward, ago(hours=1))
    assert "for a decision" not in front_page(client)
    hold(learner, ago(hours=1))
    steward.user_permissions.remove(Permission.objects.get(codename="decide_held_results"))
    assert "for a decision" not in front_page(client)
