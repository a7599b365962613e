"""A PostgreSQL server that can be killed with kill -9 and started again on the same data."""

import contextlib
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg

from tests import servers


class Cluster:
    """`options` are settings of PostgreSQL, such as {"synchronous_commit": "off"}.

    `data` is the folder of a cluster that was stopped, of which this one begins as a copy.
    """

    def __init__(self, folder: Path, options: dict[str, str], data: Path | None = None) -> None:
        self.identity = servers.unprivileged()
        self.folder, self.options, self.port = folder, options, servers.free_port()
        self.url = f"postgres://postgres@127.0.0.1:{self.port}/postgres"
        self.log, self.data = folder.parent / "postgres.log", folder / "data"
        if self.identity:
            os.chown(folder, self.identity["user"], self.identity["group"])
        self.binaries = servers.postgres_binaries(folder, self.identity)
        initdb = [self.binaries / "initdb", "-A", "trust", "-U", "postgres", "--locale=C.UTF-8", "-D", self.data]
        self._run(["cp", "-a", data, self.data] if data else initdb)
        self.server: subprocess.Popen | None = None

    def start(self) -> None:
        settings = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "max_connections": "200",
            **self.options,
        }
        command = [self.binaries / "postgres", "-D", self.data, "-p", str(self.port)]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        with self.log.open("a") as output:
            self.server = subprocess.Popen(
                [str(part) for part in command],
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
                start_new_session=True,
                preexec_fn=servers.die_with_parent(signal.SIGQUIT),
                **self.identity,
            )
        servers.wait_until(lambda: psycopg.connect(self.url).close(), self.server, self.log)

    def kill(self) -> None:
        """kill -9 of all processes at once, so that nothing is flushed."""
        processes = [self.server.pid, *children_of(self.server.pid)]
        for pid in processes:
            os.kill(pid, signal.SIGSTOP)
        for pid in processes:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.server.wait()
        while any(map(is_running, processes)):
            time.sleep(0.01)

    def checkpoint(self) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute("CHECKPOINT")

    def stop(self) -> None:
        if self.server and self.server.poll() is None:
            self.server.send_signal(signal.SIGINT)
            self.server.wait(timeout=30)

    def _run(self, command) -> None:
        subprocess.run(
            [str(part) for part in command],
            check=True,
            capture_output=True,
            cwd=self.folder,
            **self.identity,
        )


@contextlib.contextmanager
def cluster(data: Path | None = None, **options) -> Iterator[Cluster]:
    with tempfile.TemporaryDirectory(prefix="skillquest-chaos-") as base:
        os.chmod(base, 0o755)  # PostgreSQL's unprivileged user must be able to enter it
        folder = Path(base) / "postgres"
        folder.mkdir()
        server = Cluster(folder, options, data)
        server.start()
        try:
            yield server
        finally:
            server.stop()


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
