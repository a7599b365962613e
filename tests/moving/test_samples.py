"""Every sample of docs/moving-in.md is imported, with the catalogue that SkillQuest ships."""

from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from gamification.models import BadgeAward, LearnerProfile, LedgerEntry, Unlock
from skillquest.accounts.models import User
from skillquest.moving.records import KINDS
from tests.shipped_catalogue import load_whole_catalogue
from tracking.models import Completion

DOCS = Path(__file__).resolve().parents[2] / "docs"
SAMPLES = DOCS / "samples"


@pytest.fixture(autouse=True)
def _catalogue(db):
    load_whole_catalogue()


def run(name, *options, mapping=""):
    if mapping:
        options = (*options, "--mapping", SAMPLES / f"{mapping}.yaml")
    call_command(
        "import_history", SAMPLES / name, "--source", "sample", "--apply", *options, stdout=(out := StringIO())
    )
    return out.getvalue().splitlines()


def people():
    rows = LearnerProfile.objects.order_by("user__external_id")
    return list(rows.values_list("user__external_id", "user__display_name", "user__email", "total_xp"))


def test_moodle_level_up_xp():
    assert run("moodle-level-up-xp.csv", mapping="moodle-level-up-xp")[0:2] == [
        "learner: 2 new, 1 imported before",
        "opening_xp: 2 new, 1 empty",
    ]
    assert people() == [
        ("moodle-17", "Ana Putri", "ana@example.org", 1550),
        ("moodle-23", "Ben Müller", "ben@example.org", 0),
    ]
    assert User.objects.get(username="ana.putri").date_joined == datetime(2020, 1, 1, 12, tzinfo=UTC)
    zones = LearnerProfile.objects.order_by("pk").values_list("time_zone", flat=True)
    assert set(zones) == {"Asia/Jakarta", "Europe/Berlin"}


def test_skilltree():
    run("skilltree-users.csv", mapping="skilltree-users")
    said = run("skilltree-achievements.csv", mapping="skilltree-achievements")
    assert said[:2] == ["completion: 2 new", "badge: 1 new"]
    assert people() == [
        ("ana@example.org", "Ana Putri", "ana@example.org", 100),
        ("ben@example.org", "Ben Müller", "ben@example.org", 60),
    ]
    done = Completion.objects.order_by("occurred_at").values_list("level__level_id", "occurred_at", "passed")
    assert list(done) == [
        ("level-1", datetime(2024, 3, 9, 8, 5, tzinfo=UTC), True),
        ("level-2", datetime(2024, 3, 13, 17, 42, tzinfo=UTC), True),
    ]


def test_ctfd():
    run("ctfd-scoreboard.csv", mapping="ctfd-scoreboard")
    with pytest.raises(Exception, match="1 rows were not imported"):
        run("ctfd-submissions.csv", mapping="ctfd-submissions")
    assert people() == [("ctfd-2", "ana", "ana@example.org", 1500), ("ctfd-3", "ben b.", "ben@example.org", 200)]
    done = Completion.objects.order_by("occurred_at").values_list("learner__external_id", "level__level_id", "score")
    assert list(done) == [("ctfd-2", "level-1", 1000), ("ctfd-2", "level-2", 1000), ("ctfd-3", "level-1", 1000)]
    assert Completion.objects.earliest("occurred_at").occurred_at == datetime(2025, 11, 1, 9, 13, 2, 450000, tzinfo=UTC)


def test_the_challenge_without_a_translation_is_named(tmp_path):
    run("ctfd-scoreboard.csv", mapping="ctfd-scoreboard")
    found = tmp_path / "problems.txt"
    with pytest.raises(Exception, match="not imported"):
        run("ctfd-submissions.csv", "--problems", found, mapping="ctfd-submissions")
    # Line 7: one of the answers before it has two lines.
    assert found.read_text() == "line 7: problem: completion: level: “7” has no translation in the mapping\n"


def test_a_spreadsheet_of_a_german_excel():
    run("spreadsheet.csv", mapping="spreadsheet")
    assert people() == [
        ("class-7b-1", "Ana Putri", "ana@example.org", 1250),
        ("class-7b-2", "Jürgen Groß", "juergen@example.org", 640),
        ("class-7b-3", "Zoë „Z“ Šmid", "", 0),
    ]
    assert LedgerEntry.objects.first().effective_at == datetime(2026, 8, 31, 10, tzinfo=UTC)  # noon in Berlin
    assert BadgeAward.objects.get().badge.name == "Beta Tester"
    assert LearnerProfile.objects.get(user__external_id="class-7b-1").last_day == date(2026, 8, 28)


@pytest.mark.parametrize("name", ["canonical.csv", "canonical.jsonl"])
def test_files_with_the_names_of_the_fields_need_no_mapping(name):
    run(name, "--strict")
    assert LearnerProfile.objects.get().levels_completed == 1
    assert Unlock.objects.count() == (name == "canonical.csv")


def test_the_guide_names_every_sample_and_every_field():
    guide = (DOCS / "moving-in.md").read_text()
    assert [path.name for path in sorted(SAMPLES.iterdir()) if path.name not in guide] == []
    fields = {name for kind in KINDS.values() for name in kind.fields} | set(KINDS)
    assert sorted(name for name in fields if f"`{name}`" not in guide) == []
