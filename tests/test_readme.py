"""The commands of the README work."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from gamification.models import LedgerEntry
from skillquest.accounts.models import User

README = Path(__file__).resolve().parent.parent / "README.md"


def shell_blocks():
    return re.findall(r"```sh\n(.*?)```", README.read_text(), re.DOTALL)


@pytest.mark.skipif(
    not shutil.which("curl"), reason="NO curl ON THIS MACHINE: the commands of the README are not tested"
)
def test_the_quick_start_for_clients_works(demo, live_server):
    script = shell_blocks()[1].replace("http://127.0.0.1:8000", live_server.url)
    completed = subprocess.run(["bash", "-euc", script], capture_output=True, text=True)
    first, again, history = (json.loads(line) for line in completed.stdout.splitlines())
    assert (first["is_new_completion"], again["is_new_completion"]) == (True, False)
    assert first["awarded_xp"] == again["awarded_xp"] > 0
    newest, *_ = entries = history["results"]
    assert newest["balance_after"] == first["new_total_xp"]
    assert first["awarded_xp"] in [entry["delta"] for entry in entries if entry["reason"] == "level_completion"]


def test_a_second_load_demo_changes_nothing(demo):
    before = list(LedgerEntry.objects.values())
    assert before
    call_command("load_demo")
    assert list(LedgerEntry.objects.values()) == before


def test_load_demo_creates_no_users_without_demo_1(db, settings):
    settings.DEMO = False
    with pytest.raises(CommandError, match="DEMO=1"):
        call_command("load_demo")
    assert not User.objects.exists()
