"""P1 and P2: many clients report the same events at once, or events of one learner; each is paid exactly once.

    python -m tests.servers --postgres -- python -m benchmarks.exactly_once [--small] [--seed N]

P1 sends each event from four clients at the same moment. P2 sends distinct events of one learner from all clients. Both
in four modes: with an event id, with an Idempotency-Key, with both, with neither. Prints one line of JSON
for each protocol and engine; the exit code is 1 unless every figure is on target. Without TEST_DATABASE_URL only SQLite
is tested.
"""

import argparse
import collections
import json
import os
import random
import statistics
import sys
import time
import uuid
from collections.abc import Iterator

from benchmarks import http_clients, product

MODES = ("event", "key", "both", "neither")
COPIES = 4
LEARNERS = 4  # in each mode of P1
LEVEL = "blue-vs-red"  # pays every time, so that awards can be counted
REQUESTS, SMALL = 2048, 64  # in each mode
TARGET = {
    "awards_minus_events": 0,
    "completions_minus_events": 0,
    "events_without_exactly_one_new": 0,
    "events_with_different_answers": 0,
    "answers_not_2xx": 0,
    "total_minus_ledger": 0,
    "chains_with_gaps": 0,
    "ledger_mismatches": 0,
}


def event_request(number, mode, token, rng) -> http_clients.ClientRequest:
    """The event of this number. Its `time_spent` is unique, since the mode "neither" recognises a repeat by content."""
    body = {"level_id": LEVEL, "score": rng.randint(0, 100), "time_spent": number, "metadata": {"hints_used": 1}}
    event, key = (str(uuid.UUID(int=rng.getrandbits(128), version=4)) for _ in range(2))
    if mode in ("event", "both"):
        body["client_event_id"] = event
    return http_clients.ClientRequest(f"{mode}-{number}", token, body, key if mode in ("key", "both") else None)


def repeated_events(mode, tokens, requests, rng) -> Iterator[http_clients.ClientRequest]:
    """Rounds of 32: eight events, each from four clients, in random order."""
    events = [
        event_request(number, mode, tokens[number % len(tokens)], rng) for number in range(1, requests // COPIES + 1)
    ]
    round_size = http_clients.CLIENTS // COPIES
    for first in range(0, len(events), round_size):
        copies = events[first : first + round_size] * COPIES
        rng.shuffle(copies)
        yield from copies


def events_of_one_learner(mode, tokens, requests, rng) -> Iterator[http_clients.ClientRequest]:
    for number in range(1, requests + 1):
        yield event_request(number, mode, tokens[0], rng)


PROTOCOLS = {
    "P1 one event from many clients": (repeated_events, LEARNERS, True),
    "P2 one learner, many clients": (events_of_one_learner, 1, False),
}


def lasting(content) -> str:
    """The answer as JSON, without the two fields that differ in a repeat."""
    return json.dumps(
        {k: v for k, v in content.items() if k not in {"is_new_completion", "server_time"}}, sort_keys=True
    )


def judge(answers, events, learners, mismatches) -> dict[str, int]:
    by_event = collections.defaultdict(list)
    for answer in answers:
        if 200 <= answer.status < 300:
            by_event[answer.event].append(answer)
    news = [sum(a.content["is_new_completion"] for a in copies if not a.replayed) for copies in by_event.values()]
    return {
        "awards_minus_events": sum(learner["awards"] for learner in learners) - events,
        "completions_minus_events": sum(learner["completions"] for learner in learners) - events,
        "events_without_exactly_one_new": events - news.count(1),
        "events_with_different_answers": sum(
            len({lasting(a.content) for a in copies}) > 1 for copies in by_event.values()
        ),
        "answers_not_2xx": len(answers) - sum(map(len, by_event.values())),
        "total_minus_ledger": sum(abs(learner["total_minus_ledger"]) for learner in learners),
        "chains_with_gaps": sum(not learner["gapless"] for learner in learners),
        "ledger_mismatches": mismatches,
    }


def run_protocol(name, port, variables, requests, seed) -> dict:
    """Run every mode, each with its own learners; return the line to print."""
    make_requests, learners_per_mode, together = PROTOCOLS[name]
    rng, answers, events, usernames, seconds = random.Random(seed), [], 0, [], {}
    for mode in MODES:
        names = [f"{name[:2].lower()}-{mode}-{number}" for number in range(learners_per_mode)]
        tokens = [product.sign_up(port, username) for username in names]
        sent = list(make_requests(mode, tokens, requests, rng))
        began = time.perf_counter()
        answers += http_clients.send_all(port, sent, together=together)
        seconds[mode] = time.perf_counter() - began
        events += len({request.event for request in sent})
        usernames += names
    report = product.ledger_report(variables)
    figure = judge(answers, events, [report["learners"][username] for username in usernames], report["mismatches"])
    return {
        "name": name,
        "seed": seed,
        "requests": len(answers),
        "events": events,
        "figure": figure,
        "target": TARGET,
        "pass": figure == TARGET,
        "requests_per_second": {mode: round(requests / spent) for mode, spent in seconds.items()},
        "milliseconds": percentiles([answer.seconds * 1000 for answer in answers]),
        "refusals": collections.Counter(f"{a.status} {a.text[:300]}" for a in answers if not 200 <= a.status < 300),
    }


def percentiles(values) -> dict[str, int]:
    cuts = statistics.quantiles(values, n=100)
    return {"p50": round(cuts[49]), "p95": round(cuts[94]), "p99": round(cuts[98]), "max": round(max(values))}


def run(engine, database, workers, options) -> bool:
    """Print one line for each protocol; True when all passed."""
    requests, passed = SMALL if options.small else REQUESTS, True
    with database as database_url:
        variables = product.environment(database_url)
        product.manage(variables, "migrate", "--verbosity", "0")
        product.manage(variables, "load_catalogue")
        with product.serving(variables, workers=workers) as port:
            for name in PROTOCOLS:
                line = {"engine": engine} | run_protocol(name, port, variables, requests, options.seed)
                print(json.dumps(line), flush=True)
                passed &= line["pass"]
    return passed


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.exactly_once", description=__doc__.split("\n")[0])
    parser.add_argument(
        "--small", action="store_true", help="64 requests in each mode instead of 2048: seconds, not minutes"
    )
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    passed = True
    if server := os.environ.get("TEST_DATABASE_URL"):
        passed &= run("postgresql", product.postgresql_database(server), 2, options)
    # SQLite, with counters in local memory, is for one process.
    passed &= run("sqlite", product.sqlite_database(), 1, options)
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
