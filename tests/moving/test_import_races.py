"""Imports that run at the same time as other imports, and as learners play."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from gamification.ledger.audit import find_mismatches
from gamification.models import LearnerProfile, LedgerEntry
from skillquest.moving import importing
from skillquest.moving.models import ImportedRow, StaleTotals
from tests.factories import LevelFactory, UserFactory
from tests.moving.conftest import completion, learner, opening_xp
from tests.threads import at_once
from tracking.maintenance.rebuilding import rebuild_profiles
from tracking.models import Completion
from tracking.recording.completions import Claim
from tracking.recording.services import complete_level

pytestmark = pytest.mark.django_db(transaction=True)

LEARNERS = 12


@pytest.fixture
def level(db):
    return LevelFactory(level_id="first", max_score=1000)


def rows():
    yield from (learner(f"m-{number}") for number in range(LEARNERS))
    for number in range(LEARNERS):
        yield opening_xp(10, f"m-{number}", id=f"xp {number}")
        yield completion(external_id=f"m-{number}")


def write(path, lines):
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def importing_file(path):
    def run():
        try:
            call_command("import_history", path, "--source", "old", "--apply", stdout=StringIO(), stderr=StringIO())
        except CommandError as error:
            return str(error)
        return ""

    return run


def everything_adds_up():
    return (
        find_mismatches() == []
        and list(rebuild_profiles(write=False, at=timezone.now())) == []
        and not StaleTotals.objects.exists()
    )


def test_two_files_with_the_same_rows_at_once_import_each_row_once(level, tmp_path, monkeypatch):
    monkeypatch.setattr(importing, "PORTION", 5)
    first = write(tmp_path / "first.jsonl", rows())
    second = write(tmp_path / "second.jsonl", [*rows(), learner("m-last")])
    assert at_once([importing_file(first), importing_file(second)]) == ["", ""]
    assert (LedgerEntry.objects.count(), Completion.objects.count()) == (LEARNERS, LEARNERS)
    assert set(LearnerProfile.objects.values_list("user__external_id", "total_xp")) == {
        *((f"m-{number}", 10) for number in range(LEARNERS)),
        ("m-last", 0),
    }
    assert ImportedRow.objects.count() == 3 * LEARNERS + 1
    assert everything_adds_up()


def test_the_same_file_twice_at_once_is_imported_once(level, tmp_path, monkeypatch):
    monkeypatch.setattr(importing, "PORTION", 5)
    path = write(tmp_path / "first.jsonl", rows())
    outcomes = at_once([importing_file(path), importing_file(path)])
    # Whoever was first with a portion goes on; the other one gives up, or finds nothing left to do.
    assert set(outcomes) <= {"", "Another process is importing the same file."}
    assert "" in outcomes
    assert LedgerEntry.objects.count() == LEARNERS
    assert importing_file(path)() == ""
    assert everything_adds_up()


def test_learners_may_play_meanwhile(level, tmp_path, monkeypatch, unlimited):
    monkeypatch.setattr(importing, "PORTION", 5)
    people = [UserFactory(external_id=f"m-{number}") for number in range(LEARNERS)]
    path = write(tmp_path / "first.jsonl", rows())

    def play():
        for person in people:
            for score in (100, 200):
                complete_level(learner=person, claim=Claim("first", score), source="api", at=timezone.now())

    assert at_once([importing_file(path), play])[0] == ""
    assert Completion.objects.count() == 3 * LEARNERS
    assert LedgerEntry.objects.filter(reason="import").count() == LEARNERS
    assert everything_adds_up()
