"""The tables of figures. Each can be made again from what happened, and none holds anything about a person."""

from typing import Any

from django.db import models

from levels.models import Level, Question


class PeriodKind(models.TextChoices):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Analytics(models.Model):
    """How far the figures are rolled up; one row, which is locked while they are."""

    rolled_at = models.DateTimeField(null=True, help_text="Changes until then are in the days, weeks and months.")
    counted_at = models.DateTimeField(null=True, help_text="When levels, players and achievements were last counted.")
    seen: Any = models.JSONField(
        default=list, help_text="The last keys of the tables of deeds at some moments, oldest first: [moment, keys]."
    )
    players = models.PositiveBigIntegerField(default=0)
    player_levels = models.JSONField(default=dict, help_text="Player level -> how many learners.")
    longest_streaks = models.JSONField(default=dict, help_text="Days -> learners whose longest streak it is.")
    joined = models.JSONField(default=dict, help_text="Monday of a week -> how many learners joined in it.")
    holders = models.JSONField(default=dict, help_text="Key of an achievement -> how many learners hold it.")

    # What `counting` writes, together.
    COUNTS = ("players", "player_levels", "longest_streaks", "joined", "holders", "counted_at")

    class Meta:
        verbose_name_plural = "analytics"
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"As of {self.rolled_at}"


class StalePeriod(models.Model):
    """A day, week or month that is to be rolled up again.

    It may be there twice: whoever rolls it up removes the rows that it has seen, and one that is committed later stays.
    """

    kind = models.CharField(max_length=5, choices=PeriodKind.choices)
    start = models.DateField()

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["-start", "kind"], name="stale_periods_newest_first")]

    def __str__(self) -> str:
        return f"{self.kind} {self.start}"


class ActivePeriod(models.Model):
    """How many learners had an active day in it, by their own dates."""

    kind = models.CharField(max_length=5, choices=PeriodKind.choices)
    start = models.DateField(help_text="Its first date: of a week its Monday.")
    learners = models.PositiveBigIntegerField()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["kind", "start"], name="active_period_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.start}: {self.learners}"


class CohortWeek(models.Model):
    """Of the learners who joined in a week: how many were active in another one."""

    week = models.DateField(help_text="The Monday of the week in which they were active.")
    joined = models.DateField(help_text="The Monday of the week in which they joined.")
    learners = models.PositiveBigIntegerField()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["week", "joined"], name="cohort_week_once")]

    def __str__(self) -> str:
        return f"{self.joined} in {self.week}: {self.learners}"


class XPDay(models.Model):
    """What the ledger has for a UTC date: what was taken back is off the day that had earned it."""

    date = models.DateField()
    reason = models.CharField(max_length=20)
    trust = models.CharField(max_length=10)
    xp = models.BigIntegerField()
    entries = models.PositiveBigIntegerField()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["date", "reason", "trust"], name="xp_day_once")]

    def __str__(self) -> str:
        return f"{self.date} {self.reason}: {self.xp}"


class FreezeDay(models.Model):
    """How many freezes were granted, used or returned for a date of learners."""

    date = models.DateField()
    kind = models.CharField(max_length=10)
    freezes = models.PositiveBigIntegerField()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["date", "kind"], name="freeze_day_once")]

    def __str__(self) -> str:
        return f"{self.date} {self.kind}: {self.freezes}"


class QuestionDay(models.Model):
    """How often a question was answered in plays that ended on a UTC date and in its reviews, and how often wrongly."""

    date = models.DateField()
    question = models.ForeignKey(Question, models.CASCADE, related_name="+")
    answers = models.PositiveBigIntegerField()
    wrong = models.PositiveBigIntegerField()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["date", "question"], name="question_day_once")]

    def __str__(self) -> str:
        return f"{self.date} {self.question_id}: {self.wrong} of {self.answers}"


class LevelReach(models.Model):
    """How many learners started, finished and passed a level in the last so many weeks, of which this is one."""

    level = models.ForeignKey(Level, models.CASCADE, related_name="+", db_index=False)
    weeks = models.PositiveSmallIntegerField()
    started = models.PositiveBigIntegerField()
    finished = models.PositiveBigIntegerField()
    passed = models.PositiveBigIntegerField()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["level", "weeks"], name="level_reach_once")]

    def __str__(self) -> str:
        return f"{self.level_id}, {self.weeks} weeks: {self.started}"
