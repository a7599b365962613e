"""P29: erase one learner of many, then search the whole database and the server's log for their personal data.

    python -m benchmarks.chaos.erasure [--people 20] [--seed 1]

Each learner stores a marker (a unique text) wherever a client or staff can write; one learner is erased. SQLite is
searched as the bytes of its files, PostgreSQL (TEST_DATABASE_URL) as the text of every table. Prints one line of JSON
for each database.
"""

import argparse
import contextlib
import json
import os
import random
import sqlite3
import sys
import tempfile
import uuid
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import psycopg

from benchmarks import product
from benchmarks.chaos.fuzz import staff_token
from benchmarks.migrated import migrated_postgresql, migrated_sqlite

LEVEL = "blue-vs-red"
EVERYWHERE = 8  # the least number of texts with a learner's marker


def call(port, method, path, body, token, **headers) -> dict | None:
    with contextlib.closing(HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        headers |= {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
        connection.request(method, f"/api/v1/{path}", json.dumps(body), headers)
        answer = connection.getresponse()
        content = answer.read()
        if answer.status >= 400:
            raise RuntimeError(f"{method} {path}: {answer.status} {content[:300]}")
        return json.loads(content or b"null")


def store_everywhere(port, marker, staff, bystander) -> str:
    """Sign up a learner and store the marker in every text that they or staff may write. Returns their token."""
    token = product.sign_up(port, marker)
    me = call(port, "GET", "auth/me", {}, token)["id"]
    call(port, "PATCH", "auth/me", {"display_name": f"{marker} of Athens", "time_zone": "Asia/Jakarta"}, token)
    completion = {"level_id": LEVEL, "score": 85, "client_event_id": str(uuid.uuid4())}
    completion["metadata"] = {"client_version": marker, "language": f"en-{marker[:8]}", "hints_used": 0}
    call(port, "POST", "levels/complete", completion, token, **{"Idempotency-Key": marker})
    award = {"user_id": me, "xp_amount": 5, "reason": f"For {marker}", "note": marker, "reference_id": marker}
    call(port, "POST", "gamification/xp/award", award | {"metadata": {"for": marker}}, staff)
    other = {"user_id": bystander, "xp_amount": 5, "reason": f"Like {marker}@example.org"}
    call(port, "POST", "gamification/xp/award", other, staff)
    call(port, "POST", "auth/password/reset", {"email": f"{marker}@example.org"}, token)
    return token


def dump(url) -> bytes:
    if url.startswith("sqlite"):
        with contextlib.closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return database.serialize()  # every page, freed ones too; the files may change while the server runs
    with psycopg.connect(url) as database:
        tables = database.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        return b"".join(part for (table,) in tables for part in copied(database, table))


def copied(database, table) -> Iterator[bytes]:
    with database.cursor().copy(f'COPY "{table}" TO STDOUT') as rows:
        yield from map(bytes, rows)


def hits(text, marker) -> int:
    return text.lower().count(marker.encode())


def run(url, people, seed) -> dict:
    rng = random.Random(seed)
    markers = ["".join(rng.choices("bcdfghjklmnpqrstvwxz", k=12)) for _ in range(people)]
    erased = markers[people // 2]
    variables = product.environment(url) | {"LOG_LEVEL": "INFO", "EMAIL_URL": "dummymail://"}
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "server.log"
        with product.serving(variables, workers=1, keep_log=log) as port:
            staff = staff_token(port, variables, "keeper", superuser=True)
            bystander = call(port, "GET", "auth/me", {}, product.sign_up(port, "bystander"))["id"]
            tokens = {marker: store_everywhere(port, marker, staff, bystander) for marker in markers}
            before = hits(dump(url), erased)
            call(port, "DELETE", "auth/me", {"password": product.PASSWORD}, tokens[erased])
        logged = log.read_bytes()
    product.manage(variables, "verify_ledger")  # exits with 1 where a total differs
    text = dump(url)
    figure = {
        "hits_in_dump": hits(text, erased),
        "hits_in_log": hits(logged, erased),
        "others_lost": sum(hits(text, marker) < EVERYWHERE for marker in markers if marker != erased),
    }
    return {
        "name": "P29 erasure",
        "engine": url.partition(":")[0],
        "seed": seed,
        "people": people,
        "hits_before": before,
        "bytes_searched": len(text) + len(logged),
        "figure": figure,
        "target": dict.fromkeys(figure, 0),
        "pass": not any(figure.values()) and before >= EVERYWHERE,
    }


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.chaos.erasure", description=__doc__.split("\n")[0])
    parser.add_argument("--people", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    databases = [migrated_sqlite(catalogue=True)]
    if server := os.environ.get("TEST_DATABASE_URL"):
        databases.append(migrated_postgresql(server, catalogue=True))
    passed = True
    for database in databases:
        with database as url:
            line = run(url, options.people, options.seed)
        print(json.dumps(line), flush=True)
        passed &= line["pass"]
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
