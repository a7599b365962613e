"""What docs/clients.md and examples/ tell a developer to type, typed. The JavaScript runs in tests/browser."""

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
NOBODY = "http://127.0.0.1:9"
TELLER = f"""
import json, sys
sys.path.insert(0, {str(GAME.parent)!r})
import guess_the_number
for line in sys.stdin:
    guess_the_number.tell(json.loads(line))
"""
# Finds the number as the challenge would have it.
GUESSES = """
import builtins, random
random.seed(7)
low, high = 1, 100
def answer(_):
    global guess
    guess = (low + high) // 2
    return guess
def hear(*words):
    global low, high
    say(*words)
    if words[0] == "Higher!": low = guess + 1
    if words[0] == "Lower!": high = guess - 1
say, builtins.input, builtins.print = print, answer, hear
import guess_the_number
guess_the_number.main()
"""


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", GUIDE, re.DOTALL)


def run(*command, **options):
    return subprocess.run(command, capture_output=True, text=True, **options)


@pytest.fixture
def environment(live_server, tmp_path):
    """A shell in which `manage.py` runs, and the game finds the server and a home of its own."""
    return os.environ | {"SKILLQUEST_URL": f"{live_server.url}/api/v1", "HOME": str(tmp_path)}


@pytest.mark.skipif(not shutil.which("curl"), reason="NO curl ON THIS MACHINE: the guide's commands go untested")
def test_the_quick_start_in_curl_works_as_it_stands(demo, live_server):
    told = run("bash", "-euc", blocks("sh")[0].replace(SERVER, live_server.url))
    first, again = (json.loads(line)["results"] for line in told.stdout.splitlines())
    assert [result["status"] for result in first] == ["created", "rejected"]
    assert [result["status"] for result in again] == ["replayed", "rejected"]
    assert first[0]["awarded_xp"] == again[0]["awarded_xp"] > 0


def test_the_quick_start_in_python_works_as_it_stands(demo, live_server):
    (script,) = blocks("python")
    told = run(sys.executable, "-c", script.replace(SERVER, live_server.url))
    lines = LedgerEntry.objects.filter(learner_id=User.objects.get(username="demo").pk).order_by("sequence")
    paid = lines.filter(reason="level_completion").last().delta
    assert told.stdout == f"+{paid} XP, {lines.last().balance_after} in all\n", told.stderr


@pytest.mark.parametrize("number", [1, 2], ids=["server", "client"])
def test_the_conformance_kit_runs_as_it_stands_there(demo, live_server, environment, tmp_path, number):
    client = tmp_path / "my_client.py"
    client.write_text(TELLER)
    learner, _, _ = blocks("sh")[1].partition("\n\n")
    script = f"{learner}\n" + blocks("sh")[number]
    script = script.replace(SERVER, live_server.url).replace(".venv/bin/python", sys.executable)
    told = run("bash", "-euc", script.replace("my_client.py", str(client)), cwd=ROOT, env=environment)
    assert told.stdout.endswith("All promises are kept.\n"), told.stdout + told.stderr


def play(environment):
    told = run(sys.executable, "-c", GUESSES, env=environment | {"PYTHONPATH": str(GAME.parent)})
    assert told.stderr == ""
    return told.stdout.splitlines()[-1]


def type_in(environment, text):
    told = run(sys.executable, str(GAME), env=environment, input=text)
    assert (told.returncode, told.stderr) == (0, "")
    return told.stdout


@pytest.mark.parametrize("typed", ["", "101\n"], ids=["at once", "in a round"])
def test_the_example_takes_an_end_of_input_for_a_goodbye(environment, typed):
    assert type_in(environment, typed).endswith("\nBye.\n")


def test_the_example_asks_again_for_what_is_no_number(environment):
    assert type_in(environment, "fifty\n\n").count("A whole number, please.") == 2


def completions():
    return Completion.objects.filter(learner=User.objects.get(username="demo"), source=Completion.Source.SYNC)


def test_the_example_plays_and_earns(demo, environment):
    assert re.fullmatch(r"[-\d]+T[:\d]+Z, 100 points: \+\d+ XP", play(environment))
    completion = completions().get()
    assert (completion.level.level_id, completion.passed) == ("binary-search", True)


def test_the_example_keeps_what_it_cannot_send_and_sends_it_once_later(demo, environment):
    offline = environment | {"SKILLQUEST_URL": f"{NOBODY}/api/v1"}
    assert play(offline) == "Saved on this device; it will be sent when you are online."
    assert not completions().exists()
    play(environment)
    assert completions().count() == 2
    play(environment)
    assert completions().count() == 3


def test_the_example_keeps_what_it_may_not_send(demo, environment):
    assert play(environment | {"SKILLQUEST_PASSWORD": "wrong"}).startswith("Saved on this device. The server says:")
    play(environment)
    assert completions().count() == 2


def test_the_example_is_short_and_needs_nothing_but_python():
    assert len(GAME.read_text().splitlines()) < 100
    imported = set(re.findall(r"^(?:import|from) (\w+)", GAME.read_text(), re.MULTILINE))
    assert imported <= sys.stdlib_module_names
