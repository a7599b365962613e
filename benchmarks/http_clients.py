"""32 HTTP clients: 8 processes of 4 threads, each with one connection that stays open."""

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

start_barrier = None


@dataclass(frozen=True)
class ClientRequest:
    """A request to send; `event` names the event that it reports."""

    event: str
    token: str
    body: dict
    idempotency_key: str | None
    path: str = "levels/complete"


@dataclass(frozen=True)
class Answer:
    """The answer to a request; status 0 without an answer, with the reason as `text`."""

    event: str
    status: int
    replayed: bool
    text: str
    seconds: float

    @property
    def content(self) -> dict:
        return json.loads(self.text)


def send_all(port, requests, *, together) -> list[Answer]:
    """Distribute the requests over the clients in turn; with `together`, each round is sent at one moment."""
    shares = [requests[client::CLIENTS] for client in range(CLIENTS)]
    if together and len({len(share) for share in shares}) > 1:
        raise ValueError("Rounds must be full: a multiple of 32 requests.")
    barrier = multiprocessing.Barrier(CLIENTS) if together else None
    tasks = [(port, shares[first : first + THREADS]) for first in range(0, CLIENTS, THREADS)]
    with multiprocessing.get_context("fork").Pool(PROCESSES, _set_barrier, (barrier,)) as pool:
        return [answer for answers in pool.map(_run_process, tasks, chunksize=1) for answer in answers]


def _set_barrier(barrier) -> None:
    global start_barrier
    start_barrier = barrier


def _run_process(task) -> list[Answer]:
    port, shares = task
    with ThreadPoolExecutor(THREADS) as threads:
        return [answer for answers in threads.map(lambda share: _run_client(port, share), shares) for answer in answers]


def _run_client(port, share) -> list[Answer]:
    with contextlib.closing(HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        return [_send(connection, request) for request in share]


def _send(connection, request) -> Answer:
    if start_barrier:
        start_barrier.wait(ROUND_TIMEOUT)
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {request.token}"}
    if request.idempotency_key:
        headers["Idempotency-Key"] = request.idempotency_key
    began = time.perf_counter()
    try:
        connection.request("POST", f"/api/v1/{request.path}", json.dumps(request.body), headers)
        response = connection.getresponse()
        status, text = response.status, response.read().decode()
        replayed = response.getheader("Idempotent-Replayed") == "true"
    except (OSError, HTTPException) as error:
        connection.close()
        status, text, replayed = 0, repr(error), False
    return Answer(request.event, status, replayed, text, time.perf_counter() - began)
