"""The learner's profile row: every transaction that changes what a learner has earned locks it first."""

from django.conf import settings

from gamification.errors import LearnerErased
from gamification.models import LearnerProfile
from gamification.pricing.limits import NO_LIMITS, Limits, read_limits_text
from gamification.pricing.rules import Rules, read_rules_text
from hotsql.querysets import Prepared

_lock = Prepared(lambda learner_id: LearnerProfile.objects.locked_with_rules().filter(pk=learner_id))


def lock_profile(learner_id: int) -> LearnerProfile:
    """Lock the learner's profile until the transaction ends; create it for people who have none yet (staff).

    Raise LearnerErased: a transaction that waited here while the learner was erased must not write for them.
    """
    locked = _lock(learner_id)
    if not locked:
        LearnerProfile.objects.of(learner_id)
        locked = _lock(learner_id)
    if locked[0].erased_at:
        raise LearnerErased
    return locked[0]


def rules_of(profile: LearnerProfile) -> Rules:
    """The rule set that was in force when `profile` was locked."""
    return read_rules_text(profile.rule_version, profile.rule_text)


def limits_of(profile: LearnerProfile) -> Limits:
    """The limits that were in force when `profile` was locked."""
    return read_limits_text(profile.limit_version, profile.limit_text) if settings.TRUST_LIMITS else NO_LIMITS
