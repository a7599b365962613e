"""Make the learners of `benchmarks.admin_pages`: `python -m benchmarks.admin_pages_data LEARNERS`.

Set-based, without the triggers: each learner has five results on five days, and the five ledger entries that pay them.
Keys grow with time, as they do in a product that is used, and the figures of analytics are rolled up.
"""

import sys
from contextlib import contextmanager

import django

BASE = 1_000_000  # the learner with number 1 has the next key
BUSY = BASE + 1  # one learner with a long history
RESULTS, RESULTS_OF_BUSY = 5, 5_000
ACTS = 1_000  # of each kind, by staff, with any number of learners
# Display names of letters that no look-alike stands for: their skeleton is the name in lower case.
LETTERS = "adefghjkps"
STAFF = "staff"
SINCE = "interval '364 days'"
JOINED = f"now() - {SINCE} * (1 - (n - {BASE})::float / (%s + 1))"
# When and of whom each result is; the newest has the last key.
DEEDS = f"""
    CREATE TEMP TABLE deeds AS
    SELECT row_number() OVER (ORDER BY moment, n) AS id, n, line, moment FROM (
        SELECT n, line, joined + (now() - joined) * power(line / (1 + most::float), 2) AS moment
        FROM (SELECT n, {JOINED} AS joined, CASE WHEN n = {BUSY} THEN {RESULTS_OF_BUSY} ELSE {RESULTS} END AS most
              FROM generate_series({BASE + 1}, {BASE} + %s) AS n) AS people,
             generate_series(1, most) AS line
    ) AS unnumbered
"""
DAY = "(moment AT TIME ZONE 'UTC')::date AS date"
# In the order of their keys, as they are when they are added one by one.
DAYS = f"(SELECT min(id) AS id, n, {DAY} FROM deeds GROUP BY n, date ORDER BY 1) AS days"
EARNABLE = "SELECT id, condition, row_number() OVER (ORDER BY id) - 1 AS place FROM gamification_achievement"
XP = "(10 + n %% 90)"  # for each result of a learner


def make(learners: int) -> None:
    from django.db import connection

    with without_triggers(connection) as cursor:
        cursor.execute(DEEDS, [learners, learners])
        make_people(learners)
        make_results()
        make_holdings(learners)
        make_acts_of_staff(learners)
        move_sequences(cursor)
        cursor.execute("VACUUM ANALYZE")
    roll_up()


@contextmanager
def without_triggers(connection):
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica; SET synchronous_commit = off")
        yield cursor
        cursor.execute("RESET session_replication_role")


def people(learners: int, each: int = 1) -> str:
    """As a source of rows: one learner in so many."""
    return f"(SELECT n FROM generate_series({BASE + each}, {BASE + learners}, {each}) AS n) AS people"


def ago(learners: int) -> str:
    """A moment that is the later, the higher the key."""
    return JOINED % learners


def make_people(learners: int) -> None:
    from benchmarks.leaderboards_data import fill
    from gamification.models import LearnerProfile
    from skillquest.accounts.models import User

    mail = "'learner' || n || '@example.org'"
    name = f"CASE WHEN n %% 2 = 0 THEN 'Ada ' || translate(n::text, '0123456789', '{LETTERS}') ELSE '' END"
    user = {"id": "n", "username": "'learner' || n", "password": "'!'", "email": mail, "email_normal_form": mail}
    user |= {"display_name": name, "display_name_skeleton": f"replace(lower({name}), ' ', '')"}
    user |= {"external_id": "CASE WHEN n %% 3 = 0 THEN 'ext-' || n END", "date_joined": ago(learners)}
    fill(User, people(learners), user)
    results = f"(CASE WHEN n = {BUSY} THEN {RESULTS_OF_BUSY} ELSE {RESULTS} END)"
    profile = {"user_id": "n", "total_xp": f"{results} * {XP}", "last_sequence": results, "longest_streak": "n %% 60"}
    profile |= {"levels_completed": str(RESULTS), "active_days": str(RESULTS), "last_active_day": "current_date"}
    profile |= {"leaderboard_opt_out": "n %% 50 = 0", "listed": "n %% 50 <> 0 AND n %% 1000 <> 1"}
    profile |= {"board_standing": "CASE WHEN n %% 1000 = 1 THEN 'under_review' ELSE 'ranked' END"}
    fill(LearnerProfile, people(learners), profile)


def make_results() -> None:
    from benchmarks.leaderboards_data import fill
    from gamification.models import ActivityDay, LedgerEntry, XPRuleSet
    from levels.models import Level
    from tracking.models import Completion, LearningSession

    keys = ",".join(str(key) for key in Level.objects.order_by("pk").values_list("pk", flat=True))
    level = f"(ARRAY[{keys}])[1 + (n * 7 + line) %% {keys.count(',') + 1}]"
    session = {"id": "id", "learner_id": "n", "level_id": level, "status": "'ended'", "score": "800"}
    times = {"start_time": "moment - interval '5 minutes'", "end_time": "moment", "time_spent": "300"}
    fill(LearningSession, "(SELECT * FROM deeds WHERE line <= 2) AS first", session | times)
    fill(Completion, "deeds", completion(level))
    # Nothing is paid for a result that is held.
    held = {"id": "(SELECT max(id) FROM deeds) + id", "session_id": "NULL", "held": "true", "held_reason": "'too_fast'"}
    fill(Completion, "(SELECT * FROM deeds WHERE id %% 1000 = 0) AS held", completion(level) | held)
    line = {
        "id": "id",
        "learner_id": "n",
        "sequence": "line",
        "delta": XP,
        "reason": "CASE WHEN line <= 2 THEN 'session_completion' ELSE 'level_completion' END",
        "reference_type": "'completion'",
        "reference_id": "id::text",
        "subject": f"'level:' || {level}",
        "balance_after": f"line * {XP}",
        "rule_version": str(XPRuleSet.objects.published().get().version),
        "metadata": '\'{"breakdown": [{"factor": "base", "value": 10}]}\'',
        "trust": "CASE WHEN id %% 5 = 0 THEN 'verified' ELSE 'reported' END",
        "effective_at": "moment",
        "created_at": "moment",
        "note": "''",
    }
    fill(LedgerEntry, "deeds", line)
    day = {"id": "id", "learner_id": "n", "date": "date", "kind": "'active'", "completed": "true"}
    fill(ActivityDay, DAYS, day | {"recorded_at": "date"})


def completion(level: str) -> dict[str, str]:
    return {
        "id": "id",
        "learner_id": "n",
        "level_id": level,
        "session_id": "CASE WHEN line <= 2 THEN id END",
        "score": "(n * 37 + line * 101) %% 1001",
        "max_score": "1000",
        "level_type": "'simulation'",
        "difficulty": "'normal'",
        "claimed_difficulty": "''",
        "reason": "''",
        "source": "CASE WHEN id %% 20 = 0 THEN 'sync' WHEN id %% 5 = 0 THEN 'api' ELSE 'web' END",
        "trust": "CASE WHEN id %% 5 = 0 THEN 'verified' ELSE 'reported' END",
        "passed": "id %% 10 <> 0",
        "perfect": "false",
        "metadata": "'{}'",
        "answer": "'{\"awarded_xp\": 10}'",
        "occurred_at": "moment",
        "created_at": "moment",
    }


def make_holdings(learners: int) -> None:
    from benchmarks.leaderboards_data import fill
    from gamification.models import Achievement, Badge, BadgeAward, FreezeEvent, TimeZoneChange, Unlock
    from tracking.models import CheckIn

    at = ago(learners)
    earned = f"({EARNABLE}) AS earned ON place = n %% {Achievement.objects.count()}"
    unlock = {"learner_id": "n", "achievement_id": "id", "condition": "condition", "xp_reward": "0"}
    fill(Unlock, f"{people(learners)} JOIN {earned}", unlock | {"earned_at": at, "created_at": at})
    badge = Badge.objects.create(name="Measured")
    award = {"learner_id": "n", "badge_id": str(badge.pk), "awarded_at": at, "note": "''"}
    fill(BadgeAward, people(learners, 10), award)
    freeze = {"learner_id": "n", "kind": "'granted'", "delta": "1", "date": f"({at})::date", "created_at": at}
    fill(FreezeEvent, people(learners, 2), freeze)
    change = {"learner_id": "n", "before": "'UTC'", "time_zone": "'Asia/Jakarta'", "effective_from": at}
    fill(TimeZoneChange, people(learners, 10), change)
    check_in = {"learner_id": "n", "client_event_id": "gen_random_uuid()", "occurred_at": at, "created_at": at}
    fill(CheckIn, people(learners, 10), check_in)


def make_acts_of_staff(learners: int) -> None:
    from django.contrib.admin.models import LogEntry
    from django.contrib.contenttypes.models import ContentType

    from approvals.models import ApprovalRequest
    from benchmarks.leaderboards_data import fill
    from gamification.models import DayRepair, LearnerProfile, StandingChange
    from jobs.models import Job
    from skillquest.accounts.models import User

    staff, at = User.objects.create_superuser(STAFF).pk, ago(learners)
    few = people(learners, max(1, learners // ACTS))
    why = {"reason": "'Measured'", "note": "''"}
    act = {"learner_id": "n", "actor_id": str(staff), "created_at": at, **why}
    fill(StandingChange, few, act | {"standing": "'under_review'"})
    fill(DayRepair, few, act | {"kind": "'repaired'", "date": f"({at})::date"})
    asked = {"kind": "'adjustment'", "subject": "n::text", "fingerprint": "n::text", "summary": "'Ask ' || n", **why}
    asked["payload"] = '\'{"amount": 10, "reference_id": "", "metadata": {}}\''
    asked |= {"learner_id": "n", "requested_by_id": str(staff), "requested_at": at, "decision_note": "''"}
    fill(ApprovalRequest, few, asked)
    job = {"kind": "'roll_up_analytics'", "params": "'{\"everything\": false}'", "state": "'done'", "note": "''"}
    job |= {"error": "''", "created_at": at, "finished_at": at, "heartbeat": at}
    fill(Job, few, job)
    log = {"action_time": at, "user_id": str(staff), "object_id": "n::text", "object_repr": "'learner' || n"}
    log |= {"content_type_id": str(ContentType.objects.get_for_model(LearnerProfile).pk)}
    fill(LogEntry, people(learners, 10), log | {"action_flag": "2", "change_message": "'Measured'"})


def move_sequences(cursor) -> None:
    """Behind the keys that were given."""
    from gamification.models import ActivityDay, LedgerEntry
    from skillquest.accounts.models import User
    from tracking.models import Completion, LearningSession

    for model in (User, Completion, LearningSession, LedgerEntry, ActivityDay):
        table = model._meta.db_table
        cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")


def roll_up() -> None:
    from django.utils import timezone

    from analytics.rolling.jobs import start_rolling_up
    from jobs.running import run_next_portion

    start_rolling_up(at=timezone.now(), everything=True)
    while run_next_portion():
        pass


if __name__ == "__main__":
    django.setup()
    make(int(sys.argv[1]))
