"""The learner's profile row: every transaction that changes what a learner has earned locks it first."""

from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, timedelta

from django.conf import settings

from gamification.errors import GuestEnded, LearnerErased
from gamification.models import LearnerKind, LearnerProfile
from gamification.pricing.limits import NO_LIMITS, Limits, read_limits_text
from gamification.pricing.rules import Rules, read_rules_text
from hotsql.querysets import Prepared

DAY = timedelta(days=1)

_lock = Prepared(lambda learner_id: LearnerProfile.objects.locked_with_rules().filter(pk=learner_id))
_lock_with_usage = Prepared(
    lambda learner_id, first, last: (
        LearnerProfile.objects.locked_with_rules().with_usage(learner_id, first, last).filter(pk=learner_id)
    )
)


def lock_profile(learner_id: int, *, moment: datetime | None = None) -> LearnerProfile:
    """Lock the learner's profile until the transaction ends; create it for people who have none yet (staff).

    With a `moment` the learner's usage of the limits around it is read too (`usage_of`). Raise LearnerErased: a
    transaction that waited here while the learner was erased must not write for them.
    """
    locked = _locked(learner_id, moment)
    if not locked:
        LearnerProfile.objects.of(learner_id)
        locked = _locked(learner_id, moment)
    if locked[0].erased_at:
        raise refusal_of_erased(learner_id)
    return locked[0]


def lock_profiles(learner_ids: Collection[int]) -> list[LearnerProfile]:
    """Lock the profiles of several learners, in the order of their ids; those of erased learners are left out."""
    if len(learner_ids) == 1:
        locked = _lock(*learner_ids)
    else:
        locked = list(LearnerProfile.objects.locked_with_rules().filter(pk__in=learner_ids).order_by("pk"))
    if missing := set(learner_ids) - {profile.pk for profile in locked}:
        # People who have none yet (staff): all are locked again, or the order would be another one.
        for learner_id in sorted(missing):
            LearnerProfile.objects.of(learner_id)
        return lock_profiles(learner_ids)
    return [profile for profile in locked if not profile.erased_at]


def refusal_of_erased(learner_id: int) -> LearnerErased:
    """Clients drop results of an erased learner; those of a guest are sent again, as they belong to an account now."""
    is_guest = LearnerProfile.objects.filter(pk=learner_id, kind=LearnerKind.GUEST).exists()
    return GuestEnded() if is_guest else LearnerErased()


def rules_of(profile: LearnerProfile) -> Rules:
    """The rule set that was in force when `profile` was locked."""
    return read_rules_text(profile.rule_version, profile.rule_text)


def usage_of(profile: LearnerProfile) -> dict[str, list] | None:
    """Date -> [by_hour, by_day] of the usage that was read with the lock; None where it has to be read again.

    A statement that waits for a lock sees the locked row as it is then, and other rows as they were when it began.
    """
    is_fresh = getattr(profile, "seen_revision", None) == profile.revision
    return (profile.usage or {}) if is_fresh else None


def dates_around(moments: Sequence[datetime]) -> tuple[date, date]:
    """The first and the last date that anybody's local time, or the hours before, could give to `moments`."""
    dates = [moment.astimezone(UTC).date() for moment in moments]
    return min(dates, default=date.max - DAY) - DAY, max(dates, default=date.min + DAY) + DAY


def _locked(learner_id: int, moment: datetime | None) -> list[LearnerProfile]:
    if moment is None or not settings.TRUST_LIMITS:
        return _lock(learner_id)
    return _lock_with_usage(learner_id, *dates_around([moment]))


def limits_of(profile: LearnerProfile) -> Limits:
    """The limits that were in force when `profile` was locked."""
    return read_limits_text(profile.limit_version, profile.limit_text) if settings.TRUST_LIMITS else NO_LIMITS
