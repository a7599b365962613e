"""What the processes of SkillQuest write, nobody else on the machine can read; started as `make run` starts them."""

import os
import shutil
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import time
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

import pytest

from benchmarks import migrated
from benchmarks.product import environment, manage
from tests.servers import running

ROOT = Path(__file__).resolve().parents[2]
PERSON = '{"username": "ana", "email": "ana@example.test", "password": "storm and stress, twice"}'


class UnixConnection(HTTPConnection):
    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.host)


@pytest.fixture
def usual_umask():
    """New files are readable for everybody, as in most shells."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def connect(path_of_socket):
    with closing(UnixConnection(str(path_of_socket))) as connection:
        connection.connect()


def post(path_of_socket, path, body):
    with closing(UnixConnection(str(path_of_socket))) as connection:
        connection.request("POST", path, body, {"Content-Type": "application/json", "Host": "127.0.0.1"})
        return connection.getresponse().status


def modes(folder):
    return {str(path.relative_to(folder)): stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*")}


def serve(folder):
    """Start gunicorn on a socket with every kind of log in a file, register somebody, and have a mail written.

    A first migration makes the file of the database, and a copy fills it. The files beside it exist only while somebody
    has it open.
    """
    web = folder / "web.sock"
    variables = environment(f"sqlite:///{folder}/db.sqlite3") | {"EMAIL_URL": f"filemail:///{folder}/mail", "DEMO": "1"}
    manage(variables, "migrate", "contenttypes", "--verbosity=0")
    migrated.copy_to_file(folder / "db.sqlite3", catalogue=True)
    manage(variables, "load_demo")
    command = [sys.executable, "-m", "gunicorn", "skillquest.wsgi", "--threads", 2, "--bind", f"unix:{web}"]
    command += ["--access-logfile", folder / "access.log", "--error-logfile", folder / "error.log"]
    with running(
        command,
        ready=lambda: connect(web),
        stop_signal=signal.SIGTERM,
        log=folder.parent / "log",
        cwd=ROOT,
        env=variables,
    ):
        assert post(web, "/api/v1/auth/register", PERSON) == 201
        assert post(web, "/api/v1/auth/password/reset", '{"email": "ana@example.test"}') == 204
        while not list(folder.glob("mail/*")):  # written in the background
            time.sleep(0.05)
        with closing(sqlite3.connect(folder / "db.sqlite3")) as database:
            database.execute("SELECT count(*) FROM accounts_user").fetchone()
            return modes(folder)


@pytest.mark.usefixtures("usual_umask")
def test_every_file_is_for_the_user_of_the_server_only(tmp_path):
    folder = tmp_path / "installation"
    folder.mkdir()
    found = serve(folder)
    assert {"db.sqlite3", "db.sqlite3-wal", "db.sqlite3-shm", "web.sock", "access.log", "error.log", "mail"} <= set(
        found
    )
    assert {name: oct(mode) for name, mode in found.items() if mode & 0o077} == {}


@pytest.mark.usefixtures("usual_umask")
@pytest.mark.skipif(not shutil.which("make"), reason="NO make ON THIS MACHINE")
def test_the_file_with_the_secret_key_is_for_its_user_only(tmp_path):
    shutil.copy(ROOT / "Makefile", tmp_path)
    subprocess.run(["make", ".env", f"PYTHON={sys.executable}"], cwd=tmp_path, check=True, capture_output=True)
    assert modes(tmp_path)[".env"] == 0o600
