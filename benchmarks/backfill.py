"""Grant an achievement to many learners by a job that is killed twice: each has it once, its XP is paid once.

    python -m tests.servers --postgres -- python -m benchmarks.backfill [--learners 100000] [--kills 2] [--seed 1]

Every learner has earned it, and its XP unlocks another achievement of every tenth of them. The time is that of a second
backfill, without kills; it is compared with plain inserts by Django of as many rows into the same tables, in as many
transactions. Prints a line of JSON; exits with 1 unless all of it is on target.
"""

import argparse
import json
import os
import sys

from benchmarks.killed_jobs import Installation
from benchmarks.migrated import migrated_postgresql

PORTION_AT_MOST = 2.0  # seconds
MEMORY_AT_MOST = 250  # MiB
TIMES_A_PLAIN_INSERT = 5.0  # at most
RIGHT = {"without": 0, "twice": 0, "wrong_xp": 0, "wrong_counts": 0, "mismatches": 0, "unfinished_jobs": 0}


def measure(database_url: str, options: argparse.Namespace) -> dict:
    installation = Installation(database_url, "backfill_data", seed=options.seed, XP_APPROVAL_ABOVE="1000000000")
    installation.call(f"make({options.learners})")
    installation.call("start('killed')")
    went = installation.work(options.kills)
    figure = {"kills": went["kills"], **installation.call("report('killed')")}
    installation.call("start('plain')")
    went, plain = installation.work(0), installation.call("report('plain')")
    figure |= {name: figure[name] + plain[name] for name in RIGHT}
    inserted = installation.call("insert_plainly()")
    figure |= {"backfill_s": went["seconds"], **inserted}
    figure |= {"times_plain_inserts": round(went["seconds"] / inserted["by_django_s"], 2)}
    return figure | {name: went[name] for name in ("memory_mib", "longest_portion_s", "portions")}


def is_on_target(figure: dict, target: dict, limits: dict) -> bool:
    return all(figure[name] == value for name, value in target.items()) and all(
        figure[name] <= value for name, value in limits.items()
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--learners", type=int, default=100_000)
    parser.add_argument("--kills", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with migrated_postgresql(os.environ["TEST_DATABASE_URL"]) as url:
        figure = measure(url, options)
    limits = {"longest_portion_s": PORTION_AT_MOST, "memory_mib": MEMORY_AT_MOST}
    limits |= {"times_plain_inserts": TIMES_A_PLAIN_INSERT}
    target = RIGHT | {"kills": options.kills}
    passed = is_on_target(figure, target, limits)
    size = {"learners": options.learners, "seed": options.seed}
    line = {"name": "backfill killed", **size, "figure": figure, "target": target | limits, "pass": passed}
    print(json.dumps(line))
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
