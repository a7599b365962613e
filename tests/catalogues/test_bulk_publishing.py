"""Many achievements or badges are published or unpublished at once, by the rules of one."""

import html
import re

import pytest
from django.urls import reverse

from gamification.models import Achievement
from tests.factories import StaffFactory
from tests.gamification.earnables.factories import AchievementFactory, BadgeFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def editor(client):
    person = StaffFactory()
    client.force_login(person)
    return person


def ask(client, action, rows, **more):
    url = reverse(f"admin:gamification_{rows[0]._meta.model_name}_changelist")
    return client.post(url, {"action": action, "_selected_action": [row.pk for row in rows], **more})


def confirm(client, action, rows):
    page = html.unescape(ask(client, action, rows).content.decode())
    return page, ask(client, action, rows, _apply=re.search(r'name="_apply" value="(\w+)"', page)[1])


def published(rows):
    return [type(row).objects.get(pk=row.pk).published for row in rows]


@pytest.mark.parametrize("factory", [AchievementFactory, BadgeFactory])
def test_many_are_published_and_unpublished(client, editor, factory):
    rows = factory.create_batch(3, published=False)
    page, answer = confirm(client, "publish", rows)
    assert "3 rows change." in page
    assert answer.status_code == 302
    assert published(rows) == [True] * 3
    assert rows[0].history.first().changes == {"published": [False, True]}
    assert rows[0].history.first().history_user == editor
    confirm(client, "unpublish", rows)
    assert published(rows) == [False] * 3


def test_publishing_many_is_no_way_around_the_second_person(client, settings):
    settings.XP_APPROVAL_ABOVE = 1_000
    small = AchievementFactory.create_batch(3, published=False, xp_reward=400)
    rich = AchievementFactory(published=False, xp_reward=5_000)
    free = AchievementFactory(published=False, xp_reward=0)
    page, answer = confirm(client, "publish", [*small, rich, free])
    assert "These are left out" in page
    assert answer.status_code == 302
    assert published([*small, rich, free]) == [True, True, False, False, True]
    again = html.unescape(ask(client, "publish", [small[2]]).content.decode())
    assert "0 rows change." in again
    assert not Achievement.objects.get(pk=rich.pk).published


def test_as_many_statements_for_many(client, django_assert_max_num_queries):
    rows = AchievementFactory.create_batch(40, published=False, xp_reward=1)
    mark = re.search(r'name="_apply" value="(\w+)"', ask(client, "publish", rows).content.decode())[1]
    with django_assert_max_num_queries(20):
        assert ask(client, "publish", rows, _apply=mark).status_code == 302
