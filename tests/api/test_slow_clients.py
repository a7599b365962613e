"""Clients that send slowly are dropped, and others are answered meanwhile; with a real gunicorn."""

import json
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from http.client import HTTPConnection

import pytest

from benchmarks.product import environment, serving
from skillquest import slow_clients

LOGIN = b"POST /api/v1/auth/login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
# Description -> what is sent at once, and then again and again.
SLOW = {
    "a body": (LOGIN + b"Content-Length: 5000\r\n\r\n", b" "),
    "a chunked body": (LOGIN + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    "headers": (LOGIN, b"X"),
}


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    variables = environment(f"sqlite:///{tmp_path_factory.mktemp('server')}/unused.sqlite3")
    with serving(variables, workers=1) as port:
        yield port


def send_slowly(port, first, rest):
    """(seconds until the server ended the connection, what it answered). After the answer nothing more is sent."""
    answer, began = b"", time.monotonic()
    with closing(socket.create_connection(("127.0.0.1", port), timeout=30)) as connection:
        connection.sendall(first)
        connection.settimeout(0.5)
        while time.monotonic() - began < 30:
            with suppress(TimeoutError):
                if not answer:
                    connection.sendall(rest)
                if not (part := connection.recv(65_536)):
                    break
                answer += part
    return time.monotonic() - began, answer


def ask_pause_and_ask_again(port):
    """Whether both requests used one connection. The time of a request begins with its first byte."""
    with closing(HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        assert is_healthy(connection)
        kept = connection.sock
        time.sleep(slow_clients.GRACE + 1)
        return is_healthy(connection) and connection.sock is kept


def is_healthy(connection):
    connection.request("GET", "/health")
    return json.loads(connection.getresponse().read()) == {"status": "ok"}


def seconds_for_health(port):
    began = time.monotonic()
    with closing(HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        assert is_healthy(connection)
    return time.monotonic() - began


def test_slow_clients_are_dropped_and_others_are_answered(port):
    with ThreadPoolExecutor() as pool:
        slow = {name: pool.submit(send_slowly, port, *parts) for name, parts in SLOW.items()}
        pausing = pool.submit(ask_pause_and_ask_again, port)
        assert max(seconds_for_health(port) for _ in range(50)) < 1
        answers = {name: each.result() for name, each in slow.items()}
    assert pausing.result()
    assert [name for name, (seconds, _) in answers.items() if not 0 <= seconds - slow_clients.GRACE < 5] == []
    assert answers.pop("headers")[1] == b""
    for name, (_, answer) in answers.items():
        head, _, body = answer.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 408 "), name
        assert (b"Connection: close" in head, b"request_timeout" in body) == (True, True), name
