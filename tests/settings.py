"""The settings of the product with a fixed environment: no `.env`, separate databases, fast password hashes.

`TEST_DATABASE_URL` and `TEST_REDIS_URL` are the servers to use; without them, tests run on SQLite and local memory.
Each test process has its own Redis database, because clearing the cache empties the whole database.
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
    """The database of TEST_REDIS_URL (0 by default) plus the number of this process of pytest-xdist."""
    url = os.environ.get("TEST_REDIS_URL", "")
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    server, _, first = url.rpartition("/")
    return f"{server}/{int(first) + worker}" if first.isdigit() else f"{url.rstrip('/')}/{worker}" if url else ""


environ.Env.read_env = lambda *_args, **_kwargs: None
os.environ |= {
    "SECRET_KEY": "tests-only-a-key-that-guards-nothing-and-is-long-enough",
    "DATABASE_URL": os.environ.get("TEST_DATABASE_URL") or f"sqlite:///{FOLDER / 'unused.sqlite3'}",
    "REDIS_URL": redis_url(),
    # Another host than that of the requests, so that links in mails cannot come from there.
    "SITE_URL": "https://quest.example",
    # Leaderboards in Redis change after a commit, but most tests never commit. Tests of them choose Redis themselves.
    "LEADERBOARD_BACKEND": "database",
    "RATELIMIT_ENABLE": "0",
    # Tests run jobs themselves, in their own thread.
    "JOBS_IN_PROCESS": "0",
    "DEBUG": "0",
}

from skillquest.settings import *  # noqa: E402, F403
from skillquest.settings import DATABASE_ENGINE, DATABASES, STORAGES  # noqa: E402

if DATABASE_ENGINE == "sqlite3":
    # A file, because threads that share a database in memory get "table is locked".
    DATABASES["default"]["TEST"] = {"NAME": str(FOLDER / "test.sqlite3")}
else:
    # On a busy machine a test may compute longer within its transaction than a request is allowed to.
    DATABASES["default"]["OPTIONS"]["options"] += " -c idle_in_transaction_session_timeout=300000"

# Creating a user needs a hash, so use a fast one; tests of sign-in set the real hashers.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# Serve static files directly from static/, so that `collectstatic` is not needed.
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
STATIC_ROOT = FOLDER / "static"
STATIC_ROOT.mkdir()

EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
