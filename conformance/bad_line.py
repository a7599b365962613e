"""A line between a client and a server that loses, cuts, doubles and delays what goes over it."""

import threading
import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import cycle
from urllib.parse import urlsplit

WAIT = 1  # seconds, in Retry-After
OF_THE_LINE = {"connection", "keep-alive", "transfer-encoding", "content-length", "host", "date", "server"}


@dataclass
class Line:
    """Between `url` and whoever asks; what went wrong is counted, and whoever came back too early is noted."""

    url: str
    faults: Callable[[], str]
    happened: list[str] = field(default_factory=list)
    impatient: int = 0
    closed_until: dict[bytes, float] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def next_fault(self, path: str, body: bytes) -> str:
        """Only deeds are disturbed: signing in and looking are not what is tried here."""
        with self.lock:
            self.impatient += time.monotonic() < self.closed_until.get(body, 0)
            fault = "" if "/auth/" in path else self.faults()
            self.happened += [fault] if fault else []
            if fault == "limited":
                self.closed_until[body] = time.monotonic() + WAIT
            return fault


def one_by_one(*faults: str) -> Callable[[], str]:
    """Each fault in its turn, and a good moment after each."""
    turns = cycle([turn for fault in faults for turn in (fault, "")])
    return lambda: next(turns)


FAULTS = ("lost", "answer lost", "cut short", "told twice", "unavailable", "limited")


@contextmanager
def bad_line(url: str, faults: Callable[[], str] | None = None):
    """Yield the Line and the address at which a client finds it."""
    line = Line(url.rstrip("/"), faults or one_by_one(*FAULTS))
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("LineHandler", (Handler,), {"line": line}))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield line, f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


class Handler(BaseHTTPRequestHandler):
    line: Line

    def do_GET(self):
        self._give(*self._forward(b""))

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        fault = self.line.next_fault(self.path, body)
        if fault == "lost":
            return self._hang_up()
        if fault in ("unavailable", "limited"):
            return self._refuse(503 if fault == "unavailable" else 429)
        answer, content = self._forward(body)
        if fault == "told twice":
            answer, content = self._forward(body)
        if fault == "answer lost":
            return self._hang_up()
        return self._give(answer, content, cut=fault == "cut short")

    def _forward(self, body: bytes) -> tuple[HTTPResponse, bytes]:
        address = urlsplit(self.line.url)
        kind = HTTPSConnection if address.scheme == "https" else HTTPConnection
        connection = kind(address.hostname, address.port, timeout=30)
        headers = {name: value for name, value in self.headers.items() if name.lower() not in OF_THE_LINE}
        host = {} if address.scheme == "https" else {"Host": self.headers["Host"]}
        try:
            connection.request(self.command, f"{address.path}{self.path}", body or None, {**headers, **host})
            answer = connection.getresponse()
            return answer, answer.read()
        finally:
            connection.close()

    def _give(self, answer: HTTPResponse, content: bytes, *, cut: bool = False):
        self.send_response_only(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in OF_THE_LINE - {"date"}:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[: len(content) // 2] if cut else content)
        self.close_connection = True

    def _refuse(self, status: int):
        self.send_response(status)
        self.send_header("Retry-After", str(WAIT))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _hang_up(self):
        self.close_connection = True

    def log_message(self, *args):
        """Silent: the report says what happened."""
