"""Options of the databases and caches; docs/operations.md explains the limits to operators."""

from typing import Any

LOCK_LIMITS = "-c lock_timeout=3000 -c idle_in_transaction_session_timeout=10000"  # milliseconds
STATEMENT_LIMIT = "-c statement_timeout=5000"  # milliseconds


def sqlite_options() -> dict[str, Any]:
    return {
        # In the default deferred mode, one of eight concurrent writes fails with "database is locked".
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,  # seconds
        # `secure_delete` overwrites deleted rows in the file, so that nothing is left of a person who was erased.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;",
    }


def postgresql_options(*, serving: bool, pgbouncer: bool, pool_size: int) -> dict[str, Any]:
    """Statements have a time limit and connections a pool only when `serving` requests, not in commands."""
    options: dict[str, Any] = {
        "options": f"{LOCK_LIMITS} {STATEMENT_LIMIT}" if serving else LOCK_LIMITS,
        # PostgreSQL then plans a statement once per connection, not once per request. This halves its work for a
        # completion.
        "server_side_binding": True,
        "prepare_threshold": 5,
    }
    if pgbouncer:
        # Each transaction may run on another server connection, so none may depend on the state that an earlier one
        # left. The database role sets the limits instead (docs/operations.md).
        options |= {"options": "", "prepare_threshold": None}
    if serving:
        options["pool"] = {"min_size": 1, "max_size": pool_size, "timeout": 5}
    return options


def caches(redis_url: str | None) -> dict[str, dict[str, Any]]:
    """The setting CACHES: Redis where there is one, else the memory of the process."""
    if redis_url:
        redis = {
            "LOCATION": redis_url,
            # A slow Redis must not make requests slow.
            "OPTIONS": {"socket_timeout": 0.5, "socket_connect_timeout": 0.5},
        }
        return {
            "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", **redis},
            "ratelimits": {"BACKEND": "skillquest.api.ratelimits.RedisOrLocalCache", **redis},
        }
    return {
        "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
        "ratelimits": {
            "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
            "LOCATION": "ratelimits",
            # The default of 300 would forget counters, and with them limits.
            "OPTIONS": {"MAX_ENTRIES": 100_000},
        },
    }
