"""tests/servers.py starts PostgreSQL and Redis for a command and stops them afterwards."""

import os
import signal
import socket
import subprocess
import sys
import time
from subprocess import PIPE
from urllib.parse import urlsplit

WRAPPER = [sys.executable, "-m", "tests.servers"]


def without(*names):
    return {name: value for name, value in os.environ.items() if name not in names}


def accepts(url):
    address = urlsplit(url)
    with socket.socket() as client:
        return client.connect_ex((address.hostname, address.port)) == 0


def test_the_exit_code_of_the_command_is_returned():
    assert subprocess.run([*WRAPPER, "--", "sh", "-c", "exit 7"]).returncode == 7


def test_no_server_is_started_if_the_variable_is_set():
    environment = os.environ | {"TEST_DATABASE_URL": "postgres://db/mine", "TEST_REDIS_URL": "redis://cache/9"}
    command = [*WRAPPER, "--postgres", "--redis", "--", "sh", "-c", "echo $TEST_DATABASE_URL $TEST_REDIS_URL"]
    completed = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert completed.stdout == "postgres://db/mine redis://cache/9\n"


def test_servers_run_until_the_command_ends():
    command = [
        *WRAPPER,
        "--postgres",
        "--redis",
        "--",
        "sh",
        "-c",
        "echo $TEST_DATABASE_URL $TEST_REDIS_URL; read line",
    ]
    environment = without("TEST_DATABASE_URL", "TEST_REDIS_URL")
    with subprocess.Popen(command, env=environment, stdin=PIPE, stdout=PIPE, text=True) as wrapper:
        urls = wrapper.stdout.readline().split()
        assert [accepts(url) for url in urls] == [True, True]
    assert [accepts(url) for url in urls] == [False, False]


def test_servers_are_stopped_after_kill_9(tmp_path):
    command = [*WRAPPER, "--redis", "--", "sh", "-c", "echo $TEST_REDIS_URL; read line"]
    environment = without("TEST_REDIS_URL") | {"TMPDIR": str(tmp_path)}
    with subprocess.Popen(command, env=environment, stdin=PIPE, stdout=PIPE, text=True) as wrapper:
        url = wrapper.stdout.readline().strip()
        wrapper.send_signal(signal.SIGKILL)
        wrapper.wait()
        for _ in range(100):
            if not accepts(url):
                return
            time.sleep(0.1)
    raise AssertionError(f"{url} still accepts connections")
