"""Storage parameters on PostgreSQL for the tables that boards are read from.

An index-only scan must visit the table for every page that was written since the last vacuum. By default a table is
vacuumed when a fifth of it has changed, which makes finding a rank in the middle of a large, busy board several times
slower. Free room on each page keeps the new version of a row beside the old one, so fewer pages have to be visited.
"""

from django.db.backends.base.base import BaseDatabaseWrapper

TABLES = ("gamification_learnerprofile", "gamification_windowscore")
VACUUM_SOON = """
    ALTER TABLE {table} SET (
        fillfactor = 80,
        autovacuum_vacuum_threshold = 500,
        autovacuum_vacuum_scale_factor = 0.01,
        autovacuum_vacuum_insert_scale_factor = 0.01,
        autovacuum_analyze_scale_factor = 0.02,
        autovacuum_vacuum_cost_delay = 0
    )
"""


def tune(connection: BaseDatabaseWrapper) -> None:
    """Safe to repeat; SQLite has nothing to tune."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            for table in TABLES:
                cursor.execute(VACUUM_SOON.format(table=table))
