"""P17: does the response time reveal who has an account? Refused sign-ins and resets on a real server.

    python -m benchmarks.enumeration [--rounds N] [--seed N]

Each round sends one request of every kind, in random order, so that other work of the machine slows all of them; the
lower quartile is compared, since quick answers are the least disturbed. Prints one line of JSON for each endpoint.
Uses TEST_DATABASE_URL where there is one, and SQLite otherwise.
"""

import argparse
import contextlib
import json
import os
import random
import statistics
import sys
import time
from collections.abc import Iterator
from http.client import HTTPConnection

from benchmarks import product

ROUNDS = 100
TARGET = 0.05
KNOWN, GONE, UNKNOWN = "known-person", "person-known", "nobody-known"  # of the same length
DEACTIVATE = (
    f"from skillquest.accounts.models import User; User.objects.filter(username='{GONE}').update(is_active=False)"
)
ENDPOINTS = {
    "auth/login": {
        "unknown name": {"username": UNKNOWN, "password": product.PASSWORD},
        "unknown address": {"username": f"{UNKNOWN}@example.org", "password": product.PASSWORD},
        "wrong password": {"username": KNOWN, "password": f"{product.PASSWORD}!"},
        "deactivated": {"username": GONE, "password": product.PASSWORD},
        "wrong password, by address": {"username": f"{KNOWN}@example.org", "password": f"{product.PASSWORD}!"},
    },
    "auth/password/reset": {
        "unknown address": {"email": f"{UNKNOWN}@example.org"},
        "known address": {"email": f"{KNOWN}@example.org"},
        "deactivated": {"email": f"{GONE}@example.org"},
    },
}


def post(connection, endpoint, body) -> tuple[float, int, str]:
    """(seconds, status, body without its request id)."""
    began = time.perf_counter()
    connection.request("POST", f"/api/v1/{endpoint}", json.dumps(body), {"Content-Type": "application/json"})
    response = connection.getresponse()
    content = json.loads(response.read() or b"{}")
    return time.perf_counter() - began, response.status, json.dumps(content | {"request_id": None})


def measure(port, endpoint, rounds, rng) -> tuple[dict[str, list[float]], set]:
    """Seconds by kind of request, and the set of distinct answers."""
    kinds = ENDPOINTS[endpoint]
    seconds, answers = {kind: [] for kind in kinds}, set()
    with contextlib.closing(HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        for _ in range(rounds):
            for kind in rng.sample(list(kinds), len(kinds)):
                spent, *answer = post(connection, endpoint, kinds[kind])
                seconds[kind].append(spent)
                answers.add(tuple(answer))
    return seconds, answers


def run(database_url, rounds, seed) -> Iterator[dict]:
    variables = product.environment(database_url) | {"EMAIL_URL": "dummymail://"}
    product.manage(variables, "migrate", "--verbosity", "0")
    with product.serving(variables, workers=1) as port:
        for name in (KNOWN, GONE):
            product.sign_up(port, name)
        product.manage(variables, "shell", "-c", DEACTIVATE)
        for endpoint in ENDPOINTS:
            measure(port, endpoint, 5, random.Random(seed))  # the first requests load modules
            seconds, answers = measure(port, endpoint, rounds, random.Random(seed))
            quartiles = {kind: statistics.quantiles(values, n=4)[0] for kind, values in seconds.items()}
            yield line_of(endpoint, database_url, seed, rounds, quartiles, answers)


def line_of(endpoint, database_url, seed, rounds, quartiles, answers) -> dict:
    spread = max(quartiles.values()) / min(quartiles.values()) - 1
    return {
        "name": f"P17 enumeration, {endpoint}",
        "engine": database_url.partition(":")[0],
        "seed": seed,
        "requests": rounds * len(quartiles),
        "figure": {"spread": round(spread, 4), "different_answers": len(answers)},
        "target": {"spread": TARGET, "different_answers": 1},
        "pass": spread <= TARGET and len(answers) == 1,
        "milliseconds": {kind: round(value * 1000, 2) for kind, value in quartiles.items()},
    }


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.enumeration", description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    server = os.environ.get("TEST_DATABASE_URL")
    with product.postgresql_database(server) if server else product.sqlite_database() as database_url:
        lines = list(run(database_url, options.rounds, options.seed))
    print(*map(json.dumps, lines), sep="\n")
    return 0 if all(line["pass"] for line in lines) else 1


if __name__ == "__main__":
    sys.exit(main())
