"""P12: check the auth matrix from the command line.

python -m tests.security            compare the product with tests/security/matrix.txt; prints lines of JSON
python -m tests.security --write    propose a row for every endpoint without one, and remove rows of removed endpoints
"""

import argparse
import json
import logging
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree

import django

HERE = Path(__file__).parent
PROTOCOLS = {
    "P13 other people's ids": ["test_other_peoples_ids"],
    "P14 mass assignment": ["test_mass_assignment"],
    "P17 enumeration, by body and work": ["test_enumeration"],
    "P18 sessions and cookies": ["test_cookies", "test_csrf", "test_redirects", "test_headers"],
}


def report(name, figure, **more):
    """Print one line of JSON. Return whether all figures are 0."""
    passed = not any(figure.values())
    line = {"name": name, "seed": None, **more, "figure": figure, "target": dict.fromkeys(figure, 0), "pass": passed}
    sys.stdout.write(f"{json.dumps(line)}\n")
    return passed


def check(matrix):
    figure = {
        "deviations": sum(1 for row in matrix.rows.values() for _ in matrix.deviations_of(row)),
        "unlisted_endpoints": len(set(matrix.offered) - set(matrix.rows)),
        "listed_but_removed": len(set(matrix.rows) - set(matrix.offered)),
        "unconfirmed": sum(not row.is_confirmed for row in matrix.rows.values()),
    }
    return report("P12 auth matrix", figure, rows=len(matrix.rows), requests=matrix.requester.count)


def check_by_tests(name, modules):
    with tempfile.NamedTemporaryFile(suffix=".xml") as results:
        files = [str(HERE / f"{module}.py") for module in modules]
        command = [sys.executable, "-m", "pytest", *files, f"--junitxml={results.name}"]
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        suite = ElementTree.parse(results).getroot().find("testsuite")  # noqa: S314 - our own file
    violations = int(suite.get("failures")) + int(suite.get("errors"))
    return report(name, {"violations": violations}, checks=int(suite.get("tests")))


def write(matrix):
    from .table import write_rows

    rows = [matrix.rows.get(endpoint) or matrix.proposal(endpoint) for endpoint in matrix.offered]
    write_rows(rows, matrix.table, matrix.roles)
    removed = sorted(set(matrix.rows) - set(matrix.offered))
    unconfirmed = sum(not row.is_confirmed for row in rows)
    sys.stdout.write(f"{unconfirmed} rows have to be confirmed; removed: {', '.join(removed) or 'none'}.\n")
    return True


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.security", description=__doc__.split("\n")[0])
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    logging.disable(logging.CRITICAL)  # every refused request would be logged
    operation = write if options.write else check
    results = [in_a_test_database(operation, name) for name in ("Matrix", "MatrixOfKeys")]
    passed = all(results)
    if options.write:
        return 0 if passed else 1
    for name, modules in PROTOCOLS.items():
        passed &= check_by_tests(name, modules)
    return 0 if passed else 1


def in_a_test_database(operation, name):
    from django.db import transaction
    from django.test.runner import DiscoverRunner

    from . import matrix
    from .world import make_world

    runner = DiscoverRunner(verbosity=0, interactive=False)
    runner.setup_test_environment()
    databases = runner.setup_databases()
    try:
        with transaction.atomic():
            passed = operation(getattr(matrix, name)(make_world()))
            transaction.set_rollback(True)
            return passed
    finally:
        runner.teardown_databases(databases)
        runner.teardown_test_environment()


if __name__ == "__main__":
    sys.exit(main())
