import pytest

from levels.models import Level
from tests.exchange.faulty_levels import FAULTS, cells_told, good_rows, with_faults
from tests.exchange.importing import Uploads, faults

pytestmark = pytest.mark.django_db

ROWS = 300


@pytest.fixture
def uploads(client, staff):
    client.force_login(staff)
    return Uploads(client)


def is_told(expected, found):
    row, column, reason = expected
    return any(one[:2] == (row, column) and one[2].startswith(reason) for one in found)


@pytest.mark.parametrize("ending", ["csv", "xlsx", "json"])
def test_every_fault_is_told_with_row_and_column_and_nothing_changed(uploads, ending):
    rows, expected = with_faults(good_rows(ROWS), 2 * len(FAULTS), ending)
    source = uploads.upload(rows, ending)
    found = faults(source)
    assert [one for one in expected if not is_told(one, found)] == []
    assert {(row, column) for row, column, _ in found} == cells_told(rows, expected, ending)
    assert source.counts["refused"] == len({row for row, *_ in found})
    assert "Rows are refused" in uploads.act(source, "_apply").content.decode()
    assert not Level.objects.exists()


def test_faults_in_a_catalogue_that_is_stored_already_are_told_too(uploads):
    stored = good_rows(100)
    uploads.act(uploads.upload(stored), "_apply")
    rows, expected = with_faults(good_rows(ROWS), 2 * len(FAULTS))
    found = faults(uploads.upload(rows))
    assert {(row, column) for row, column, _ in found} == cells_told(rows, expected, stored=stored)


def test_after_mending_the_difference_is_exact(uploads):
    rows = good_rows(ROWS)
    uploads.act(uploads.upload(rows), "_apply")
    assert Level.objects.count() == ROWS
    stored = {level.level_id: level for level in Level.objects.prefetch_related("prerequisites")}
    assert [other.level_id for other in stored["level-21"].prerequisites.all()] == []
    assert [other.level_id for other in stored["level-22"].prerequisites.all()] == ["level-2"]
    rows[5] |= {"xp_reward": 1}
    rows[9] |= {"name": "Another", "prerequisites": "level-1"}
    rows.append(rows[0] | {"level_id": "more", "name": "One more"})
    source = uploads.upload(rows)
    assert source.counts == {"unchanged": ROWS - 2, "changed": 2, "new": 1}
    changes = {row.number: row.changes for row in source.rows.filter(verdict="changed")}
    assert changes == {
        7: {"xp_reward": [15, 1]},
        11: {"name": ["Level number 9", "Another"], "prerequisites": [[], ["level-1"]]},
    }


def test_levels_in_a_circle_and_levels_that_need_them_are_refused(uploads):
    rows = [
        {"level_id": "a", "name": "A", "category": "c", "prerequisites": "b"},
        {"level_id": "b", "name": "B", "category": "c", "prerequisites": "a"},
        {"level_id": "d", "name": "D", "category": "c", "prerequisites": "a"},
        {"level_id": "e", "name": "E", "category": "c", "prerequisites": ""},
    ]
    source = uploads.upload(rows)
    assert faults(source) == [
        (2, "prerequisites", "Prerequisites must not go in a circle: a → b → a."),
        (3, "prerequisites", "Prerequisites must not go in a circle: b → a → b."),
        (4, "prerequisites", "The row of “a” is refused."),
    ]
    uploads.act(source, "_leave_out")
    assert [level.level_id for level in Level.objects.all()] == ["e"]


def test_names_are_exchanged_within_a_file(uploads):
    rows = good_rows(2)
    uploads.act(uploads.upload(rows), "_apply")
    rows[0]["name"], rows[1]["name"] = rows[1]["name"], rows[0]["name"]
    uploads.act(uploads.upload(rows), "_apply")
    names = dict(Level.objects.values_list("level_id", "name"))
    assert names == {"level-0": "Level number 1", "level-1": "Level number 0"}
