"""A proxy between a client and a server that loses, truncates and repeats requests and answers."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import cycle
from urllib.parse import urlsplit

RETRY_AFTER = 1  # seconds
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "host", "date", "server"}


@dataclass
class ProxyState:
    """Forwards to `url`. Records the faults so far, and counts retries that came before `Retry-After` was over."""

    url: str
    faults: Callable[[], str]
    faults_so_far: list[str] = field(default_factory=list)
    early_retries: int = 0
    retry_not_before: dict[bytes, float] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def next_fault(self, path: str, body: bytes) -> str:
        """A fault, or "" to forward as it is. Sign-ins are never disturbed."""
        with self.lock:
            self.early_retries += time.monotonic() < self.retry_not_before.get(body, 0)
            fault = "" if "/auth/" in path else self.faults()
            self.faults_so_far += [fault] if fault else []
            if fault == "limited":
                self.retry_not_before[body] = time.monotonic() + RETRY_AFTER
            return fault


def one_by_one(*faults: str) -> Callable[[], str]:
    """Each fault in turn, with an undisturbed request after each."""
    turns = cycle([turn for fault in faults for turn in (fault, "")])
    return lambda: next(turns)


FAULTS = ("lost", "answer lost", "cut short", "sent twice", "unavailable", "limited")


@contextmanager
def unreliable_proxy(url: str, faults: Callable[[], str] | None = None) -> Iterator[tuple[ProxyState, str]]:
    """Yield the state of the proxy and its URL."""
    state = ProxyState(url.rstrip("/"), faults or one_by_one(*FAULTS))
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("BoundHandler", (ProxyHandler,), {"state": state}))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield state, f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


class ProxyHandler(BaseHTTPRequestHandler):
    state: ProxyState

    def do_GET(self) -> None:
        self._give(*self._forward(b""))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        fault = self.state.next_fault(self.path, body)
        if fault == "lost":
            return self._hang_up()
        if fault in ("unavailable", "limited"):
            return self._refuse(503 if fault == "unavailable" else 429)
        answer, content = self._forward(body)
        if fault == "sent twice":
            answer, content = self._forward(body)
        if fault == "answer lost":
            return self._hang_up()
        return self._give(answer, content, cut=fault == "cut short")

    def _forward(self, body: bytes) -> tuple[HTTPResponse, bytes]:
        address = urlsplit(self.state.url)
        kind = HTTPSConnection if address.scheme == "https" else HTTPConnection
        connection = kind(address.hostname, address.port, timeout=30)
        headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP_BY_HOP}
        host = {} if address.scheme == "https" else {"Host": self.headers["Host"]}
        try:
            connection.request(self.command, f"{address.path}{self.path}", body or None, {**headers, **host})
            answer = connection.getresponse()
            return answer, answer.read()
        finally:
            connection.close()

    def _give(self, answer: HTTPResponse, content: bytes, *, cut: bool = False) -> None:
        self.send_response_only(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in HOP_BY_HOP - {"date"}:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[: len(content) // 2] if cut else content)
        self.close_connection = True

    def _refuse(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Retry-After", str(RETRY_AFTER))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _hang_up(self) -> None:
        self.close_connection = True

    def log_message(self, *args: object) -> None:
        """Silent: the report of the command is enough."""
