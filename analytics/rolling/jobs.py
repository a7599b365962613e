"""Rolling up as a job: it looks for changes, rolls up what is stale, and once a day counts what has no dates."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from analytics.models import Analytics, StalePeriod
from analytics.periods import DAY
from jobs.kinds import JobKind
from jobs.models import Job
from jobs.services import start_job
from jobs.wording import counted

from . import changes, counting
from .periods import ROLL, remove_other_days
from .stale import mark, take_newest

NAME = "roll_up_analytics"
HOUR = timedelta(hours=1)
ANALYTICS_ID = 1


def analytics_now() -> Analytics:
    return Analytics.objects.get_or_create(pk=ANALYTICS_ID)[0]


def start_rolling_up(*, at: datetime, everything: bool = False) -> Job:
    """One that has not ended is returned instead, unless everything is to be rolled up."""
    unfinished = Job.objects.unfinished().filter(kind=NAME).order_by("-pk").first()
    if unfinished and (unfinished.params["everything"] or not everything):
        return unfinished
    return start_job(NAME, params={"everything": everything}, created_by=None, at=at)


def keep_fresh(analytics: Analytics, at: datetime) -> None:
    """Start a job when the figures are older than an hour."""
    if analytics.rolled_at is None or at - analytics.rolled_at >= HOUR:
        start_rolling_up(at=at)


def run_portion(job: Job, at: datetime) -> bool:
    """The row of `Analytics` keeps two jobs from rolling up the same day."""
    analytics, _ = Analytics.objects.select_for_update(no_key=True).get_or_create(pk=ANALYTICS_ID)
    step = job.cursor.setdefault("step", 0)
    if STEPS[step](job, analytics, at):
        job.cursor["step"] = step + 1
    job.done += 1
    return bool(job.cursor["step"] == len(STEPS))


def _begin(job: Job, analytics: Analytics, at: datetime) -> bool:
    everything = job.params["everything"] or not analytics.seen
    is_due = analytics.counted_at is None or at - analytics.counted_at >= DAY
    keys = changes.last_keys()
    job.cursor |= {"at": at.isoformat(), "counts": everything or is_due, "upto": keys}
    job.cursor["position"] = dict(keys) if everything else analytics.seen[0][1]
    changes.mark_recent(at.date())
    if everything:
        # Nothing is added to days before the first one without being noticed afterwards.
        job.cursor["upto"] = job.cursor["position"] = changes.before_flight(keys)
        analytics.seen = []
        days = changes.all_days(at.date())
        remove_other_days(days[0], days[-1])
        mark(days)
    return True


def _look_for_changes(job: Job, analytics: Analytics, _: datetime) -> bool:
    if not changes.mark_added(job.cursor["position"], job.cursor["upto"]):
        return False
    changes.note_keys(analytics, job.cursor["upto"], _moment_of(job))
    analytics.save(update_fields=["seen"])
    job.total = job.done + StalePeriod.objects.count() + len(STEPS)
    return True


def _roll(job: Job, analytics: Analytics, _: datetime) -> bool:
    if period := take_newest():
        kind, start = period
        ROLL[kind](start)
        return False
    analytics.rolled_at = _moment_of(job)
    analytics.save(update_fields=["rolled_at"])
    return True


def _count_levels(job: Job, _: Analytics, __: datetime) -> bool:
    return not job.cursor["counts"] or counting.count_next_level(job.cursor, _moment_of(job).date())


def _count_learners(job: Job, _: Analytics, __: datetime) -> bool:
    return not job.cursor["counts"] or counting.count_next_learners(job.cursor)


def _count_achievements(job: Job, _: Analytics, __: datetime) -> bool:
    return not job.cursor["counts"] or counting.count_next_achievement(job.cursor)


def _store_counts(job: Job, analytics: Analytics, _: datetime) -> bool:
    if job.cursor["counts"]:
        counting.store_counts(analytics, job.cursor)
        analytics.counted_at = _moment_of(job)
        analytics.save(update_fields=Analytics.COUNTS)
    return True


STEPS: list[Callable[[Job, Analytics, datetime], bool]] = [
    _begin,
    _look_for_changes,
    _roll,
    _count_levels,
    _count_learners,
    _count_achievements,
    _store_counts,
]


def _moment_of(job: Job) -> datetime:
    """When it began, in UTC."""
    return datetime.fromisoformat(job.cursor["at"]).astimezone(UTC)


def _title(job: Job) -> str:
    return "Roll up all figures of analytics" if job.params["everything"] else "Roll up new figures of analytics"


def _outcome(job: Job) -> str:
    return f"{counted(job.done, 'portion')} done."


KIND = JobKind(NAME, run_portion, _title, _outcome, permission="analytics.view_analytics")
