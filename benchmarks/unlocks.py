"""Does a catalogue of 1000 achievements slow completions down? Compared with the 27 that ship, on one PostgreSQL.

    python -m tests.servers --postgres -- python -m benchmarks.unlocks [--small] [--seed N]

Two databases, each with a gunicorn of its own: 27 achievements, and 1000 of mixed metrics with single thresholds, `all`
and `any`, of which every learner has some 200. The same completions go to both in turn, and to the floor view (one
INSERT: see `benchmarks.floor`), so that other work of the machine slows all. Prints one line of JSON; exits with 1
unless the ratios of throughputs are on target.
"""

import argparse
import contextlib
import json
import os
import random
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator

from benchmarks import http_clients, product

SIZES = (27, 1000)
SHIPPED = 27
# name: (number of achievements of the server, path)
WAYS = {"27": (27, "levels/complete"), "1000": (1000, "levels/complete"), "floor": (1000, "floor")}
LEARNERS = 16
LEVEL = "blue-vs-red"  # pays every time
ROUNDS, SMALL_ROUNDS = 8, 2
REQUESTS, SMALL_REQUESTS = 512, 64  # a round
TARGETS = {"1000 / 27": 0.9, "1000 / floor": 0.4}


@contextlib.contextmanager
def serving(server, size, options) -> Iterator[tuple[int, list[str], dict[str, int]]]:
    """Yields the port of a server of that size, the tokens of its learners, and how many achievements each has."""
    names = [f"learner-{number}" for number in range(LEARNERS)]
    with product.postgresql_database(server) as database_url:
        variables = product.environment(database_url) | {"DJANGO_SETTINGS_MODULE": "benchmarks.floor_settings"}
        product.manage(variables, "migrate", "--verbosity", "0")
        product.manage(variables, "load_catalogue")
        with product.serving(variables, workers=2) as port:
            tokens = [product.sign_up(port, name) for name in names]
            command = [sys.executable, "-m", "benchmarks.unlocks_data", "--made", size - SHIPPED]
            command = [str(argument) for argument in [*command, "--seed", options.seed, *names]]
            owned = subprocess.run(command, cwd=product.ROOT, env=variables, check=True, stdout=subprocess.PIPE)
            yield port, tokens, json.loads(owned.stdout)


def completions(tokens, requests, rng, path) -> Iterator[http_clients.ClientRequest]:
    for number in range(requests):
        metadata = {"hints_used": 1, "words_learned": rng.randint(0, 10), "conversations": rng.randint(0, 2)}
        body = {"level_id": LEVEL, "score": rng.randint(0, 100), "time_spent": rng.randint(1, 120)}
        event = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{path} {rng.getrandbits(128)}"))
        body |= {"metadata": metadata, "client_event_id": event}
        yield http_clients.ClientRequest(event, tokens[number % len(tokens)], body, None, path)


def measure(servers, options) -> tuple[dict[str, float], dict[int, int], int]:
    """Requests per second of each way, and unlocks; over all rounds but the first, which warms up."""
    rng = random.Random(options.seed)
    rounds, requests = (SMALL_ROUNDS, SMALL_REQUESTS) if options.small else (ROUNDS, REQUESTS)
    seconds, unlocks = dict.fromkeys(WAYS, 0.0), dict.fromkeys(SIZES, 0)
    for turn in range(rounds + 1):
        state = rng.getstate()
        for way in WAYS if turn % 2 else list(WAYS)[::-1]:
            rng.setstate(state)  # the same completions to all
            size, path = WAYS[way]
            port, tokens, _ = servers[size]
            began = time.perf_counter()
            answers = http_clients.send_all(port, list(completions(tokens, requests, rng, path)), together=False)
            spent = time.perf_counter() - began
            if bad := [answer.text for answer in answers if answer.status != 200]:
                raise RuntimeError(f"{len(bad)} answers are not 200, such as {bad[0]}")
            if turn:
                seconds[way] += spent
                unlocks[size] += sum(len(answer.content.get("unlocked_achievements", [])) for answer in answers)
    return {way: rounds * requests / seconds[way] for way in WAYS}, unlocks, rounds * requests


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.unlocks", description=__doc__.split("\n")[0])
    parser.add_argument("--small", action="store_true", help="seconds instead of minutes; not precise")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    server = os.environ["TEST_DATABASE_URL"]
    with contextlib.ExitStack() as stack:
        servers = {size: stack.enter_context(serving(server, size, options)) for size in SIZES}
        throughput, unlocks, requests = measure(servers, options)
    ratios = {name: throughput["1000"] / throughput[name.rpartition(" ")[2]] for name in TARGETS}
    line = {
        "name": "unlocks: completions with 1000 achievements against 27",
        "engine": "postgresql",
        "seed": options.seed,
        "requests": requests,
        "figure": {name: round(ratio, 3) for name, ratio in ratios.items()},
        "target": TARGETS,
        "pass": all(ratios[name] >= least for name, least in TARGETS.items()),
        "requests_per_second": {way: round(rate, 1) for way, rate in throughput.items()},
        "unlocks": unlocks,
        "owned_to_begin_with": {size: max(servers[size][2].values()) for size in SIZES},
    }
    print(json.dumps(line))
    return 0 if line["pass"] else 1


if __name__ == "__main__":
    sys.exit(main())
