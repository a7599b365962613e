"""What staff do with badges and achievements: award, revoke, edit."""

from datetime import datetime

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError as ModelError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.serializers import as_serializer_error

from gamification.awards.adjustments import reverse
from gamification.earnables import unlocking
from gamification.errors import BadgeInUse, LearnerNotFound
from gamification.models import Achievement, Badge, BadgeAward, LearnerProfile, LedgerEntry
from gamification.profiles.locking import lock_profile
from gamification.profiles.totals import save_totals
from hotsql.writes import insert_if_absent


@transaction.atomic
def award_badge(
    *, learner_id: int, badge: Badge, actor, at: datetime, metadata: dict | None = None, note: str = ""
) -> tuple[BadgeAward, bool]:
    """Award a badge by hand, also again after it was revoked; False if the learner has it already.

    `metadata` is shown to everybody, `note` to staff only. Raise LearnerNotFound or LearnerErased.
    """
    _lock(learner_id)
    award = BadgeAward(
        learner_id=learner_id, badge=badge, awarded_at=at, actor=actor, metadata=metadata or {}, note=note
    )
    if insert_if_absent(award, conflict="(learner_id, badge_id)"):
        return award, True
    stored = BadgeAward.objects.get(learner_id=learner_id, badge=badge)
    if stored.revoked_at is None:
        return stored, False
    award.pk = stored.pk
    award.save(force_update=True)
    return award, True


@transaction.atomic
def revoke_badge(*, learner_id: int, badge: Badge, actor, at: datetime, note: str = "") -> bool:
    """Revoke a badge; it is not earned again by its condition. False if the learner does not have it."""
    _lock(learner_id)
    held = BadgeAward.objects.held().filter(learner_id=learner_id, badge=badge)
    return bool(held.update(revoked_at=at, revoked_by=actor, note=note))


@transaction.atomic
def revoke_achievement(
    *, learner_id: int, achievement: Achievement, actor, at: datetime, reason: str = "", note: str = ""
) -> None:
    """Revoke an achievement and the XP that it paid; it is neither earned nor paid again.

    Raise LearnerNotFound, LearnerErased, or what `adjustments.reverse` raises.
    """
    profile = _lock(learner_id)
    if entry := entry_of_unlock(learner_id, achievement):
        reverse(entry, actor=actor, reason=reason, note=note, at=at)
    else:
        unlocking.revoke(profile, achievement.achievement_id, at=at)
        save_totals([profile], ["achievements_unlocked"], at=at)


def entry_of_unlock(learner_id: int, achievement: Achievement) -> LedgerEntry | None:
    """The ledger entry that paid for it, unless it was reversed."""
    return LedgerEntry.objects.filter(
        learner_id=learner_id,
        reference_type=LedgerEntry.ACHIEVEMENT_REFERENCE,
        reference_id=achievement.achievement_id,
        reversal_of=None,
        reversed_by=None,
    ).first()


@transaction.atomic
def save_badge(*, badge: Badge, fields: dict) -> Badge:
    """Insert or change a badge. Raise ValidationError by field."""
    for name, value in fields.items():
        setattr(badge, name, value)
    try:
        badge.full_clean()
    except ModelError as error:
        raise ValidationError(as_serializer_error(error)) from error
    try:
        with transaction.atomic():
            badge.save()
    except IntegrityError as error:  # another transaction, after `full_clean`
        raise ValidationError(_("A change by somebody else came between. Read the badge again.")) from error
    return badge


@transaction.atomic
def delete_badge(*, badge: Badge) -> None:
    try:
        badge.delete()
    except ProtectedError as error:
        raise BadgeInUse from error


def _lock(learner_id: int) -> LearnerProfile:
    """Lock the profile, since a completion may earn the same badge or achievement at this moment."""
    if not get_user_model().objects.filter(pk=learner_id).exists():
        raise LearnerNotFound
    return lock_profile(learner_id)
