"""A server that reports what learners did, with a key: its events, and the calls that it sends."""

import json
import random
import subprocess
import sys
import uuid
from datetime import datetime, timedelta
from http.client import HTTPConnection, HTTPException

from benchmarks import product

LEVELS = [f"puk_u{unit}_l{level}" for level in range(1, 4) for unit in range(1, 5)]  # each opens the next ones
OPEN_LEVEL = LEVELS[0]
EVENTS_OF_A_LEARNER = 10
MAKE_KEY = """
import django; django.setup()
from django.utils import timezone
from skillquest.accounts.models import User
from skillquest.machines.models import ServerKey
from skillquest.machines.services import create_key
staff = User.objects.create_superuser("keeper", "keeper@example.org", "a long password for the keeper")
print(create_key(ServerKey(name="Benchmark", scopes=["learners", "track"]), actor=staff, at=timezone.now()).text)
"""


def completion(rng: random.Random, level: str, moment: datetime) -> dict:
    return {
        "level_id": level,
        "score": 100,
        "time_spent": rng.randint(60, 600),
        "metadata": {"hints_used": rng.randint(0, 2), "words_learned": rng.randint(0, 5)},
        "client_event_id": str(uuid.UUID(int=rng.getrandbits(128), version=4)),
        "occurred_at": moment.isoformat(),
    }


def story(seed: str, until: datetime) -> list[dict]:
    """Ten results of one learner within a week, each on the level that the one before has opened."""
    rng, step = random.Random(seed), timedelta(days=7) / (EVENTS_OF_A_LEARNER + 1)
    return [completion(rng, LEVELS[n], until - step * (EVENTS_OF_A_LEARNER - n)) for n in range(EVENTS_OF_A_LEARNER)]


def of_learner(name: str, event: dict) -> dict:
    return {"type": "level_completion", "learner": {"external_id": name}, **event}


class Client:
    """A server that reports with a key, over one connection."""

    def __init__(self, port: int, token: str) -> None:
        self.connection = HTTPConnection("127.0.0.1", port, timeout=120)
        self.headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}

    def post(self, path: str, body: dict, learner: str = "") -> dict:
        headers = self.headers | ({"SkillQuest-Learner": learner} if learner else {})
        self.connection.request("POST", f"/api/v1/{path}", json.dumps(body), headers)
        answer = self.connection.getresponse()
        content = answer.read()
        if answer.status != 200:
            raise HTTPException(f"{answer.status}: {content[:500]!r}")
        return json.loads(content)

    def send_batch(self, events: list[dict]) -> list[dict]:
        return self.post("events", {"events": events, "create_learners": True})["results"]


def make_key(variables: dict[str, str]) -> str:
    command = [sys.executable, "-c", MAKE_KEY]
    return subprocess.run(
        command, cwd=product.ROOT, env=variables, check=True, capture_output=True, text=True
    ).stdout.strip()
