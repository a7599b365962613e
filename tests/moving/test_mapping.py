"""Mapping files: what they can say, and which place an error names."""

from zoneinfo import ZoneInfo

import pytest

from skillquest.moving.errors import InputError
from skillquest.moving.mapping import HeaderMapping, load_mapping
from skillquest.moving.tables import Row

LEARNER = "records: [{kind: learner, fields: {external_id: id}}]"


@pytest.fixture
def load(tmp_path):
    def load(text):
        path = tmp_path / "mapping.yaml"
        path.write_text(text)
        return load_mapping(path)

    return load


def records(mapping, **values):
    return [(record.kind, record.values, record.problem) for record in mapping.records_of(Row(2, values))]


def test_one_row_becomes_several_records(load):
    mapping = load("""
        records:
          - kind: learner
            fields: {external_id: {column: nr, prefix: x-}, display_name: {columns: [first, last]}}
          - kind: badge
            only_if: {column: badge, is: [yes, ja]}
            fields: {external_id: {column: nr, prefix: x-}, badge: {constant: Pioneer}, date: {constant: 2024-01-01}}
          - kind: opening_xp
            only_if: {column: xp, filled: true}
            fields: {external_id: {column: nr, prefix: x-}, amount: xp, date: {constant: 2024-01-01}}
    """)
    assert [kind for kind, _, _ in records(mapping, nr="1", first="Ana", last=" ", badge="ja", xp=" ")] == [
        "learner",
        "badge",
    ]
    [(_, values, _), (_, xp, problem)] = records(mapping, nr="1", first="Ana", last="Putri", badge="", xp="5")
    assert values == {"external_id": "x-1", "display_name": "Ana Putri"}
    assert (xp["amount"], problem) == (5, "")


def test_values_are_translated_and_defaults_fill_what_is_empty(load):
    mapping = load("""
        records:
          - kind: completion
            fields:
              external_id: id
              level: {column: task, values: {1: level-1, "two": 2}}
              occurred_at: when
              score: {column: score, default: 0}
    """)
    [(_, values, _)] = records(mapping, id="a", task="1", when="2024-01-01", score="")
    assert (values["level"], values["score"]) == ("level-1", 0)
    [(_, values, problem)] = records(mapping, id="a", task="two", when="2024-01-01", score="3")
    assert (values["level"], values["score"], problem) == ("2", 3, "")
    [(_, _, problem)] = records(mapping, id="a", task="9", when="2024-01-01", score="3")
    assert problem == "level: “9” has no translation in the mapping"


def test_columns_that_the_file_lacks_are_named(load):
    with pytest.raises(InputError, match=r"The file has no column “id”. It has: ID, Name."):
        load(LEARNER).check_columns(["ID", "Name"])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("records: [", "cannot be read"),
        ("- 1", "the mapping must be a table"),
        ("records: []", "“records” must be a list"),
        ("recods: []", "the mapping: unknown “recods”; known are records, skip_lines, time_zone"),
        (f"time_zone: Mars/Olympus\n{LEARNER}", "unknown time zone “Mars/Olympus”"),
        (f"skip_lines: -1\n{LEARNER}", "“skip_lines” must be"),
        ("records: [{kind: quest, fields: {}}]", "record 1: kind must be one of learner, .*, not “quest”"),
        ("records: [{kind: learner, fields: {}}]", "record 1 .learner.: no value for external_id"),
        ("records: [{kind: learner, fields: {external_id: id, colour: c}}]", "record 1 .learner.: unknown “colour”"),
        ("records: [{kind: learner, fields: {external_id: {colum: id}}}]", "record 1, external_id: unknown “colum”"),
        (
            "records: [{kind: learner, fields: {external_id: {prefix: a}}}]",
            "record 1, external_id: give either a column",
        ),
        (
            "records: [{kind: learner, fields: {external_id: {column: a, constant: b}}}]",
            "record 1, external_id: give either a column",
        ),
        ("records: [{kind: learner, only_if: {is: 1}, fields: {external_id: a}}]", "record 1, only_if: give a column"),
        (
            "records: [{kind: learner, fields: {external_id: {column: a, values: [1]}}}]",
            "record 1, external_id: “values” must be a table",
        ),
        ("records: &r [1]\ntime_zone: *r", "aliases"),
        ("records: !!python/object/apply:os.system ['true']", "cannot be read"),
        ("a: " * 100_000, "larger than 256 KiB"),
        ("[" * 20_000, "nested deeper than 20 levels"),
    ],
)
def test_mistakes_are_named(load, text, message):
    with pytest.raises(InputError, match=message):
        load(text)


def test_a_missing_mapping_is_named(tmp_path):
    with pytest.raises(InputError, match="No such file"):
        load_mapping(tmp_path / "nothing.yaml")


def test_headers_may_be_written_with_spaces_and_capitals():
    mapping = HeaderMapping(ZoneInfo("UTC"), "learner")
    mapping.check_columns(["External ID", "Display-Name"])
    [(_, values, problem)] = records(mapping, **{"External ID": "m-1", "Display-Name": "Ana"})
    assert (values, problem) == ({"external_id": "m-1", "display_name": "Ana"}, "")


def test_unknown_headers_and_a_missing_kind_are_refused():
    mapping = HeaderMapping(ZoneInfo("UTC"))
    with pytest.raises(InputError, match="Unknown columns: “Points”"):
        mapping.check_columns(["kind", "Points"])
    with pytest.raises(InputError, match="no column “kind”"):
        mapping.check_columns(["external_id"])


def test_a_value_that_its_kind_of_row_does_not_have_is_a_problem():
    mapping = HeaderMapping(ZoneInfo("UTC"))
    [(_, _, problem)] = records(mapping, kind="learner", external_id="m-1", amount="5", note="")
    assert problem == "a row of this kind has no amount"
