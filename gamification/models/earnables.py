"""What can be earned beside XP: achievements and badges, their conditions, and who has earned them."""

from collections.abc import Iterable

from django.conf import settings
from django.core.validators import MaxValueValidator, RegexValidator, validate_slug
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q, Subquery

from catalogues.texts import NormalCharField
from gamification.conditions.fields import ConditionField
from gamification.conditions.schema import leaves

from .books import MAX_DELTA

MAX_POSITION = 2**31 - 1  # PostgreSQL's integer; SQLite would take more
validate_icon = RegexValidator(r"\Abi(-[a-z0-9]+)+\Z", "Give the name of a Bootstrap icon, such as bi-trophy.")
# Pages load nothing from elsewhere, but a badge travels; whatever else a browser might do with a link is shut out.
validate_icon_url = RegexValidator(
    r"\A(https://[^\s/]|/(?!/))[^\s\x00-\x1f]*\Z", "Give an address that begins with https:// or with /."
)


class Earnable(models.Model):
    """Saving one rewrites its requirements, by which a deed finds what it may have earned."""

    name = NormalCharField(max_length=100, unique=True)
    description = NormalCharField(max_length=300, blank=True)
    published = models.BooleanField(default=True)
    position = models.PositiveIntegerField(default=0, validators=[MaxValueValidator(MAX_POSITION)])

    class Meta:
        abstract = True

    def __str__(self):
        return self.name

    @transaction.atomic
    def save(self, **options):
        super().save(**options)
        rewrite_requirements([self])


class AchievementQuerySet(models.QuerySet):
    def shown_to(self, learner):
        """What is published or theirs, each with `unlocked_at`: when this learner earned it, or None."""
        mine = Unlock.objects.held().filter(learner=learner, achievement=OuterRef("pk"))
        return self.filter(Q(published=True) | Exists(mine)).annotate(unlocked_at=Subquery(mine.values("earned_at")))


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

    class Meta:
        ordering = ["position", "achievement_id"]
        constraints = [
            # More would make the ledger refuse the deed that unlocks it.
            models.CheckConstraint(condition=Q(xp_reward__lte=MAX_DELTA), name="achievement_xp_in_range"),
        ]

    @property
    def is_secret(self) -> bool:
        """To the learner whom the queryset `shown_to` was asked for."""
        return self.hidden and self.unlocked_at is None


class BadgeQuerySet(models.QuerySet):
    def shown_to(self, learner):
        """What is published or theirs (editors see drafts), each with `awarded_at`: when they got it, or None."""
        mine = BadgeAward.objects.held().filter(learner=learner, badge=OuterRef("pk"))
        is_editor = learner.is_staff and learner.has_perm("gamification.change_badge")
        badges = self if is_editor else self.filter(Q(published=True) | Exists(mine))
        return badges.annotate(awarded_at=Subquery(mine.values("awarded_at")))


class Badge(Earnable):
    icon_url = models.CharField(max_length=500, blank=True, validators=[validate_icon_url])
    condition = ConditionField(null=True, blank=True, help_text="Empty: awarded by hand.")

    objects = BadgeQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]


class Requirement(models.Model):
    """One threshold out of a condition, in a form that the database can search."""

    achievement = models.ForeignKey(Achievement, models.CASCADE, null=True, related_name="requirements")
    badge = models.ForeignKey(Badge, models.CASCADE, null=True, related_name="requirements")
    metric = models.CharField(max_length=50)
    threshold = models.BigIntegerField()

    class Meta:
        constraints = [
            # A threshold of nobody's would be judged for ever, one of two as the wrong one's.
            models.CheckConstraint(
                condition=Q(achievement__isnull=False, badge__isnull=True)
                | Q(achievement__isnull=True, badge__isnull=False),
                name="requirement_has_one_owner",
            ),
        ]
        indexes = [models.Index(fields=["metric", "threshold"], name="requirements_by_threshold")]

    def __str__(self):
        return f"{self.metric} >= {self.threshold}"

    @property
    def owner(self) -> Achievement | Badge:
        return self.achievement or self.badge


class HeldQuerySet(models.QuerySet):
    def held(self):
        """Not revoked."""
        return self.filter(revoked_at=None)


class Unlock(models.Model):
    """A learner has an achievement. `earned_at` is when the deed happened, `created_at` when we wrote it."""

    learner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="unlocks", db_index=False)
    achievement = models.ForeignKey(Achievement, models.PROTECT, related_name="unlocks", db_index=False)
    earned_at = models.DateTimeField()
    created_at = models.DateTimeField()
    quiet = models.BooleanField(default=False, help_text="Granted later, without announcing it.")
    revoked_at = models.DateTimeField(null=True, blank=True, help_text="Taken back; it is not earned a second time.")

    objects = HeldQuerySet.as_manager()

    class Meta:
        constraints = [
            # Unlocked and paid at most once.
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

    def __str__(self):
        return f"{self.learner}: {self.achievement}"


class BadgeAward(models.Model):
    learner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="badge_awards", db_index=False)
    badge = models.ForeignKey(Badge, models.PROTECT, related_name="awards")
    awarded_at = models.DateTimeField()
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
            # Worn once.
            models.UniqueConstraint(fields=["learner", "badge"], name="badge_award_once"),
        ]

    def __str__(self):
        return f"{self.learner}: {self.badge}"


class FirstTime(models.Model):
    """A learner did something for the first time: passed that level, touched that category, used that language."""

    learner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="first_times", db_index=False)
    metric = models.CharField(max_length=50)
    value = models.CharField(max_length=100)

    class Meta:
        constraints = [
            # Distinct things are counted by whoever inserts the row.
            models.UniqueConstraint(fields=["learner", "metric", "value"], name="first_time_once"),
        ]

    def __str__(self):
        return f"{self.metric}: {self.value}"


class HolderCounts(models.Model):
    """How many learners hold each achievement, as of the last count. Derived; one row."""

    as_of = models.DateTimeField(null=True)
    learners = models.PositiveBigIntegerField(default=0)
    holders = models.JSONField(default=dict, help_text="Achievement key -> how many hold it.")

    def __str__(self):
        return f"as of {self.as_of}"


def rewrite_requirements(owners: Iterable[Earnable]) -> None:
    """In line with the conditions of these achievements and badges; two statements, however many they are."""
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
    # The same threshold twice would be judged twice.
    parts = dict.fromkeys(leaves(owner.condition))
    return [Requirement(metric=leaf.metric, threshold=leaf.threshold, **{key: owner}) for leaf in parts]
