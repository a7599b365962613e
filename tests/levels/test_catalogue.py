import json

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from levels.loading.load import load_catalogue, shipped_files
from levels.models import Level, Section, Unit
from levels.prerequisites import stored_prerequisites
from tests.factories import LevelFactory

pytestmark = pytest.mark.django_db


def row(level_id, **fields):
    return {
        "level_id": level_id,
        "name": f"The {level_id}",
        "category": "tests",
        "kind": "simulation",
        "difficulty": "medium",
        "xp_reward": 100,
        **fields,
    }


@pytest.fixture
def file(tmp_path):
    """`file(rows, name=..., **more)` -> the path of a catalogue file."""

    def file(levels, name="mine.json", **more):
        path = tmp_path / name
        path.write_text(json.dumps({"levels": levels, **more}))
        return path

    return file


@pytest.fixture
def load(capsys):
    """`load(*paths, **options)` -> what the command printed."""

    def load(*paths, **options):
        call_command("load_catalogue", *paths, no_color=True, **options)
        return capsys.readouterr().out.splitlines()

    return load


def everything():
    return [
        list(model.objects.order_by("pk").values()) for model in (Section, Unit, Level, Level.prerequisites.through)
    ]


def test_the_shipped_catalogues_are_what_they_say():
    load_catalogue(shipped_files())
    assert list(Level.objects.filter(number__isnull=False).in_order().values_list("number", "level_id", "name")) == [
        (1, "level-1", "The Misinformation Maze"),
        (2, "level-2", "Shadow in the Inbox"),
        (3, "level-3", "Malware Mayhem"),
        (4, "level-4", "The White Hat Test"),
        (5, "level-5", "The Hunt for The Null"),
    ]
    assert Level.objects.get(level_id="level-3").difficulty == "normal"
    mode = Level.objects.get(name="Blue Team vs Red Team Mode")
    assert (mode.kind, mode.repeat_policy) == ("mode", "full")
    assert Level.objects.filter(kind="challenge", xp_rule="proportional", max_score=100, pass_score=70).count() == 7
    training = Level.objects.get(level_id="puk_u1_l4")
    assert (training.category, training.unit, training.metadata) == (
        "puk",
        "puk_u1",
        {"total_questions": 5, "min_correct": 4},
    )
    assert [level.level_id for level in training.prerequisites.all()] == ["puk_u1_l3"]
    assert list(Section.objects.values_list("section_id", flat=True)) == ["puk", "ppgd", "nav", "tali", "sandi"]
    assert list(Unit.objects.filter(section__section_id="puk").values_list("unit_id", "title"))[:2] == [
        ("puk_u1", "Sejarah Kepanduan"),
        ("puk_u2", "Identitas & Atribut"),
    ]


def test_changes_are_reported_field_by_field(file, load):
    load(file([row("a"), row("b", prerequisites=["a"]), row("c")]))
    before = Level.objects.get(level_id="a")
    changed = [row("a", xp_reward=7, tags=["new"]), row("b"), row("c"), row("d")]
    assert load(file(changed)) == [
        "mine.json: 4 levels: 1 created, 2 changed, 1 unchanged",
        "  changed level a: xp_reward, tags",
        "  changed level b: prerequisites",
        "Total: 4 levels: 1 created, 2 changed, 1 unchanged",
    ]
    after = Level.objects.get(level_id="a")
    assert (after.pk, after.xp_reward, after.tags, after.created_at) == (before.pk, 7, ["new"], before.created_at)
    assert after.updated_at > before.updated_at
    assert stored_prerequisites() == {}


def test_details_name_every_row(file, load):
    sections = [{"section_id": "tests", "title": "Tests", "order": 1, "units": []}]
    assert load(file([row("a")], sections=sections), verbosity=2) == [
        "mine.json: 1 section: 1 created, 0 changed, 0 unchanged; 1 level: 1 created, 0 changed, 0 unchanged",
        "  created section tests",
        "  created level a",
        "Total: 1 section: 1 created, 0 changed, 0 unchanged; 1 level: 1 created, 0 changed, 0 unchanged",
    ]


def test_a_quiet_load_says_nothing(file, load):
    assert load(file([row("a")]), verbosity=0) == []


def test_a_staff_edit_is_overwritten_and_rows_outside_the_file_stay(file, load):
    other = LevelFactory()
    load(file([row("a")]))
    Level.objects.filter(level_id="a").update(description="by hand")
    assert "  changed level a: description" in load(file([row("a")]))
    assert Level.objects.get(level_id="a").description == ""
    assert Level.objects.get(pk=other.pk).updated_at == other.updated_at


def test_sections_and_units_are_changed_too(file, load):
    def sections(title, units):
        return [
            {"section_id": "one", "title": title, "order": 1, "units": units},
            {"section_id": "two", "title": "Two", "order": 2, "units": []},
        ]

    unit = {"unit_id": "u", "title": "Unit", "order": 1}
    load(file([], sections=sections("One", [unit])))
    moved = sections("New", [])
    moved[1]["units"] = [unit]
    assert load(file([], sections=moved))[:-1] == [
        "mine.json: 2 sections: 0 created, 1 changed, 1 unchanged; 1 unit: 0 created, 1 changed, 0 unchanged",
        "  changed section one: title",
        "  changed unit u: section_id",
    ]
    assert Unit.objects.get().section.section_id == "two"


def test_two_levels_may_swap_names_and_numbers(file, load):
    load(file([row("a", name="One", number=1), row("b", name="Two", number=2)]))
    load(file([row("a", name="Two", number=2), row("b", name="One", number=1)]))
    assert list(Level.objects.order_by("level_id").values_list("level_id", "name", "number")) == [
        ("a", "Two", 2),
        ("b", "One", 1),
    ]


def test_files_may_need_each_others_levels_and_stored_ones(file, load):
    LevelFactory(level_id="stored")
    load(
        file([row("a", prerequisites=["b", "stored"])], name="first.json"),
        file([row("b")], name="second.json"),
    )
    assert stored_prerequisites() == {"a": ["b", "stored"]}


def test_the_number_of_statements_does_not_depend_on_the_rows(file):
    def statements(count):
        rows = [row(f"n{number}", prerequisites=[f"n{number - 1}"] if number else []) for number in range(count)]
        with CaptureQueriesContext(
            connection,
        ) as queries:
            load_catalogue([file(rows)])
        return len(queries)

    load_catalogue([file([row("other")])])
    assert statements(3) == statements(30)


LEVEL_FAULTS = [
    ([{}], "level without level_id: category: missing."),
    (["a"], 'level without level_id: an object is needed, not "a".'),
    ([{"name": "A"}], "level without level_id: category: missing."),
    ([{k: v for k, v in row("a").items() if k != "xp_reward"}], "a: xp_reward: missing."),
    ([row("a", colour="red")], "a: colour: unknown field."),
    ([row("a", created_by=1)], "a: created_by: unknown field."),
    ([row("a", difficulty="brutal")], "a: difficulty: Value 'brutal' is not a valid choice."),
    ([row("a", kind="movie")], "a: kind: Value 'movie' is not a valid choice."),
    ([row("a", xp_reward="100")], 'a: xp_reward: "100" has the wrong type.'),
    ([row("a", xp_reward=True)], "a: xp_reward: true has the wrong type."),
    ([row("a", xp_reward=None)], "a: xp_reward: null has the wrong type."),
    ([row("a", xp_reward=-1)], "a: xp_reward: Ensure this value is greater than or equal to 0."),
    ([row("a", published="yes")], 'a: published: "yes" has the wrong type.'),
    ([row("a", name="")], "a: name: This field cannot be blank."),
    ([row("a", name="a\x00b")], "a: name: Text must not contain NUL characters or lone surrogates."),
    ([row("a", name="x" * 201)], "a: name: Ensure this value has at most 200 characters (it has 201)."),
    ([row("a", number=0)], "a: number: Ensure this value is greater than or equal to 1."),
    ([row("a", pass_score=1001)], "a: pass_score: Must not exceed the maximum score."),
    ([row("a", tags="one")], 'a: tags: "one" has the wrong type.'),
    ([row("a", tags=[1])], "a: tags: Give a list of texts."),
    ([row("a", metadata=[])], "a: metadata: [] has the wrong type."),
    (
        [row("a", metadata={"min_correct": 2, "total_questions": 1})],
        "a: metadata: “min_correct” must not exceed “total_questions”.",
    ),
    ([row("a", icon="nice")], "a: icon: Give the name of a Bootstrap icon (bi-…) or one emoji."),
    ([row("12")], "12: level_id: Must not consist of digits only."),
    ([row("progress")], "progress: level_id: “progress” is a path of the API."),
    ([row("a b")], "a b: level_id: Enter a valid “slug” consisting of letters, numbers, underscores or hyphens."),
    ([row("a"), row("a", name="B")], "a: level_id: “a” is used twice, also by a of mine.json."),
    ([row("a"), row("b", name="The a")], "b: name: “The a” is used twice, also by a of mine.json."),
    ([row("a", number=1), row("b", number=1)], "b: number: “1” is used twice, also by a of mine.json."),
    ([row("a", name="Stored")], "a: name: “Stored” is used twice, also by stored."),
    ([row("a", number=9)], "a: number: “9” is used twice, also by stored."),
    ([row("a", prerequisites="b")], "a: prerequisites: a list of level_ids is needed."),
    ([row("a", prerequisites=[1])], "a: prerequisites: a list of level_ids is needed."),
    ([row("a"), row("b", prerequisites=["a", "a"])], "b: prerequisites: a level is given twice."),
    ([row("a", prerequisites=["z"])], "a: prerequisites: there is no level “z”."),
    ([row("a", prerequisites=["a"])], "a: prerequisites: Prerequisites must not go in a circle: a → a."),
    (
        [row("a", prerequisites=["b"]), row("b", prerequisites=["c"]), row("c", prerequisites=["a"])],
        "a: prerequisites: Prerequisites must not go in a circle: a → b → c → a.",
    ),
    (
        [row("a", prerequisites=["stored"]), row("base", prerequisites=["a"])],
        "a: prerequisites: Prerequisites must not go in a circle: a → stored → base → a.",
    ),
]


@pytest.mark.parametrize(("levels", "message"), LEVEL_FAULTS, ids=[message for _, message in LEVEL_FAULTS])
def test_one_bad_row_names_itself_and_changes_nothing(levels, message, file, load):
    base = LevelFactory(level_id="base", number=8)
    LevelFactory(level_id="stored", name="Stored", number=9, prerequisites=[base])
    before = everything()
    with pytest.raises(CommandError) as caught:
        load(file([row("good")], name="good.json"), file(levels))
    assert (str(caught.value), caught.value.returncode) == (f"mine.json: {message}", 1)
    assert everything() == before


def section(**fields):
    return {"section_id": "s", "title": "S", "order": 1, "units": [], **fields}


SECTION_FAULTS = [
    ({"sections": {}}, "sections: a list is needed."),
    ({"sections": [{"section_id": "s", "title": "S", "order": 1}]}, "s: units: missing."),
    ({"sections": [section(units=[{"unit_id": "u"}])]}, "s: u: order: missing."),
    ({"sections": [section(order="1")]}, 's: order: "1" has the wrong type.'),
    ({"sections": [section()]}, "a: category: there is no section “tests”."),
    ({"sections": [section(section_id="tests")]}, "a: unit: “tests” has no unit “u”."),
    ({"achievements": []}, "achievements: unknown field."),
]


@pytest.mark.parametrize(("more", "message"), SECTION_FAULTS, ids=[message for _, message in SECTION_FAULTS])
def test_faults_of_sections_are_named(more, message, file, load):
    with pytest.raises(CommandError, match=r"\Amine\.json: ") as caught:
        load(file([row("a", unit="u")], **more))
    assert str(caught.value) == f"mine.json: {message}"
    assert everything() == [[], [], [], []]


def test_a_section_twice_is_refused(file, load):
    with pytest.raises(CommandError) as caught:
        load(file([], sections=[section(), section()]))
    assert str(caught.value) == "mine.json: s: section_id: “s” is used twice, also by s of mine.json."


def test_a_unit_in_two_sections_is_refused(file, load):
    unit = {"unit_id": "u", "title": "U", "order": 1}
    sections = [section(units=[unit]), section(section_id="t", units=[unit])]
    with pytest.raises(CommandError) as caught:
        load(file([], sections=sections))
    assert str(caught.value) == "mine.json: u: unit_id: “u” is used twice, also by u of mine.json."


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "mine.json: not valid JSON: Expecting value: line 1 column 1 (char 0)."),
        (
            b"{",
            "mine.json: not valid JSON: Expecting property name",
        ),
        (b"[]", "mine.json: an object is needed, not []."),
        (b"{}", "mine.json: levels: missing."),
        (b'{"levels": 1}', "mine.json: levels: a list is needed."),
        (b'{"levels": NaN}', "mine.json: not valid JSON: NaN is not JSON."),
        (b'{"levels": [], "levels": []}', "mine.json: not valid JSON: a key is given twice: levels."),
        (b"\xff\xfe\xfd", "mine.json: not valid JSON"),
        (b"[" * 100_000, "mine.json: not valid JSON"),
    ],
)
def test_a_file_that_is_no_catalogue_is_refused(content, message, tmp_path, load):
    path = tmp_path / "mine.json"
    path.write_bytes(content)
    with pytest.raises(CommandError) as caught:
        load(path)
    assert str(caught.value).startswith(message)


def test_a_file_that_is_not_there_is_refused(tmp_path, load):
    with pytest.raises(CommandError) as caught:
        load(tmp_path / "absent.json")
    assert str(caught.value) == f"{tmp_path / 'absent.json'}: cannot be read: No such file or directory."
