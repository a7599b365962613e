"""Create many learners whose ledgers add up, with set-based statements of PostgreSQL and all triggers on."""

from datetime import timedelta

from django.db import connection
from django.utils import timezone

SEED = "SELECT setseed(%s)"
# Many low scores and few high ones; three in ten learners share a score with many others.
XP = "(CASE WHEN random() < 0.3 THEN 100 * (1 + floor(random() * 10)) ELSE 1 + floor(power(random(), 3) * 900000) END)"


# Of one learner with number n and so many XP: the values of the columns, as SQL.
USER = {"id": "n", "username": "'learner' || n", "password": "'!'", "date_joined": "now()"}
PROFILE = {
    "user_id": "n",
    "total_xp": "xp",
    "last_sequence": "1",
    "streak_run": "n %% 30",
    "longest_streak": "n %% 60",
    "levels_completed": "n %% 125",
    "achievements_unlocked": "n %% 27",
    "streak_expires_at": "now() + interval '1 day'",
    "leaderboard_opt_out": "n %% 50 = 0",
    "listed": "n %% 50 <> 0",
}
ENTRY = {
    "learner_id": "n",
    "sequence": "1",
    "delta": "xp",
    "reason": "'import'",
    "reference_type": "'benchmark'",
    "reference_id": "'1'",
    "balance_after": "xp",
    "metadata": "'{}'",
    "effective_at": "now() - n %% 60 * interval '1 day'",
    "created_at": "now()",
    "note": "''",
    "subject": "''",
}


def make_learners(learners: int, *, seed: float = 0.5) -> None:
    """Ids 1 to `learners`. Each has one ledger entry, every tenth two; every fiftieth is hidden from leaderboards."""
    from gamification.models import LearnerProfile, LedgerEntry, XPRuleSet
    from skillquest.accounts.models import User

    with connection.cursor() as cursor:
        cursor.execute(SEED, [seed])
        numbers = f"generate_series(1, {learners}) AS n"
        cursor.execute(f"CREATE TEMP TABLE new_learners AS SELECT n, {XP}::bigint AS xp FROM {numbers}")
    fill(User, "new_learners", USER)
    fill(LearnerProfile, "new_learners", PROFILE)
    fill(LedgerEntry, "new_learners", ENTRY | {"rule_version": str(XPRuleSet.objects.published().get().version)})
    award_many("n %% 10 = 0", reference="2", at=timezone.now() - timedelta(days=1))
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE new_learners")
        cursor.execute("SELECT setval(pg_get_serial_sequence('accounts_user', 'id'), %s)", [learners])
        cursor.execute("VACUUM ANALYZE")


def award_many(condition: str, *, reference: str, at) -> None:
    """10 XP for each learner whose id n meets `condition`: an entry and the new total, in one statement."""
    from gamification.models import XPRuleSet

    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH paid AS (
                UPDATE gamification_learnerprofile
                SET total_xp = total_xp + 10, last_sequence = last_sequence + 1, revision = revision + 1
                FROM (SELECT user_id AS n FROM gamification_learnerprofile) AS learners
                WHERE learners.n = user_id AND {condition}
                RETURNING user_id, total_xp, last_sequence
            )
            INSERT INTO xp_history (learner_id, sequence, delta, reason, reference_type, reference_id, subject,
                balance_after, rule_version, note, metadata, effective_at, created_at)
            SELECT user_id, last_sequence, 10, 'import', 'benchmark', %s, '', total_xp, %s, '', '{{}}', %s, %s FROM paid
            """,
            [reference, XPRuleSet.objects.published().get().version, at, at],
        )


def fill(model, source: str, expressions: dict[str, str]) -> None:
    """One row of `model` for each row of `source`; columns without an expression get their default."""
    columns, values, defaults = [], [], []
    for field in model._meta.concrete_fields:
        if field.column in expressions:
            value = expressions[field.column]
        elif field.primary_key or field.null:
            continue
        else:
            value = "%s"
            defaults.append(field.get_db_prep_save(field.get_default(), connection))
        columns.append(connection.ops.quote_name(field.column))
        values.append(value)
    statement = f"INSERT INTO {model._meta.db_table} ({', '.join(columns)}) SELECT {', '.join(values)} FROM {source}"
    with connection.cursor() as cursor:
        cursor.execute(statement, defaults)
