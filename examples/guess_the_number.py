"""Guess the number: a small game that earns XP, with or without a connection. It follows docs/clients.md.

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
# One file for each person, so that results are only sent for the learner who earned them.
QUEUE = Path.home() / f".guess-the-number-{NAME}.jsonl"


def post(path, body, **headers):
    """The answer as a dictionary. Raises HTTPError when the server refuses, ConnectionError when it is unreachable."""
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
            pass  # no connection, or it broke in the middle of the answer
        time.sleep(pause * random.uniform(1, 1.5))
    raise ConnectionError


@functools.cache
def bearer():
    return "Bearer " + post("auth/login", {"username": NAME, "password": PASSWORD})["access_token"]


def waiting():
    return [json.loads(line) for line in QUEUE.read_text().splitlines()] if QUEUE.exists() else []


def send(completion):
    """Keep the completion in the queue, so that it cannot be lost; then send the queue. Pairs of event and result."""
    with QUEUE.open("a") as file:
        file.write(json.dumps({"type": "level_completion", **completion}) + "\n")
    results = []
    while events := waiting()[:500]:
        results += zip(events, post("sync", {"events": events}, Authorization=bearer())["results"], strict=True)
        QUEUE.write_text("".join(json.dumps(event) + "\n" for event in waiting()[len(events) :]))
    return results


def play():
    """Play one round; return the number of guesses."""
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
        completion = {
            "level_id": "binary-search",
            "score": max(0, 100 - 10 * max(0, play() - 7)),  # seven guesses are always enough
            "time_spent": int(time.monotonic() - began),
            "client_event_id": str(uuid.uuid4()),
            "occurred_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        }
        for event, result in send(completion):
            reason = result["problem"]["detail"] if result["status"] == "rejected" else result["held_reason"]
            print(f"{event['occurred_at']}, {event['score']} points:", reason or f"+{result['awarded_xp']} XP")
    except (EOFError, KeyboardInterrupt):
        print("\nBye.")
    except ConnectionError:
        print("Saved on this device; it will be sent when you are online.")
    except urllib.error.HTTPError as error:
        print(f"Saved on this device. The server says: {error.reason}")


if __name__ == "__main__":
    main()
