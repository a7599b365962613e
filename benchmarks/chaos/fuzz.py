"""P10: schemathesis against the live schema, as every role: no server errors, no undeclared answers.

    python -m benchmarks.chaos.fuzz [--examples 40] [--coverage-as learner superuser] [--seed 1]

Every role sends random cases. Those of `--coverage-as`, by default all, also send the systematic ones of schemathesis'
coverage phase, about 5 000 each. Two roles at once. Prints one line of JSON.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks import product
from benchmarks.migrated import migrated_sqlite

CHECKS = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
]
# Calls that would end the session of the test itself, and pages that are no API calls.
LEFT_OUT = "auth/logout|auth/password|/docs|/schema"
ROLES = ["anonymous", "learner", "staff without rights", "superuser"]
STAFF_PASSWORD = "keep the books, twice"


def staff_token(port, variables, username, *, superuser) -> str:
    person = f"{username!r}, '{username}@example.org', {STAFF_PASSWORD!r}, is_staff=True, is_superuser={superuser}"
    made = f"from skillquest.accounts.models import User; User.objects.create_user({person})"
    product.manage(variables, "shell", "-v", "0", "-c", made)
    body = {"username": username, "password": STAFF_PASSWORD}
    return product.post_or_get(port, "POST", "/api/v1/auth/login", body)[1]["access_token"]


def fuzz(port, token, phases, options) -> tuple[int, list[str], subprocess.CompletedProcess]:
    """(cases, failures by name, the finished process) of one role."""
    with tempfile.TemporaryDirectory() as folder:
        command = [Path(sys.executable).parent / "schemathesis", "run", f"http://127.0.0.1:{port}/api/v1/schema"]
        command += ["--checks", ",".join(CHECKS), "--phases", phases, "--exclude-path-regex", LEFT_OUT]
        command += ["--max-examples", options.examples, "--seed", options.seed, "--no-color", "--max-failures", 20]
        command += ["--header", f"Authorization: Bearer {token}"] if token else []
        run = subprocess.run(list(map(str, command)), capture_output=True, text=True, cwd=folder)
    cases = re.search(r"(\d+) generated", run.stdout)
    failures = re.findall(r"^- (.*)$", run.stdout, re.MULTILINE) if run.returncode else []
    return int(cases[1]) if cases else 0, failures, run


def tokens_by_role(port, variables) -> dict[str, str | None]:
    return {
        "anonymous": None,
        "learner": product.sign_up(port, "fuzzer"),
        "staff without rights": staff_token(port, variables, "idle-staff", superuser=False),
        "superuser": staff_token(port, variables, "busy-staff", superuser=True),
    }


def fuzz_as(role, options) -> tuple[int, list[str], subprocess.CompletedProcess]:
    """On a server of its own, so that no role meets what another has changed."""
    phases = "coverage,fuzzing" if role in options.coverage_as else "fuzzing"
    with migrated_sqlite(catalogue=True) as database_url:
        variables = product.environment(database_url) | {"LOG_LEVEL": "ERROR"}  # refused requests are expected
        with product.serving(variables, workers=1) as port:
            return fuzz(port, tokens_by_role(port, variables)[role], phases, options)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.chaos.fuzz", description=__doc__.split("\n")[0])
    parser.add_argument("--examples", type=int, default=40, help="at most, for each operation and phase")
    parser.add_argument("--coverage-as", nargs="*", choices=ROLES, default=ROLES, metavar="ROLE")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    cases, failures = {}, {}
    with ThreadPoolExecutor(2) as pool:
        for role, (count, failed, run) in zip(ROLES, pool.map(lambda each: fuzz_as(each, options), ROLES), strict=True):
            cases[role] = count
            if run.returncode:
                failures[role] = failed[:10]
                sys.stderr.write(run.stdout[-6000:] + run.stderr[-2000:])
    line = {
        "name": "P10 schemathesis",
        "seed": options.seed,
        "figure": {"cases": sum(cases.values()), "roles_with_failures": len(failures)},
        "target": {"cases": ">= 10000 at release size", "roles_with_failures": 0},
        "cases": cases,
        "failures": failures,
        "pass": not failures and all(cases.values()),
    }
    print(json.dumps(line), flush=True)
    return 0 if line["pass"] else 1


if __name__ == "__main__":
    sys.exit(main())
