"""Trials of rules, and recalculations, that are killed and resumed: memory, portions, and that the books are right.

    python -m tests.servers --postgres -- python -m benchmarks.rule_trials [--learners 2000] [--kills 2] [--seed 1]

A trial prices ten results of each learner, once without and once with kills of its process; then the draft is
published, every learner is recalculated, and all of it is undone, each with kills. Prints a line of JSON for each.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import time

import psycopg

from benchmarks import product

PORTION_AT_MOST = 2.0  # seconds
MEMORY_AT_MOST = 250  # MiB
BASE, OTHER_BASE = 10, 12
RIGHT = {"wrong_learners": 0, "mismatches": 0, "unfinished_jobs": 0}


class Installation:
    def __init__(self, database_url: str, seed: int) -> None:
        self.url, self.variables, self.rng = database_url, product.environment(database_url), random.Random(seed)
        self.variables |= {"JOBS_IN_PROCESS": "0", "XP_APPROVAL_ABOVE": "1000000000"}

    def call(self, code: str) -> str:
        done = subprocess.run(
            self._command(code), cwd=product.ROOT, env=self.variables, check=True, capture_output=True
        )
        return done.stdout.decode()

    def work(self, kills: int) -> dict:
        """Run the jobs in a process that is killed so often while they are unfinished; how the last one went."""
        killed = sum(self._work_and_kill() for _ in range(kills))
        with subprocess.Popen(
            self._command("data.work()"), cwd=product.ROOT, env=self.variables, stdout=subprocess.PIPE, text=True
        ) as process:
            output = process.stdout.read()
            _pid, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        return {"kills": killed, **json.loads(output), "memory_mib": usage.ru_maxrss // 1024}

    def _work_and_kill(self) -> bool:
        """At a random moment after it has moved on. Whether it was killed before the end."""
        before = self.progress()
        process = subprocess.Popen(
            self._command("data.work()"), cwd=product.ROOT, env=self.variables, stdout=subprocess.DEVNULL
        )
        while self.progress() == before and process.poll() is None:
            time.sleep(0.01)
        time.sleep(self.rng.uniform(0, 0.5))
        process.kill()
        process.wait()
        return bool(self.progress()[0])

    def progress(self) -> tuple:
        """Of the jobs that are not done: how many, and their cursors."""
        with psycopg.connect(self.url) as database:
            rows = database.execute(
                "SELECT cursor::text FROM jobs_job WHERE state IN ('waiting', 'running')"
            ).fetchall()
        return len(rows), rows

    def _command(self, code: str) -> list[str]:
        code = f"from benchmarks import rule_trials_data as data; {code}"
        return [sys.executable, "manage.py", "shell", "--verbosity", "0", "--command", code]

    def report(self, base: int) -> dict:
        return json.loads(self.call(f"data.report({base})"))


def measure(database_url: str, options: argparse.Namespace) -> list[dict]:
    installation = Installation(database_url, options.seed)
    product.manage(installation.variables, "migrate", "--verbosity", "0")
    installation.call(f"data.make({options.learners})")
    results = options.learners * 10
    lines = []

    def step(name: str, act: str, kills: int, base: int, **expected) -> dict:
        installation.call(f"data.start('{act}')")
        went, found = installation.work(kills), installation.report(base)
        figure = {**found, **found.pop("figures")}
        lines.append(_line(name, options, went, figure, RIGHT | expected))
        return figure

    gain = {"now_xp": None, "tried_xp": None, "gained_xp": 2 * results, "moved": options.learners, "results": results}
    plain = step("trial of a draft", "try", 0, BASE, **{name: value for name, value in gain.items() if value})
    step("trial of a draft, killed", "try", options.kills, BASE, now_xp=plain["now_xp"], tried_xp=plain["tried_xp"])
    installation.call("data.publish()")
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
