"""Why an achievement is unlocked or not: facts, numbers and one sentence."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.base_user import AbstractBaseUser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from gamification.conditions.engine import Progress, holds, progress
from gamification.conditions.metrics import describe, describe_amount
from gamification.conditions.schema import Leaf, in_words, leaf_of, leaves
from gamification.earnables.unlocking import Values, values_of
from gamification.models import Achievement, LearnerProfile, LedgerEntry, Unlock
from gamification.rule_sets.publishing import published_rules
from gamification.streaks.local_dates import local_date

from .wording import listed, on_date

HIDDEN = later("This achievement is hidden until you unlock it.")


@dataclass(frozen=True)
class Threshold:
    """One number that a condition asks for, and where the learner stands; `current` may be above `target`."""

    metric: str
    words: str
    current: int
    target: int

    @property
    def reached(self) -> bool:
        return self.current >= self.target


@dataclass(frozen=True)
class AchievementExplanation:
    """`unlock` is there too when it was taken back. Of a hidden achievement, `is_secret`, nothing else may be shown."""

    achievement: Achievement
    unlock: Unlock | None
    entry: LedgerEntry | None
    thresholds: list[Threshold]
    progress: Progress
    why: str

    @property
    def unlocked(self) -> bool:
        return self.achievement.unlocked_at is not None

    @property
    def is_secret(self) -> bool:
        return self.achievement.is_secret


def find_achievement(reference: str, learner: AbstractBaseUser) -> Achievement | None:
    """By `achievement_id` or by key, among those that the learner is shown."""
    shown = Achievement.objects.shown_to(learner)
    found = shown.filter(achievement_id=reference).first()
    if found is None and reference.isdecimal() and len(reference) < 19:
        found = shown.filter(pk=int(reference)).first()
    return found


def explain_achievement(profile: LearnerProfile, achievement: Achievement, *, at: datetime) -> AchievementExplanation:
    """`achievement` comes from `shown_to(learner)`, which adds what the learner may see of it."""
    values = values_of(profile, published_rules(), at)
    condition = achievement.shown_condition
    unlock = Unlock.objects.filter(learner_id=profile.pk, achievement=achievement).first()
    entry = _entry_of(profile, achievement)
    return AchievementExplanation(
        achievement=achievement,
        unlock=unlock,
        entry=entry,
        thresholds=[_threshold(leaf, values) for leaf in leaves(condition)],
        progress=progress(condition, values),
        why=_unlocked(profile, achievement, unlock, entry) if unlock else _locked(achievement, values),
    )


def _entry_of(profile: LearnerProfile, achievement: Achievement) -> LedgerEntry | None:
    return LedgerEntry.objects.filter(
        learner_id=profile.pk,
        reference_type=LedgerEntry.ACHIEVEMENT_REFERENCE,
        reference_id=achievement.achievement_id,
        reversal_of=None,
    ).first()


def _threshold(leaf: Leaf, values: Values) -> Threshold:
    return Threshold(leaf.metric, describe(leaf.metric), values.get(leaf.metric, 0), leaf.threshold)


def _unlocked(profile: LearnerProfile, achievement: Achievement, unlock: Unlock, entry: LedgerEntry | None) -> str:
    if achievement.is_secret:
        return str(HIDDEN)
    earned = on_date(local_date(profile, unlock.earned_at))
    values = {"name": achievement.shown.name, "day": earned, "condition": in_words(unlock.condition)}
    sentence = _("You unlocked “%(name)s” on %(day)s (%(condition)s)") % values
    if entry:
        sentence += _(", and it paid %(xp)s XP") % {"xp": entry.delta}
    if unlock.revoked_at:
        sentence += _("; it was taken back on %(day)s") % {"day": on_date(local_date(profile, unlock.revoked_at))}
    return f"{sentence}."


def _locked(achievement: Achievement, values: Values) -> str:
    if achievement.is_secret:
        return str(HIDDEN)
    if holds(achievement.condition, values):
        words = _("You have done everything for “%(name)s”; it unlocks when your achievements are checked next.")
        return words % {"name": achievement.shown.name}
    missing = [_threshold(leaf, values) for leaf in _nearest(achievement.condition, values)]
    values = {"name": achievement.shown.name, "missing": listed(map(_stands, missing))}
    return _("“%(name)s” is not unlocked yet: %(missing)s.") % values


def _stands(part: Threshold) -> str:
    current, target = (describe_amount(part.metric, number) for number in [part.current, part.target])
    values = {"metric": part.words, "current": current, "target": target}
    return _("your %(metric)s is at %(current)s of %(target)s") % values


def _nearest(condition: dict, values: Values) -> Iterator[Leaf]:
    """The thresholds that are not reached; of an `any` group, only those of the part that is closest."""
    if "all" in condition:
        for part in condition["all"]:
            if not holds(part, values):
                yield from _nearest(part, values)
    elif "any" in condition:
        yield from _nearest(max(condition["any"], key=lambda part: _share(part, values)), values)
    else:
        yield leaf_of(condition)


def _share(condition: dict, values: Values) -> float:
    done = progress(condition, values)
    return done.current / done.target
