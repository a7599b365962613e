"""A small game server: a quiz that it judges itself, so that its results are verified. It follows docs/servers.md.

SKILLQUEST_KEY=sq_live_… python3 examples/quiz_server.py

curl -d '{"player": "p-17", "name": "Budi"}' http://127.0.0.1:8100/join
curl -d '{"player": "p-17", "answers": ["4", "9", "16"]}' http://127.0.0.1:8100/answers
curl -d '{"player": "p-17"}' http://127.0.0.1:8100/status
"""

import http.client
import json
import operator
import os
import random
import sqlite3
import time
import urllib.error
import urllib.request
import uuid
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import quote

API = os.environ.get("SKILLQUEST_URL", "http://127.0.0.1:8000/api/v1")
KEY = os.environ["SKILLQUEST_KEY"]
LEVEL, RIGHT_ANSWERS = "hello-world", ["4", "9", "16"]  # the squares of 2, 3 and 4
QUEUE = sqlite3.connect(os.environ.get("QUIZ_QUEUE", "quiz.sqlite3"))
QUEUE.execute("CREATE TABLE IF NOT EXISTS results (number INTEGER PRIMARY KEY, player TEXT, result TEXT)")
PAUSES = (0.5, 1, 2, 4)  # seconds between tries


def call(method, path, body=None, learner=None):
    """The answer of SkillQuest. Raises RuntimeError with its refusal, and OSError without a connection."""
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    if learner is not None:
        headers["SkillQuest-Learner"] = quote(learner, safe="")
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{API}/{path}", data, headers, method=method)
    for pause in PAUSES:
        try:
            return answer_to(request)
        except urllib.error.HTTPError as refusal:
            if refusal.code < 500 and refusal.code not in (408, 429):
                raise RuntimeError(refusal.read().decode()) from None
            pause = max(pause, int(refusal.headers.get("Retry-After", 0)))
        except (OSError, ValueError, http.client.HTTPException):  # no connection, or a truncated answer
            pass
        time.sleep(pause * random.uniform(1, 1.5))
    return answer_to(request)


def answer_to(request):
    with urllib.request.urlopen(request, timeout=15) as answer:
        return json.loads(answer.read())


def join(player, name=""):
    saved = call("PUT", f"learners/{quote(player, safe='')}", {"display_name": name})
    return {"welcome": saved["display_name"]}


def judge(player, answers):
    """Judged and stored first: what is in the queue is sent, now or with the next results."""
    score = 100 * sum(map(operator.eq, answers, RIGHT_ANSWERS)) // len(RIGHT_ANSWERS)
    result = {"level_id": LEVEL, "score": score, "client_event_id": str(uuid.uuid4())}
    QUEUE.execute("INSERT INTO results (player, result) VALUES (?, ?)", (player, json.dumps(result)))
    QUEUE.commit()
    return {"score": score, "xp": send().get(result["client_event_id"])}


def send():
    """The XP of each result that was answered, by its event id. Refused results stay, for somebody to look at."""
    xp = {}
    for number, player, text in QUEUE.execute("SELECT * FROM results ORDER BY number").fetchall():
        result = json.loads(text)
        try:
            xp[result["client_event_id"]] = call("POST", "levels/complete", result, learner=player)["awarded_xp"]
        except (RuntimeError, OSError) as error:
            print(f"Not sent: {player}: {error}", flush=True)
            continue
        QUEUE.execute("DELETE FROM results WHERE number = ?", (number,))
        QUEUE.commit()
    return xp


def status(player):
    learner = call("GET", f"learners/{quote(player, safe='')}")
    return {name: learner[name] for name in ("total_xp", "level", "title")}


ADDRESSES = {"/join": join, "/answers": judge, "/status": status}


class Game(BaseHTTPRequestHandler):
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        try:
            answer, code = ADDRESSES[self.path](**body), 200
        except (RuntimeError, OSError) as error:
            answer, code = {"error": str(error)}, 502
        self.send_response(code)
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode() + b"\n")


if __name__ == "__main__":
    HTTPServer(("127.0.0.1", int(os.environ.get("QUIZ_PORT", "8100"))), Game).serve_forever()
