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
from pathlib import Path

API = os.environ.get("SKILLQUEST_URL", "http://127.0.0.1:8000/api/v1")
NAME = os.environ.get("SKILLQUEST_USERNAME", "demo")
PASSWORD = os.environ.get("SKILLQUEST_PASSWORD", "play-every-day")
# One file a person: nobody's results are ever sent as somebody else's.
WAITING = Path.home() / f".guess-the-number-{NAME}.jsonl"


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
def bearer():
    return "Bearer " + ask("auth/login", {"username": NAME, "password": PASSWORD})["access_token"]


def waiting():
    return [json.loads(line) for line in WAITING.read_text().splitlines()] if WAITING.exists() else []


def tell(deed):
    """Keep the deed first, so that nothing can lose it; then send all that waits, and give each with its verdict."""
    with WAITING.open("a") as file:
        file.write(json.dumps({"type": "level_completion", **deed}) + "\n")
    told = []
    while events := waiting()[:500]:
        told += zip(events, ask("sync", {"events": events}, Authorization=bearer())["results"], strict=True)
        WAITING.write_text("".join(json.dumps(event) + "\n" for event in waiting()[len(events) :]))
    return told


def play():
    """A round; how many guesses it took."""
    number, guesses, guess = random.randint(1, 100), 0, None
    print("I am thinking of a number from 1 to 100.")
    while guess != number:
        try:
            guess, guesses = int(input("Your guess: ")), guesses + 1
            print("Higher!" if guess < number else "Lower!" if guess > number else f"Right, in {guesses} guesses.")
        except ValueError:
            print("A whole number, please.")
    return guesses


def main():
    began = time.monotonic()
    try:
        deed = {
            "level_id": "binary-search",
            "score": max(0, 100 - 10 * max(0, play() - 7)),  # seven guesses are always enough
            "time_spent": int(time.monotonic() - began),
            "client_event_id": str(uuid.uuid4()),
            "occurred_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        }
        for event, verdict in tell(deed):
            told = verdict["problem"]["detail"] if verdict["status"] == "rejected" else f"+{verdict['awarded_xp']} XP"
            print(f"{event['occurred_at']}, {event['score']} points: {told}")
    except (EOFError, KeyboardInterrupt):
        print("\nBye.")
    except ConnectionError:
        print("Saved on this device; it will be sent when you are online.")
    except urllib.error.HTTPError as error:
        print(f"Saved on this device. The server says: {error.reason}")


if __name__ == "__main__":
    main()
