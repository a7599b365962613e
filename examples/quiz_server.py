"""A small game server: a quiz that it judges itself, so that its results are verified. It follows docs/servers.md.

SKILLQUEST_KEY=sq_live_… python3 examples/quiz_server.py

curl -d '{"player": "p-17", "name": "Budi"}' http://127.0.0.1:8100/join
curl -d '{"player": "p-17", "answers": ["4", "9", "16"]}' http://127.0.0.1:8100/answers
curl -d '{"player": "p-17"}' http://127.0.0.1:8100/status
"""

import json
import operator
import os
import random
import sqlite3
import time
import urllib.request
import uuid
from http.client import HTTPException
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request

API = os.environ.get("SKILLQUEST_URL", "http://127.0.0.1:8000/api/v1")
KEY = os.environ["SKILLQUEST_KEY"]
LEVEL, RIGHT_ANSWERS = "hello-world", ["4", "9", "16"]  # the squares of 2, 3 and 4
PAUSES = (0.5, 1, 2, 4)  # seconds between tries
QUEUE = sqlite3.connect(os.environ.get("QUIZ_QUEUE", "quiz.sqlite3"))
QUEUE.execute("CREATE TABLE IF NOT EXISTS results (number INTEGER PRIMARY KEY, player, result, problem)")
QUEUE.execute("UPDATE results SET problem = NULL")  # what was refused is tried again when this program starts
QUEUE.commit()


def call(method, path, body=None, learner=None, pauses=PAUSES):
    """The answer of SkillQuest. Raises RuntimeError with its refusal, and OSError where there was no answer."""
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    if learner is not None:
        headers["SkillQuest-Learner"] = quote(learner, safe="")
    data = None if body is None else json.dumps(body).encode()
    for pause in (*pauses, None):
        try:
            with urllib.request.urlopen(Request(f"{API}/{path}", data, headers, method=method), timeout=5) as answer:
                return json.loads(answer.read())
        except HTTPError as refusal:
            if refusal.code < 500 and refusal.code not in (408, 429):
                raise RuntimeError(refusal.read().decode()) from None
            failure, wait = refusal, int(refusal.headers.get("Retry-After", 0))
        except (OSError, ValueError, HTTPException) as error:  # no connection, or a truncated answer
            failure, wait = error, 0
        if pause is not None:
            time.sleep(max(pause, wait) * random.uniform(1, 1.5))
    raise OSError(f"No answer: {failure}")


def join(player, name=""):
    saved = call("PUT", f"learners/{quote(player, safe='')}", {"display_name": name})
    return {"welcome": saved["display_name"]}


def judge(player, answers):
    """Judged and stored first; what is stored is sent, now or with the next results."""
    score = 100 * sum(map(operator.eq, answers, RIGHT_ANSWERS)) // len(RIGHT_ANSWERS)
    result = {"level_id": LEVEL, "score": score, "client_event_id": str(uuid.uuid4())}
    QUEUE.execute("INSERT INTO results (player, result) VALUES (?, ?)", (player, json.dumps(result)))
    QUEUE.commit()
    return {"score": score, "xp": send_stored().get(result["client_event_id"], "later")}


def send_stored():
    """The XP of each result that was answered, by its event id. A refusal is kept for somebody to look at."""
    xp = {}
    for number, player, text in QUEUE.execute(
        "SELECT number, player, result FROM results WHERE problem IS NULL"
    ).fetchall():
        result = json.loads(text)
        try:
            reward = call("POST", "levels/complete", result, learner=player, pauses=())  # the queue tries again
        except OSError:
            break
        except RuntimeError as refusal:
            QUEUE.execute("UPDATE results SET problem = ? WHERE number = ?", (str(refusal), number))
        else:
            xp[result["client_event_id"]] = reward["total_awarded_xp"]
            QUEUE.execute("DELETE FROM results WHERE number = ?", (number,))
        QUEUE.commit()
    return xp


def status(player):
    learner = call("GET", f"learners/{quote(player, safe='')}")
    return {name: learner[name] for name in ("total_xp", "level", "title")}


ADDRESSES = {"/join": join, "/answers": judge, "/status": status}


class Game(BaseHTTPRequestHandler):
    def do_POST(self):
        if self.path not in ADDRESSES:
            return self.send_error(404)
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        try:
            answer, code = ADDRESSES[self.path](**body), 200
        except (RuntimeError, OSError) as error:
            answer, code = {"error": str(error)}, 502
        self.send_response(code)
        self.end_headers()
        return self.wfile.write(json.dumps(answer).encode() + b"\n")


if __name__ == "__main__":
    HTTPServer(("127.0.0.1", int(os.environ.get("QUIZ_PORT", "8100"))), Game).serve_forever()
