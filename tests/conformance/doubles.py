"""Servers that break one promise each: ours, seen through somebody who meddles with what goes by."""

import json
import threading
import uuid
from contextlib import contextmanager
from http.server import ThreadingHTTPServer

from conformance.bad_line import Handler, Line


class PaysTwice(Handler):
    """Forgets ids and keys, so every retry is a new deed."""

    def _forward(self, body):
        del self.headers["Idempotency-Key"]
        return super()._forward(_changed(body, client_event_id=lambda _: str(uuid.uuid4())))


class ForgetsKeys(Handler):
    def _forward(self, body):
        del self.headers["Idempotency-Key"]
        return super()._forward(body)


class BelievesAnyClock(Handler):
    def _forward(self, body):
        return super()._forward(_changed(body, occurred_at=lambda _: None))


class TakesOtherPayloads(Handler):
    """Answers a reused id as if it were a retry."""

    firsts = {}

    def _forward(self, body):
        event_id = json.loads(body).get("client_event_id") if body[:1] == b"{" and body != b"{" else None
        return super()._forward(self.firsts.setdefault(event_id, body) if event_id else body)


class ShufflesVerdicts(Handler):
    def _forward(self, body):
        answer, content = super()._forward(body)
        told = json.loads(content)
        return answer, json.dumps({**told, "results": told["results"][::-1]} if "results" in told else told).encode()


class SpeaksHTML(Handler):
    def _give(self, answer, content, *, cut=False):
        super()._give(answer, b"<h1>Oops</h1>" if answer.status >= 400 else content, cut=cut)


@contextmanager
def serving(double, url):
    """Yield the address at which `double` stands before `url`."""
    handler = type("Double", (double,), {"line": Line(url, lambda: "")})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def _changed(body, **changes):
    """The body, and each event in it, with fields changed that it has."""
    try:
        told = json.loads(body)
    except ValueError:
        return body
    for one in [told, *told.get("events", [])]:
        one |= {name: change(one[name]) for name, change in changes.items() if name in one}
    return json.dumps(told).encode()
