"""Does an award take longer once the ledger is long? Five million entries against none, on one PostgreSQL.

    python -m tests.servers --postgres -- python -m benchmarks.ledger_size [--lines N] [--seed N]

Two databases, each with a gunicorn of its own; the long ledger is written by the database itself, set-based and with
all triggers on, and must pass the audit. 32 clients complete levels on the one and on the other in turn (A B B A …).
Prints one line of JSON; exits with 1 unless the ratio of the times is on target.
"""

import argparse
import contextlib
import json
import multiprocessing
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator

from benchmarks import product, speed

TARGET = 1.2
LINES_OF_ONE = 100
ROUNDS, SECONDS = 8, 4


@contextlib.contextmanager
def serving(server, lines) -> Iterator[tuple[int, list[str], dict]]:
    """Yield the port of a server whose ledger has `lines` entries, the tokens of 32 learners, and what was made."""
    with product.postgresql_database(server) as database_url:
        variables = product.environment(database_url)
        product.manage(variables, "migrate", "--verbosity", "0")
        product.manage(variables, "load_catalogue")
        began = time.perf_counter()
        command = [sys.executable, "-m", "benchmarks.ledger_size_data", str(lines // LINES_OF_ONE), str(LINES_OF_ONE)]
        made = subprocess.run(command, cwd=product.ROOT, env=variables, check=True, stdout=subprocess.PIPE)
        made = json.loads(made.stdout) | {"seconds": round(time.perf_counter() - began)}
        with product.serving(variables, workers=2) as port:
            tokens = [product.sign_up(port, f"runner-{number}") for number in range(speed.CLIENTS)]
            yield port, tokens, made


def compare(servers, seed) -> list[float]:
    """Completions per second of each server: medians over rounds that take turns, after a warm-up round."""
    rates = [[] for _ in servers]
    with multiprocessing.get_context("fork").Pool(speed.PROCESSES) as pool:
        for turn in range(ROUNDS + 1):
            order = range(len(servers)) if turn % 2 else reversed(range(len(servers)))
            for which in order:
                port, tokens, _ = servers[which]
                rate, _ = speed.measure(pool, port, tokens, "complete", SECONDS, seed + turn)
                rates[which] += [rate] if turn else []
    return [statistics.median(each) for each in rates]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ledger_size", description=__doc__.split("\n")[0])
    parser.add_argument("--lines", type=int, default=5_000_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    server = os.environ["TEST_DATABASE_URL"]
    with contextlib.ExitStack() as stack:
        servers = [stack.enter_context(serving(server, lines)) for lines in (0, options.lines)]
        short, long = compare(servers, options.seed)
        made = servers[1][2]
    line = {
        "name": "time per award with a long ledger against an empty one",
        "engine": "postgresql",
        "seed": options.seed,
        "figure": round(short / long, 3),
        "target": f"<= {TARGET}",
        "pass": short <= TARGET * long and made["mismatches"] == 0 and made["lines"] == options.lines,
        "completions_per_second": {"empty": round(short, 1), "long": round(long, 1)},
        "ledger": made,
    }
    print(json.dumps(line))
    return 0 if line["pass"] else 1


if __name__ == "__main__":
    sys.exit(main())
