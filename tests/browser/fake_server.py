"""A fake server for the tracker: it records the requests, and answers as the test defines."""

import json
from datetime import UTC, datetime

LOST = None
# Pauses between tries take a hundredth of their time; those of a minute, after which a queue wakes, stay.
HURRY = """const patient = setTimeout;
globalThis.setTimeout = (wake, delay) => patient(wake, delay < 30_000 ? delay / 100 : delay);"""

# Everything that happens to a tracker on this page: `tracker.complete(…)`, `verdicts`, `unkept`.
BOARD = """async (options) => {
    const { createTracker } = await import("/static/skillquest/tracker/index.js");
    globalThis.verdicts = [];
    globalThis.unkept = [];
    globalThis.tracker = createTracker({
        onVerdict: (verdict) => verdicts.push(verdict),
        onUnkept: (error) => unkept.push(error.name),
        ...options,
    });
}"""

COMPLETE = (
    """async (level) => tracker.complete(level).catch(({ status, code, message }) => ({ status, code, message }))"""
)


class FakeServer:
    """`answers["levels/complete"] = [LOST, (429, {...}), ...]`: the last one is given for ever."""

    def __init__(self, context):
        self.requests = []
        self.answers = {}
        context.route("**/api/v1/**", self.answer)
        context.route("**/health", lambda route: route.abort())  # what is LOST is lost on the way

    def answer(self, route):
        path = route.request.url.partition("/api/v1/")[2]
        body = route.request.post_data_json if route.request.method == "POST" else None
        self.requests.append((path, body))
        self.authorization = route.request.headers.get("authorization")
        answers = self.answers.get(path, [self.accept])
        given = answers.pop(0) if len(answers) > 1 else answers[0]
        if given is LOST:
            return route.abort()
        status, content, *headers = given(path, body) if callable(given) else given
        return route.fulfill(status=status, body=json.dumps(content), headers=dict(*headers))

    def accept(self, path, body):
        moment = {"server_time": datetime.now(UTC).isoformat()}
        if path == "sync":
            return 200, {"results": [self.verdict(event) for event in body["events"]], **moment}
        return 200, {"success": True, "awarded_xp": 28, **moment}

    def verdict(self, event, status="created"):
        return {"client_event_id": event["client_event_id"], "status": status, "awarded_xp": 28}

    def bodies(self, path):
        return [body for requested, body in self.requests if requested == path]

    def events(self):
        return [event for body in self.bodies("sync") for event in body["events"]]


def refuse(code, status=400, **more):
    return status, {"code": code, "detail": f"It is {code}.", "status": status, **more}


def until(tab, expression):
    """Wait for it to become true, promises included; at most ten seconds."""
    for _ in range(200):
        if tab.evaluate(expression):
            return
        tab.wait_for_timeout(50)
    raise AssertionError(f"{expression} did not come true.")
