"""P1 and P2: many clients tell the same deeds at once, and one learner does many; every deed is paid exactly once.

    python -m tests.servers --postgres -- python -m benchmarks.storm [--small] [--seed N]

P1 sends each deed from four clients at the same moment. P2 sends distinct deeds of one learner from all clients. Both
in four modes: with an event id, with an Idempotency-Key, with both, with neither. One line of JSON a protocol and
engine; exits with 1 unless every figure is on target. Without TEST_DATABASE_URL only SQLite is stormed.
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

from benchmarks import load, product

MODES = ("event", "key", "both", "neither")
COPIES = 4
LEARNERS = 4  # a mode, in P1
LEVEL = "blue-vs-red"  # pays every time, so that awards can be counted
REQUESTS, SMALL = 2048, 64  # a mode
TARGET = {
    "awards_minus_deeds": 0,
    "completions_minus_deeds": 0,
    "deeds_without_exactly_one_new": 0,
    "deeds_with_different_answers": 0,
    "answers_not_2xx": 0,
    "total_minus_ledger": 0,
    "chains_with_gaps": 0,
    "ledger_mismatches": 0,
}


def sending(number, mode, token, rng):
    """The deed of this number: `time_spent` makes its content its own, which is all that "neither" has to go by."""
    body = {"level_id": LEVEL, "score": rng.randint(0, 100), "time_spent": number, "metadata": {"hints_used": 1}}
    event, key = (str(uuid.UUID(int=rng.getrandbits(128), version=4)) for _ in range(2))
    if mode in ("event", "both"):
        body["client_event_id"] = event
    return load.Sending(f"{mode}-{number}", token, body, key if mode in ("key", "both") else None)


def same_event_storm(mode, tokens, requests, rng):
    """Rounds of 32: eight deeds, each by four clients, in random order."""
    deeds = [sending(number, mode, tokens[number % len(tokens)], rng) for number in range(1, requests // COPIES + 1)]
    a_round = load.CLIENTS // COPIES
    for first in range(0, len(deeds), a_round):
        copies = deeds[first : first + a_round] * COPIES
        rng.shuffle(copies)
        yield from copies


def hot_learner(mode, tokens, requests, rng):
    for number in range(1, requests + 1):
        yield sending(number, mode, tokens[0], rng)


PROTOCOLS = {
    "P1 same-event storm": (same_event_storm, LEARNERS, True),
    "P2 hot learner": (hot_learner, 1, False),
}


def bare(content):
    """An answer without the two fields that a repeat may change."""
    return json.dumps(
        {k: v for k, v in content.items() if k not in {"is_new_completion", "server_time"}}, sort_keys=True
    )


def judge(answers, deeds, learners, mismatches):
    by_deed = collections.defaultdict(list)
    for answer in answers:
        if 200 <= answer.status < 300:
            by_deed[answer.deed].append(answer)
    news = [sum(a.content["is_new_completion"] for a in told if not a.replayed) for told in by_deed.values()]
    return {
        "awards_minus_deeds": sum(books["awards"] for books in learners) - deeds,
        "completions_minus_deeds": sum(books["completions"] for books in learners) - deeds,
        "deeds_without_exactly_one_new": deeds - news.count(1),
        "deeds_with_different_answers": sum(len({bare(a.content) for a in told}) > 1 for told in by_deed.values()),
        "answers_not_2xx": len(answers) - sum(map(len, by_deed.values())),
        "total_minus_ledger": sum(abs(books["total_minus_ledger"]) for books in learners),
        "chains_with_gaps": sum(not books["gapless"] for books in learners),
        "ledger_mismatches": mismatches,
    }


def run_protocol(name, port, variables, requests, seed):
    """Storm in every mode, each with learners of its own; return the line to print."""
    plan, learners_a_mode, together = PROTOCOLS[name]
    rng, answers, deeds, usernames, seconds = random.Random(seed), [], 0, [], {}
    for mode in MODES:
        names = [f"{name[:2].lower()}-{mode}-{number}" for number in range(learners_a_mode)]
        tokens = [product.sign_up(port, username) for username in names]
        sendings = list(plan(mode, tokens, requests, rng))
        began = time.perf_counter()
        answers += load.send_all(port, sendings, together=together)
        seconds[mode] = time.perf_counter() - began
        deeds += len({s.deed for s in sendings})
        usernames += names
    books = product.books(variables)
    figure = judge(answers, deeds, [books["learners"][username] for username in usernames], books["mismatches"])
    return {
        "name": name,
        "seed": seed,
        "requests": len(answers),
        "deeds": deeds,
        "figure": figure,
        "target": TARGET,
        "pass": figure == TARGET,
        "requests_per_second": {mode: round(requests / spent) for mode, spent in seconds.items()},
        "milliseconds": percentiles([answer.seconds * 1000 for answer in answers]),
        "refusals": collections.Counter(f"{a.status} {a.text[:300]}" for a in answers if not 200 <= a.status < 300),
    }


def percentiles(values):
    cuts = statistics.quantiles(values, n=100)
    return {"p50": round(cuts[49]), "p95": round(cuts[94]), "p99": round(cuts[98]), "max": round(max(values))}


def storm(engine, database, workers, options):
    """Print a line a protocol; True when all passed."""
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


def main():
    parser = argparse.ArgumentParser(prog="python -m benchmarks.storm", description=__doc__.split("\n")[0])
    parser.add_argument("--small", action="store_true", help="64 requests a mode instead of 2048: seconds, not minutes")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    passed = True
    if server := os.environ.get("TEST_DATABASE_URL"):
        passed &= storm("postgresql", product.postgresql_database(server), 2, options)
    # SQLite and counters in local memory are for one process.
    passed &= storm("sqlite", product.sqlite_database(), 1, options)
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
