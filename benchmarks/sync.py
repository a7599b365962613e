"""How much faster is a batch than its events one by one? `POST sync` against `levels/complete`, on one PostgreSQL.

    python -m tests.servers --postgres -- python -m benchmarks.sync [--small] [--seed N]

A learner's batch has 500 events: 20 levels of the shipped catalogue that open one another, over 10 days, 5 % sent
twice, 2 % invalid, with all shipped achievements to be unlocked. Four clients send batches, then four
send the same events of other learners one by one, in turns within one run, so that other work of the machine slows
both. Prints one line of JSON; exits with 1 unless the ratio of events per second is on target and both lead to the same
ledger totals.
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
BATCHES = 4  # learners of each client and round whose events come in batches; the events of one more come one by one
TARGET = 8
BAD_EVENTS = [{"score": "85"}, {"level_id": "nowhere"}, {"awarded_xp": 1000}, {"occurred_at": "2020-01-01T00:00:00Z"}]


def events_of_a_learner(seed, until) -> list[dict]:
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


def completion(rng, number, moment) -> dict:
    # First all levels in order, well enough to open the next one; then random levels.
    is_first = number < 2 * len(LEVELS)
    return {
        "level_id": LEVELS[number // 2] if is_first else rng.choice(LEVELS),
        "score": 100 if is_first else rng.randint(0, 100),
        "time_spent": rng.randint(20, 600),
        "metadata": {"hints_used": rng.randint(0, 2), "words_learned": rng.randint(0, 5)},
        "client_event_id": str(uuid.UUID(int=rng.getrandbits(128), version=4)),
        "occurred_at": moment.isoformat(),
    }


def post(connection, token, path, body) -> tuple[int, dict]:
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
    connection.request("POST", f"/api/v1/{path}", json.dumps(body), headers)
    answer = connection.getresponse()
    return answer.status, json.loads(answer.read())


def send_in_batches(connection, learners) -> Counter:
    """The number of events by status, and of unlocks."""
    counts = Counter()
    for token, events in learners:
        batch = [{"type": "level_completion", **event} for event in events]
        status, answer = post(connection, token, "sync", {"events": batch})
        if status != 200:
            raise RuntimeError(f"{status}: {answer}")
        counts.update(result["status"] for result in answer["results"])
        counts["unlocks"] += sum(len(result.get("unlocked_achievements", ())) for result in answer["results"])
    return counts


def send_one_by_one(connection, learners) -> Counter:
    counts = Counter()
    for token, events in learners:
        for event in events:
            status, answer = post(connection, token, "levels/complete", event)
            if status >= 500:
                raise RuntimeError(f"{status}: {answer}")
            counts[("created" if answer["is_new_completion"] else "replayed") if status == 200 else "rejected"] += 1
            counts["unlocks"] += len(answer.get("unlocked_achievements", ())) if answer.get("is_new_completion") else 0
    return counts


def run_clients(port, send, shares) -> tuple[float, Counter]:
    """Seconds, and the counts of `send` over all clients."""

    def run(learners) -> Counter:
        with contextlib.closing(HTTPConnection("127.0.0.1", port, timeout=120)) as connection:
            return send(connection, learners)

    began = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as clients:
        counts = sum(clients.map(run, shares), Counter())
    return time.perf_counter() - began, counts


def measure(port, options) -> tuple[dict[str, float], dict[str, Counter], list[tuple[str, str]]]:
    """Events per second and counts of each way, and pairs of usernames whose learners had the same events."""
    until, pairs = datetime.now(UTC), []
    rates, counts = {"batches": [], "one by one": []}, {"batches": Counter(), "one by one": Counter()}
    for turn in range((SMALL_ROUNDS if options.small else ROUNDS) + 1):
        seeds = [[f"{options.seed} {turn} {client} {number}" for number in range(BATCHES)] for client in range(CLIENTS)]
        for way, send, learners in [("batches", send_in_batches, BATCHES), ("one by one", send_one_by_one, 1)]:
            shares = [[sign_up_with_events(port, way, seed, until) for seed in some[:learners]] for some in seeds]
            seconds, statuses = run_clients(port, send, shares)
            if turn:  # the first one warms up
                rates[way].append(CLIENTS * learners * EVENTS / seconds)
                counts[way] += statuses
        pairs += [(username("batches", some[0]), username("one by one", some[0])) for some in seeds]
    return {way: sum(rates[way]) / len(rates[way]) for way in rates}, counts, pairs


def username(way, seed) -> str:
    return f"{way} {seed}".replace(" ", "-")


def sign_up_with_events(port, way, seed, until) -> tuple[str, list[dict]]:
    return product.sign_up(port, username(way, seed)), events_of_a_learner(seed, until)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sync", description=__doc__.split("\n")[0])
    parser.add_argument("--small", action="store_true", help="one round")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with product.postgresql_database(os.environ["TEST_DATABASE_URL"]) as database_url:
        variables = product.environment(database_url)
        product.manage(variables, "migrate", "--verbosity", "0")
        product.manage(variables, "load_catalogue")
        with product.serving(variables, workers=2) as port:
            rates, counts, pairs = measure(port, options)
        report = product.ledger_report(variables)
    learners = report["learners"]
    differing = [one for one, other in pairs if learners[one]["total_xp"] != learners[other]["total_xp"]]
    ratio = rates["batches"] / rates["one by one"]
    line = {
        "name": "sync: events per second in batches of 500 / one by one",
        "engine": "postgresql",
        "seed": options.seed,
        "figure": round(ratio, 1),
        "target": f">= {TARGET}",
        "pass": ratio >= TARGET and not differing and not report["mismatches"],
        "events_per_second": {way: round(rate) for way, rate in rates.items()},
        "events": counts,
        "learners_with_other_totals": len(differing),
    }
    print(json.dumps(line))
    return 0 if line["pass"] else 1


if __name__ == "__main__":
    sys.exit(main())
