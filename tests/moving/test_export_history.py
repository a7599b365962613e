"""What an export writes can be imported elsewhere, and is then exported as the same file."""

import contextlib
import gzip
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from benchmarks import migrated
from benchmarks.product import ROOT, environment, manage
from gamification.models import LearnerKind, LedgerEntry
from tests.factories import UserFactory
from tests.machines.keys import client_with, make_key, make_pupil
from tests.moving.conftest import completion, learner, opening_xp
from tracking.models import Completion

SERVER = os.environ.get("TEST_DATABASE_URL", "")


@contextlib.contextmanager
def other_database(folder):
    """PostgreSQL where the tests run on it, else SQLite."""
    if not SERVER.startswith("postgres"):
        migrated.copy_to_file(folder / "new.sqlite3", catalogue=True)
        yield f"sqlite:///{folder / 'new.sqlite3'}"
        return
    with migrated.migrated_postgresql(SERVER, catalogue=True) as url:
        yield url


def installation(url, what):
    command = [sys.executable, "-m", "tests.moving.installation", what]
    return subprocess.run(command, cwd=ROOT, env=environment(url), check=True, capture_output=True, text=True).stdout


@pytest.mark.storage
def test_a_whole_installation_moves_to_another_database_and_is_exported_as_the_same_file(tmp_path):
    old, first, second = f"sqlite:///{tmp_path / 'old.sqlite3'}", tmp_path / "first.jsonl.gz", tmp_path / "second.jsonl"
    with other_database(tmp_path) as new:
        migrated.copy_to_file(tmp_path / "old.sqlite3", catalogue=True)
        installation(old, "fill")
        installation(new, "prepare")
        manage(environment(old), "export_history", str(first))
        manage(environment(new), "import_history", str(first), "--source", "old", "--apply", "--strict")
        before, after = (json.loads(installation(url, "summary")) for url in (old, new))
        assert len(before) == 4
        assert before["ana"]["counters"]["freezes_used"] > 0
        assert before["ana"]["counters"]["pages_read"] == 33
        # "staff0", who took XP, is exported as a learner too.
        assert {name: after[name] for name in before} == before
        manage(environment(new), "export_history", str(second))
        assert sorted(second.read_bytes().splitlines()) == sorted(gzip.decompress(first.read_bytes()).splitlines())
        manage(environment(new), "verify_ledger")
        manage(environment(new), "rebuild_profiles", "--dry-run")


def export(path, *options):
    call_command("export_history", path, *options, stdout=(out := StringIO()))
    return out.getvalue().splitlines(), [json.loads(line) for line in path.read_text().splitlines()]


def test_only_the_learners_that_are_named_are_exported(db, tmp_path):
    UserFactory(external_id="m-1")
    other = UserFactory()
    wanted = tmp_path / "wanted.txt"
    wanted.write_text(f"skillquest-{other.pk}\nnobody\n")
    _, lines = export(tmp_path / "out.jsonl", "--learners", wanted)
    assert [line["external_id"] for line in lines] == [f"skillquest-{other.pk}"]


def test_a_prefix_keeps_the_learners_of_two_installations_apart(db, tmp_path):
    person = UserFactory()
    _, lines = export(tmp_path / "out.jsonl", "--id-prefix", "north")
    assert [line["external_id"] for line in lines] == [f"north-{person.pk}"]


def test_what_is_not_exported_is_counted(run_import, write_lines, tmp_path):
    run_import(write_lines(learner(), completion()), "--apply")
    Completion.objects.update(held=True)
    UserFactory(is_active=False)
    UserFactory(profile__kind=LearnerKind.GUEST)
    said, lines = export(tmp_path / "out.jsonl")
    assert [line["kind"] for line in lines] == ["learner", "streak_day"]
    assert said == [
        "2 lines written.",
        "1 deactivated accounts were not exported.",
        "1 guests and test learners were not exported.",
        "1 held results were not exported.",
    ]


def test_passwords_and_rights_are_not_exported(db, tmp_path):
    UserFactory(is_staff=True, is_superuser=True)
    _, [line] = export(tmp_path / "out.jsonl")
    assert line.keys() == {
        *("kind", "external_id", "email", "username", "time_zone", "language", "created_at", "freezes"),
    }


def test_a_sum_that_was_carried_forward_is_exported_in_entries_that_can_be_imported(
    run_import, write_lines, tmp_path, monkeypatch
):
    monkeypatch.setattr("skillquest.moving.exporting.MAX_DELTA", 100)
    run_import(write_lines(learner(), opening_xp(250)), "--apply")
    _, lines = export(tmp_path / "out.jsonl")
    assert [(line["id"], line["amount"]) for line in lines[1:]] == [("m-1/1", 100), ("m-1/1.1", 100), ("m-1/1.2", 50)]


def test_the_reason_that_an_entry_had_first_survives_two_moves(run_import, write_lines, tmp_path):
    run_import(
        write_lines(learner(), opening_xp(5, reason="level_completion", level="first", trust="offline")), "--apply"
    )
    entry = LedgerEntry.objects.get()
    assert (entry.reason, entry.metadata["was"], entry.trust) == ("import", "level_completion", "offline")
    _, lines = export(tmp_path / "out.jsonl")
    assert (lines[1]["reason"], lines[1]["level"], lines[1]["trust"]) == ("level_completion", "first", "offline")


def test_a_file_that_cannot_be_written_is_an_error(db, tmp_path):
    with pytest.raises(CommandError, match="cannot be written: No such file or directory"):
        export(tmp_path / "nowhere" / "out.jsonl")


def test_times_are_exported_to_the_microsecond(db, tmp_path):
    UserFactory(date_joined=datetime(2024, 1, 2, 3, 4, 5, 678901, tzinfo=UTC))
    _, [line] = export(tmp_path / "out.jsonl")
    assert line["created_at"] == "2024-01-02T03:04:05.678901+00:00"


def test_the_longest_note_of_an_entry_can_be_imported(run_import, db, tmp_path):
    make_pupil()
    _, token = make_key(scopes=["award"])
    prize = {"xp_amount": 150, "reason": "r" * 100, "note": "n" * 2_000}
    assert client_with(token, "pupil-1").post("/api/v1/gamification/xp/award", prize).status_code == 200
    first = LedgerEntry.objects.get()
    export(tmp_path / "out.jsonl")
    run_import(tmp_path / "out.jsonl", "--apply")
    assert LedgerEntry.objects.get(reason="import").note == first.note
