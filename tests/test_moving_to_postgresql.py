"""The command sequence of docs/operations.md that moves a SQLite database to PostgreSQL, as it is written there."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchmarks import migrated
from benchmarks.product import environment, manage, post_or_get, postgresql_database, serving, sign_up

ROOT = Path(__file__).resolve().parent.parent
GUIDE = ROOT / "docs" / "operations.md"
SERVER = os.environ.get("TEST_DATABASE_URL", "")
DERIVED = ["gamification.windowrefresh", "gamification.windowscore"]

pytestmark = [
    pytest.mark.storage,
    pytest.mark.skipif(not SERVER.startswith("postgres"), reason="no PostgreSQL in TEST_DATABASE_URL"),
]


def documented_commands():
    block = re.search(r"test_moving_to_postgresql\.py.*?```sh\n(.*?)```", GUIDE.read_text(), re.DOTALL)[1]
    return "\n".join(line for line in block.splitlines() if not line.startswith(("OLD=", "NEW=")))


def run_documented_commands(old, new, folder):
    """Run them in a shell; the files that they create are in `folder`."""
    commands = documented_commands().replace("python manage.py", f"{sys.executable} {ROOT / 'manage.py'}")
    variables = environment(old) | {"OLD": old, "NEW": new}
    return subprocess.run(["sh", "-ec", commands], cwd=folder, env=variables, capture_output=True, text=True)


def rows(url):
    """Every row of the database as (model, id, fields), except derived rows and those that `migrate` creates."""
    command = [sys.executable, "manage.py", "dumpdata", "--format", "xml", "--natural-foreign"]
    for name in ("contenttypes", "auth.permission", *DERIVED):
        command += ["--exclude", name]
    output = subprocess.run(command, cwd=ROOT, env=environment(url), capture_output=True, text=True, check=True).stdout
    return sorted(
        (row.get("model"), row.get("pk"), sorted((field.get("name"), value_of(field)) for field in row))
        for row in ElementTree.fromstring(output)  # noqa: S314 - our own output
    )


def value_of(field):
    text = "|".join(field.itertext())
    # PostgreSQL changes the order of the keys in JSON values.
    return json.dumps(json.loads(text), sort_keys=True) if text and field.get("type") == "JSONField" else text


def fill(url):
    """Load the catalogue and the demo users, and complete a level over HTTP."""
    variables = environment(url) | {"DEMO": "1"}
    migrated.copy_to_file(Path(url.removeprefix("sqlite:///")), catalogue=True)
    manage(variables, "load_demo")
    with serving(variables, workers=1) as port:
        play(port, "ana")


def play(port, name):
    token = sign_up(port, name)
    status, answer = post_or_get(port, "POST", "/api/v1/levels/complete", {"level_id": "level-1", "score": 85}, token)
    assert (status, answer["is_new_completion"]) == (200, True), answer
    return answer["new_total_xp"]


def test_all_rows_are_moved_and_the_new_database_works(tmp_path):
    old = f"sqlite:///{tmp_path / 'old.sqlite3'}"
    fill(old)
    with postgresql_database(SERVER) as new:
        moved = run_documented_commands(old, new, tmp_path)
        assert moved.returncode == 0, moved.stdout + moved.stderr
        assert "Installed" in moved.stdout
        before, after = rows(old), rows(new)
        assert len(before) > 100
        assert after == before
        with serving(environment(new), workers=1) as port:  # new ids do not collide with those that were moved
            assert play(port, "bob") > 0
        manage(environment(new), "verify_ledger")
