"""Trials of rules, and recalculations, that are killed and resumed: memory, portions, and that the books are right.

    python -m tests.servers --postgres -- python -m benchmarks.rule_trials [--learners 2000] [--kills 2] [--seed 1]

A trial prices ten results of each learner, once without and once with kills of its process; then the draft is
published, every learner is recalculated, and all of it is undone, each with kills. Prints a line of JSON for each.
"""

import argparse
import json
import os
import sys

from benchmarks import product
from benchmarks.killed_jobs import Installation

PORTION_AT_MOST = 2.0  # seconds
MEMORY_AT_MOST = 250  # MiB
BASE, OTHER_BASE = 10, 12
RIGHT = {"wrong_learners": 0, "mismatches": 0, "unfinished_jobs": 0}


def measure(database_url: str, options: argparse.Namespace) -> list[dict]:
    limit = {"XP_APPROVAL_ABOVE": "1000000000"}
    installation = Installation(database_url, "rule_trials_data", seed=options.seed, **limit)
    product.manage(installation.variables, "migrate", "--verbosity", "0")
    installation.call(f"make({options.learners})")
    results = options.learners * 10
    lines = []

    def step(name: str, act: str, kills: int, base: int, **expected) -> dict:
        installation.call(f"start('{act}')")
        went, found = installation.work(kills), installation.call(f"report({base})")
        figure = {**found, **found.pop("figures")}
        lines.append(_line(name, options, went, figure, RIGHT | expected))
        return figure

    gain = {"now_xp": None, "tried_xp": None, "gained_xp": 2 * results, "moved": options.learners, "results": results}
    plain = step("trial of a draft", "try", 0, BASE, **{name: value for name, value in gain.items() if value})
    step("trial of a draft, killed", "try", options.kills, BASE, now_xp=plain["now_xp"], tried_xp=plain["tried_xp"])
    installation.call("publish()")
    step("preparing a recalculation, killed", "plan", options.kills, BASE, gained_xp=2 * results)
    entries = plain["entries"]
    step("recalculation, killed", "recalculate", options.kills, OTHER_BASE, entries=entries + results)
    step("recalculation prepared again", "plan", 0, OTHER_BASE, changed=0)
    step("recalculation undone, killed", "undo", options.kills, BASE, entries=entries + 2 * results)
    return lines


def _line(name: str, options: argparse.Namespace, went: dict, figure: dict, expected: dict) -> dict:
    figure = {**{key: figure[key] for key in expected}, **went}
    right = all(figure[key] == value for key, value in expected.items())
    flat = figure["memory_mib"] <= MEMORY_AT_MOST and figure["longest_portion_s"] <= PORTION_AT_MOST
    target = expected | {"memory_mib": MEMORY_AT_MOST, "longest_portion_s": PORTION_AT_MOST}
    size = {"learners": options.learners, "results": options.learners * 10}
    line = {"name": name, "seed": options.seed, **size, "figure": figure, "target": target, "pass": right and flat}
    print(json.dumps(line), flush=True)
    return line


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--learners", type=int, default=2_000)
    parser.add_argument("--kills", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with product.postgresql_database(os.environ["TEST_DATABASE_URL"]) as url:
        lines = measure(url, options)
    return 0 if all(line["pass"] for line in lines) else 1


if __name__ == "__main__":
    sys.exit(main())
