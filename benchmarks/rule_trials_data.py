"""Learners with results, their trials and recalculations, and whether the books are right: for `rule_trials`."""

import json
import sys
from typing import Any

from django.db import connection
from django.utils import timezone

from benchmarks.killed_jobs import run_jobs
from benchmarks.leaderboards_data import fill
from gamification.ledger.audit import find_mismatches
from gamification.models import LearnerProfile, LedgerEntry, XPRuleSet
from gamification.rule_sets.publishing import publish_rule_set
from jobs.models import Job
from levels.models import Level
from skillquest.accounts.models import User
from tracking.models import Completion, RuleTrial
from tracking.staff.recalculation.services import recalculate_or_request, undo_or_request
from tracking.staff.rule_trials.trials import start_trial

RESULTS = 10  # of each learner, each on a level of its own
BASE, OTHER_BASE = 10, 12  # XP for finishing: in force, and in the draft
SCORE = "(n * 37 + line * 101) %% 1001"
WHY = {"reason": "New rules", "note": "Measured."}
# Learners whose total is not what the rules pay, computed by the database.
WRONG = """
    SELECT count(*) FROM gamification_learnerprofile AS profile JOIN (
        SELECT learner_id, SUM(%s + score / 100) AS due FROM tracking_completion GROUP BY learner_id
    ) AS results ON results.learner_id = profile.user_id WHERE profile.total_xp <> due
"""


def make(learners: int) -> None:
    """Set-based, with all triggers on. Each result pays by the formula, at normal difficulty."""
    levels = [Level.objects.create(level_id=f"tried-{n}", number=n, name=f"Tried {n}") for n in range(1, RESULTS + 1)]
    first = levels[0].pk
    XPRuleSet.objects.update(published_at="2020-01-01T00:00:00Z")
    people = f"generate_series(1000001, {1_000_000 + learners}) AS n"
    each = f"{people}, generate_series(1, {RESULTS}) AS line"
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval(pg_get_serial_sequence('accounts_user', 'id'), 9000000)")
    fill(User, people, {"id": "n", "username": "'learner' || n", "password": "'!'", "date_joined": "now()"})
    total = f"(SELECT SUM({BASE} + ({SCORE}) / 100) FROM generate_series(1, {RESULTS}) AS line)"
    fill(LearnerProfile, people, {"user_id": "n", "total_xp": total, "last_sequence": str(RESULTS)})
    fill(Completion, each, _completion(first))
    fill(LedgerEntry, each, _line(first))
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _completion(first: int) -> dict[str, str]:
    return {
        "id": f"(n - 1000001) * {RESULTS} + line",
        "learner_id": "n",
        "level_id": f"{first} + line - 1",
        "score": SCORE,
        "max_score": "1000",
        "level_type": "'simulation'",
        "difficulty": "'normal'",
        "source": "'api'",
        "passed": "true",
        "perfect": "false",
        "metadata": "'{}'",
        "answer": '\'{"xp_breakdown": [{"factor": "base", "value": 10}], "awarded_xp": 10}\'',
        "occurred_at": "now() - line * interval '1 day'",
        "created_at": "now() - line * interval '1 day'",
    }


def _line(first: int) -> dict[str, str]:
    before = f"(SELECT SUM({BASE} + ((n * 37 + earlier * 101) %% 1001) / 100) FROM generate_series(1, line) AS earlier)"
    return {
        "learner_id": "n",
        "sequence": "line",
        "delta": f"{BASE} + ({SCORE}) / 100",
        "reason": "'level_completion'",
        "reference_type": "'completion'",
        "reference_id": f"((n - 1000001) * {RESULTS} + line)::text",
        "subject": f"'level:' || ({first} + line - 1)",
        "balance_after": before,
        "rule_version": "1",
        "metadata": '\'{"breakdown": [{"factor": "base", "value": 10}]}\'',
        "effective_at": "now() - line * interval '1 day'",
        "created_at": "now() - line * interval '1 day'",
        "note": "''",
    }


def start(act: str) -> None:
    staff, at = User.objects.get_or_create(username="steward")[0], timezone.now()
    if act == "try":
        start_trial(_draft(), days=None, actor=staff, at=at)
    elif act == "plan":
        start_trial(XPRuleSet.objects.published().get(), days=None, actor=staff, at=at)
    elif act == "recalculate":
        recalculate_or_request(RuleTrial.objects.order_by("pk").last(), **WHY, actor=staff, at=at)
    else:
        undo_or_request(RuleTrial.objects.exclude(recalculation=None).get().recalculation, **WHY, actor=staff, at=at)


def _draft() -> XPRuleSet:
    rules = XPRuleSet.objects.get(version=1).rules
    rules = {**rules, "formula": {**rules["formula"], "base": OTHER_BASE}}
    return XPRuleSet.objects.get_or_create(version=2, defaults={"rules": rules})[0]


def publish() -> None:
    publish_rule_set(_draft(), at=timezone.now())


def work() -> None:
    _print(run_jobs())


def report(base: int) -> None:
    """What is wrong with the books where `base` is what finishing pays."""
    with connection.cursor() as cursor:
        cursor.execute(WRONG, [base])
        [wrong] = cursor.fetchone()
    trial = RuleTrial.objects.order_by("pk").last()
    _print(
        {
            "wrong_learners": wrong,
            "mismatches": len(find_mismatches()),
            "unfinished_jobs": Job.objects.exclude(state="done").count(),
            "entries": LedgerEntry.objects.count(),
            "figures": trial and trial.figures,
        }
    )


def _print(figure: dict[str, Any]) -> None:
    sys.stdout.write(f"{json.dumps(figure)}\n")
