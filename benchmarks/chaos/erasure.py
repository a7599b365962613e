"""P29: erase one of many, then search a dump of the whole database and the server's log for what was theirs.

    python -m benchmarks.chaos.erasure [--people 20] [--seed 1]

Everybody plants a word of their own wherever a client or staff can write; one leaves. SQLite is searched as the bytes
of its files, PostgreSQL (TEST_DATABASE_URL) as the text of every table. One line of JSON a database.
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
from http.client import HTTPConnection
from pathlib import Path

import psycopg

from benchmarks import product
from benchmarks.chaos.fuzz import staff_token

LEVEL = "blue-vs-red"
EVERYWHERE = 8  # texts that each person plants, at least


def ask(port, method, path, body, token, **headers):
    with contextlib.closing(HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        headers |= {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
        connection.request(method, f"/api/v1/{path}", json.dumps(body), headers)
        answer = connection.getresponse()
        content = answer.read()
        if answer.status >= 400:
            raise RuntimeError(f"{method} {path}: {answer.status} {content[:300]}")
        return json.loads(content or b"null")


def live(port, word, staff, bystander):
    """Somebody whose word is in every text that they or staff may write; their token."""
    token = product.sign_up(port, word)
    me = ask(port, "GET", "auth/me", {}, token)["id"]
    ask(port, "PATCH", "auth/me", {"display_name": f"{word} of Athens", "time_zone": "Asia/Jakarta"}, token)
    deed = {"level_id": LEVEL, "score": 85, "client_event_id": str(uuid.uuid4())}
    deed["metadata"] = {"client_version": word, "language": f"en-{word[:8]}", "hints_used": 0}
    ask(port, "POST", "levels/complete", deed, token, **{"Idempotency-Key": word})
    award = {"user_id": me, "xp_amount": 5, "reason": f"For {word}", "note": word, "reference_id": word}
    ask(port, "POST", "gamification/xp/award", award | {"metadata": {"for": word}}, staff)
    other = {"user_id": bystander, "xp_amount": 5, "reason": f"Like {word}@example.org"}
    ask(port, "POST", "gamification/xp/award", other, staff)
    ask(port, "POST", "auth/password/reset", {"email": f"{word}@example.org"}, token)
    return token


def dump(url):
    if url.startswith("sqlite"):
        file = Path(url.removeprefix("sqlite:///"))
        with contextlib.closing(sqlite3.connect(file)) as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return b"".join(part.read_bytes() for part in sorted(file.parent.glob(f"{file.name}*")))
    with psycopg.connect(url) as database:
        tables = database.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        return b"".join(part for (table,) in tables for part in copied(database, table))


def copied(database, table):
    with database.cursor().copy(f'COPY "{table}" TO STDOUT') as rows:
        yield from map(bytes, rows)


def hits(text, word):
    return text.lower().count(word.encode())


def run(url, people, seed):
    rng = random.Random(seed)
    words = ["".join(rng.choices("bcdfghjklmnpqrstvwxz", k=12)) for _ in range(people)]
    gone = words[people // 2]
    variables = product.environment(url) | {"LOG_LEVEL": "INFO", "EMAIL_URL": "dummymail://"}
    product.manage(variables, "migrate", "--verbosity", "0")
    product.manage(variables, "load_catalogue")
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "server.log"
        with product.serving(variables, workers=1, keep_log=log) as port:
            staff = staff_token(port, variables, "keeper", superuser=True)
            bystander = ask(port, "GET", "auth/me", {}, product.sign_up(port, "bystander"))["id"]
            tokens = {word: live(port, word, staff, bystander) for word in words}
            before = hits(dump(url), gone)
            ask(port, "DELETE", "auth/me", {"password": product.PASSWORD}, tokens[gone])
        said = log.read_bytes()
    product.manage(variables, "verify_ledger")  # exits with 1 where a total differs
    text = dump(url)
    figure = {
        "hits_in_dump": hits(text, gone),
        "hits_in_log": hits(said, gone),
        "others_lost": sum(hits(text, word) < EVERYWHERE for word in words if word != gone),
    }
    return {
        "name": "P29 erasure",
        "engine": url.partition(":")[0],
        "seed": seed,
        "people": people,
        "hits_before": before,
        "bytes_searched": len(text) + len(said),
        "figure": figure,
        "target": dict.fromkeys(figure, 0),
        "pass": not any(figure.values()) and before >= EVERYWHERE,
    }


def main():
    parser = argparse.ArgumentParser(prog="python -m benchmarks.chaos.erasure", description=__doc__.split("\n")[0])
    parser.add_argument("--people", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    databases = [product.sqlite_database()]
    if server := os.environ.get("TEST_DATABASE_URL"):
        databases.append(product.postgresql_database(server))
    passed = True
    for database in databases:
        with database as url:
            line = run(url, options.people, options.seed)
        print(json.dumps(line), flush=True)
        passed &= line["pass"]
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
