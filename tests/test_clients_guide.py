"""The commands and scripts of docs/clients.md and examples/ work. tests/browser runs the JavaScript."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from gamification.models import LedgerEntry
from skillquest.accounts.models import User
from tracking.models import Completion

ROOT = Path(__file__).resolve().parent.parent
GUIDE = (ROOT / "docs" / "clients.md").read_text()
GAME = ROOT / "examples" / "guess_the_number.py"
SERVER = "http://127.0.0.1:8000"
UNREACHABLE = "http://127.0.0.1:9"
CLIENT = f"""
import json, sys
sys.path.insert(0, {str(GAME.parent)!r})
import guess_the_number
for line in sys.stdin:
    guess_the_number.send(json.loads(line))
"""
# Plays the game by binary search.
GUESSES = """
import builtins, random
random.seed(7)
low, high = 1, 100
def answer(_):
    global guess
    guess = (low + high) // 2
    return guess
def read(*texts):
    global low, high
    original_print(*texts)
    if texts[0] == "Higher!": low = guess + 1
    if texts[0] == "Lower!": high = guess - 1
original_print, builtins.input, builtins.print = print, answer, read
import guess_the_number
guess_the_number.main()
"""


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", GUIDE, re.DOTALL)


def run(*command, **options):
    return subprocess.run(command, capture_output=True, text=True, **options)


@pytest.fixture
def environment(live_server, tmp_path):
    """Environment variables with the address of the server, and a home folder for the game."""
    return os.environ | {"SKILLQUEST_URL": f"{live_server.url}/api/v1", "HOME": str(tmp_path)}


@pytest.mark.skipif(
    not shutil.which("curl"), reason="NO curl ON THIS MACHINE: the commands of the guide are not tested"
)
def test_the_quick_start_with_curl_works(demo, live_server):
    completed = run("bash", "-euc", blocks("sh")[0].replace(SERVER, live_server.url))
    first, again = (json.loads(line)["results"] for line in completed.stdout.splitlines())
    assert [result["status"] for result in first] == ["created", "rejected"]
    assert [result["status"] for result in again] == ["replayed", "rejected"]
    assert first[0]["awarded_xp"] == again[0]["awarded_xp"] > 0


def test_the_quick_start_in_python_works(demo, live_server):
    (script,) = blocks("python")
    completed = run(sys.executable, "-c", script.replace(SERVER, live_server.url))
    entries = LedgerEntry.objects.filter(learner_id=User.objects.get(username="demo").pk).order_by("sequence")
    paid = entries.filter(reason="level_completion").last().delta
    assert completed.stdout == f"+{paid} XP, {entries.last().balance_after} in all\n", completed.stderr


@pytest.mark.parametrize("number", [1, 2], ids=["server", "client"])
def test_the_commands_for_the_conformance_kit_work(demo, live_server, environment, tmp_path, number):
    client = tmp_path / "my_client.py"
    client.write_text(CLIENT)
    learner, _, _ = blocks("sh")[1].partition("\n\n")
    script = f"{learner}\n" + blocks("sh")[number]
    script = script.replace(SERVER, live_server.url).replace(".venv/bin/python", sys.executable)
    completed = run("bash", "-euc", script.replace("my_client.py", str(client)), cwd=ROOT, env=environment)
    assert completed.stdout.endswith("All checks passed.\n"), completed.stdout + completed.stderr


def play(environment):
    completed = run(sys.executable, "-c", GUESSES, env=environment | {"PYTHONPATH": str(GAME.parent)})
    assert completed.stderr == ""
    return completed.stdout.splitlines()[-1]


def type_in(environment, text):
    completed = run(sys.executable, str(GAME), env=environment, input=text)
    assert (completed.returncode, completed.stderr) == (0, "")
    return completed.stdout


@pytest.mark.parametrize("typed", ["", "101\n"], ids=["at once", "in a round"])
def test_the_example_ends_at_the_end_of_input(environment, typed):
    assert type_in(environment, typed).endswith("\nBye.\n")


def test_the_example_asks_again_if_the_input_is_not_a_number(environment):
    assert type_in(environment, "fifty\n\n").count("A whole number, please.") == 2


def completions():
    return Completion.objects.filter(learner=User.objects.get(username="demo"), source=Completion.Source.SYNC)


def test_the_example_reports_a_completion_and_shows_the_xp(demo, environment):
    assert re.fullmatch(r"[-\d]+T[:\d]+Z, 100 points: \+\d+ XP", play(environment))
    completion = completions().get()
    assert (completion.level.level_id, completion.passed) == ("binary-search", True)


def test_the_example_stores_results_while_offline_and_sends_them_once(demo, environment):
    offline = environment | {"SKILLQUEST_URL": f"{UNREACHABLE}/api/v1"}
    assert play(offline) == "Saved on this device; it will be sent when you are online."
    assert not completions().exists()
    play(environment)
    assert completions().count() == 2
    play(environment)
    assert completions().count() == 3


def test_the_example_stores_results_that_are_refused_and_sends_them_later(demo, environment):
    assert play(environment | {"SKILLQUEST_PASSWORD": "wrong"}).startswith("Saved on this device. The server says:")
    play(environment)
    assert completions().count() == 2


def test_the_example_is_short_and_uses_only_the_standard_library():
    assert len(GAME.read_text().splitlines()) < 100
    imported = set(re.findall(r"^(?:import|from) (\w+)", GAME.read_text(), re.MULTILINE))
    assert imported <= sys.stdlib_module_names
