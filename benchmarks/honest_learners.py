"""Are honest learners ever held by the limits of plausibility? 10 000 of them, over 60 days, by the shipped catalogue.

    python -m benchmarks.honest_learners [--learners 10000] [--service 300] [--api 100] [--seed 1] [--processes 2]

All of them meet the code that holds, limits and cuts, in memory; samples of them the whole product: `--service` so many
the service behind `POST sync`, with the results of a day in a batch, and `--api` so many the API, call by call, on a
clock that moves. What they play, and how it is reported, is in `benchmarks.honest_play`. Prints one line of JSON; exits
with 1 if anything was held, cut or rejected.
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


def play(numbers: range, seed: int, *, way: str) -> Counter:
    """How many results these learners had, by their outcome: paid, held (and why), cut by a limit, rejected."""
    from benchmarks.honest_clients import REPORT_BY, shipped_levels
    from benchmarks.honest_play import HonestLearner

    levels, counts = shipped_levels(), Counter()
    for number in numbers:
        with rolled_back():
            for answer in REPORT_BY[way](HonestLearner(seed, number, levels)):
                counts.update(outcomes(answer))
        counts[f"learners by {way}"] += 1
    return counts


def outcomes(answer: dict) -> list[str]:
    """Of the answer to one result, or a verdict of a batch."""
    if problem := answer.get("problem"):
        return ["results", "rejected", f"rejected: {problem['code']}"]
    if answer["held"]:
        return ["results", "held", f"held: {answer.get('held_reason')}"]
    cut = FACTORS & {factor["factor"] for factor in answer["xp_breakdown"]}
    return ["results", *(["cut", *(f"cut: {name}" for name in cut)] if cut else [])]


def play_share(share: tuple[range, int, str]) -> Counter:
    numbers, seed, way = share
    with product_database():
        return play(numbers, seed, way=way)


def shares(options: argparse.Namespace) -> list[tuple[range, int, str]]:
    """Samples are every so many-th learner, so that all styles of play are among them."""
    every = range(options.learners)
    samples = {"limits": options.learners, "service": options.service, "api": options.api}
    learners = {way: every[:: max(1, len(every) // size)][:size] for way, size in samples.items() if size}
    return [
        (numbers[start :: options.processes], options.seed, way)
        for way, numbers in learners.items()
        for start in range(options.processes)
        if numbers[start :: options.processes]
    ]


def report(counts: Counter, options: argparse.Namespace) -> dict:
    figure = {name: counts[name] for name in TARGET}
    return {
        "name": "honest learners who meet a limit, over 60 days",
        "seed": options.seed,
        "figure": figure,
        "target": TARGET,
        "pass": figure == TARGET and counts["results"] > 0,
        "results": counts["results"],
        "learners": {name: count for name, count in counts.items() if name.startswith("learners by ")},
        "reasons": {name: count for name, count in sorted(counts.items()) if ": " in name},
    }


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.honest_learners", description=__doc__.split("\n")[0])
    parser.add_argument("--learners", type=int, default=10_000)
    parser.add_argument("--service", type=int, default=300)
    parser.add_argument("--api", type=int, default=100)
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
