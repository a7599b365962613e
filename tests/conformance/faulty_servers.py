"""Servers that break one guarantee each: ours, behind a proxy that changes requests or answers."""

import json
import threading
import uuid
from contextlib import contextmanager
from http.server import ThreadingHTTPServer

from conformance.unreliable_proxy import ProxyHandler, ProxyState


class PaysTwice(ProxyHandler):
    """Drops ids and keys, so every retry is a new completion."""

    def _forward(self, body):
        del self.headers["Idempotency-Key"]
        return super()._forward(_changed(body, client_event_id=lambda _: str(uuid.uuid4())))


class IgnoresKeys(ProxyHandler):
    def _forward(self, body):
        del self.headers["Idempotency-Key"]
        return super()._forward(body)


class AcceptsAnyClock(ProxyHandler):
    def _forward(self, body):
        return super()._forward(_changed(body, occurred_at=lambda _: None))


class AcceptsOtherPayloads(ProxyHandler):
    """Answers a reused id as if it were a retry."""

    firsts = {}

    def _forward(self, body):
        event_id = json.loads(body).get("client_event_id") if body[:1] == b"{" and body != b"{" else None
        return super()._forward(self.firsts.setdefault(event_id, body) if event_id else body)


class ReversesResults(ProxyHandler):
    def _forward(self, body):
        answer, content = super()._forward(body)
        parsed = json.loads(content)
        return answer, json.dumps(
            {**parsed, "results": parsed["results"][::-1]} if "results" in parsed else parsed
        ).encode()


class AnswersInHTML(ProxyHandler):
    def _give(self, answer, content, *, cut=False):
        super()._give(answer, b"<h1>Oops</h1>" if answer.status >= 400 else content, cut=cut)


@contextmanager
def serving(faulty_server, url):
    """Yield the URL of `faulty_server` in front of `url`."""
    handler = type("BoundServer", (faulty_server,), {"state": ProxyState(url, lambda: "")})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def _changed(body, **changes):
    """The body with `changes` applied to the fields that it, or an event in it, has."""
    try:
        parsed = json.loads(body)
    except ValueError:
        return body
    for fields in [parsed, *parsed.get("events", [])]:
        fields |= {name: change(fields[name]) for name, change in changes.items() if name in fields}
    return json.dumps(parsed).encode()
