"""`manage.py load_catalogue`: levels, achievements and badges, each file recognised by its content."""

import json
import re

import pytest
from django.core.management import CommandError, call_command

from gamification.models import Achievement, Badge
from levels.models import Level, Question, Section, Unit
from tests.gamification.earnables.factories import XP_1000

pytestmark = pytest.mark.django_db

GROUPS_CREATED = "5 sections: 5 created, 0 changed, 0 unchanged; 25 units: 25 created, 0 changed, 0 unchanged"
GROUPS_UNCHANGED = "5 sections: 0 created, 0 changed, 5 unchanged; 25 units: 0 created, 0 changed, 25 unchanged"
EARNABLES_CREATED = "27 achievements: 27 created, 0 changed, 0 unchanged; 9 badges: 9 created, 0 changed, 0 unchanged"
EARNABLES_UNCHANGED = "27 achievements: 0 created, 0 changed, 27 unchanged; 9 badges: 0 created, 0 changed, 9 unchanged"

NEW = "1 created, 0 changed, 0 unchanged"
LEVEL = {"level_id": "a", "name": "A", "category": "c", "kind": "mode", "difficulty": "easy", "xp_reward": 1}
ACHIEVEMENT = {"achievement_id": "a", "name": "A", "category": "c", "condition": XP_1000}
BADGE = {"name": "B", "condition": None}


@pytest.fixture
def load(capsys):
    """`load(*paths, **options)` -> what the command printed."""

    def load(*paths, **options):
        call_command("load_catalogue", *paths, no_color=True, **options)
        return capsys.readouterr().out.splitlines()

    return load


@pytest.fixture
def file(tmp_path):
    def file(name, **document):
        path = tmp_path / name
        path.write_text(json.dumps(document))
        return path

    return file


def everything():
    return [
        list(model.objects.order_by("pk").values()) for model in (Section, Unit, Level, Question, Achievement, Badge)
    ]


def without_questions(lines):
    """tests/levels/loading/ looks at these."""
    others = [line for line in lines if "levels" in line or "question" not in line]
    return [re.sub(r" \d+ questions: [^;]+;", "", line) for line in others]


def test_all_that_ships_is_created_once_and_then_left_alone(load):
    assert without_questions(load()) == [
        "coding.json: 7 levels: 7 created, 0 changed, 0 unchanged",
        "cyber.json: 6 levels: 6 created, 0 changed, 0 unchanged",
        f"scouting.json: {GROUPS_CREATED}; 125 levels: 125 created, 0 changed, 0 unchanged",
        "achievements.json: 27 achievements: 27 created, 0 changed, 0 unchanged",
        "badges.json: 9 badges: 9 created, 0 changed, 0 unchanged",
        f"Total: 138 levels: 138 created, 0 changed, 0 unchanged; {GROUPS_CREATED}; {EARNABLES_CREATED}",
    ]
    first = everything()
    assert without_questions(load())[-1] == (
        f"Total: 138 levels: 0 created, 0 changed, 138 unchanged; {GROUPS_UNCHANGED}; {EARNABLES_UNCHANGED}"
    )
    assert everything() == first


def test_a_file_is_recognised_by_its_content_and_not_by_its_name(file, load):
    paths = [file("1.json", badges=[BADGE], achievements=[ACHIEVEMENT]), file("2.json", levels=[LEVEL])]
    assert load(*paths, verbosity=2) == [
        "2.json: 1 level: 1 created, 0 changed, 0 unchanged",
        "  created level a",
        "1.json: 1 achievement: 1 created, 0 changed, 0 unchanged; 1 badge: 1 created, 0 changed, 0 unchanged",
        "  created achievement a",
        "  created badge B",
        f"Total: 1 level: {NEW}; 1 achievement: {NEW}; 1 badge: {NEW}",
    ]


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"achievements": [{**ACHIEVEMENT, "condition": {}}]}, "bad.json: a: condition: Condition: "),
        ({"levels": [{**LEVEL, "name": ""}]}, "bad.json: a: name: This field cannot be blank."),
        ({"levels": [], "achievements": []}, "bad.json: achievements: unknown field."),
    ],
)
def test_one_invalid_file_refuses_the_whole_load(file, load, bad, message):
    good = [file("1.json", badges=[BADGE]), file("2.json", levels=[{**LEVEL, "level_id": "b", "name": "B"}])]
    with pytest.raises(CommandError) as refused:
        load(*good, file("bad.json", **bad))
    assert str(refused.value).startswith(message)
    assert everything() == [[]] * 6


def test_a_changed_achievement_is_reported(file, load):
    load(file("1.json", achievements=[ACHIEVEMENT]))
    assert load(file("1.json", achievements=[{**ACHIEVEMENT, "xp_reward": 5, "hidden": True}]))[:-1] == [
        "1.json: 1 achievement: 0 created, 1 changed, 0 unchanged",
        "  changed achievement a: hidden, xp_reward",
    ]


def test_once_leaves_what_staff_have_edited(load):
    load(once=True)
    Level.objects.filter(level_id="level-2").update(published=False)
    Achievement.objects.filter(achievement_id="week_warrior").update(name="Week of a Warrior")
    (line,) = load(once=True)
    assert line.startswith("The catalogue stays as it is")
    assert not Level.objects.get(level_id="level-2").published
    assert "  changed level level-2: published" in load()


def test_it_warns_of_a_level_that_is_unpublished_although_others_require_it(file, capsys):
    second = {**LEVEL, "level_id": "b", "name": "B", "prerequisites": ["a"]}
    call_command("load_catalogue", file("1.json", levels=[LEVEL, second]))
    unpublished = {**LEVEL, "published": False}
    for expected in ["1.json: a is unpublished, so these levels open without it: b.\n", ""]:
        capsys.readouterr()
        call_command("load_catalogue", file("1.json", levels=[unpublished, second]), no_color=True)
        assert capsys.readouterr().err == expected
