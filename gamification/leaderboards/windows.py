"""XP of the last 7 and 30 UTC dates, in rows that one INSERT … SELECT over the ledger brings up to date."""

from datetime import UTC, datetime, time, timedelta

from django.conf import settings
from django.db import OperationalError, connection, transaction

from gamification.models import LearnerProfile, WindowRefresh, WindowScore

from .base import WINDOWED, Metric

# Existing rows are added with 0, so that learners whose entries have all left the window go down to 0. Only differences
# are written: unchanged rows stay readable from the index alone.
ADD_UP = """
    INSERT INTO gamification_windowscore (metric, learner_id, score)
    SELECT %(metric)s, learner_id, SUM(delta) FROM (
        SELECT entry.learner_id, entry.delta
        FROM xp_history AS entry JOIN gamification_learnerprofile AS profile ON profile.user_id = entry.learner_id
        WHERE profile.listed AND entry.effective_at >= %(since)s AND entry.effective_at < %(until)s
            {trust} {one_learner}
        UNION ALL
        SELECT entry.learner_id, 0 FROM gamification_windowscore AS entry WHERE entry.metric = %(metric)s {one_learner}
    ) AS entries
    GROUP BY learner_id
    ON CONFLICT (metric, learner_id) DO UPDATE SET score = excluded.score
        WHERE gamification_windowscore.score <> excluded.score
"""
ONE_LEARNER = "AND entry.learner_id = %(learner)s"
ONLY_VERIFIED = "AND entry.trust = 'verified'"


def first_moment(metric: Metric, at: datetime) -> datetime:
    """When the earliest of the window's UTC dates began."""
    today = datetime.combine(at.astimezone(UTC).date(), time.min, UTC)
    return today - timedelta(days=metric.days - 1)


def renewal_due_before(at: datetime) -> datetime:
    """A board computed before then is computed again while it may still be shown, so that no reader has to wait."""
    return at - settings.LEADERBOARD_WINDOW_AGE * 2 / 3


def is_fresh(as_of: datetime | None, *, oldest: datetime, at: datetime) -> bool:
    """A time far in the future dates from before the clock was set back; one in the near future counts as now."""
    return as_of is not None and oldest <= as_of <= at + settings.LEADERBOARD_WINDOW_AGE


def ensure_fresh(metric: Metric, *, at: datetime) -> datetime:
    """Compute the board if that was never done, or long enough ago; return when it was computed."""
    as_of = _computed_at(metric)
    if is_fresh(as_of, oldest=renewal_due_before(at), at=at):
        return as_of
    is_too_old = not is_fresh(as_of, oldest=at - settings.LEADERBOARD_WINDOW_AGE, at=at)
    try:
        return refresh(metric, at=at, oldest=renewal_due_before(at), wait=is_too_old)
    except OperationalError:
        # Another transaction is computing it, and the older board may still be shown: it says how old it is.
        if as_of is None:
            raise
        return as_of


def refresh(metric: Metric, *, at: datetime, oldest: datetime, wait: bool = True) -> datetime:
    """Compute the board unless it is not older than `oldest`.

    A refresh that is under way is waited for, or with `wait=False` raises OperationalError.
    """
    WindowRefresh.objects.bulk_create([WindowRefresh(metric=metric.name)], ignore_conflicts=True)
    with transaction.atomic():
        row = WindowRefresh.objects.select_for_update(no_key=True, nowait=not wait).get(pk=metric.name)
        if is_fresh(row.as_of, oldest=oldest, at=at):
            return row.as_of
        _lift_statement_timeout()
        _add_up(metric, at)
        WindowScore.objects.filter(metric=metric.name, score__lte=0).delete()
        row.as_of = at
        row.save(update_fields=["as_of"])
    # Learners who left the boards while the sums were computed; for those who leave later see `refresh_learner`.
    WindowScore.objects.filter(learner_id__in=LearnerProfile.objects.hidden().values("pk")).delete()
    return at


def refresh_learner(learner_id: int, *, at: datetime) -> None:
    """Update the rows of one learner, who may have joined the boards or left them."""
    if not LearnerProfile.objects.visible().filter(pk=learner_id).exists():
        WindowScore.objects.filter(learner_id=learner_id).delete()
        return
    for metric in WINDOWED:
        _add_up(metric, at, learner_id)
    WindowScore.objects.filter(learner_id=learner_id, score__lte=0).delete()


def _computed_at(metric: Metric) -> datetime | None:
    return WindowRefresh.objects.filter(pk=metric.name).values_list("as_of", flat=True).first()


def _add_up(metric: Metric, at: datetime, learner_id: int | None = None) -> None:
    since = first_moment(metric, at)
    values = {
        "metric": metric.name,
        "since": connection.ops.adapt_datetimefield_value(since),
        "until": connection.ops.adapt_datetimefield_value(since + timedelta(days=metric.days)),
        "learner": learner_id,
    }
    statement = ADD_UP.format(
        trust=ONLY_VERIFIED if metric.only_verified else "",
        one_learner="" if learner_id is None else ONE_LEARNER,
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def _lift_statement_timeout() -> None:
    """The time limit is meant for statements of requests, not for this one."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 0")
