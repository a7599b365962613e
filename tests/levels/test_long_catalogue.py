"""A catalogue of thousands of levels is loaded in short transactions, and again in a few queries."""

import json

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

import catalogues.loading
from catalogues.files import CatalogueError
from levels.loading.load import load_catalogue, prepare
from levels.models import Level, LevelChange
from levels.prerequisites import stored_prerequisites
from levels.services import save_level

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.storage]

WRITES = ("INSERT", "UPDATE", "DELETE")


@pytest.fixture(autouse=True)
def _ten_rows_a_portion(monkeypatch):
    monkeypatch.setattr(catalogues.loading, "PORTION", 10)
    monkeypatch.setattr(catalogues.loading, "PAUSE_ON_SQLITE", 0)


@pytest.fixture
def file(tmp_path):
    def file(rows):
        path = tmp_path / "catalogue.json"
        path.write_text(json.dumps({"levels": rows}))
        return path

    return file


def rows(count, **fields):
    """Levels of which each requires the one after it in the file."""
    return [
        {
            "level_id": f"l{n}",
            "name": f"Level {n}",
            "category": "c",
            "kind": "mode",
            "difficulty": "easy",
            "xp_reward": 1,
            "number": n + 1,
            "prerequisites": [f"l{n + 1}"] if n + 1 < count else [],
            **fields,
        }
        for n in range(count)
    ]


def transactions(queries):
    """The statements of each transaction."""
    found = []
    for query in queries.captured_queries:
        if query["sql"].startswith("BEGIN"):
            found.append([])
        elif found:
            found[-1].append(query["sql"])
    return found


def load(path):
    with CaptureQueriesContext(connection) as queries:
        outcomes = load_catalogue([path])
    return outcomes, queries


def test_no_transaction_spans_the_file(file):
    outcomes, queries = load(file(rows(25)))
    assert [outcome.verdict for outcome in outcomes] == ["created"] * 25
    assert len(transactions(queries)) == 3
    assert stored_prerequisites() == {f"l{n}": [f"l{n + 1}"] for n in range(24)}
    outcomes, queries = load(file(rows(25, max_score=500)))
    assert [outcome.changes for outcome in outcomes] == [["max_score"]] * 25
    assert len(transactions(queries)) == 3
    assert LevelChange.objects.count() == 25


def test_a_level_never_appears_before_its_prerequisites(file, monkeypatch):
    seen = []

    def write(rows, write_portion):
        for start in range(0, len(rows), 10):
            with transaction.atomic():
                write_portion(rows[start : start + 10])
            seen.append((set(Level.objects.values_list("level_id", flat=True)), stored_prerequisites()))

    monkeypatch.setattr("levels.loading.load.write_in_portions", write)
    load_catalogue([file(rows(25))])
    assert [len(level_ids) for level_ids, _ in seen] == [10, 20, 25]
    for level_ids, needs in seen:
        assert needs == {f"l{n}": [f"l{n + 1}"] for n in range(24) if f"l{n}" in level_ids}


def test_a_second_load_reads_a_few_times_and_writes_nothing(file):
    load_catalogue([file(rows(25))])
    outcomes, queries = load(file(rows(25)))
    assert {outcome.verdict for outcome in outcomes} == {"unchanged"}
    assert (len(queries), transactions(queries)) == (2, [])  # levels and prerequisites


def test_one_changed_level_is_one_short_transaction(file):
    load_catalogue([file(rows(25))])
    changed = rows(25)
    changed[7]["description"] = "New"
    _, queries = load(file(changed))
    ((*statements, _commit),) = transactions(queries)
    writes = [sql.split()[2] for sql in statements if sql.startswith(WRITES)]
    assert writes == ['"levels_level"', '"levels_historicallevel"']


def test_names_and_numbers_move_across_portions(file):
    load_catalogue([file(rows(25))])
    moved = rows(25)
    for n, row in enumerate(moved):
        row["name"], row["number"] = f"Level {(n + 1) % 25}", (n + 1) % 25 + 1
    load_catalogue([file(moved)])
    assert dict(Level.objects.values_list("level_id", "name")) == {f"l{n}": f"Level {(n + 1) % 25}" for n in range(25)}
    assert dict(Level.objects.values_list("level_id", "number")) == {f"l{n}": (n + 1) % 25 + 1 for n in range(25)}


def test_an_editor_who_takes_a_name_meanwhile_is_not_overwritten(file):
    plan = prepare([file(rows(25))])
    save_level(level=Level(), fields={"level_id": "mine", "name": "Level 0", "category": "c"})
    with pytest.raises(CatalogueError, match=r"at the same time. 20 of 25 changes are saved; load the files again."):
        plan.apply()
    assert Level.objects.get(name="Level 0").level_id == "mine"
    with pytest.raises(CatalogueError, match="l0: name: “Level 0” is used twice, also by mine"):
        load_catalogue([file(rows(25))])


def test_an_editor_who_closes_a_circle_meanwhile_is_noticed(file):
    load_catalogue([file(rows(3))])
    changed = rows(3)
    changed[0]["prerequisites"] = ["l2"]
    changed[2]["prerequisites"] = []
    stored = prepare([file([changed[0]])])
    save_level(level=Level.objects.get(level_id="l1"), fields={}, prerequisites=[])
    save_level(level=Level.objects.get(level_id="l2"), fields={}, prerequisites=["l0"])
    with pytest.raises(CatalogueError, match="Prerequisites must not go in a circle"):
        stored.apply()
    assert stored_prerequisites() == {"l0": ["l1"], "l2": ["l0"]}
