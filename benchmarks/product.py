"""The product under test: a new database and a gunicorn that uses it, both removed afterwards."""

import contextlib
import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import psycopg

from tests.servers import free_port, running

ROOT = Path(__file__).resolve().parent.parent
PASSWORD = "storm and stress, twice"


@contextlib.contextmanager
def postgresql_database(server_url, template="template1") -> Iterator[str]:
    """Yield the URL of a new database on that server, a copy of `template`."""
    name = f"benchmark_{secrets.token_hex(4)}"
    with psycopg.connect(server_url, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        try:
            yield f"{server_url.rpartition('/')[0]}/{name}"
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextlib.contextmanager
def sqlite_database() -> Iterator[str]:
    """Yield the URL of a new database in a temporary folder."""
    with tempfile.TemporaryDirectory(prefix="skillquest-benchmark-") as folder:
        yield f"sqlite:///{folder}/benchmark.sqlite3"


def environment(database_url) -> dict[str, str]:
    """Environment variables of the product. They take precedence over the developer's `.env`."""
    return os.environ | {
        "SECRET_KEY": secrets.token_urlsafe(60),
        "DATABASE_URL": database_url,
        "REDIS_URL": "",
        "DEBUG": "0",
        "ALLOWED_HOSTS": "127.0.0.1",
        "RATELIMIT_ENABLE": "0",
        "TRUST_LIMITS": "0",  # load is nothing that a person could play
        "SECURE_SSL_REDIRECT": "0",
        "ENABLE_SERVER_SIDE_TRACKING": "1",
        "SERVER_SIDE_TRACKING_PERCENT": "100",
        "LOG_LEVEL": "WARNING",
        "PYTHONWARNINGS": "ignore:No directory at",  # no static files are requested here
        "DJANGO_SETTINGS_MODULE": "skillquest.settings",
    }


def manage(variables, *arguments, root=ROOT) -> None:
    subprocess.run(
        [sys.executable, "manage.py", *arguments], cwd=root, env=variables, check=True, stdout=subprocess.DEVNULL
    )


def ledger_report(variables) -> dict:
    """The ledger and the completions of every learner, read by another process: see `benchmarks.ledger_report`."""
    command = [sys.executable, "-m", "benchmarks.ledger_report"]
    output = subprocess.run(command, cwd=ROOT, env=variables, check=True, stdout=subprocess.PIPE).stdout
    return json.loads(output)


@contextlib.contextmanager
def serving(variables, *, workers, keep_log=None, root=ROOT) -> Iterator[int]:
    """Yields the port of a gunicorn with 8 threads a worker; `keep_log` is a file for its output."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "skillquest.wsgi", "--bind", f"127.0.0.1:{port}"]
    command += ["--workers", workers, "--threads", 8, "--keep-alive", 30, "--log-level", "warning"]

    def ready() -> None:
        if post_or_get(port, "GET", "/health")[0] != 200:
            raise ConnectionError("not healthy yet")

    with tempfile.TemporaryDirectory(prefix="skillquest-benchmark-") as folder:
        log = Path(folder) / "gunicorn.log"
        try:
            with running(command, ready=ready, stop_signal=signal.SIGTERM, log=log, cwd=root, env=variables):
                yield port
        finally:
            output = log.read_text()
            sys.stderr.write(output[-4000:])
            if keep_log:
                keep_log.write_text(output)


def post_or_get(port, method, path, body=None, token=None) -> tuple[int, dict]:
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    with contextlib.closing(connection):
        connection.request(method, path, json.dumps(body) if body else None, headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())


def sign_up(port, username) -> str:
    """A new learner's bearer token."""
    person = {"username": username, "email": f"{username}@example.org", "password": PASSWORD}
    post_or_get(port, "POST", "/api/v1/auth/register", person)
    status, answer = post_or_get(port, "POST", "/api/v1/auth/login", {"username": username, "password": PASSWORD})
    if status != 200:
        raise RuntimeError(f"{username} cannot sign in: {answer}")
    return answer["access_token"]
