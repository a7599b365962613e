"""32 clients over real HTTP: 8 processes of 4 threads, each with one connection that it keeps."""

import contextlib
import json
import multiprocessing
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException

PROCESSES, THREADS = 8, 4
CLIENTS = PROCESSES * THREADS
ROUND_TIMEOUT = 60  # seconds; a client that died must not leave the others waiting

starting_gun = None


@dataclass(frozen=True)
class Sending:
    """One request: the deed it tells of, and what goes over the wire."""

    deed: str
    token: str
    body: dict
    idempotency_key: str | None
    path: str = "levels/complete"


@dataclass(frozen=True)
class Answer:
    """What came back; status 0 where nothing did, with the reason as text."""

    deed: str
    status: int
    replayed: bool
    text: str
    seconds: float

    @property
    def content(self):
        return json.loads(self.text)


def send_all(port, sendings, *, together):
    """Deal the sendings out to the clients in turn; with `together` all 32 send at one moment, round after round."""
    hands = [sendings[client::CLIENTS] for client in range(CLIENTS)]
    if together and len({len(hand) for hand in hands}) > 1:
        raise ValueError("Rounds must be full: a multiple of 32 sendings.")
    barrier = multiprocessing.Barrier(CLIENTS) if together else None
    tasks = [(port, hands[first : first + THREADS]) for first in range(0, CLIENTS, THREADS)]
    with multiprocessing.get_context("fork").Pool(PROCESSES, _take_gun, (barrier,)) as pool:
        return [answer for answers in pool.map(_run_process, tasks, chunksize=1) for answer in answers]


def _take_gun(barrier):
    global starting_gun
    starting_gun = barrier


def _run_process(task):
    port, hands = task
    with ThreadPoolExecutor(THREADS) as threads:
        return [answer for answers in threads.map(lambda hand: _run_client(port, hand), hands) for answer in answers]


def _run_client(port, hand):
    with contextlib.closing(HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        return [_send(connection, sending) for sending in hand]


def _send(connection, sending):
    if starting_gun:
        starting_gun.wait(ROUND_TIMEOUT)
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {sending.token}"}
    if sending.idempotency_key:
        headers["Idempotency-Key"] = sending.idempotency_key
    began = time.perf_counter()
    try:
        connection.request("POST", f"/api/v1/{sending.path}", json.dumps(sending.body), headers)
        answer = connection.getresponse()
        status, text = answer.status, answer.read().decode()
        replayed = answer.getheader("Idempotent-Replayed") == "true"
    except (OSError, HTTPException) as error:
        connection.close()
        status, text, replayed = 0, repr(error), False
    return Answer(sending.deed, status, replayed, text, time.perf_counter() - began)
