"""`manage.py conformance`: our server keeps every promise, and whoever breaks one is told which."""

import os
import subprocess
import sys
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from conformance.promises import PROMISES
from tests.factories import PASSWORD, UserFactory
from tests.test_clients_guide import TELLER

from .doubles import BelievesAnyClock, ForgetsKeys, PaysTwice, ShufflesVerdicts, SpeaksHTML, TakesOtherPayloads, serving

# Tells each deed under an id of its own making at every try, and comes back at once.
FORGETFUL = """
import json, os, sys, uuid, urllib.request, urllib.error, http.client
url, name, word = (os.environ["SKILLQUEST_" + name] for name in ("URL", "USERNAME", "PASSWORD"))
def ask(path, body, token=""):
    headers = {"Content-Type": "application/json", **({"Authorization": "Bearer " + token} if token else {})}
    request = urllib.request.Request(url + "/" + path, json.dumps(body).encode(), headers)
    return json.load(urllib.request.urlopen(request))
token = ask("auth/login", {"username": name, "password": word})["access_token"]
for line in sys.stdin:
    while True:
        try:
            ask("levels/complete", {**json.loads(line), "client_event_id": str(uuid.uuid4())}, token)
            break
        except (OSError, http.client.HTTPException, ValueError):
            pass
"""
# Tells each deed under its id, and believes that it arrived.
CARELESS = FORGETFUL.replace(', "client_event_id": str(uuid.uuid4())', "").replace("pass", "break")


@pytest.fixture
def player(transactional_db):
    call_command("load_catalogue", verbosity=0)
    return UserFactory()


@pytest.fixture
def conformance(player):
    def conformance(url, **options):
        """What it says, and why it failed or None."""
        said = StringIO()
        try:
            call_command("conformance", url, username=player.username, password=PASSWORD, stdout=said, **options)
        except CommandError as failure:
            return said.getvalue(), str(failure)
        return said.getvalue(), None

    return conformance


@pytest.fixture
def client(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))

    def client(script):
        path = tmp_path / "client.py"
        path.write_text(script)
        return f"{sys.executable} {path}"

    return client


def broken_in(said):
    return {line.removeprefix("BROKEN  ") for line in said.splitlines() if line.startswith("BROKEN")}


def words_of(*names):
    return {promise.words for promise in PROMISES if promise.check.__name__ in names}


def test_our_server_keeps_every_promise(conformance, live_server):
    said, failure = conformance(live_server.url)
    assert failure is None
    assert said.splitlines() == [*(f"kept    {promise.words}" for promise in PROMISES), "All promises are kept."]


def test_it_can_be_run_twice(conformance, live_server):
    assert [conformance(live_server.url)[1] for _ in range(2)] == [None, None]


@pytest.mark.parametrize(
    ("double", "broken"),
    [
        (
            PaysTwice,
            {"retry", "at_once", "other_payload", "clock_put_right", "batch", "batch_again", "both_doors", "key"}
            | {"key_of_another_body"},
        ),
        (ForgetsKeys, {"key", "key_of_another_body"}),
        (BelievesAnyClock, {"clock_far_off", "batch", "batch_again"}),
        (TakesOtherPayloads, {"other_payload"}),
        (ShufflesVerdicts, {"batch", "batch_again", "both_doors"}),
        (SpeaksHTML, {"other_payload", "key_of_another_body", "session", "clock_far_off", "problems"}),
    ],
)
def test_a_server_that_breaks_a_promise_is_told_which(conformance, live_server, double, broken):
    with serving(double, live_server.url) as url:
        said, failure = conformance(url)
    assert broken_in(said) >= words_of(*broken)
    assert failure.endswith("broken.")
    assert "kept" in said


def test_a_limit_is_waited_for_and_is_no_failure(conformance, live_server, settings):
    settings.RATELIMIT_ENABLE = True
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "write": "5/s"}
    said, failure = conformance(live_server.url)
    assert failure is None
    assert "(a limit: waiting" in said


def test_it_says_when_nobody_answers(conformance):
    said, failure = conformance("http://127.0.0.1:9")
    assert (said, failure.partition(":")[0]) == ("", "127.0.0.1")
    assert "does not answer" in failure


def test_it_says_when_the_learner_cannot_sign_in(conformance, live_server, player):
    player.set_password("another one")
    player.save()
    assert conformance(live_server.url) == ("", f"{player.username} cannot sign in: 401 invalid_credentials")


def test_it_asks_who_plays():
    with pytest.raises(CommandError, match="Say who plays"):
        call_command("conformance", "http://127.0.0.1:9", username="", password="")


@pytest.mark.parametrize("level", ["hello-world", "no-such-level"])
def test_a_level_that_does_not_pay_each_time_is_no_use(conformance, live_server, level):
    assert conformance(live_server.url, level=level) == ("", f"{level} does not pay each time. Name one with --level.")


def test_the_exit_code_is_1_and_the_password_is_never_printed(player, live_server):
    command = [sys.executable, "manage.py", "conformance"]
    environment = os.environ | {"SKILLQUEST_USERNAME": player.username, "SKILLQUEST_PASSWORD": PASSWORD}
    with serving(ForgetsKeys, live_server.url) as url:
        told = subprocess.run(
            [*command, url], cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, check=False
        )
    assert told.returncode == 1
    assert "2 promises are broken." in told.stderr
    assert PASSWORD not in told.stdout + told.stderr


def test_a_good_client_passes(conformance, live_server, client):
    said, failure = conformance(live_server.url, client=client(TELLER))
    assert (broken_in(said), failure) == (set(), None)


@pytest.mark.parametrize(
    ("script", "broken"),
    [
        (FORGETFUL, {"Every deed has arrived.", "No deed was paid twice."}),
        (CARELESS, {"Every deed has arrived."}),
        (TELLER.replace("for line", "sys.exit(3)\nfor line"), {"The client ends well.", "Every deed has arrived."}),
        (
            "import time, sys; time.sleep(0)" + TELLER.replace("guess_the_number.tell", "print"),
            {"Every deed has arrived."},
        ),
    ],
    ids=["new ids", "no retries", "crash", "tells nobody"],
)
def test_a_client_that_loses_or_doubles_is_told_so(conformance, live_server, client, script, broken):
    said, failure = conformance(live_server.url, client=client(script))
    assert broken_in(said) >= broken
    assert failure.endswith("broken.")


def test_a_client_that_comes_back_too_early_is_told_so(conformance, live_server, client):
    impatient = FORGETFUL.replace(', "client_event_id": str(uuid.uuid4())', "")
    said, _ = conformance(live_server.url, client=client(impatient))
    assert broken_in(said) == {"The client waits as long as Retry-After says."}


def test_a_client_that_is_not_there_is_told_so(conformance, live_server):
    said, _ = conformance(live_server.url, client="/no/such/program")
    assert "It cannot be run" in said
