"""Guess the number: a small game that earns XP, with or without a line. Written from docs/clients.md alone.

    python3 examples/guess_the_number.py

It plays the challenge "binary-search" as SKILLQUEST_USERNAME on the server at SKILLQUEST_URL.
"""

import functools
import http.client
import json
import os
import random
import time
import urllib.error
import urllib.request
import uuid
from datetime import UTC, datetime
from pathlib import Path

API = os.environ.get("SKILLQUEST_URL", "http://127.0.0.1:8000/api/v1")
NAME = os.environ.get("SKILLQUEST_USERNAME", "demo")
PASSWORD = os.environ.get("SKILLQUEST_PASSWORD", "play-every-day")
# One file a person: nobody's results are ever sent as somebody else's.
WAITING = Path.home() / f".guess-the-number-{NAME}.jsonl"
BATCH = 500


def ask(path, body, **headers):
    """The answer. An HTTPError when the server has decided otherwise, a ConnectionError when there is no line."""
    headers = {"Content-Type": "application/json", **headers}
    for pause in (0.5, 1, 2, 4, 0):
        request = urllib.request.Request(f"{API}/{path}", json.dumps(body).encode(), headers)
        try:
            with urllib.request.urlopen(request, timeout=15) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            if error.code < 500 and error.code != 429:
                raise
            pause = pause and max(pause, int(error.headers.get("Retry-After", 0)))
        except (OSError, ValueError, http.client.HTTPException):
            pass  # no line, or it broke in the middle of the answer
        time.sleep(pause * random.uniform(1, 1.5))
    raise ConnectionError


@functools.cache
def token():
    return ask("auth/login", {"username": NAME, "password": PASSWORD})["access_token"]


def waiting():
    return [json.loads(line) for line in WAITING.read_text().splitlines()] if WAITING.exists() else []


def tell(deed):
    """Keep the deed first, so that nothing can lose it; then send all that waits, and give back the verdicts."""
    with WAITING.open("a") as file:
        file.write(json.dumps({"type": "level_completion", **deed}) + "\n")
    return send()


def send():
    verdicts = []
    while events := waiting()[:BATCH]:
        verdicts += ask("sync", {"events": events}, Authorization=f"Bearer {token()}")["results"]
        WAITING.write_text("".join(json.dumps(event) + "\n" for event in waiting()[BATCH:]))
    return verdicts


def play():
    """A round; how many guesses it took."""
    number, guesses, guess = random.randint(1, 100), 0, None
    print("I am thinking of a number from 1 to 100.")
    while guess != number:
        guess, guesses = int(input("Your guess: ")), guesses + 1
        print("Higher!" if guess < number else "Lower!" if guess > number else f"Right, in {guesses} guesses.")
    return guesses


def main():
    began = time.monotonic()
    deed = {
        "level_id": "binary-search",
        "score": max(0, 100 - 10 * max(0, play() - 7)),  # seven guesses are always enough
        "time_spent": int(time.monotonic() - began),
        "client_event_id": str(uuid.uuid4()),
        "occurred_at": datetime.now(UTC).isoformat(),
    }
    try:
        for verdict in tell(deed):
            print(verdict["problem"]["detail"] if verdict["status"] == "rejected" else f"+{verdict['awarded_xp']} XP")
    except ConnectionError:
        print("Saved on this device; it will be sent when you are online.")
    except urllib.error.HTTPError as error:
        print(f"Saved on this device. The server says: {error.reason}")


if __name__ == "__main__":
    main()
