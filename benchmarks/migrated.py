"""New databases that are copies of one that was migrated once, because migrating takes ten seconds and copying none.

The originals are named after a hash of the product's code and catalogues, so that they are made again when these
change. Those of SQLite are in build/databases/, those of PostgreSQL on the server.
"""

import contextlib
import fcntl
import shutil
from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from pathlib import Path

import psycopg

from benchmarks.product import ROOT, environment, manage, postgresql_database, sqlite_database

FOLDER = ROOT / "build" / "databases"
OTHER_PACKAGES = {"benchmarks", "tests"}
MIGRATE, LOAD_CATALOGUE = ("migrate", "--verbosity=0"), ("load_catalogue",)


def copy_to_file(path: Path, *, catalogue: bool = False) -> None:
    with one_process_at_a_time():
        original = original_file(catalogue)
    shutil.copyfile(original, path)


def original_file(catalogue: bool) -> Path:
    original = FOLDER / f"{name_of_original(catalogue)}.sqlite3"
    if not original.exists():
        remove_former_files(catalogue)
        unfinished = original.with_suffix(".unfinished")
        if catalogue:
            shutil.copyfile(original_file(catalogue=False), unfinished)
        prepare(f"sqlite:///{unfinished}", catalogue)
        unfinished.rename(original)
    return original


def original_on(server_url: str, *, catalogue: bool = False) -> str:
    """The name of a database of that server, for CREATE DATABASE ... TEMPLATE."""
    with one_process_at_a_time(), psycopg.connect(server_url, autocommit=True) as server:
        return original_database(server, server_url, catalogue)


def original_database(server: psycopg.Connection, server_url: str, catalogue: bool) -> str:
    name = name_of_original(catalogue)
    if not server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
        migrated = original_database(server, server_url, catalogue=False) if catalogue else "template1"
        with postgresql_database(server_url, template=migrated) as url:
            prepare(url, catalogue)
            server.execute(f"CREATE DATABASE {name} TEMPLATE {url.rpartition('/')[2]}")
    return name


@contextlib.contextmanager
def migrated_sqlite(*, catalogue: bool = False) -> Iterator[str]:
    """Yield the URL of a new database in a temporary folder."""
    with sqlite_database() as url:
        copy_to_file(Path(url.removeprefix("sqlite:///")), catalogue=catalogue)
        yield url


@contextlib.contextmanager
def migrated_postgresql(server_url: str, *, catalogue: bool = False) -> Iterator[str]:
    """Yield the URL of a new database on that server."""
    with postgresql_database(server_url, template=original_on(server_url, catalogue=catalogue)) as url:
        yield url


def prepare(url: str, catalogue: bool) -> None:
    """Migrate, which is quick in a copy of a migrated database, and load the `catalogue` if it is wanted."""
    for command in [MIGRATE, LOAD_CATALOGUE][: 1 + catalogue]:
        manage(environment(url), *command)


def name_of_original(catalogue: bool) -> str:
    return f"{'catalogue' if catalogue else 'migrated'}_{fingerprint()}"


@cache
def fingerprint() -> str:
    """Of everything that decides what a new database contains."""
    packages = [path.parent for path in ROOT.glob("*/__init__.py") if path.parent.name not in OTHER_PACKAGES]
    files = [path for package in packages for path in package.rglob("*") if path.suffix in {".py", ".json"}]
    digest = sha256()
    for path in sorted([*files, ROOT / "requirements.txt"]):
        digest.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def remove_former_files(catalogue: bool) -> None:
    for path in FOLDER.glob(f"{name_of_original(catalogue).partition('_')[0]}_*"):
        path.unlink()


@contextlib.contextmanager
def one_process_at_a_time() -> Iterator[None]:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
