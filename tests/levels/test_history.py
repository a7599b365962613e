"""What levels/ keeps, so that an old result is judged by the level that was played."""

import json

import pytest
from django.utils import timezone

from levels.history import level_as_of, missing_as_of
from levels.loading.load import load_catalogue
from levels.models import PLAY_RULES, Level, LevelChange
from levels.services import save_level, set_prerequisites
from tests.factories import LevelFactory
from tests.levels.test_admin import form as admin_form

pytestmark = pytest.mark.django_db


@pytest.fixture
def an_hour_later(time_machine):
    """Call it: an hour passes, and the moment before is returned."""
    time_machine.move_to("2026-11-20T10:00:00Z", tick=False)

    def pass_an_hour():
        before = timezone.now()
        time_machine.shift(3600)
        return before

    return pass_an_hour


def stored(level):
    return Level.objects.get(pk=level.pk)


def play_rules(level):
    return {name: getattr(level, name) for name in PLAY_RULES}


FIRST = {
    "verified_only": False,
    "published": True,
    "unlocked": True,
    "coming_soon": False,
    "max_score": 1000,
    "pass_score": 100,
    "metadata": {"min_seconds": 3},
}


@pytest.mark.parametrize(
    "changed",
    [
        {"published": False},
        {"unlocked": False},
        {"coming_soon": True},
        {"max_score": 100},
        {"pass_score": 700},
        {"metadata": {}},
        {"published": False, "max_score": 200, "name": "Another name"},
    ],
    ids=str,
)
def test_a_level_is_seen_as_it_was_before_each_change(changed, an_hour_later):
    level = LevelFactory(**FIRST)
    first = an_hour_later()
    save_level(level=stored(level), fields=changed)
    second = an_hour_later()
    save_level(level=stored(level), fields={"max_score": 5000, "pass_score": 0})
    now = stored(level)
    rules_changed = {name: value for name, value in changed.items() if name in PLAY_RULES}
    assert play_rules(level_as_of(now, first)) == FIRST
    assert play_rules(level_as_of(now, second)) == FIRST | rules_changed
    assert level_as_of(now, timezone.now()) is now
    assert level_as_of(now, first).name == now.name


def test_a_level_that_never_changed_costs_no_statement(an_hour_later, django_assert_num_queries):
    level = LevelFactory()
    before = an_hour_later()
    save_level(level=stored(level), fields={"name": "Another name", "xp_reward": 5})
    now = stored(level)
    with django_assert_num_queries(0):
        assert level_as_of(now, before) is now
    assert not LevelChange.objects.exists()


def test_a_value_that_is_saved_again_is_no_change():
    level = LevelFactory(max_score=500)
    save_level(level=stored(level), fields={"max_score": 500})
    stored(level).save()
    assert not LevelChange.objects.exists()


def test_a_change_that_is_made_by_a_queryset_is_kept_too(an_hour_later, django_assert_num_queries):
    levels = [LevelFactory() for _ in range(3)]
    before = an_hour_later()
    # The levels, their prerequisites, the play rules; for the record before and after, with the update in between.
    with django_assert_num_queries(9):
        Level.objects.update(published=False)
    assert [level_as_of(stored(level), before).published for level in levels] == [True] * 3
    assert not Level.objects.visible().exists()


def test_what_was_not_loaded_is_not_compared():
    level = LevelFactory(max_score=500)
    partial = Level.objects.only("name").get(pk=level.pk)
    partial.name = "Another name"
    partial.save()
    assert (stored(level).max_score, stored(level).name) == (500, "Another name")
    assert not LevelChange.objects.exists()


def test_prerequisites_are_those_of_the_moment(an_hour_later):
    first, second = LevelFactory(), LevelFactory()
    level = LevelFactory()
    open_to_all = an_hour_later()
    save_level(level=stored(level), fields={}, prerequisites=[first.level_id])
    needed_the_first = an_hour_later()
    save_level(level=stored(level), fields={}, prerequisites=[second.level_id])
    now = stored(level)
    assert missing_as_of(now, open_to_all, passed=[]) == []
    assert missing_as_of(now, needed_the_first, passed=[]) == [first]
    assert missing_as_of(now, timezone.now(), passed=[]) == [second]
    assert missing_as_of(now, needed_the_first, passed=[first.pk]) == []


def test_a_prerequisite_counts_while_it_was_published(an_hour_later):
    needed = LevelFactory()
    level = LevelFactory(prerequisites=[needed])
    published = an_hour_later()
    save_level(level=stored(needed), fields={"published": False}, confirmed=True)
    hidden = an_hour_later()
    save_level(level=stored(needed), fields={"published": True})
    now = stored(level)
    assert missing_as_of(now, published, passed=[]) == [needed]
    assert missing_as_of(now, hidden, passed=[]) == []
    assert missing_as_of(now, timezone.now(), passed=[]) == [needed]


def test_the_same_prerequisites_in_another_order_are_no_change():
    first, second = LevelFactory(), LevelFactory()
    level = LevelFactory(prerequisites=[first, second])
    set_prerequisites(level=level, needed=[second, first])
    assert not LevelChange.objects.exists()


def test_the_history_goes_with_its_level(an_hour_later):
    level = LevelFactory()
    save_level(level=stored(level), fields={"published": False})
    level.delete()
    assert not LevelChange.objects.exists()


def test_the_admin_keeps_what_was(client, staff, an_hour_later):
    first, second = LevelFactory(), LevelFactory()
    level = LevelFactory(prerequisites=[first], max_score=500, pass_score=0)
    before = an_hour_later()
    client.force_login(staff)
    data = admin_form(level, prerequisites=[second.pk], max_score="900")
    assert client.post(f"/admin/levels/level/{level.pk}/change/", data).status_code == 302
    now = stored(level)
    assert (now.max_score, list(now.prerequisites.all())) == (900, [second])
    assert level_as_of(now, before).max_score == 500
    assert missing_as_of(now, before, passed=[]) == [first]


def test_the_loader_keeps_what_was(an_hour_later, tmp_path):
    path = tmp_path / "catalogue.json"
    row = {"level_id": "a", "name": "A", "category": "c", "kind": "mode", "difficulty": "easy", "xp_reward": 1}
    other = {**row, "level_id": "b", "name": "B"}
    path.write_text(json.dumps({"levels": [row, other]}))
    load_catalogue([path])
    before = an_hour_later()
    path.write_text(json.dumps({"levels": [{**row, "prerequisites": ["b"], "max_score": 50}, {**other, "name": "C"}]}))
    load_catalogue([path])
    load_catalogue([path])
    now, b = Level.objects.get(level_id="a"), Level.objects.get(level_id="b")
    assert (level_as_of(now, before).max_score, now.max_score) == (1000, 50)
    assert (missing_as_of(now, before, passed=[]), missing_as_of(now, timezone.now(), passed=[])) == ([], [b])
    assert LevelChange.objects.count() == 1


def test_saving_what_was_read_before_a_change_does_not_forget_the_change(an_hour_later):
    level, needed = LevelFactory(), LevelFactory()
    before, stale = an_hour_later(), stored(level)
    set_prerequisites(level=stored(level), needed=[needed])
    stale.save()
    assert missing_as_of(stored(level), before, passed=[]) == []
