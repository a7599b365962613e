"""What README tells a stranger to type, typed."""

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


@pytest.mark.skipif(not shutil.which("curl"), reason="NO curl ON THIS MACHINE: the README's commands go untested")
def test_the_client_quick_start_works_as_it_stands(demo, live_server):
    script = shell_blocks()[1].replace("http://127.0.0.1:8000", live_server.url)
    told = subprocess.run(["bash", "-euc", script], capture_output=True, text=True)
    first, again, history = (json.loads(line) for line in told.stdout.splitlines())
    assert (first["is_new_completion"], again["is_new_completion"]) == (True, False)
    assert first["awarded_xp"] == again["awarded_xp"] > 0
    newest, *_ = lines = history["results"]
    assert newest["balance_after"] == first["new_total_xp"]
    assert first["awarded_xp"] in [line["delta"] for line in lines if line["reason"] == "level_completion"]


def test_a_second_load_demo_changes_nothing(demo):
    before = list(LedgerEntry.objects.values())
    assert before
    call_command("load_demo")
    assert list(LedgerEntry.objects.values()) == before


def test_demo_people_are_not_made_where_nobody_asked_for_them(db, settings):
    settings.DEMO = False
    with pytest.raises(CommandError, match="DEMO=1"):
        call_command("load_demo")
    assert not User.objects.exists()
