"""Learners who have earned achievements, backfills of these, and whether everybody got theirs once: for `backfill`."""

import json
import sys
import time
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Count
from django.utils import timezone

from benchmarks.killed_jobs import run_jobs
from benchmarks.leaderboards_data import fill
from gamification.ledger.audit import find_mismatches
from gamification.models import Achievement, LearnerProfile, LedgerEntry, Unlock, XPRuleSet
from gamification.models.earnables import rewrite_requirements
from gamification.staff.backfill import CHUNK
from gamification.staff.backfill_jobs import start_backfill
from jobs.models import Job
from skillquest.accounts.models import User

FIRST = 1_000_001  # id of a learner
REWARD, REWARD_OF_MORE, MORE_AT = 20, 5, 1_000  # XP
# Of every tenth learner the first backfill brings the total above MORE_AT, which unlocks another achievement.
TOTAL = f"(CASE WHEN n %% 10 = 0 THEN {MORE_AT - 1} ELSE 100 END)"
NAMES = ["killed", "plain"]  # in the order in which they are granted


def make(learners: int) -> None:
    """Set-based, with all triggers on."""
    people = f"generate_series({FIRST}, {FIRST - 1 + learners}) AS n"
    profile = {"user_id": "n", "total_xp": TOTAL, "last_sequence": "1"}
    entry = {"learner_id": "n", "sequence": "1", "delta": TOTAL, "balance_after": TOTAL, "rule_version": "1"}
    entry |= {"reason": "'import'", "reference_type": "'benchmark'", "reference_id": "'1'", "metadata": "'{}'"}
    entry |= {"effective_at": "now() - interval '9 days'", "created_at": "now()", "note": "''", "subject": "''"}
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval(pg_get_serial_sequence('accounts_user', 'id'), 9000000)")
    fill(User, people, {"id": "n", "username": "'learner' || n", "password": "'!'", "date_joined": "now()"})
    fill(LearnerProfile, people, profile)
    fill(LedgerEntry, people, entry)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    for name in NAMES:
        _make_achievement(name, 100, REWARD)
    _make_achievement("more", MORE_AT, REWARD_OF_MORE)


def _make_achievement(name: str, threshold: int, reward: int) -> None:
    condition = {"type": "xp", "threshold": threshold}
    made = {"achievement_id": name, "name": name, "category": "made", "condition": condition, "xp_reward": reward}
    rewrite_requirements(Achievement.objects.bulk_create([Achievement(**made)]))


def start(name: str) -> None:
    steward = User.objects.get_or_create(username="steward")[0]
    start_backfill(_achievement(name), quiet=True, actor=steward, at=timezone.now())


def work() -> None:
    _print(run_jobs())


def report(name: str) -> None:
    """What is wrong after the backfill of this achievement and of those before it."""
    granted = NAMES.index(name) + 1
    unlocks = Unlock.objects.filter(achievement=_achievement(name))
    paid = LedgerEntry.objects.filter(reason="achievement", reference_id=name).order_by()
    twice = [rows.values("learner").annotate(times=Count("pk")).filter(times__gt=1) for rows in (unlocks, paid)]
    _print(
        {
            "without": LearnerProfile.objects.filter(pk__gte=FIRST).exclude(user__unlocks__in=unlocks).count(),
            "twice": sum(rows.count() for rows in twice),
            "wrong_xp": _profiles_without(f"total_xp = {TOTAL} + %s + (n %% 10 = 0)::int * %s", granted * REWARD),
            "wrong_counts": _profiles_without("achievements_unlocked = %s + (n %% 10 = 0)::int * %s", granted, more=1),
            "mismatches": len(find_mismatches()),
            "unfinished_jobs": Job.objects.exclude(state="done").count(),
        }
    )


def _profiles_without(rule: str, *numbers: int, more: int = REWARD_OF_MORE) -> int:
    """Learners for whom the rule does not hold, computed by the database."""
    rule = rule.replace("n %%", "user_id %%")
    with connection.cursor() as cursor:
        where = f"user_id >= {FIRST} AND NOT ({rule})"
        cursor.execute(f"SELECT count(*) FROM gamification_learnerprofile WHERE {where}", [*numbers, more])
        [found] = cursor.fetchone()
    return int(found)


def insert_plainly() -> None:
    """The rows that a backfill adds, without judging anybody: print how long Django takes, and two bare statements."""
    took = {}
    for name, insert in (("by_django_s", _insert_by_django), ("by_statements_s", _insert_by_statements)):
        _make_achievement(name, 100, REWARD)
        began = time.perf_counter()
        insert(_achievement(name))
        took[name] = round(time.perf_counter() - began, 1)
    _print(took)


def _insert_by_django(achievement: Achievement) -> None:
    """In as many transactions as the backfill."""
    learners = [*LearnerProfile.objects.filter(pk__gte=FIRST).values_list("pk", "last_sequence", "total_xp")]
    rules, at = XPRuleSet.objects.published().get(), timezone.now()
    times = {"earned_at": at, "created_at": at}
    kept = {"achievement": achievement, "condition": achievement.condition, "xp_reward": REWARD, "quiet": True}
    for place in range(0, len(learners), CHUNK):
        portion = learners[place : place + CHUNK]
        with transaction.atomic():
            Unlock.objects.bulk_create(Unlock(learner_id=pk, **kept, **times) for pk, _, _ in portion)
            LedgerEntry.objects.bulk_create(_entry(*one, achievement, rules, at) for one in portion)


def _entry(pk: int, last: int, total: int, achievement: Achievement, rules: XPRuleSet, at: datetime) -> LedgerEntry:
    return LedgerEntry(
        learner_id=pk,
        sequence=last + 1,
        delta=REWARD,
        reason="achievement",
        reference_type="achievement",
        reference_id=achievement.achievement_id,
        balance_after=total + REWARD,
        rule_set=rules,
        metadata={"breakdown": [{"factor": "achievement", "value": REWARD}]},
        effective_at=at,
        created_at=at,
    )


def _insert_by_statements(achievement: Achievement) -> None:
    learners = f"gamification_learnerprofile WHERE user_id >= {FIRST}"
    unlock = {"learner_id": "user_id", "achievement_id": str(achievement.pk), "xp_reward": str(REWARD)}
    unlock |= {"condition": f"'{json.dumps(achievement.condition)}'", "earned_at": "now()", "created_at": "now()"}
    entry = {"learner_id": "user_id", "sequence": "last_sequence + 2", "delta": str(REWARD), "rule_version": "1"}
    entry |= {"reason": "'achievement'", "reference_type": "'achievement'", "reference_id": "'by statements'"}
    entry |= {"balance_after": f"total_xp + 2 * {REWARD}", "metadata": "'{}'", "note": "''", "subject": "''"}
    fill(Unlock, learners, unlock)
    fill(LedgerEntry, learners, entry | {"effective_at": "now()", "created_at": "now()"})


def _achievement(name: str) -> Achievement:
    return Achievement.objects.get(achievement_id=name)


def _print(figure: dict[str, Any]) -> None:
    sys.stdout.write(f"{json.dumps(figure)}\n")
