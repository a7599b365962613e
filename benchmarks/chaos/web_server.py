"""A gunicorn that can be killed with kill -9, as a whole or only its workers."""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks import product
from benchmarks.chaos.cluster import children_of
from tests import servers


class WebServer:
    def __init__(self, variables: dict[str, str], *, workers: int, log: Path) -> None:
        self.variables, self.workers, self.log, self.port = variables, workers, log, servers.free_port()

    def start(self) -> None:
        command = [sys.executable, "-m", "gunicorn", "skillquest.wsgi", "--bind", f"127.0.0.1:{self.port}"]
        command += ["--workers", str(self.workers), "--threads", "8", "--log-level", "error"]
        with self.log.open("a") as output:
            self.server = subprocess.Popen(
                command,
                cwd=product.ROOT,
                env=self.variables,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=servers.die_with_parent(signal.SIGKILL),
            )
        servers.wait_until(self._healthy, self.server, self.log)

    def kill_workers(self) -> None:
        for pid in children_of(self.server.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def kill(self) -> None:
        os.killpg(self.server.pid, signal.SIGKILL)
        self.server.wait()

    def stop(self) -> None:
        self.server.terminate()
        self.server.wait(timeout=30)

    def _healthy(self) -> None:
        if product.post_or_get(self.port, "GET", "/health")[0] != 200:
            raise ConnectionError("not healthy yet")


@contextlib.contextmanager
def web_server(variables: dict[str, str], *, workers: int) -> Iterator[WebServer]:
    with tempfile.TemporaryDirectory(prefix="skillquest-chaos-") as folder:
        server = WebServer(variables, workers=workers, log=Path(folder) / "gunicorn.log")
        server.start()
        try:
            yield server
        finally:
            server.stop()
