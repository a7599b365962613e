"""The commands and scripts of docs/servers.md and its example work."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

import pytest

from skillquest.machines.claims import LIFETIME
from skillquest.machines.external_ids import CLOSED_FOR
from tests.machines.keys import make_key
from tests.servers import free_port
from tracking.models import Completion

ROOT = Path(__file__).resolve().parent.parent
GUIDE = (ROOT / "docs" / "servers.md").read_text()
SERVER = "http://127.0.0.1:8000"
EXAMPLE = ROOT / "examples" / "quiz_server.py"


def blocks(language, server):
    return [block.replace(SERVER, server) for block in re.findall(rf"```{language}\n(.*?)```", GUIDE, re.DOTALL)]


def run(*command, **options):
    completed = subprocess.run(command, capture_output=True, text=True, timeout=60, **options)
    assert (completed.returncode, completed.stderr) == (0, "")
    return completed.stdout


@pytest.fixture
def environment(demo):
    """Environment variables with a key as the guide asks for it."""
    return os.environ | {"SKILLQUEST_KEY": make_key(scopes=["learners", "track", "read"])[1]}


def verified_results():
    return Completion.objects.filter(learner__external_id="pupil-1042", trust="verified", passed=True)


@pytest.mark.skipif(
    not shutil.which("curl"), reason="NO curl ON THIS MACHINE: the commands of the guide are not tested"
)
def test_the_commands_with_curl_work(environment, live_server):
    _, first, more, many = blocks("sh", live_server.url)
    answers = [json.loads(line) for line in run("bash", "-euc", first + more + many, env=environment).splitlines()]
    created, reward, status, token, link, batch = answers
    assert (created["external_id"], reward["trust"], token["token_type"]) == ("pupil-1042", "verified", "bearer")
    assert status["verified_xp"] == reward["total_awarded_xp"] > 0
    assert status["levels_completed"] == verified_results().count() == 1
    assert "/claim/" in link["url"]
    assert [result["status"] for result in batch["results"]] == ["created", "created"]


def assert_says_what_was_earned(output):
    (awarded, total) = re.fullmatch(r"verified: \+(\d+) XP, (\d+) in all\n", output).groups()
    assert int(awarded) == int(total) > 0
    assert verified_results().count() == 1


def test_the_script_in_python_works(environment, live_server):
    (script,) = blocks("python", live_server.url)
    assert_says_what_was_earned(run(sys.executable, "-c", script, env=environment))


@pytest.mark.skipif(
    not shutil.which("node"), reason="NO node ON THIS MACHINE: the JavaScript of the guide is not tested"
)
def test_the_script_in_javascript_works(environment, live_server, tmp_path):
    (script,) = blocks("js", live_server.url)
    file = tmp_path / "server.mjs"
    file.write_text(script)
    assert_says_what_was_earned(run("node", str(file), env=environment))


class Quiz:
    """The example, running."""

    def __init__(self, environment, skillquest, folder):
        self.port = free_port()
        more = {"SKILLQUEST_URL": f"{skillquest}/api/v1", "QUIZ_PORT": str(self.port), "QUIZ_QUEUE": f"{folder}/queue"}
        with (folder / "log").open("a") as log:
            command = [sys.executable, str(EXAMPLE)]
            self.process = subprocess.Popen(command, env=environment | more, stdout=log, stderr=log)
        self.wait()

    def wait(self):
        for _ in range(100):
            assert self.process.poll() is None
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
                return
            time.sleep(0.1)
        raise TimeoutError

    def ask(self, path, **body):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/{path}", json.dumps(body).encode())
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - the example
            return json.load(answer)

    def stop(self):
        self.process.kill()
        self.process.wait()


@pytest.fixture
def start_quiz(environment, tmp_path):
    """`start_quiz(url)` -> the example as a game server that uses the SkillQuest at `url`."""
    started = []

    def start(url):
        started.append(Quiz(environment, url, tmp_path))
        return started[-1]

    yield start
    for quiz in started:
        quiz.stop()


def test_the_game_server_reports_verified_results(start_quiz, live_server):
    quiz = start_quiz(live_server.url)
    assert quiz.ask("join", player="p-17", name="Budi") == {"welcome": "Budi"}
    answer = quiz.ask("answers", player="p-17", answers=["4", "9", "16"])
    assert quiz.ask("status", player="p-17")["total_xp"] == answer["xp"] > 0
    assert Completion.objects.get(learner__external_id="p-17").trust == "verified"


def test_the_game_server_keeps_results_while_skillquest_is_away(start_quiz, live_server):
    start_quiz(live_server.url).ask("join", player="p-17", name="Budi")
    away = start_quiz("http://127.0.0.1:9")
    assert away.ask("answers", player="p-17", answers=["4", "9", "16"]) == {"score": 100, "xp": "later"}
    away.stop()
    back = start_quiz(live_server.url)
    back.ask("answers", player="p-17", answers=["4"])
    assert sorted(Completion.objects.values_list("score", flat=True).filter(learner__external_id="p-17")) == [33, 100]


def test_a_refused_result_does_not_hold_up_the_others(start_quiz, live_server):
    quiz = start_quiz(live_server.url)
    assert quiz.ask("answers", player="unknown", answers=["4"])["xp"] == "later"
    quiz.ask("join", player="p-17", name="Budi")
    assert quiz.ask("answers", player="p-17", answers=["4", "9", "16"])["xp"] > 0


def test_the_example_uses_only_the_standard_library():
    imported = set(re.findall(r"^(?:import|from) (\w+)", EXAMPLE.read_text(), re.MULTILINE))
    assert imported <= sys.stdlib_module_names
    assert len(EXAMPLE.read_text().splitlines()) <= 120


def test_the_guide_says_how_long_links_work_and_ids_are_closed():
    assert f"works once and for {LIFETIME.days} days" in GUIDE
    assert f"closed for {CLOSED_FOR.days} days" in GUIDE
