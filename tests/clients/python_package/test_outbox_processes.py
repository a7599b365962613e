"""Several processes share an outbox, and are killed at any moment."""

import os
import random
import signal
import subprocess
import sys
import time

import pytest
from skillquest_client import Event, FileTokens, LearnerClient

from gamification.models import LearnerProfile, LedgerEntry
from tests.factories import PASSWORD, LevelFactory
from tracking.models import Completion

pytestmark = pytest.mark.usefixtures("unlimited")

EVENTS = 60
PROGRAM = """
import sys
from skillquest_client import FileTokens, LearnerClient
url, tokens, path = sys.argv[1:]
outbox = LearnerClient(url, store=FileTokens(tokens)).outbox(path)
outbox._at_most = 3
print("ready", flush=True)
while outbox.waiting():
    report = outbox.drain(lambda event, outcome: print(event.client_event_id, outcome.status, flush=True))
    if report.error:
        raise report.error
"""
PUT = """
import sys
from skillquest_client import Event, FileTokens, LearnerClient
url, tokens, path, level = sys.argv[1:]
outbox = LearnerClient(url, store=FileTokens(tokens)).outbox(path)
for score in range(1, 100_000):
    event = Event.completion(level, score, time_spent=60)
    outbox.put(event)
    print(event.client_event_id, flush=True)
"""


PUT_SOME = PUT.replace("100_000", "41")
DRAIN_WHILE_OTHERS_PUT = """
import sys, time
from skillquest_client import FileTokens, LearnerClient
url, tokens, path = sys.argv[1:]
outbox = LearnerClient(url, store=FileTokens(tokens)).outbox(path)
quiet_since = time.monotonic()
while time.monotonic() - quiet_since < 4:
    report = outbox.drain(lambda event, outcome: print(event.client_event_id, flush=True))
    if report.error:
        raise report.error
    if report.created or report.waiting:
        quiet_since = time.monotonic()
    time.sleep(0.05)
"""


FORK = """
import os, sys
from skillquest_client import FileTokens, LearnerClient
url, tokens, path = sys.argv[1:]
client = LearnerClient(url, store=FileTokens(tokens))
connections = client._transport.http
child = os.fork()
if child:
    os.waitpid(child, 0)
print(client.me().id, client._transport.http is connections, flush=True)
os._exit(0)
"""


@pytest.fixture
def files(url, player, tmp_path):
    """The arguments of a program: address, tokens of a learner who has signed in, outbox."""
    store = FileTokens(tmp_path / "tokens.sqlite3")
    with LearnerClient(url, store=store) as client:
        client.log_in(player.username, PASSWORD)
    return [url, str(store.path), str(tmp_path / "outbox.sqlite3")]


@pytest.fixture
def outbox(files):
    url, tokens, path = files
    with LearnerClient(url, store=FileTokens(tokens)) as client:
        yield client.outbox(path)


@pytest.fixture
def start(files):
    running = []

    def start(program, *arguments):
        environment = os.environ | {"PYTHONPATH": ":".join(sys.path)}
        command = [sys.executable, "-c", program, *files, *arguments]
        running.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment))
        return running[-1]

    yield start
    for process in running:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.fixture
def put(outbox, live_server):
    """The ids of results of different levels, so that each is paid."""
    levels = LevelFactory.create_batch(EVENTS, max_score=100)
    events = [Event.completion(level.level_id, 90, time_spent=60) for level in levels]
    outbox.put(*events)
    return {event.client_event_id for event in events}


def assert_each_was_paid_once(ids, player):
    assert {str(each) for each in Completion.objects.values_list("client_event_id", flat=True)} == ids
    paid = LedgerEntry.objects.filter(reason="level_completion").values_list("reference_id", flat=True)
    assert len(paid) == len(set(paid)) == len(ids)
    assert LearnerProfile.objects.get(user=player).total_xp == sum(LedgerEntry.objects.values_list("delta", flat=True))


def test_processes_that_are_killed_while_they_drain_lose_and_double_nothing(start, put, outbox, player):
    moments = random.Random(7)
    for _ in range(6):
        process = start(PROGRAM)
        assert process.stdout.readline() == "ready\n"
        time.sleep(moments.uniform(0, 0.25))  # it is killed anywhere in its work
        process.send_signal(signal.SIGKILL)
        process.wait()
    killed_early = outbox.waiting()
    assert start(PROGRAM).wait(timeout=120) == 0
    assert outbox.waiting() == 0
    assert killed_early > 0
    assert_each_was_paid_once(put, player)


def test_processes_that_drain_one_outbox_take_turns(start, put, outbox, player):
    running = [start(PROGRAM) for _ in range(3)]
    seen = [line.split() for process in running for line in process.communicate(timeout=120)[0].splitlines()]
    outcomes = [words for words in seen if words != ["ready"]]
    assert [process.returncode for process in running] == [0, 0, 0]
    assert sorted(each for each, _ in outcomes) == sorted(put)  # each was sent by one of them
    assert {status for _, status in outcomes} == {"created"}
    assert_each_was_paid_once(put, player)


def test_processes_put_and_drain_at_the_same_time(start, outbox, player, live_server):
    levels = LevelFactory.create_batch(6, max_score=1_000)
    writers = [start(PUT_SOME, level.level_id) for level in levels[:3]]
    drains = [start(DRAIN_WHILE_OTHERS_PUT) for _ in range(2)]
    ids = {line for writer in writers for line in writer.communicate(timeout=120)[0].split()}
    outcomes = [line for drain in drains for line in drain.communicate(timeout=120)[0].split()]
    assert len(ids) == 3 * 40
    assert sorted(outcomes) == sorted(ids)  # each was sent by one of them, once
    assert outbox.waiting() == 0
    assert {str(each) for each in Completion.objects.values_list("client_event_id", flat=True)} == ids


def test_a_forked_process_uses_connections_of_its_own(start, player):
    process = start(FORK)
    assert process.communicate(timeout=60)[0].splitlines() == [f"{player.pk} False", f"{player.pk} True"]


def test_what_put_has_returned_for_survives_a_kill(start, outbox, level):
    process = start(PUT, level.level_id)
    ids = [process.stdout.readline().strip() for _ in range(20)]
    process.send_signal(signal.SIGKILL)
    rest = process.stdout.read().splitlines()
    process.wait()
    stored = [each.event.client_event_id for each in outbox.file.due(outbox.owner, time.time(), 10_000)]
    assert set(ids + rest) <= set(stored)
    assert len(stored) <= len(ids + rest) + 1  # one may have been stored and not printed
