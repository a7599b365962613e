"""What the limits do to a result: hold it, pay nothing for a repeat, cut a metric; without anything from the product.

What was used before is counted anew from all results, where the product keeps rows.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from .prices import LevelFacts
from .records import OracleCompletion, Use

HOUR = 3600  # seconds


@dataclass(frozen=True)
class LimitFacts:
    """The numbers of one version; None: no limit. `study` is that of the metric study_seconds."""

    version: int = 0
    percent: int | None = None
    seconds: int | None = None
    results: int | None = None
    xp: int | None = None
    repeats: int | None = None
    study: int | None = None
    are_on: bool = True


OFF = LimitFacts(are_on=False)  # TRUST_LIMITS=0


def seconds_of(completion: OracleCompletion) -> int | None:
    """Clients that do not measure the time claim 0 seconds; the server measures sessions."""
    claimed = completion.claim.time_spent
    return claimed if completion.session else claimed or None


def use_of(completion: OracleCompletion, level: LevelFacts, limits: LimitFacts, day: date, xp: int) -> Use:
    study = study_of(completion, level) if completion.passed else 0
    return Use(
        ended_in=hour_of(completion.occurred_at),
        hours=hours_of(completion, level, limits),
        day=day,
        xp=xp,
        study=study,
        level=level.level_id,
        is_paid_in_full=bool(xp) and level.repeat == "full",
    )


def study_of(completion: OracleCompletion, level: LevelFacts) -> int:
    return min(completion.claim.time_spent or 0, max(HOUR, 3 * (level.expected or 0)))


def hour_of(moment: datetime) -> int:
    return int(moment.timestamp()) // HOUR


def hours_of(completion: OracleCompletion, level: LevelFacts, limits: LimitFacts) -> Counter:
    """Every second before its end, by clock hour; of an unknown time the least share of the expected one."""
    least = (level.expected or 0) * (limits.percent or 0) // 100
    seconds = least if seconds_of(completion) is None else study_of(completion, level)
    end, hours = int(completion.occurred_at.timestamp()), Counter()
    while seconds > 0:
        part = min(seconds, (end - 1) % HOUR + 1)
        hours[(end - 1) // HOUR] += part
        seconds, end = seconds - part, end - part
    return hours


def why_held(
    completion: OracleCompletion, level: LevelFacts, limits: LimitFacts, use: Use, before: Iterable[Use]
) -> str:
    """A code, empty if it is not held. `before` are the uses of the learner's results that were not held."""
    seconds = seconds_of(completion)
    least = level.min_seconds or (level.expected or 0) * (limits.percent or 0) // 100
    if seconds is not None and seconds < least:
        return "too_fast"
    if not limits.are_on:
        return ""
    if seconds is None and level.min_seconds:
        return "time_unknown"
    return _why_hour_is_full(limits, use, list(before)) or _why_day_is_full(limits, use, list(before))


def _why_hour_is_full(limits: LimitFacts, use: Use, before: list[Use]) -> str:
    if limits.results is not None and sum(other.ended_in == use.ended_in for other in before) >= limits.results:
        return "too_many"
    played = sum((other.hours for other in before), Counter())
    full = any(played[hour] + seconds > (limits.seconds or 0) for hour, seconds in use.hours.items())
    return "overlapping_time" if full and limits.seconds is not None else ""


def _why_day_is_full(limits: LimitFacts, use: Use, before: list[Use]) -> str:
    """The first result of a day may pay any amount."""
    of_day = [other for other in before if other.day == use.day]
    if limits.xp is None or not of_day or not use.xp:
        return ""
    return "too_much_xp" if sum(other.xp for other in of_day) + use.xp > limits.xp else ""


def pays_again(level: LevelFacts, limits: LimitFacts, day: date, before: Iterable[Use]) -> bool:
    """Whether a level that pays in full every time pays once more on that day."""
    if level.repeat != "full" or limits.repeats is None:
        return True
    paid = [use for use in before if (use.day, use.level, use.is_paid_in_full) == (day, level.level_id, True)]
    return len(paid) < limits.repeats


def study_that_counts(use: Use, limits: LimitFacts, before: Iterable[Use]) -> int:
    if limits.study is None:
        return use.study
    return min(use.study, max(0, limits.study - sum(other.study for other in before if other.day == use.day)))
