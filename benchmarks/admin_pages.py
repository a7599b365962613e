"""Every page of the admin with many learners, and with a thousand: statements, the slowest of them, and the time.

    python -m tests.servers --postgres -- python -m benchmarks.admin_pages [--learners 1000000] [--rounds 7]

Each learner has five results (`benchmarks.admin_pages_data`); links are followed from the home page, with every sort
and the first choices of every filter, and searches are added (`benchmarks.admin_pages_visits`). Prints a line of JSON
for each group of pages, with its worst ones. The databases stay on the server, so that a second run need not make them
again, and what was measured of each page is kept in build/.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg

from benchmarks import product

FEW = 1_000  # learners to compare with
MOST_STATEMENTS, MOST_RATIO, MOST_OF_A_STATEMENT = 12, 3.0, 1_000  # the last in ms, of a limit of 5 000
MOST_OF_ANALYTICS = 2_000  # ms
# They carry out an act and take it back, or look for all that depends on a row, to say what would happen.
PREVIEWS = ("/decide/", "/reverse/", "/repair/", "/freeze/", "/delete/")
NOISE = 10  # ms; a page that takes less is compared as if it took this

Page = dict[str, Any]


def database_of(server_url: str, learners: int) -> str:
    """The URL of a database with so many learners, which is made if it is not there."""
    name = f"admin_pages_{learners}"
    with psycopg.connect(server_url, autocommit=True) as server:
        if not server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            with product.postgresql_database(server_url) as url:
                fill(url, learners)
                server.execute(f"CREATE DATABASE {name} TEMPLATE {url.rpartition('/')[2]}")
    url = f"{server_url.rpartition('/')[0]}/{name}"
    product.manage(product.environment(url), "migrate", "--verbosity", "0")
    return url


def fill(url: str, learners: int) -> None:
    variables = product.environment(url) | {"JOBS_IN_PROCESS": "0"}
    product.manage(variables, "migrate", "--verbosity", "0")
    product.manage(variables, "load_catalogue")
    subprocess.run([sys.executable, "-m", "benchmarks.admin_pages_data", str(learners)], env=variables, check=True)


def pages_of(url: str, learners: int, rounds: int) -> dict[str, Page]:
    """What was measured of each page, by its name; under the time limits of requests."""
    variables = os.environ | {"TEST_DATABASE_URL": url, "SERVING": "1", "DJANGO_SETTINGS_MODULE": "tests.settings"}
    command = [sys.executable, "-m", "benchmarks.admin_pages_visits", str(rounds)]
    (product.ROOT / "build").mkdir(exist_ok=True)
    with (product.ROOT / "build" / f"admin_pages_{learners}.jsonl").open("w+") as file:
        subprocess.run(command, env=variables, check=True, stdout=file)
        file.seek(0)
        return {page["page"]: page for page in map(json.loads, file)}


def compare(many: dict[str, Page], few: dict[str, Page]) -> Iterator[Page]:
    """The least times are compared, which depend least on what else the machine does.

    Pages that no link leads to with few learners have no ratio.
    """
    for name, page in many.items():
        ratio = round(page["least_ms"] / max(few[name]["least_ms"], NOISE), 2) if name in few else None
        page = page | {"ratio": ratio, "group": group_of(page)}
        yield page | {"pass": is_good(page)}


def is_good(page: Page) -> bool:
    return (
        page["status"] == 200
        and (page["statements"] <= MOST_STATEMENTS or page["address"].partition("?")[0].endswith(PREVIEWS))
        and (page["ratio"] or 0) <= MOST_RATIO
        and page["slowest_ms"] <= MOST_OF_A_STATEMENT
        and (page["group"] != "analytics" or page["ms"] <= MOST_OF_ANALYTICS)
    )


def group_of(page: Page) -> str:
    path, _, query = page["address"].partition("?")
    parts = path.strip("/").split("/")
    if parts[1:2] in (["search"], ["analytics"]):
        return parts[1] if parts[1] == "analytics" else "search box"
    if len(parts) == 1:
        return "home"
    if len(parts) > 3:
        return "learner page" if parts[2] == "learnerprofile" else "forms and other pages"
    kinds = {"q": "lists, searched", "o": "lists, sorted", "p": "lists, further pages", "": "lists"}
    return kinds.get(query.partition("=")[0], "lists, filtered")


def summary(group: str, pages: list[Page], learners: int) -> Page:
    def worst(key: str) -> Page:
        page = max(pages, key=lambda page: page[key] or 0)
        return {key: page[key], "page": page["page"]}

    failed = [f"{page['page']}: {page['status']}" for page in pages if not page["pass"]]
    figure = {key: worst(key) for key in ("statements", "ratio", "ms", "slowest_ms")}
    target = {"statements": MOST_STATEMENTS, "ratio": MOST_RATIO, "slowest_ms": MOST_OF_A_STATEMENT}
    figure |= {"pages": len(pages), "failed": failed}
    return {"name": group, "learners": learners, "figure": figure, "target": target, "pass": not failed}


def measure(server_url: str, options: argparse.Namespace) -> bool:
    sizes = [options.learners, FEW]
    urls = [database_of(server_url, size) for size in sizes]
    # Both at the same time, so that what else the machine does slows both down.
    with ThreadPoolExecutor(2) as pool:
        many, few = pool.map(pages_of, urls, sizes, [options.rounds] * 2)
    groups: dict[str, list[Page]] = {}
    for page in compare(many, few):
        groups.setdefault(page["group"], []).append(page)
    lines = [summary(group, pages, options.learners) for group, pages in groups.items()]
    for line in lines:
        print(json.dumps(line), flush=True)
    return all(line["pass"] for line in lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--learners", type=int, default=5_000)
    parser.add_argument("--rounds", type=int, default=7)
    return 0 if measure(os.environ["TEST_DATABASE_URL"], parser.parse_args()) else 1


if __name__ == "__main__":
    sys.exit(main())
