"""How PostgreSQL keeps the tables that boards are read from.

An index-only scan asks the table about every page that was written since the last vacuum. The defaults vacuum when a
fifth of a table has changed, so that the rank of a learner in the middle of a large, busy board would cost several
times the count that it is. Room on each page keeps a learner's new version beside the old one: fewer pages to ask.
"""

# Lines lie in the table much as they were earned, so the few that a window needs are found by a tiny index of ranges.
FIND_BY_TIME = """
    CREATE INDEX IF NOT EXISTS ledger_by_time ON xp_history USING brin (effective_at) WITH (autosummarize = on)
"""
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


def tune(connection) -> None:
    """Safe to repeat; SQLite has nothing to tune."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            for table in TABLES:
                cursor.execute(VACUUM_SOON.format(table=table))
            cursor.execute(FIND_BY_TIME)
