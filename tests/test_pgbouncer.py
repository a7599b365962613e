"""The server behind a real PgBouncer in transaction mode, configured as in docs/operations.md."""

import contextlib
import os
import re
import shutil
import signal
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from benchmarks.migrated import migrated_postgresql
from benchmarks.product import environment, manage, post_or_get, serving, sign_up
from tests.servers import free_port, running, unprivileged

GUIDE = Path(__file__).resolve().parent.parent / "docs" / "operations.md"
SERVER = os.environ.get("TEST_DATABASE_URL", "")
BINARY = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
ROLE = f"skillquest_{os.getpid()}"  # each process of a parallel run has a role of its own

pytestmark = [
    pytest.mark.storage,
    pytest.mark.skipif(not SERVER.startswith("postgres"), reason="no PostgreSQL in TEST_DATABASE_URL"),
    pytest.mark.skipif(
        not BINARY, reason="!!! NO PGBOUNCER: install it (apt-get install pgbouncer) to run these tests"
    ),
]


def documented_statements():
    statements = re.search(r"test_pgbouncer\.py.*?```sql\n(.*?)```", GUIDE.read_text(), re.DOTALL)[1]
    return re.sub(r"\bskillquest\b", ROLE, statements)


@contextlib.contextmanager
def server_role(database):
    """Create the role of the documentation, with its limits and privileges for all tables."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {ROLE} LOGIN")
        try:
            connection.execute(documented_statements())
            connection.execute(f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {ROLE}")
            connection.execute(f"GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {ROLE}")
            yield
        finally:
            connection.execute(f"DROP OWNED BY {ROLE}")
            connection.execute(f"DROP ROLE {ROLE}")


@contextlib.contextmanager
def pgbouncer(database, folder):
    """Yield the URL of the same database through PgBouncer, with two server connections for all clients."""
    server, port = urlsplit(database), free_port()
    settings = folder / "pgbouncer.ini"
    settings.write_text(f"""
[databases]
{server.path[1:]} = host={server.hostname} port={server.port} user={ROLE}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 2
""")
    folder.chmod(0o755)
    url = f"postgres://{ROLE}@127.0.0.1:{port}{server.path}"
    ready = lambda: psycopg.connect(url).close()  # noqa: E731
    log = folder / "pgbouncer.log"
    with running([BINARY, settings], ready=ready, stop_signal=signal.SIGTERM, log=log, **unprivileged()):
        yield url


@pytest.fixture(scope="module")
def database():
    with migrated_postgresql(SERVER, catalogue=True) as database:
        yield database


@pytest.fixture(scope="module")
def through_pgbouncer(database):
    # Not pytest's folder, whose parents the user `nobody` cannot read.
    with (
        tempfile.TemporaryDirectory(prefix="skillquest-pgbouncer-") as folder,
        server_role(database),
        pgbouncer(database, Path(folder)) as url,
    ):
        yield url


def test_the_role_sets_the_limits(through_pgbouncer):
    with psycopg.connect(through_pgbouncer) as connection:
        limits = [
            connection.execute(f"SHOW {name}").fetchone()[0]
            for name in ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout")
        ]
    assert limits == ["3s", "5s", "10s"]


def test_completions_through_pgbouncer_leave_a_correct_ledger(database, through_pgbouncer):
    variables = environment(through_pgbouncer) | {"PGBOUNCER": "1"}
    with serving(variables, workers=2) as port:
        tokens = [sign_up(port, f"ana{number}") for number in range(4)]
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda turn: complete(port, tokens[turn % 4], turn), range(64)))
        assert [status for status, _ in answers] == [200] * 64, answers
        assert post_or_get(port, "GET", "/api/v1/leaderboard", token=tokens[0])[0] == 200
        assert post_or_get(port, "GET", "/api/v1/xp/history", token=tokens[0])[0] == 200
    manage(environment(database), "verify_ledger")


def complete(port, token, turn):
    body = {"level_id": "level-1", "score": 10 + turn, "time_spent": 60 + turn}
    return post_or_get(port, "POST", "/api/v1/levels/complete", body, token)
