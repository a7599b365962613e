"""`manage.py conformance`: our server passes every check, and for a faulty one the failed checks are named."""

import os
import subprocess
import sys
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from conformance.checks import CHECKS
from tests.factories import PASSWORD, UserFactory
from tests.shipped_catalogue import load_catalogue
from tests.test_clients_guide import CLIENT

from .faulty_servers import (
    AcceptsAnyClock,
    AcceptsOtherPayloads,
    AnswersInHTML,
    IgnoresKeys,
    PaysTwice,
    ReversesResults,
    serving,
)

# Sends each completion with a new event id at every try, and retries at once.
NEW_IDS = """
import json, os, sys, uuid, urllib.request, urllib.error, http.client
url, name, password = (os.environ["SKILLQUEST_" + name] for name in ("URL", "USERNAME", "PASSWORD"))
def post(path, body, token=""):
    headers = {"Content-Type": "application/json", **({"Authorization": "Bearer " + token} if token else {})}
    request = urllib.request.Request(url + "/" + path, json.dumps(body).encode(), headers)
    return json.load(urllib.request.urlopen(request))
token = post("auth/login", {"username": name, "password": password})["access_token"]
for line in sys.stdin:
    while True:
        try:
            post("levels/complete", {**json.loads(line), "client_event_id": str(uuid.uuid4())}, token)
            break
        except (OSError, http.client.HTTPException, ValueError):
            pass
"""
# Sends each completion once with its event id, whatever the answer.
NO_RETRIES = NEW_IDS.replace(', "client_event_id": str(uuid.uuid4())', "").replace("pass", "break")


@pytest.fixture
def player(transactional_db):
    load_catalogue()
    return UserFactory()


@pytest.fixture
def conformance(player):
    def conformance(url, **options):
        """The output of the command, and its error message or None."""
        output = StringIO()
        try:
            call_command("conformance", url, username=player.username, password=PASSWORD, stdout=output, **options)
        except CommandError as failure:
            return output.getvalue(), str(failure)
        return output.getvalue(), None

    return conformance


@pytest.fixture
def client(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))

    def client(script):
        path = tmp_path / "client.py"
        path.write_text(script)
        return f"{sys.executable} {path}"

    return client


def failed_in(output):
    return {line.removeprefix("FAILED  ") for line in output.splitlines() if line.startswith("FAILED")}


def descriptions_of(*names):
    return {check.description for check in CHECKS if check.run.__name__ in names}


def test_our_server_passes_every_check(conformance, live_server):
    output, failure = conformance(live_server.url)
    assert failure is None
    assert output.splitlines() == [*(f"passed  {check.description}" for check in CHECKS), "All checks passed."]


def test_it_can_be_run_twice(conformance, live_server):
    assert [conformance(live_server.url)[1] for _ in range(2)] == [None, None]


@pytest.mark.parametrize(
    ("faulty_server", "failed"),
    [
        (
            PaysTwice,
            {"retry", "concurrent", "event_id_reused", "clock_corrected", "batch", "batch_repeated", "single_and_batch"}
            | {"idempotency_key", "idempotency_key_reused"},
        ),
        (IgnoresKeys, {"idempotency_key", "idempotency_key_reused"}),
        (AcceptsAnyClock, {"clock_far_off", "batch", "batch_repeated"}),
        (AcceptsOtherPayloads, {"event_id_reused"}),
        (ReversesResults, {"batch", "batch_repeated", "single_and_batch"}),
        (AnswersInHTML, {"event_id_reused", "idempotency_key_reused", "session", "clock_far_off", "problems"}),
    ],
)
def test_the_checks_that_a_faulty_server_fails_are_named(conformance, live_server, faulty_server, failed):
    with serving(faulty_server, live_server.url) as url:
        output, failure = conformance(url)
    assert failed_in(output) >= descriptions_of(*failed)
    assert failure.endswith("failed.")
    assert "passed" in output


def test_the_command_waits_for_a_rate_limit_without_failing(conformance, live_server, settings):
    settings.RATELIMIT_ENABLE = True
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "write": "5/s"}
    output, failure = conformance(live_server.url)
    assert failure is None
    assert "(rate limit: waiting" in output


def test_an_unreachable_server_is_reported(conformance):
    output, failure = conformance("http://127.0.0.1:9")
    assert (output, failure.partition(":")[0]) == ("", "127.0.0.1")
    assert "does not answer" in failure


def test_a_refused_sign_in_is_reported(conformance, live_server, player):
    player.set_password("another one")
    player.save()
    assert conformance(live_server.url) == ("", f"{player.username} cannot sign in: 401 invalid_credentials")


def test_a_username_and_a_password_are_required():
    with pytest.raises(CommandError, match="Name a learner"):
        call_command("conformance", "http://127.0.0.1:9", username="", password="")


@pytest.mark.parametrize("level", ["hello-world", "no-such-level"])
def test_a_level_must_pay_for_each_completion(conformance, live_server, level):
    assert conformance(live_server.url, level=level) == ("", f"{level} does not pay each time. Name one with --level.")


def test_the_exit_code_is_1_and_the_password_is_never_printed(player, live_server):
    command = [sys.executable, "manage.py", "conformance"]
    environment = os.environ | {"SKILLQUEST_USERNAME": player.username, "SKILLQUEST_PASSWORD": PASSWORD}
    with serving(IgnoresKeys, live_server.url) as url:
        process = subprocess.run(
            [*command, url], cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, check=False
        )
    assert process.returncode == 1
    assert "2 checks failed." in process.stderr
    assert PASSWORD not in process.stdout + process.stderr


def test_the_example_client_passes(conformance, live_server, client):
    output, failure = conformance(live_server.url, client=client(CLIENT))
    assert (failed_in(output), failure) == (set(), None)


@pytest.mark.parametrize(
    ("script", "failed"),
    [
        (NEW_IDS, {"Every completion has arrived.", "No completion was paid twice."}),
        (NO_RETRIES, {"Every completion has arrived."}),
        (
            CLIENT.replace("for line", "sys.exit(3)\nfor line"),
            {"The client exits with 0.", "Every completion has arrived."},
        ),
        (
            "import time, sys; time.sleep(0)" + CLIENT.replace("guess_the_number.send", "print"),
            {"Every completion has arrived."},
        ),
    ],
    ids=["new ids", "no retries", "crash", "sends nothing"],
)
def test_the_checks_that_a_faulty_client_fails_are_named(conformance, live_server, client, script, failed):
    output, failure = conformance(live_server.url, client=client(script))
    assert failed_in(output) >= failed
    assert failure.endswith("failed.")


def test_a_client_that_retries_too_early_fails(conformance, live_server, client):
    impatient = NEW_IDS.replace(', "client_event_id": str(uuid.uuid4())', "")
    output, _ = conformance(live_server.url, client=client(impatient))
    assert failed_in(output) == {"The client waits as long as Retry-After says."}


def test_a_missing_client_program_is_reported(conformance, live_server):
    output, _ = conformance(live_server.url, client="/no/such/program")
    assert "It cannot be run" in output
