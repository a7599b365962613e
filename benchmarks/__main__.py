"""Run benchmarks one after the other, all of them even when one fails, and keep their JSON lines in build/.

    python -m tests.servers --postgres --redis -- python -m benchmarks chaos [--release]
    python -m tests.servers --postgres --redis -- python -m benchmarks bench [--release]

Every line of JSON goes to stdout and to build/chaos.jsonl or build/bench.jsonl. The exit code is 1 when one has failed.
At the small size of chaos, which measures no time, two run at once.
"""

import argparse
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

BUILD = Path(__file__).resolve().parent.parent / "build"
# (module, arguments at the small size or None if it is not run then, arguments at release size).
# At the small size all of them together take minutes; the longest is the first, so that the others run beside it.
RUNS = {
    "chaos": [
        ("benchmarks.chaos.fuzz", "--examples 1 --coverage-as learner superuser", "--examples 40"),
        ("benchmarks.chaos.crash", "--kills 2", "--kills 20"),
        ("benchmarks.chaos.consistency", "--seconds 5", "--seconds 60"),
        ("benchmarks.chaos.bulk_reversal", "--entries 500 --kills 2", "--entries 10000 --kills 10"),
        ("benchmarks.rule_trials", None, "--learners 100000 --kills 3"),
        ("benchmarks.backfill", None, "--learners 100000 --kills 2"),
        ("benchmarks.import_levels", None, ""),
        ("benchmarks.chaos.limits", "--limit 64", "--limit 320"),
        ("benchmarks.chaos.erasure", "--people 5", "--people 200"),
        ("benchmarks.long_history", None, ""),
        ("benchmarks.enumeration", None, ""),
        ("benchmarks.zones", None, ""),
        ("benchmarks.honest_learners", None, ""),
        ("benchmarks.dishonest_clients", None, ""),
        ("tests.mutants", None, ""),
    ],
    "bench": [
        ("benchmarks.exactly_once", "--small", ""),
        ("benchmarks.speed", "--rounds 3", "--rounds 25"),
        ("benchmarks.sync", "--small", ""),
        ("benchmarks.machine_events", "--small", ""),
        ("benchmarks.play_starts", "--rounds 50", ""),
        ("benchmarks.unlocks", None, ""),
        ("benchmarks.ledger_size", None, ""),
        ("benchmarks.batch_history", "--rounds 5 --results 5000", ""),
        ("benchmarks.import_history", None, ""),
        ("benchmarks.admin_pages", None, "--learners 1000000"),
        ("benchmarks.leaderboards", None, ""),
        ("benchmarks.leaderboards_agreement", None, ""),
        ("benchmarks.leaderboards_outage", None, ""),
    ],
}


def run(module, arguments, record) -> bool:
    """Whether it passed. Its lines are printed and written to `record` as they come."""
    began = time.monotonic()
    print(f"--- {module} {arguments}".rstrip(), file=sys.stderr, flush=True)
    with subprocess.Popen(
        [sys.executable, "-m", module, *arguments.split()], stdout=subprocess.PIPE, text=True
    ) as process:
        for line in process.stdout:
            for out in (sys.stdout, record):
                out.write(line)
                out.flush()
    outcome = "passed" if process.returncode == 0 else "FAILED"
    print(f"--- {module} {outcome} after {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    return process.returncode == 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.split("\n")[0])
    parser.add_argument("what", choices=RUNS)
    parser.add_argument("--release", action="store_true", help="the sizes of docs/proof.md")
    options = parser.parse_args()
    BUILD.mkdir(exist_ok=True)
    with (BUILD / f"{options.what}.jsonl").open("w") as record:
        sizes = [(module, release if options.release else small) for module, small, release in RUNS[options.what]]
        chosen = [(module, arguments, record) for module, arguments in sizes if arguments is not None]
        at_once = 2 if options.what == "chaos" and not options.release else 1
        with ThreadPoolExecutor(at_once) as pool:
            passed = list(pool.map(lambda one: run(*one), chosen))
    return 0 if all(passed) else 1


if __name__ == "__main__":
    sys.exit(main())
