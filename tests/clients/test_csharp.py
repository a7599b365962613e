"""The example in C# is compiled, and plays against a live server with a short token."""

import shutil
from pathlib import Path

import pytest
from django.utils import timezone

from conformance.unreliable_proxy import FAULTS, one_by_one, unreliable_proxy
from skillquest.accounts.sessions import open_session
from tests.factories import LevelFactory, UserFactory
from tracking.models import Completion

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "csharp"
SOURCES = Path(__file__).parent / "csharp"
LIBRARIES = ["-r:System.Net.Http", "-r:System.Runtime.Serialization"]

pytestmark = [
    pytest.mark.skipif(
        not (shutil.which("mcs") and shutil.which("mono")),
        reason="NO MONO, SO THE EXAMPLE IN C# WAS NOT COMPILED. apt-get install mono-mcs mono-runtime "
        "libmono-system-net-http4.0-cil libmono-system-runtime-serialization4.0-cil",
    ),
    pytest.mark.usefixtures("unlimited"),
]


UNREACHABLE = "http://127.0.0.1:9/api/v1"


@pytest.fixture
def program(run, tmp_path):
    run("mcs", "-out:play.exe", *LIBRARIES, EXAMPLE / "SkillQuestClient.cs", SOURCES / "Program.cs")
    return tmp_path / "play.exe"


@pytest.fixture
def token(live_server):
    return open_session(user=UserFactory(), at=timezone.now()).access_token


@pytest.fixture
def play(run, program, token, tmp_path):
    """`play(url, "keep", level_id, "90", "send")` -> the lines that the program has printed."""

    def play(url, *steps, token=token):
        return run("mono", program, url, token, tmp_path / "queue.jsonl", *steps).splitlines()

    return play


def test_behaviour_for_unity_compiles(run):
    sources = [*EXAMPLE.glob("*.cs"), SOURCES / "UnityEngine.cs"]
    run("mcs", "-target:library", "-warnaserror", "-nowarn:0649,0414", "-out:unity.dll", *LIBRARIES, *sources)


def test_results_are_kept_without_a_connection_and_sent_later_once(play, live_server, tmp_path):
    first, second = LevelFactory.create_batch(2, max_score=100)
    kept = play(UNREACHABLE, "keep", first.level_id, "90", "keep", second.level_id, "95", "send")
    assert kept == ["not sent 0", "waiting 2"]
    assert not Completion.objects.exists()

    url = f"{live_server.url}/api/v1"
    lines = (tmp_path / "queue.jsonl").read_text()
    sent = play(url, "send")
    assert [line.split()[0] for line in sent] == ["created", "created", "waiting"]
    assert sorted(Completion.objects.values_list("score", flat=True)) == [90, 95]

    (tmp_path / "queue.jsonl").write_text(
        lines + '{"type": "level_comp'
    )  # as if it had been killed before it forgot them
    assert [line.split()[0] for line in play(url, "send")] == ["replayed", "replayed", "waiting"]
    assert Completion.objects.count() == 2


def test_what_is_refused_is_put_aside_and_a_locked_level_waits(play, live_server, tmp_path):
    locked = LevelFactory(prerequisites=[LevelFactory()])
    steps = ["keep", LevelFactory(max_score=100).level_id, "101", "keep", locked.level_id, "90", "send"]
    assert play(f"{live_server.url}/api/v1", *steps) == ["rejected invalid", "rejected level_locked", "waiting 1"]
    assert '"score":101' in (tmp_path / "queue.jsonl.rejected").read_text()


def test_a_token_that_is_not_accepted_keeps_everything(play, live_server):
    steps = ["keep", LevelFactory().level_id, "90", "send"]
    assert play(f"{live_server.url}/api/v1", *steps, token="wrong") == ["not sent 401", "waiting 1"]


@pytest.mark.parametrize("fault", FAULTS)
def test_an_unreliable_network_loses_and_doubles_nothing(play, live_server, fault):
    with unreliable_proxy(live_server.url, one_by_one(fault)) as (state, url):
        sent = play(f"{url}/api/v1", "keep", LevelFactory(max_score=100).level_id, "90", "send")
    assert sent[-1] == "waiting 0"
    assert Completion.objects.count() == 1
    assert (state.faults_so_far, state.early_retries) == ([fault], 0)
