"""Protocol P9b: seed each bug into a copy of the tree and demand that the tests see it.

    python -m tests.servers --postgres --redis -- python -m tests.mutants [words of a name ...]

Prints a table on stderr and one line of JSON on stdout; exits with 1 when a bug survives.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from .planting import plant
from .seeded_bugs import SEEDED_BUGS
from .seeding import SeededBug

ROOT = Path(__file__).resolve().parent.parent.parent
LEFT_BEHIND = shutil.ignore_patterns(".git", ".venv", ".env", ".hypothesis", "__pycache__", "staticfiles", "*.sqlite3*")
SERVERS = ["TEST_DATABASE_URL", "TEST_REDIS_URL"]
PATIENCE = 900  # seconds for the tests of one bug
SEEN_BY = re.compile(r"^(?:FAILED|ERROR) (\S+)", re.MULTILINE)
TESTS_FAILED = 1  # pytest's exit code; others mean that it could not test at all


@dataclass(frozen=True)
class Verdict:
    bug: SeededBug
    seen_by: str  # the first test that failed; empty when the bug survived
    seconds: float
    output: str


def run_tests(tree: Path, tests: list[str], *, on_servers: bool, walks: str) -> subprocess.CompletedProcess:
    environment = {**os.environ, "STATE_MACHINE": walks, "PYTHONDONTWRITEBYTECODE": "1"}
    if not on_servers:
        environment |= dict.fromkeys(SERVERS, "")
    command = [sys.executable, "-m", "pytest", "-x", "-rfE", "--tb=line", *tests]
    return subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, timeout=PATIENCE)


def judge(tree: Path, bug: SeededBug) -> Verdict:
    began = time.perf_counter()
    with plant(bug, tree):
        tested = run_tests(tree, bug.tests, on_servers=bug.on_servers, walks="blunt")
    seen_by = SEEN_BY.findall(tested.stdout) if tested.returncode == TESTS_FAILED else []
    return Verdict(bug, (seen_by or [""])[0], time.perf_counter() - began, tested.stdout + tested.stderr)


def check_tree_is_healthy(tree: Path, bugs: list[SeededBug]) -> None:
    """A test that fails anyway would see every bug."""
    for on_servers in (False, True):
        tests = list(dict.fromkeys(test for bug in bugs if bug.on_servers == on_servers for test in bug.tests))
        tested = run_tests(tree, tests, on_servers=on_servers, walks="small") if tests else None
        if tested and tested.returncode:
            sys.exit(f"Without any bug these tests fail already:\n{tested.stdout}{tested.stderr}")


def report(verdict: Verdict) -> None:
    result = f"seen by {verdict.seen_by}" if verdict.seen_by else f"SURVIVED\n{verdict.output[-3000:]}"
    print(f"{verdict.seconds:5.1f} s  {verdict.bug.name:62}  {result}", file=sys.stderr, flush=True)  # noqa: T201


def chosen(words: list[str]) -> list[SeededBug]:
    bugs = [bug for bug in SEEDED_BUGS if all(word in bug.name for word in words)]
    if any(bug.on_servers for bug in bugs) and not all(map(os.environ.get, SERVERS)):
        sys.exit(f"Some bugs show only on servers: set {' and '.join(SERVERS)}, or run this behind `tests.servers`.")
    return bugs


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__.split("\n")[0])
    parser.add_argument("words", nargs="*", help="only bugs whose name holds all of these")
    bugs = chosen(parser.parse_args().words)
    with tempfile.TemporaryDirectory(prefix="skillquest-mutants-") as folder:
        tree = shutil.copytree(ROOT, Path(folder) / "tree", ignore=LEFT_BEHIND)
        check_tree_is_healthy(tree, bugs)
        verdicts = []
        for bug in bugs:
            verdicts.append(judge(tree, bug))
            report(verdicts[-1])
    survivors = [verdict.bug.name for verdict in verdicts if not verdict.seen_by]
    figure = {"seeded": len(bugs), "killed": len(bugs) - len(survivors), "survivors": survivors}
    line = {"name": "P9b seeded bugs", "seed": None, "figure": figure, "target": {"survivors": []}}
    print(json.dumps(line | {"pass": bool(bugs) and not survivors}))  # noqa: T201
    return 0 if bugs and not survivors else 1


if __name__ == "__main__":
    sys.exit(main())
