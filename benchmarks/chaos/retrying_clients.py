"""Clients that follow docs/clients.md: each completion has an event id and is sent until it is acknowledged."""

import contextlib
import json
import random
import threading
import time
import uuid
from http.client import HTTPConnection, HTTPException
from typing import Self

LEVEL = "blue-vs-red"  # earns XP every time, so that awards can be counted


class RetryingClients:
    """Send completions while the context is open; `acknowledged` then holds every event id that got a status of 200."""

    def __init__(self, port: int, tokens: list[str], *, duplicates: float = 0.0, seed: int = 1) -> None:
        self.port, self.tokens, self.duplicates, self.seed = port, tokens, duplicates, seed
        self.acknowledged: list[str] = []
        self.calls = self.failures = 0
        self.refusals: list[str] = []
        self.stopped = threading.Event()

    def __enter__(self) -> Self:
        self.threads = [threading.Thread(target=self._play, args=(n, token)) for n, token in enumerate(self.tokens)]
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_) -> None:
        self.stopped.set()
        for thread in self.threads:
            thread.join()

    def _play(self, number: int, token: str) -> None:
        rng = random.Random(self.seed * 1_000 + number)
        while not self.stopped.is_set():
            event = str(uuid.UUID(int=rng.getrandbits(128), version=4))
            body = json.dumps({"level_id": LEVEL, "score": rng.randint(0, 100), "client_event_id": event})
            for _ in range(1 + (rng.random() < self.duplicates)):
                self._send_until_acknowledged(token, event, body)

    def _send_until_acknowledged(self, token: str, event: str, body: str) -> None:
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
        give_up_at = time.monotonic() + 120
        while time.monotonic() < give_up_at:
            status, text = self._send(headers, body)
            self.calls += 1
            if status == 200:
                self.acknowledged.append(event)
                return
            self.failures += 1
            if 400 <= status < 500:
                self.refusals.append(f"{status} {text[:200]}")
                return
            time.sleep(0.05)
        self.refusals.append("never acknowledged")

    def _send(self, headers: dict, body: str) -> tuple[int, str]:
        try:
            with contextlib.closing(HTTPConnection("127.0.0.1", self.port, timeout=20)) as connection:
                connection.request("POST", "/api/v1/levels/complete", body, headers)
                answer = connection.getresponse()
                return answer.status, answer.read().decode()
        except (OSError, HTTPException) as error:
            return 0, repr(error)
