"""Are honest learners ever held by the limits of plausibility? 10 000 of them, over 60 days, by the shipped catalogue.

    python -m benchmarks.honest_learners [--learners 10000] [--by-api 200] [--seed 1] [--processes 2]

`--by-api` of them use the real API, call by call, on a clock that moves; of all of them, the results of a day are sent
as one batch to the service behind `POST sync`, which decides and writes all the same. What they play and how it is
reported is in `benchmarks.honest_play`. Prints one line of JSON; exits with 1 if anything was held, cut or refused.
"""

import argparse
import json
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from benchmarks.in_process import product_database, rolled_back

TARGET = {"held": 0, "cut": 0, "rejected": 0}
FACTORS = {"repeat_limit", "metric_limit"}


def play(numbers: range, seed: int, *, by_api: bool) -> Counter:
    """How many results these learners had, by their outcome: paid, held (and why), cut by a limit, rejected."""
    from benchmarks.honest_clients import report_by_api, report_by_service, shipped_levels
    from benchmarks.honest_play import HonestLearner

    levels, counts = shipped_levels(), Counter()
    report = report_by_api if by_api else report_by_service
    for number in numbers:
        with rolled_back():
            for answer in report(HonestLearner(seed, number, levels)):
                counts.update(outcomes(answer))
        counts["learners"] += 1
    return counts


def outcomes(answer: dict) -> list[str]:
    """Of the answer to one result, or a verdict of a batch."""
    if problem := answer.get("problem"):
        return ["results", "rejected", f"rejected: {problem['code']}"]
    if answer["held"]:
        return ["results", "held", f"held: {answer.get('held_reason')}"]
    cut = FACTORS & {factor["factor"] for factor in answer["xp_breakdown"]}
    return ["results", *(["cut", *(f"cut: {name}" for name in cut)] if cut else [])]


def play_share(share: tuple[range, int, bool]) -> Counter:
    numbers, seed, by_api = share
    with product_database():
        return play(numbers, seed, by_api=by_api)


def shares(options: argparse.Namespace) -> list[tuple[range, int, bool]]:
    """Every so many-th learner by the API, so that all styles of play are among them."""
    every = range(options.learners)
    ways = [(every[:: len(every) // options.by_api] if options.by_api else range(0), True), (every, False)]
    return [
        (numbers[start :: options.processes], options.seed, by_api)
        for numbers, by_api in ways
        for start in range(options.processes)
        if numbers[start :: options.processes]
    ]


def report(counts: Counter, options: argparse.Namespace) -> dict:
    figure = {name: counts[name] for name in TARGET}
    return {
        "name": "honest learners who meet a limit, over 60 days",
        "seed": options.seed,
        "learners": options.learners,
        "by_api": min(options.by_api, options.learners),
        "results": counts["results"],
        "figure": figure,
        "target": TARGET,
        "pass": figure == TARGET and counts["results"] > 0,
        "reasons": {name: count for name, count in sorted(counts.items()) if ": " in name},
    }


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.honest_learners", description=__doc__.split("\n")[0])
    parser.add_argument("--learners", type=int, default=10_000)
    parser.add_argument("--by-api", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    counts = Counter()
    # One process for each share: each has a database of its own.
    with ProcessPoolExecutor(options.processes, get_context("spawn"), max_tasks_per_child=1) as processes:
        for share in processes.map(play_share, shares(options)):
            counts.update(share)
    line = report(counts, options)
    print(json.dumps(line))
    return 0 if line["pass"] else 1


if __name__ == "__main__":
    sys.exit(main())
