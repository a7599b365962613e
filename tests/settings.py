"""The product's own settings under a known environment: no developer's `.env`, no shared database, cheap passwords.

`TEST_DATABASE_URL` and `TEST_REDIS_URL` name servers to test against; without them everything runs on SQLite and local
memory. One Redis database a test process, because clearing the cache empties the whole database.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

import environ

FOLDER = Path(tempfile.mkdtemp(prefix="skillquest-tests-"))
atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)


def redis_url():
    """`redis://host:port/3` in the fourth process of pytest-xdist, counted from the database that the person named."""
    url = os.environ.get("TEST_REDIS_URL", "")
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    server, _, first = url.rpartition("/")
    return f"{server}/{int(first) + worker}" if first.isdigit() else f"{url.rstrip('/')}/{worker}" if url else ""


environ.Env.read_env = lambda *_args, **_kwargs: None
os.environ |= {
    "SECRET_KEY": "tests-only-a-key-that-guards-nothing-and-is-long-enough",
    "DATABASE_URL": os.environ.get("TEST_DATABASE_URL") or f"sqlite:///{FOLDER / 'unused.sqlite3'}",
    "REDIS_URL": redis_url(),
    # Boards in Redis follow after commits, and most tests never commit; their own tests choose Redis.
    "LEADERBOARD_BACKEND": "database",
    "RATELIMIT_ENABLE": "0",
    "DEBUG": "0",
}

from skillquest.settings import *  # noqa: E402, F403
from skillquest.settings import DATABASE_ENGINE, DATABASES, STORAGES  # noqa: E402

if DATABASE_ENGINE == "sqlite3":
    # A file: threads that share a database in memory meet "table is locked".
    DATABASES["default"]["TEST"] = {"NAME": str(FOLDER / "test.sqlite3")}

# Each test that makes a person pays for a hash; tests of sign-in put the real hashers back.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# Names without hashes, straight from static/: nothing has to be collected.
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
STATIC_ROOT = FOLDER / "static"
STATIC_ROOT.mkdir()

EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
