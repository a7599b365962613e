"""Achievements and badges, their conditions, and who has earned them."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, RegexValidator, validate_slug
from django.db import models, transaction
from django.db.models import Case, F, FilteredRelation, Q, When
from django.utils.translation import gettext_lazy as _

from catalogues.texts import NormalCharField
from catalogues.translations import TranslatedRow
from change_history.querysets import TrackedQuerySet
from change_history.records import ChangeHistory
from gamification.conditions.fields import ConditionField
from gamification.conditions.schema import leaves

from .ledger import MAX_DELTA

MAX_POSITION = 2**31 - 1  # PostgreSQL's integer; SQLite would take more
validate_icon = RegexValidator(r"\Abi(-[a-z0-9]+)+\Z", _("Give the name of a Bootstrap icon, such as bi-trophy."))
# Other clients show badges too, so external addresses are allowed; other schemes, such as javascript:, are not.
validate_icon_url = RegexValidator(
    r"\A(https://[^\s/]|/(?!/))[^\s\x00-\x1f]*\Z", _("Give an address that begins with https:// or with /.")
)


class Earnable(TranslatedRow):
    """What achievements and badges have in common. Saving one rewrites its requirements."""

    TEXTS = ["name", "description"]

    name = NormalCharField(max_length=100, unique=True)
    description = NormalCharField(max_length=300, blank=True)
    published = models.BooleanField(default=True)
    position = models.PositiveIntegerField(default=0, validators=[MaxValueValidator(MAX_POSITION)])

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    @transaction.atomic
    def save(self, **options: Any) -> None:
        super().save(**options)
        rewrite_requirements([self])


class AchievementQuerySet(TrackedQuerySet):
    def shown_to(self, learner) -> "AchievementQuerySet":
        """What is published or held by this learner.

        Each row carries the learner's unlock: `unlocked_at`, None where it is not held, and `kept_condition` and
        `kept_xp_reward`, None where it was never unlocked.
        """
        shown = self.alias(own=FilteredRelation("unlocks", condition=Q(unlocks__learner=learner.pk))).annotate(
            unlocked_at=Case(When(own__revoked_at=None, then=F("own__earned_at"))),
            kept_condition=F("own__condition"),
            kept_xp_reward=F("own__xp_reward"),
        )
        return shown.filter(Q(published=True) | Q(unlocked_at__isnull=False))


class Achievement(Earnable):
    class Rarity(models.TextChoices):
        COMMON = "common"
        RARE = "rare"
        EPIC = "epic"
        LEGENDARY = "legendary"

    achievement_id = models.CharField(max_length=100, unique=True, validators=[validate_slug])
    category = NormalCharField(max_length=50)
    rarity = models.CharField(max_length=10, choices=Rarity.choices, default=Rarity.COMMON)
    icon = models.CharField(max_length=50, default="bi-trophy", validators=[validate_icon])
    xp_reward = models.PositiveIntegerField("XP reward", default=0, validators=[MaxValueValidator(MAX_DELTA)])
    condition = ConditionField()
    hidden = models.BooleanField(default=False, help_text="Shows no name, text or condition until it is unlocked.")

    objects = AchievementQuerySet.as_manager()
    history = ChangeHistory()

    class Meta:
        ordering = ["position", "achievement_id"]
        constraints = [
            # The ledger refuses larger entries, and with them the completion that unlocks it.
            models.CheckConstraint(condition=Q(xp_reward__lte=MAX_DELTA), name="achievement_xp_in_range"),
        ]

    @property
    def is_secret(self) -> bool:
        """To the learner of `shown_to`."""
        return self.hidden and self.unlocked_at is None

    @property
    def shown_condition(self) -> dict:
        """To the learner of `shown_to`: the condition by which they unlocked it, even if it was changed since."""
        return self.condition if self.kept_condition is None else self.kept_condition

    @property
    def shown_xp_reward(self) -> int:
        """To the learner of `shown_to`: what it paid them, even if its reward was changed since."""
        return self.xp_reward if self.kept_xp_reward is None else self.kept_xp_reward


def may_edit_badges(user: Any) -> bool:
    return bool(user.is_staff and user.has_perm("gamification.change_badge"))


class BadgeQuerySet(TrackedQuerySet):
    def shown_to(self, learner) -> "BadgeQuerySet":
        """What is published or held by this learner; editors see drafts too.

        Each row carries the learner's award: `awarded_at`, None where it is not held, and `kept_condition`. To editors
        that is the badge's own condition, since they write back what they read.
        """
        is_editor = may_edit_badges(learner)
        held = FilteredRelation("awards", condition=Q(awards__learner=learner.pk, awards__revoked_at=None))
        badges = self.alias(held=held).annotate(
            awarded_at=F("held__awarded_at"),
            kept_condition=F("condition") if is_editor else F("held__condition"),
        )
        return badges if is_editor else badges.filter(Q(published=True) | Q(awarded_at__isnull=False))


class Badge(Earnable):
    icon_url = models.CharField(max_length=500, blank=True, validators=[validate_icon_url])
    condition = ConditionField(null=True, blank=True, help_text="Empty: awarded by hand.")

    objects = BadgeQuerySet.as_manager()
    history = ChangeHistory()

    class Meta:
        ordering = ["position", "pk"]

    @property
    def shown_condition(self) -> dict | None:
        """To the learner of `shown_to`: the condition by which they earned it, even if it was changed since."""
        return self.condition if self.kept_condition is None else self.kept_condition


class Requirement(models.Model):
    """One threshold of a condition, as a row, so that the database can search for crossed thresholds."""

    achievement = models.ForeignKey(Achievement, models.CASCADE, null=True, related_name="requirements")
    badge = models.ForeignKey(Badge, models.CASCADE, null=True, related_name="requirements")
    metric = models.CharField(max_length=50)
    threshold = models.BigIntegerField()

    class Meta:
        constraints = [
            # Exactly one owner: without it a threshold would be evaluated for nothing, with two ambiguously.
            models.CheckConstraint(
                condition=Q(achievement__isnull=False, badge__isnull=True)
                | Q(achievement__isnull=True, badge__isnull=False),
                name="requirement_has_one_owner",
            ),
        ]
        indexes = [models.Index(fields=["metric", "threshold"], name="requirements_by_threshold")]

    def __str__(self) -> str:
        return f"{self.metric} >= {self.threshold}"

    @property
    def owner(self) -> Achievement | Badge:
        return self.achievement or self.badge


class HeldQuerySet(models.QuerySet):
    def held(self) -> "HeldQuerySet":
        """Not revoked."""
        return self.filter(revoked_at=None)


class Unlock(models.Model):
    """A learner has an achievement. `earned_at` is when it was earned, `created_at` when the row was written.

    An achievement may change later, so the unlock keeps the condition that was met and the XP that was paid.
    """

    learner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="unlocks", db_index=False)
    achievement = models.ForeignKey(Achievement, models.PROTECT, related_name="unlocks", db_index=False)
    earned_at = models.DateTimeField()
    created_at = models.DateTimeField()
    condition = ConditionField(help_text="The condition by which it was earned.")
    xp_reward = models.PositiveIntegerField("XP reward", help_text="What it paid when it was earned.")
    quiet = models.BooleanField(default=False, help_text="Granted later, without announcing it.")
    revoked_at = models.DateTimeField(null=True, blank=True, help_text="Taken back; it is not earned a second time.")

    objects = HeldQuerySet.as_manager()

    class Meta:
        constraints = [
            # Unlocked at most once.
            models.UniqueConstraint(fields=["learner", "achievement"], name="unlock_once"),
        ]
        indexes = [
            # Who has it, and how many have each, are read from this index alone.
            models.Index(
                fields=["achievement", "-earned_at", "learner"],
                condition=Q(revoked_at__isnull=True),
                name="holders_newest_first",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.learner}: {self.achievement}"


class BadgeAward(models.Model):
    """A learner has a badge, and by which condition; a badge may change later."""

    learner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="badge_awards", db_index=False)
    badge = models.ForeignKey(Badge, models.PROTECT, related_name="awards")
    awarded_at = models.DateTimeField()
    condition = ConditionField(null=True, blank=True, help_text="Empty: it was awarded by hand.")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    metadata = models.JSONField(default=dict, blank=True)
    quiet = models.BooleanField(default=False, help_text="Granted later, without announcing it.")
    note = models.TextField(blank=True, help_text="For colleagues: why it was given or taken back by hand.")
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    objects = HeldQuerySet.as_manager()

    class Meta:
        permissions = [("award_badge", "Can award and revoke badges")]
        constraints = [
            # A learner has a badge once.
            models.UniqueConstraint(fields=["learner", "badge"], name="badge_award_once"),
        ]

    def __str__(self) -> str:
        return f"{self.learner}: {self.badge}"


class FirstTime(models.Model):
    """Something that a learner did for the first time: passed a level, a category, practised a language."""

    learner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="first_times", db_index=False)
    metric = models.CharField(max_length=50)
    value = models.CharField(max_length=100)

    class Meta:
        constraints = [
            # Whoever inserts the row counts it, so each distinct value is counted once.
            models.UniqueConstraint(fields=["learner", "metric", "value"], name="first_time_once"),
        ]

    def __str__(self) -> str:
        return f"{self.metric}: {self.value}"


class HolderCounts(models.Model):
    """How many learners hold each achievement, as of the last count. Derived; one row."""

    as_of = models.DateTimeField(null=True)
    learners = models.PositiveBigIntegerField(default=0)
    holders = models.JSONField(default=dict, help_text="Achievement key -> how many hold it.")

    def __str__(self) -> str:
        return f"as of {self.as_of}"


def rewrite_requirements(owners: Iterable[Earnable]) -> None:
    """Replace the requirements of these achievements and badges by those of their conditions, in two statements."""
    mine = Q()
    for kind in (Achievement, Badge):
        key = kind._meta.model_name
        mine |= Q(**{f"{key}__in": [owner.pk for owner in owners if isinstance(owner, kind)]})
    Requirement.objects.filter(mine).delete()
    Requirement.objects.bulk_create(row for owner in owners for row in requirements_of(owner))


def requirements_of(owner: Earnable) -> list[Requirement]:
    if owner.condition is None:
        return []
    key = owner._meta.model_name
    # Without duplicates, which would be evaluated twice.
    parts = dict.fromkeys(leaves(owner.condition))
    return [Requirement(metric=leaf.metric, threshold=leaf.threshold, **{key: owner}) for leaf in parts]
