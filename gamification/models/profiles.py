"""The learner's running totals: what the ledger, the activity days and the completions add up to, kept for speed."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Self
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Cast, Coalesce
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from .amnesties import Amnesty
from .days import TimeZoneChange
from .ledger import MAX_TOTAL_XP
from .limit_sets import DayUsage, LimitSet
from .metrics import Metric
from .rule_sets import XPRuleSet
from .standings import BoardStanding, standing_in_force
from .time_zones import zone_named


class LearnerKind(models.TextChoices):
    MEMBER = "member"
    GUEST = "guest", "guest (without a sign-in)"
    TEST = "test", "test learner (of a test key)"


def freezes_at_first() -> int:
    return settings.STREAK_FREEZES_AT_FIRST


class LearnerQuerySet(models.QuerySet["LearnerProfile"]):
    def of(self, learner_id: int) -> "LearnerProfile":
        """The learner's profile, created first for people who never had one (staff)."""
        person = get_user_model().objects.filter(pk=learner_id, is_active=True)
        return self.get_or_create(pk=learner_id, defaults={"listed": person.exists})[0]

    def locked_with_rules(self) -> Self:
        """Locked against other writers until the transaction ends, each row with what an award needs to know beside
        it: the rules and limits in force, the metrics that staff made, and the number of the newest amnesty.

        NO KEY: a plain FOR UPDATE deadlocks with the foreign key checks of rows that refer to this one.
        """
        return self.select_for_update(no_key=True, of=("self",)).annotate(**_in_force())

    def with_rules(self) -> Self:
        """The same, not locked."""
        return self.annotate(**_in_force())

    def with_usage(self, learner_id: int, first: date, last: date) -> Self:
        """The learner with their usage of the limits on these dates, and the revision of the profile that it fits."""
        days = DayUsage.objects.filter(learner_id=learner_id).between(first, last)
        seen = LearnerProfile.objects.filter(pk=OuterRef("pk")).values("revision")
        return self.annotate(usage=Subquery(days.by_date()), seen_revision=Subquery(seen))

    def visible(self) -> Self:
        """Who may appear to others: members, not opted out, not deactivated, ranked. The one place that decides."""
        return self.filter(listed=True)

    def visible_to(self, viewer_id: int) -> Self:
        """Nobody to test learners."""
        return self.visible().filter(~Exists(LearnerProfile.objects.filter(pk=viewer_id, kind=LearnerKind.TEST)))

    def hidden(self) -> Self:
        return self.filter(listed=False)

    def with_live_streak(self, at: datetime) -> Self:
        return self.filter(streak_run__gt=0, streak_expires_at__gt=at)


def _in_force() -> dict[str, Subquery | Coalesce]:
    rules, limits = XPRuleSet.objects.published(), LimitSet.objects.published()
    return {
        "rule_version": Subquery(rules.values("version")),
        "rule_text": Subquery(rules.values(text=Cast("rules", models.TextField()))),
        "limit_version": Subquery(limits.values("version")),
        "limit_text": Subquery(limits.values(text=Cast("limits", models.TextField()))),
        "metric_text": Subquery(Metric.objects.custom().as_text()),
        "newest_amnesty": Coalesce(Subquery(Amnesty.objects.order_by("-number").values("number")[:1]), 0),
    }


def public_name(learner_id: int, display_name: str) -> str:
    """What others see of a learner; never the sign-in name, which would help to guess credentials."""
    return display_name or _("Learner %(number)s") % {"number": learner_id}


def board_index(column: str, *more: str) -> models.Index:
    """Covering: the database reads the top of a board, and how many learners are above one, from this index alone."""
    return models.Index(
        F(column).desc(),
        F("user_id").asc(),
        *map(F, more),
        name=f"board_{column}",
        condition=Q(listed=True, **{f"{column}__gt": 0}),
    )


class LearnerProfile(models.Model):
    """A learner's running totals and choices; the row that is locked while XP is credited (`lock_profile`).

    Every number here repeats what rows elsewhere say: `verify_ledger` checks the XP, `rebuild_profiles` the rest.
    """

    # Set by `locked_with_rules`.
    rule_version: int
    rule_text: str
    limit_version: int
    limit_text: str
    metric_text: str | None
    newest_amnesty: int
    # Set by `streaks.pardons.load_pending`.
    pending_amnesties: list[Amnesty]
    # Set by `with_usage`.
    usage: dict[str, list] | None
    seen_revision: int
    # Set by `gamification.metrics`: the totals of metrics that the next write changes, for observers.
    changed_metrics: Collection[str] = frozenset()

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.PROTECT, primary_key=True, related_name="profile")
    total_xp = models.BigIntegerField(default=0)
    # Signed: what staff take counts as verified, and may be more than what was.
    verified_xp = models.BigIntegerField(
        default=0, db_default=0, verbose_name="verified XP", help_text="The XP of verified ledger entries."
    )
    last_sequence = models.PositiveBigIntegerField(default=0)

    streak_run = models.PositiveIntegerField(default=0, help_text="Active days of the latest run, alive or not.")
    longest_streak = models.PositiveIntegerField(default=0)
    active_days = models.PositiveIntegerField(default=0)
    last_day = models.DateField(null=True, help_text="The last day of the latest run.")
    has_later_days = models.BooleanField(
        default=False, help_text="There are frozen or pardoned days after it, behind a gap."
    )
    last_active_day = models.DateField(null=True)
    last_completed_day = models.DateField(null=True, help_text="The last date whose first completion was recorded.")
    alive_until = models.DateField(null=True, help_text="The last local date on which activity still joins the run.")
    streak_expires_at = models.DateTimeField(null=True, help_text="The moment at which that date ends.")
    freezes_available = models.PositiveSmallIntegerField(default=freezes_at_first)
    first_freezes = models.PositiveSmallIntegerField(
        default=freezes_at_first, help_text="Freezes to begin with; every later change of their number is a row."
    )
    amnesties_applied = models.PositiveIntegerField(
        default=0, help_text="Amnesties up to this number are part of the learner's days."
    )

    levels_completed = models.PositiveIntegerField(default=0)
    achievements_unlocked = models.PositiveIntegerField(default=0)
    counters = models.JSONField(default=dict, help_text="The other metrics, by name.")
    verified_counters = models.JSONField(
        default=dict,
        db_default=Value({}, models.JSONField()),
        help_text="Of metrics that staff made: what verified results added, by name.",
    )

    kind = models.CharField(
        max_length=10, choices=LearnerKind.choices, default=LearnerKind.MEMBER, db_default=LearnerKind.MEMBER
    )
    time_zone = models.CharField(max_length=64, default="UTC")
    time_zone_since = models.DateTimeField(null=True, help_text="When it came into force; null from the beginning.")
    dated_until = models.DateTimeField(null=True, help_text="The latest moment that was given a local date.")
    leaderboard_opt_out = models.BooleanField(default=False)
    board_standing = models.CharField(
        max_length=20, choices=BoardStanding.choices, default=BoardStanding.RANKED, db_default=BoardStanding.RANKED
    )
    board_standing_until = models.DateTimeField(null=True, help_text="From then on the learner is ranked again.")
    listed = models.BooleanField(
        default=True, help_text="Appears on boards: a member, not opted out, not deactivated, ranked."
    )

    erased_at = models.DateTimeField(null=True, help_text="Since then nothing is recorded for the learner.")

    revision = models.PositiveBigIntegerField(
        default=0, help_text="Grows with every write that boards follow, so that an older one never wins."
    )

    objects = LearnerQuerySet.as_manager()

    # What the ledger entries of a learner add up to.
    TOTALS_OF_LEDGER = ("total_xp", "verified_xp", "last_sequence")
    # What the days and freezes of a learner add up to.
    TOTALS_OF_DAYS = (
        "streak_run",
        "longest_streak",
        "active_days",
        "last_day",
        "has_later_days",
        "last_active_day",
        "last_completed_day",
        "alive_until",
        "streak_expires_at",
        "freezes_available",
    )
    # What a day, a freeze or an amnesty changes.
    STREAK_TOTALS = (*TOTALS_OF_DAYS, "amnesties_applied", "dated_until")
    # What `rebuild_profiles` derives again from rows; total XP belongs to `verify_ledger`.
    DERIVED_TOTALS = (*TOTALS_OF_DAYS, "levels_completed", "achievements_unlocked", "counters", "verified_counters")
    # What a grant to many learners changes.
    TOTALS_OF_UNLOCKS = (*TOTALS_OF_LEDGER, "achievements_unlocked")
    # What a completion changes; written together, once.
    RUNNING_TOTALS = (
        *TOTALS_OF_LEDGER,
        *STREAK_TOTALS,
        "levels_completed",
        "achievements_unlocked",
        "counters",
        "verified_counters",
    )

    class Meta:
        verbose_name = "learner"
        permissions = [("change_board_standing", "Can change the board standing of learners")]
        constraints = [
            # Refuse, never clamp or wrap: a total outside these bounds is a bug or an attack.
            models.CheckConstraint(condition=Q(total_xp__range=(0, MAX_TOTAL_XP)), name="total_xp_in_range"),
        ]
        indexes = [
            board_index("total_xp"),
            board_index("verified_xp"),
            board_index("streak_run", "streak_expires_at"),
            board_index("longest_streak"),
            board_index("levels_completed"),
            board_index("achievements_unlocked"),
            # Of the few who are off the boards for a time: whose time is over.
            models.Index(
                fields=["board_standing_until"],
                condition=Q(listed=False, board_standing_until__isnull=False),
                name="standings_that_end",
            ),
            # Those same few, for the list of learners: the newest account first.
            models.Index(
                fields=["board_standing", "-user"], condition=~Q(board_standing="ranked"), name="learners_off_boards"
            ),
        ]

    def __str__(self) -> str:
        return str(self.user)

    @property
    def zone(self) -> ZoneInfo:
        """The time zone in force: UTC where the stored name is unknown."""
        return zone_named(self.time_zone)

    @cached_property
    def zone_changes(self) -> list[TimeZoneChange]:
        """Oldest first; queried once, however many moments a batch has. `load_zone_changes` fills it for many."""
        return list(TimeZoneChange.objects.filter(learner_id=self.pk).order_by("effective_from"))

    def standing_at(self, at: datetime) -> BoardStanding:
        return standing_in_force(self.board_standing, self.board_standing_until, at)

    def current_streak(self, today: date) -> int:
        """Active days of the run that is alive on the learner's local date `today`; 0 without one."""
        return self.streak_run if self.alive_until and today <= self.alive_until else 0
