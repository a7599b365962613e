"""How much faster is a batch than its events one by one? POST sync against levels/complete, on one PostgreSQL.

    python -m tests.servers --postgres -- python -m benchmarks.sync [--small] [--seed N]

A learner's batch has 500 events: 20 levels of the shipped catalogue that open one another, over 10 days, 5 % told
twice, 2 % bad, with everything that ships to be unlocked. Four clients send batches, then four send the same events of
other learners one by one, in turns within one run, so that whatever else the machine does falls on both. Prints one
line of JSON; exits with 1 unless the ratio of events per second is on target and both have the same books.
"""

import argparse
import contextlib
import json
import os
import random
import sys
import time
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection

from benchmarks import product

LEVELS = [f"puk_u{unit}_l{level}" for level in range(1, 6) for unit in range(1, 5)]  # five rows of four
EVENTS, DAYS, TWICE, BAD = 500, 10, 0.05, 0.02
CLIENTS = 4
ROUNDS, SMALL_ROUNDS = 3, 1
BATCHES = 4  # learners a client and round whose events come in batches; one whose come one by one
TARGET = 8
BAD_EVENTS = [{"score": "85"}, {"level_id": "nowhere"}, {"awarded_xp": 1000}, {"occurred_at": "2020-01-01T00:00:00Z"}]


def life(seed, until):
    """One learner's events, in the order in which they happened."""
    rng, events = random.Random(seed), []
    for number in range(EVENTS):
        event = completion(rng, number, until - timedelta(days=DAYS) * (EVENTS - number) / (EVENTS + 1))
        if events and rng.random() < TWICE:
            event = rng.choice(events)
        elif rng.random() < BAD:
            event |= rng.choice(BAD_EVENTS)
        events.append(event)
    return events


def completion(rng, number, moment):
    # First through all levels in order, well enough to open the next; then here and there.
    is_first = number < 2 * len(LEVELS)
    return {
        "level_id": LEVELS[number // 2] if is_first else rng.choice(LEVELS),
        "score": 100 if is_first else rng.randint(0, 100),
        "time_spent": rng.randint(20, 600),
        "metadata": {"hints_used": rng.randint(0, 2), "words_learned": rng.randint(0, 5)},
        "client_event_id": str(uuid.UUID(int=rng.getrandbits(128), version=4)),
        "occurred_at": moment.isoformat(),
    }


def ask(connection, token, path, body):
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
    connection.request("POST", f"/api/v1/{path}", json.dumps(body), headers)
    answer = connection.getresponse()
    return answer.status, json.loads(answer.read())


def tell_in_batches(connection, learners):
    """What became of the events, by status."""
    told = Counter()
    for token, events in learners:
        batch = [{"type": "level_completion", **event} for event in events]
        status, answer = ask(connection, token, "sync", {"events": batch})
        if status != 200:
            raise RuntimeError(f"{status}: {answer}")
        told.update(result["status"] for result in answer["results"])
        told["unlocks"] += sum(len(result.get("unlocked_achievements", ())) for result in answer["results"])
    return told


def tell_one_by_one(connection, learners):
    told = Counter()
    for token, events in learners:
        for event in events:
            status, answer = ask(connection, token, "levels/complete", event)
            if status >= 500:
                raise RuntimeError(f"{status}: {answer}")
            told[("created" if answer["is_new_completion"] else "replayed") if status == 200 else "rejected"] += 1
            told["unlocks"] += len(answer.get("unlocked_achievements", ())) if answer.get("is_new_completion") else 0
    return told


def run_clients(port, tell, hands):
    """Seconds, and what became of the events."""

    def run(learners):
        with contextlib.closing(HTTPConnection("127.0.0.1", port, timeout=120)) as connection:
            return tell(connection, learners)

    began = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as clients:
        told = sum(clients.map(run, hands), Counter())
    return time.perf_counter() - began, told


def measure(port, options):
    """Events per second of each way, what became of them, and the names of learners who were told of the same."""
    until, alike = datetime.now(UTC), []
    rates, told = {"batches": [], "one by one": []}, {"batches": Counter(), "one by one": Counter()}
    for turn in range((SMALL_ROUNDS if options.small else ROUNDS) + 1):
        seeds = [[f"{options.seed} {turn} {client} {number}" for number in range(BATCHES)] for client in range(CLIENTS)]
        for way, tell, share in [("batches", tell_in_batches, BATCHES), ("one by one", tell_one_by_one, 1)]:
            hands = [[(sign_up(port, way, seed), life(seed, until)) for seed in hand[:share]] for hand in seeds]
            seconds, statuses = run_clients(port, tell, hands)
            if turn:  # the first one warms up
                rates[way].append(CLIENTS * share * EVENTS / seconds)
                told[way] += statuses
        alike += [(username("batches", hand[0]), username("one by one", hand[0])) for hand in seeds]
    return {way: sum(rates[way]) / len(rates[way]) for way in rates}, told, alike


def username(way, seed):
    return f"{way} {seed}".replace(" ", "-")


def sign_up(port, way, seed):
    return product.sign_up(port, username(way, seed))


def main():
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sync", description=__doc__.split("\n")[0])
    parser.add_argument("--small", action="store_true", help="one round")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with product.postgresql_database(os.environ["TEST_DATABASE_URL"]) as database_url:
        variables = product.environment(database_url)
        product.manage(variables, "migrate", "--verbosity", "0")
        product.manage(variables, "load_catalogue")
        with product.serving(variables, workers=2) as port:
            rates, told, alike = measure(port, options)
        books = product.books(variables)
    learners = books["learners"]
    differing = [one for one, other in alike if learners[one]["total_xp"] != learners[other]["total_xp"]]
    ratio = rates["batches"] / rates["one by one"]
    line = {
        "name": "sync: events per second in batches of 500 / one by one",
        "engine": "postgresql",
        "seed": options.seed,
        "figure": round(ratio, 1),
        "target": f">= {TARGET}",
        "pass": ratio >= TARGET and not differing and not books["mismatches"],
        "events_per_second": {way: round(rate) for way, rate in rates.items()},
        "told": told,
        "learners_with_other_books": len(differing),
    }
    print(json.dumps(line))
    return 0 if line["pass"] else 1


if __name__ == "__main__":
    sys.exit(main())
