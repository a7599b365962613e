"""Achievements and badges as files: strict, repeatable, all or nothing."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalogues.files import CatalogueError
from catalogues.loading import Outcome
from gamification.earnables.catalogue import load_catalogue, shipped_files
from gamification.models import Achievement, Badge, Requirement

from .factories import XP_1000, AchievementFactory, BadgeFactory, metric

pytestmark = pytest.mark.django_db


def row(achievement_id, **fields):
    return {
        "achievement_id": achievement_id,
        "name": f"The {achievement_id}",
        "category": "tests",
        "condition": XP_1000,
        **fields,
    }


def badge(name, **fields):
    return {"name": name, "condition": XP_1000, **fields}


@pytest.fixture
def file(tmp_path):
    """`file(achievements=[…], badges=[…], name=…)` -> the path of a catalogue file."""

    def file(name="mine.json", **collections):
        path = tmp_path / name
        path.write_text(json.dumps(collections))
        return path

    return file


def everything():
    return [list(model.objects.order_by("pk").values()) for model in (Achievement, Badge, Requirement)]


def verdicts(outcomes):
    return [(outcome.kind, outcome.key, outcome.verdict, outcome.changes) for outcome in outcomes]


def test_the_shipped_files_are_created_once_and_then_left_alone():
    assert {outcome.verdict for outcome in load_catalogue(shipped_files())} == {"created"}
    first = everything()
    assert {outcome.verdict for outcome in load_catalogue(shipped_files())} == {"unchanged"}
    assert everything() == first


def test_the_shipped_files_contain_the_documented_numbers():
    load_catalogue(shipped_files())
    rarities = list(Achievement.objects.values_list("rarity", flat=True))
    assert {rarity: rarities.count(rarity) for rarity in rarities} == {
        "common": 8,
        "rare": 11,
        "epic": 6,
        "legendary": 2,
    }
    assert len(set(Achievement.objects.values_list("category", flat=True))) == 9
    assert list(Badge.objects.filter(condition__isnull=True).values_list("name", flat=True)) == ["Beta Tester"]
    assert Badge.objects.count() == 9
    assert Requirement.objects.filter(achievement__isnull=False).count() == 27
    assert Requirement.objects.filter(badge__isnull=False).count() == 8


def test_changes_are_listed_by_field_and_update_requirements(file):
    load_catalogue([file(achievements=[row("a"), row("b"), row("c")], badges=[badge("One")])])
    key = Achievement.objects.get(achievement_id="a").pk
    changed = {"achievements": [row("a", xp_reward=7, condition=metric("languages", 2)), row("b"), row("d")]}
    assert verdicts(load_catalogue([file(**changed, badges=[badge("One", condition=None), badge("Two")])])) == [
        ("achievement", "a", "changed", ["condition", "xp_reward"]),
        ("achievement", "b", "unchanged", []),
        ("achievement", "d", "created", None),
        ("badge", "One", "changed", ["condition"]),
        ("badge", "Two", "created", None),
    ]
    assert Achievement.objects.get(achievement_id="a").pk == key
    thresholds = Requirement.objects.order_by("pk").values_list("achievement__achievement_id", "badge__name", "metric")
    assert set(thresholds) == {
        ("a", None, "languages"),
        ("b", None, "xp"),
        ("c", None, "xp"),
        ("d", None, "xp"),
        (None, "Two", "xp"),
    }
    assert len(thresholds) == 5


def test_a_staff_edit_is_overwritten_and_rows_outside_the_file_stay(file):
    other = AchievementFactory()
    load_catalogue([file(achievements=[row("a")])])
    Achievement.objects.filter(achievement_id="a").update(description="by hand")
    assert verdicts(load_catalogue([file(achievements=[row("a")])])) == [
        ("achievement", "a", "changed", ["description"])
    ]
    assert Achievement.objects.get(achievement_id="a").description == ""
    assert Achievement.objects.filter(pk=other.pk).exists()


def test_two_achievements_may_swap_names(file):
    load_catalogue([file(achievements=[row("a", name="One"), row("b", name="Two")])])
    load_catalogue([file(achievements=[row("a", name="Two"), row("b", name="One")])])
    names = Achievement.objects.order_by("achievement_id").values_list("achievement_id", "name")
    assert list(names) == [("a", "Two"), ("b", "One")]


def test_outcomes_come_in_the_order_of_the_files(file):
    files = [file(name="one.json", badges=[badge("One")]), file(name="two.json", achievements=[row("a")])]
    assert load_catalogue(files) == [
        Outcome("one.json", "badge", "One", None),
        Outcome("two.json", "achievement", "a", None),
    ]


def test_the_number_of_statements_does_not_depend_on_the_rows(file):
    def statements(count):
        rows = [row(f"n{number}") for number in range(count)]
        with CaptureQueriesContext(connection) as captured:
            load_catalogue([file(achievements=rows, badges=[badge(f"n{number}") for number in range(count)])])
        return len(captured)

    assert statements(3) == statements(30)


FAULTS = [
    ({}, "neither achievements nor badges nor metrics are in it."),
    ({"achievements": [], "levels": []}, "levels: unknown field."),
    ({"achievements": {}}, "achievements: a list is needed."),
    ({"achievements": ["a"]}, 'achievement without achievement_id: an object is needed, not "a".'),
    ({"achievements": [{"name": "A"}]}, "achievement without achievement_id: achievement_id: missing."),
    (
        {"achievements": [{**row("a"), "achievement_id": 5}]},
        "achievement without achievement_id: achievement_id: 5 has the wrong type.",
    ),
    ({"achievements": [{k: v for k, v in row("a").items() if k != "condition"}]}, "a: condition: missing."),
    ({"achievements": [row("a", colour="red")]}, "a: colour: unknown field."),
    ({"achievements": [row("a", id=7)]}, "a: id: unknown field."),
    ({"achievements": [row("a", rarity="mythic")]}, "a: rarity: Value 'mythic' is not a valid choice."),
    ({"achievements": [row("a", xp_reward="50")]}, 'a: xp_reward: "50" has the wrong type.'),
    ({"achievements": [row("a", xp_reward=True)]}, "a: xp_reward: true has the wrong type."),
    ({"achievements": [row("a", xp_reward=1.5)]}, "a: xp_reward: 1.5 has the wrong type."),
    ({"achievements": [row("a", xp_reward=-1)]}, "a: xp_reward: Ensure this value is greater than or equal to 0."),
    (
        {"achievements": [row("a", xp_reward=1_000_001)]},
        "a: xp_reward: Ensure this value is less than or equal to 1000000.",
    ),
    (
        {"achievements": [row("a", position=2**31)]},
        "a: position: Ensure this value is less than or equal to 2147483647.",
    ),
    ({"achievements": [row("a", hidden=None)]}, "a: hidden: null has the wrong type."),
    ({"achievements": [row("a", hidden=1)]}, "a: hidden: 1 has the wrong type."),
    ({"achievements": [row("a", name="")]}, "a: name: This field cannot be blank."),
    ({"achievements": [row("a", name="a\x00b")]}, "a: name: Text must not contain NUL characters or lone surrogates."),
    ({"achievements": [row("a", name="\ud800")]}, "a: name: Text must not contain NUL characters or lone surrogates."),
    (
        {"achievements": [row("a", name="x" * 101)]},
        "a: name: Ensure this value has at most 100 characters (it has 101).",
    ),
    (
        {"achievements": [row("a b")]},
        "a b: achievement_id: Enter a valid “slug” consisting of letters, numbers, underscores or hyphens.",
    ),
    ({"achievements": [row("a", icon="trophy")]}, "a: icon: Give the name of a Bootstrap icon, such as bi-trophy."),
    (
        {"achievements": [row("a", icon='bi-x" onload="x')]},
        "a: icon: Give the name of a Bootstrap icon, such as bi-trophy.",
    ),
    ({"achievements": [row("a", condition=None)]}, "a: condition: This field cannot be null."),
    ({"achievements": [row("a", condition={"type": "xp"})]}, 'a: condition: Condition: "threshold" is missing.'),
    ({"achievements": [row("a"), row("a", name="B")]}, "a: achievement_id: “a” is used twice, also by a of mine.json."),
    ({"achievements": [row("a"), row("b", name="The a")]}, "b: name: “The a” is used twice, also by a of mine.json."),
    ({"achievements": [row("a", name="Stored")]}, "a: name: “Stored” is used twice, also by stored."),
    ({"badges": [{"name": "B"}]}, "B: condition: missing."),
    ({"badges": [badge("B", condition={})]}, 'B: condition: Condition: "type" must be one of'),
    ({"badges": [badge("B", condition=[])]}, "B: condition: Condition: give an object"),
    (
        {"badges": [badge("B", icon_url="javascript:alert(1)")]},
        "B: icon_url: Give an address that begins with https:// or with /.",
    ),
    (
        {"badges": [badge("B", icon_url="//evil.example")]},
        "B: icon_url: Give an address that begins with https:// or with /.",
    ),
    ({"badges": [badge("B"), badge("B")]}, "B: name: “B” is used twice, also by B of mine.json."),
]


@pytest.mark.parametrize(("collections", "message"), FAULTS, ids=[message for _, message in FAULTS])
def test_one_bad_row_is_named_and_nothing_changes(collections, message, file):
    AchievementFactory(achievement_id="stored", name="Stored")
    BadgeFactory()
    before = everything()
    with pytest.raises(CatalogueError) as refused:
        load_catalogue([file(name="good.json", achievements=[row("good")]), file(**collections)])
    assert str(refused.value).startswith(f"mine.json: {message}")
    assert everything() == before


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "mine.json: not valid JSON: Expecting value: line 1 column 1 (char 0)."),
        (b"[]", "mine.json: an object is needed, not []."),
        (b'{"badges": [], "badges": []}', "mine.json: not valid JSON: a key is given twice: badges."),
        (
            b'{"badges": [{"name": "B", "condition": {"all": [], "all": []}}]}',
            "mine.json: not valid JSON: a key is given twice",
        ),
        (b"\xff\xfe\xfd", "mine.json: not valid JSON"),
        (b"[" * 100_000, "mine.json: not valid JSON"),
    ],
)
def test_a_file_that_is_no_catalogue_is_refused(content, message, tmp_path):
    path = tmp_path / "mine.json"
    path.write_bytes(content)
    with pytest.raises(CatalogueError) as refused:
        load_catalogue([path])
    assert str(refused.value).startswith(message)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(CatalogueError, match=r"absent\.json: cannot be read: No such file or directory\."):
        load_catalogue([tmp_path / "absent.json"])
