"""What depends on a level is shown before it is unpublished or deleted, and never read whole."""

import html
from datetime import timedelta

import pytest
from django.utils import timezone

from catalogues import deleting
from gamification.models import Achievement
from levels.dependants import dependants_of
from levels.models import Level, Section
from tests.factories import LevelFactory, StaffFactory, UserFactory
from tests.gamification.earnables.factories import AchievementFactory, UnlockFactory
from tracking.models import Completion, LearningSession
from tracking.recording.completions import Claim
from tracking.recording.services import complete_level

from .test_admin import LIST, change_url, form

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def staff(client):
    client.force_login(StaffFactory())


def words(level):
    return [dependant.words for dependant in dependants_of([level])]


def begin(level, **fields):
    return LearningSession.objects.create(
        learner=UserFactory(), level=level, **{"start_time": timezone.now(), **fields}
    )


def complete(level):
    now = timezone.now()
    return complete_level(learner=UserFactory(), claim=Claim(level.level_id, 900, 100), source="api", at=now)


def page(client, url):
    return html.unescape(client.get(url).content.decode())


def test_levels_open_sessions_and_results_are_named_with_their_numbers():
    level = LevelFactory()
    assert words(level) == []
    LevelFactory(name="Second", prerequisites=[level])
    begin(level)
    begin(level, start_time=timezone.now() - timedelta(days=400))
    begin(LevelFactory())
    complete(level)
    assert words(level) == [
        "“Second” requires this level and will open without it.",
        "Open sessions and plays: 1. Who is in one no longer finds an unpublished level.",
        "Results of learners, which stay: 1.",
    ]


def test_numbers_are_counted_up_to_a_bound(monkeypatch):
    monkeypatch.setattr(deleting, "MOST_COUNTED", 2)
    level = LevelFactory()
    for _ in range(2):
        begin(level)
    assert "Open sessions and plays: 2." in words(level)[0]
    begin(level)
    assert "Open sessions and plays: more than 2." in words(level)[0]


def test_unpublishing_a_level_in_play_takes_a_second_thought(client):
    level = LevelFactory()
    begin(level)
    shown = page(client, change_url(level))
    assert "Open sessions and plays: 1." in shown
    assert "Unpublish anyway" in shown
    data = {name: value for name, value in form(level).items() if name != "published"}
    answer = client.post(change_url(level), data)
    (error,) = answer.context["adminform"].form.errors["published"]
    assert error.endswith("no longer finds an unpublished level. To go on, tick “Unpublish anyway”.")
    assert Level.objects.get(pk=level.pk).published
    assert client.post(change_url(level), {**data, "unpublish_anyway": "on"}).status_code == 302
    assert not Level.objects.get(pk=level.pk).published


def test_a_level_with_nothing_open_is_unpublished_at_once(client):
    level = LevelFactory()
    complete(level)
    data = {name: value for name, value in form(level).items() if name != "published"}
    assert client.post(change_url(level), data).status_code == 302


@pytest.mark.parametrize("use", [complete, begin])
def test_a_level_that_was_played_is_not_deleted_and_the_page_says_what_to_do(client, use):
    level = LevelFactory(name="Maze")
    use(level)
    url = f"/admin/levels/level/{level.pk}/delete/"
    shown = page(client, url)
    assert "“Maze” cannot be deleted:" in shown
    assert "Unpublish instead: then learners no longer see it." in shown
    client.post(url, {"post": "yes"})
    many = {"action": "delete_selected", "_selected_action": [level.pk, LevelFactory().pk], "post": "yes"}
    assert "cannot be deleted together" in html.unescape(client.post(LIST, many).content.decode())
    assert Level.objects.count() == 2


def test_the_pages_take_few_statements_and_load_no_results(client, django_assert_max_num_queries):
    level = LevelFactory()
    for _ in range(5):
        complete(level)
    client.get(change_url(level))
    for url in (f"/admin/levels/level/{level.pk}/delete/", change_url(level)):
        with django_assert_max_num_queries(12) as queries:
            client.get(url)
        assert not [
            query for query in queries if Completion._meta.db_table in query["sql"] and "COUNT" not in query["sql"]
        ]


def test_a_section_with_many_levels_names_a_few(client):
    section = Section.objects.create(section_id="s", title="S")
    LevelFactory.create_batch(7, category="s")
    shown = page(client, f"/admin/levels/section/{section.pk}/delete/")
    assert "and more. Move them first." in shown
    assert shown.count("Test level") == 5


def test_an_achievement_that_somebody_has_is_not_deleted(client):
    achievement = AchievementFactory(name="Words")
    UnlockFactory(achievement=achievement)
    UnlockFactory(achievement=achievement, revoked_at=timezone.now())
    url = f"/admin/gamification/achievement/{achievement.pk}/delete/"
    shown = page(client, url)
    assert "Learners who have or had “Words”: 2." in shown
    assert "Unpublish instead" in shown
    client.post(url, {"post": "yes"})
    assert Achievement.objects.exists()
