"""Copies of levels with their questions, of achievements, and of badges."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from change_history.context import because
from gamification.models import Achievement, Badge
from levels.duplicates import duplicate_level
from levels.models import Level, Question
from tests.factories import LevelFactory, QuestionFactory, StaffFactory, UserFactory
from tests.gamification.earnables.factories import XP_1000, AchievementFactory, BadgeFactory
from tests.threads import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client):
    person = StaffFactory()
    client.force_login(person)
    return person


def url_of(row):
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_duplicate", args=[row.pk])


def made_of(client, row):
    answer = client.post(url_of(row))
    assert answer.status_code == 302, answer.status_code
    copy = type(row).objects.latest("pk")
    assert answer["Location"].endswith(f"/{copy.pk}/change/")
    return copy


def test_a_level_is_copied_with_its_questions_and_prerequisites(client, staff, django_assert_max_num_queries):
    needed = LevelFactory()
    level = LevelFactory(
        level_id="maze",
        name="Maze",
        skills=["A"],
        metadata={"intro": "Hi", "app": 1},
        translations={"id": {"name": "Labirin", "skills": ["B"], "intro": "Hai"}},
        prerequisites=[needed],
        xp_reward=50,
    )
    questions = QuestionFactory.create_batch(3, level=level)
    with django_assert_max_num_queries(30):
        copy = made_of(client, level)
    assert (copy.level_id, copy.name, copy.number, copy.published) == ("maze-copy", "Copy of Maze", None, False)
    assert (copy.skills, copy.metadata, copy.xp_reward) == (["A"], {"intro": "Hi", "app": 1}, 50)
    assert copy.translations == {"id": {"name": "Salinan dari Labirin", "skills": ["B"], "intro": "Hai"}}
    assert (copy.created_by, list(copy.prerequisites.all())) == (staff, [needed])
    copies = list(copy.questions.all())
    assert [question.question_id for question in copies] == [f"maze-copy-q{place}" for place in (1, 2, 3)]
    assert [question.prompt for question in copies] == [question.prompt for question in questions]
    assert all(question.draw_key != other.draw_key for question, other in zip(copies, questions, strict=True))
    assert copy.history.get(history_type="+").history_user == staff
    assert [question.history.count() for question in copies] == [1, 1, 1]
    assert LogEntry.objects.latest("pk").object_repr == "Copy of Maze"
    copy.full_clean()


def test_a_copy_of_a_level_with_many_questions_takes_as_many_statements(client, staff, django_assert_max_num_queries):
    level = LevelFactory()
    QuestionFactory.create_batch(60, level=level)
    with django_assert_max_num_queries(30):
        assert made_of(client, level).questions.count() == 60


def test_copies_of_copies_have_free_names(client, staff, time_machine):
    level = LevelFactory(level_id="maze", name="Maze")
    QuestionFactory(level=level)
    QuestionFactory(level=level, question_id="maze-copy-q1")
    first = made_of(client, level)
    time_machine.move_to(first.created_at.timestamp() + 60)
    second = made_of(client, level)
    assert (second.level_id, second.name) == ("maze-copy-2", "Copy of Maze (2)")
    assert [question.question_id for question in first.questions.all()] == ["maze-copy-q1-2", "maze-copy-q2-2"]


def test_the_longest_names_are_cut(client, staff):
    level = LevelFactory(level_id="x" * 100, name="y" * 200)
    QuestionFactory(level=level, question_id="z" * 100)
    copy = made_of(client, level)
    assert (len(copy.level_id) <= 100, len(copy.name) <= 200) == (True, True)
    copy.full_clean()
    copy.questions.get().full_clean()


@pytest.mark.parametrize("factory", [LevelFactory, AchievementFactory, BadgeFactory])
def test_a_double_click_makes_one_copy(client, staff, factory):
    row = factory()
    assert client.post(url_of(row))["Location"] == client.post(url_of(row))["Location"]
    assert type(row).objects.count() == 2
    assert LogEntry.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_the_same_moment_make_one_copy():
    level, person, now = LevelFactory(), StaffFactory(), timezone.now()

    def click():
        with because("", actor=person):
            return duplicate_level(level=level, actor=person, at=now)

    made = at_once([click, click])
    assert sorted(is_new for _copy, is_new in made) == [False, True]
    assert Level.objects.count() == 2


def test_an_achievement_and_a_badge_are_copied(client, staff):
    words = AchievementFactory(
        name="Words", achievement_id="words", xp_reward=50, condition=XP_1000, translations={"id": {"name": "Kata"}}
    )
    copy = made_of(client, words)
    assert (copy.name, copy.achievement_id, copy.published) == ("Copy of Words", "words-copy", False)
    assert (copy.condition, copy.xp_reward, copy.translations) == (XP_1000, 50, {"id": {"name": "Salinan dari Kata"}})
    assert list(copy.requirements.values_list("metric", "threshold")) == [("xp", 1000)]
    badge = made_of(client, BadgeFactory(name="Helper"))
    assert (badge.name, badge.condition, badge.published) == ("Copy of Helper", None, False)


def test_a_copy_is_no_way_around_the_second_person(client, staff, settings):
    settings.XP_APPROVAL_ABOVE = 1_000
    rich = LevelFactory(xp_rule="fixed", xp_reward=5_000)
    copy = made_of(client, rich)
    assert (copy.xp_reward, copy.xp_rule) == (0, "fixed")
    high = made_of(client, LevelFactory(xp_rule="formula", max_score=1_000_000, difficulty="expert"))
    assert (high.xp_reward, high.xp_rule) == (0, "fixed")
    again = made_of(client, LevelFactory(xp_rule="fixed", xp_reward=10, repeat_policy="full"))
    assert again.repeat_policy == "improvement"
    assert made_of(client, AchievementFactory(xp_reward=5_000)).xp_reward == 0


@pytest.mark.parametrize("factory", [LevelFactory, AchievementFactory, BadgeFactory])
def test_who_may_not_add_cannot_copy(client, factory):
    row = factory()
    viewer = UserFactory(is_staff=True)
    name = row._meta.model_name
    viewer.user_permissions.set(Permission.objects.filter(codename__in=[f"view_{name}", f"change_{name}"]))
    client.force_login(viewer)
    assert client.post(url_of(row)).status_code == 403
    assert "duplicate" not in client.get(url_of(row).replace("duplicate", "change")).content.decode()
    viewer.user_permissions.set(Permission.objects.filter(codename=f"add_{name}"))
    assert client.post(url_of(row)).status_code == 403
    client.force_login(UserFactory())
    assert client.post(url_of(row)).status_code == 302
    assert type(row).objects.count() == 1


def test_a_copy_is_made_by_post_of_a_row_that_exists(client, staff):
    level = LevelFactory()
    assert client.get(url_of(level)).status_code == 405
    assert client.post("/admin/levels/level/999/duplicate/").status_code == 404
    assert (Level.objects.count(), Question.objects.count(), Achievement.objects.count()) == (1, 0, 0)
    assert not Badge.objects.exists()
