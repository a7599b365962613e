"""The model of a level, and the constraints that the database enforces."""

from collections.abc import Callable, Collection
from typing import Any, cast

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, validate_slug
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from catalogues.texts import NormalCharField, NormalJSONField, NormalTextField
from catalogues.translations import TranslatedRow, expect
from change_history.records import ChangeHistory
from levels.choices import Difficulty, Kind, RepeatPolicy, XPRule, default_repeat_policy
from levels.validators import (
    MAX_INTEGER,
    RESERVED_LEVEL_IDS,
    validate_icon,
    validate_metadata,
    validate_not_all_digits,
    validate_not_reserved,
    validate_texts,
)

from .changes import PLAY_RULES, LevelChange
from .querysets import LevelQuerySet

MAX_XP = 1_000_000  # the largest amount of a ledger entry
MAX_SCORE = 1_000_000
MAX_QUESTIONS = 100  # in one play
DEFAULT_PASS_PERCENT = 60
METADATA_TEXTS = ["eyebrow", "intro"]  # of its metadata
MAX_METADATA_TEXT = 1000

LEVEL_ID_VALIDATORS: list[Callable[[Any], None]] = [validate_slug, validate_not_all_digits, validate_not_reserved]


def one_of(field: str, choices: type[models.TextChoices]) -> models.CheckConstraint:
    """A constraint, so that an import or an SQL console cannot store any other value."""
    return models.CheckConstraint(condition=Q(**{f"{field}__in": choices.values}), name=f"level_{field}_known")


class Level(TranslatedRow):
    """Something to play: a simulation, challenge, training step, scenario or mode."""

    TEXTS = ["name", "description", "estimated_time", "skills", *METADATA_TEXTS]

    level_id = models.CharField(
        "level ID", max_length=100, unique=True, validators=LEVEL_ID_VALIDATORS, help_text="The client's identifier."
    )
    number = models.PositiveIntegerField(
        unique=True, null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(MAX_INTEGER)]
    )
    name = NormalCharField(max_length=200, unique=True, validators=[validate_not_all_digits])
    description = NormalTextField(blank=True, max_length=5000)
    category = NormalCharField(max_length=100, help_text="A section's ID where the catalogue has sections.")
    unit = NormalCharField(max_length=100, blank=True, help_text="A unit's ID, or empty.")
    position = models.PositiveIntegerField(default=0, validators=[MaxValueValidator(MAX_INTEGER)])
    kind = models.CharField(max_length=20, choices=Kind.choices, default=Kind.SIMULATION)
    icon = models.CharField(
        max_length=50,
        default="bi-puzzle",
        validators=[validate_icon],
        help_text="bi-… of Bootstrap Icons, or one emoji.",
    )
    estimated_time = NormalCharField(max_length=50, blank=True, help_text="For people: “15 minutes”.")
    expected_time_seconds = models.PositiveIntegerField(
        null=True, blank=True, validators=[MaxValueValidator(MAX_INTEGER)], help_text="Faster than this earns a bonus."
    )
    xp_reward = models.PositiveIntegerField("XP reward", default=0, validators=[MaxValueValidator(MAX_XP)])
    xp_rule = models.CharField("XP rule", max_length=20, choices=XPRule.choices, default=XPRule.FORMULA)
    repeat_policy = models.CharField(
        max_length=20,
        choices=RepeatPolicy.choices,
        blank=True,
        help_text="What playing again pays. Left empty: full for a mode, improvement for the rest.",
    )
    difficulty = models.CharField(max_length=20, choices=Difficulty.choices, default=Difficulty.NORMAL)
    max_score = models.PositiveIntegerField(
        default=1000, validators=[MinValueValidator(1), MaxValueValidator(MAX_SCORE)]
    )
    pass_score = models.PositiveIntegerField(default=0, validators=[MaxValueValidator(MAX_SCORE)])
    questions_per_play = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MAX_QUESTIONS)],
        help_text="How many questions a play draws from those of the level. Left empty: all.",
    )
    pass_percent = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text="How many percent of a play's questions have to be right. Left empty: as many as the metadata or "
        "the pass score ask for, or else 60.",
    )
    verified_only = models.BooleanField(
        default=False, db_default=False, help_text="Refuse scores that clients report: only plays count."
    )
    skills = NormalJSONField(
        default=list, blank=True, validators=[validate_texts], help_text='A list of texts: ["Fact Checking"]'
    )
    tags = NormalJSONField(
        default=list, blank=True, validators=[validate_texts], help_text='A list of texts: ["basics"]'
    )
    prerequisites = models.ManyToManyField("self", symmetrical=False, blank=True, related_name="required_by")
    unlocked = models.BooleanField(default=True)
    coming_soon = models.BooleanField(default=False)
    published = models.BooleanField(default=True)
    metadata = models.JSONField(
        default=dict,
        blank=True,
        validators=[validate_metadata],
        help_text="A JSON object. Known here: min_seconds (faster is held for staff), min_correct and total_questions.",
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    rules_changed_at = models.DateTimeField(
        null=True, editable=False, help_text="When one of PLAY_RULES or the prerequisites last changed, if ever."
    )

    objects = LevelQuerySet.as_manager()
    history = ChangeHistory(
        leave_out=["created_by", "created_at", "updated_at", "rules_changed_at"], links={"prerequisites": ["level_id"]}
    )

    class Meta:
        ordering = ["category", "unit", "position", "level_id"]
        constraints = [
            # It is part of URLs.
            models.CheckConstraint(condition=~Q(level_id__regex="[^-a-zA-Z0-9_]"), name="level_id_is_slug"),
            # A reference of digits is a number, so an identifier or a name of digits would be ambiguous.
            models.CheckConstraint(condition=Q(level_id__regex="[^0-9]"), name="level_id_not_all_digits"),
            models.CheckConstraint(condition=Q(name__regex="[^0-9]"), name="level_name_not_all_digits"),
            # `levels/progress` and `levels/complete` are other endpoints.
            models.CheckConstraint(condition=~Q(level_id__in=RESERVED_LEVEL_IDS), name="level_id_not_reserved"),
            # Numbers count from 1. Null passes a check constraint.
            models.CheckConstraint(condition=Q(number__gte=1), name="level_number_positive"),
            # Scores are divided by the maximum.
            models.CheckConstraint(condition=Q(max_score__range=(1, MAX_SCORE)), name="level_max_score_in_range"),
            # Otherwise nobody could pass.
            models.CheckConstraint(condition=Q(pass_score__lte=F("max_score")), name="level_can_be_passed"),
            # The ledger refuses larger amounts.
            models.CheckConstraint(condition=Q(xp_reward__lte=MAX_XP), name="level_xp_reward_in_range"),
            # Null passes a check constraint.
            models.CheckConstraint(condition=Q(pass_percent__range=(1, 100)), name="level_pass_percent_in_range"),
            models.CheckConstraint(
                condition=Q(questions_per_play__range=(1, MAX_QUESTIONS)), name="level_questions_per_play_in_range"
            ),
            one_of("kind", Kind),
            one_of("difficulty", Difficulty),
            one_of("xp_rule", XPRule),
            one_of("repeat_policy", RepeatPolicy),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        self._choose_repeat_policy()
        # Validators do not run for empty values, and the admin stores an emptied field as null.
        self.skills, self.tags, self.metadata = self.skills or [], self.tags or [], self.metadata or {}
        super().clean()
        if self.pass_score is not None and self.max_score is not None and self.pass_score > self.max_score:
            raise ValidationError({"pass_score": _("Must not exceed the maximum score.")})

    def save(self, **options: Any) -> None:
        """Keeps what the play rules were before, if they change (LevelChange)."""
        self._choose_repeat_policy()
        written = options.get("update_fields")
        with transaction.atomic():
            if not self._state.adding and self._note_change(written) and written is not None:
                options["update_fields"] = {*written, "rules_changed_at"}
            super().save(**options)

    def _note_change(self, written: Collection[str] | None) -> bool:
        """`written` are the names of the fields that are about to be saved; None means all that were loaded."""
        names = set(PLAY_RULES if written is None else written) & set(PLAY_RULES) - self.get_deferred_fields()
        stored = Level.objects.select_for_update(no_key=True).filter(pk=self.pk).first() if names else None
        if stored is None:
            return False
        if all(getattr(self, name) == getattr(stored, name) for name in names):
            self.rules_changed_at = stored.rules_changed_at  # its prerequisites may have changed since it was read
            return False
        self.rules_changed_at = timezone.now()
        LevelChange.objects.record([stored], at=self.rules_changed_at)
        return True

    def _choose_repeat_policy(self) -> None:
        self.repeat_policy = self.repeat_policy or default_repeat_policy(self.kind)

    def text_names(self) -> list[str]:
        # The category of a level in a unit is the identifier of a section.
        return [*self.TEXTS, *([] if self.unit else ["category"])]

    def own_text(self, name: str) -> Any:
        if name in METADATA_TEXTS:
            return self.metadata.get(name, "") if isinstance(self.metadata, dict) else ""
        return super().own_text(name)

    def check_text(self, name: str, text: Any) -> None:
        if name not in METADATA_TEXTS:
            super().check_text(name, text)
            return
        expect(len(text) <= MAX_METADATA_TEXT, name, f"Longer than {MAX_METADATA_TEXT} characters.")

    @property
    def is_open(self) -> bool:
        """May be played by whoever has passed its prerequisites."""
        return self.published and self.unlocked and not self.coming_soon

    def is_available(self, *, has_passed: bool, has_missing: bool) -> bool:
        """May a learner play it now? Who has passed a level may play it again for as long as it is published."""
        return self.published and (has_passed or (self.is_open and not has_missing))

    def missing_prerequisites(self, passed: Collection[int] | models.QuerySet[Any, Any]) -> list["Level"]:
        return list(self.prerequisites.visible().exclude(pk__in=passed))

    @property
    def min_correct(self) -> int | None:
        """How many right answers it takes to pass, if that is known."""
        return cast("int | None", self.metadata.get("min_correct"))

    @property
    def total_questions(self) -> int | None:
        return cast("int | None", self.metadata.get("total_questions"))

    def passes(self, score: int) -> bool:
        return score >= self.pass_score and self._answers_enough(score)

    def passes_with(self, score: int, *, correct_answers: int) -> bool:
        """Where the right answers were counted, they decide instead of their share of the score."""
        if self.min_correct is None:
            return self.passes(score)
        return score >= self.pass_score and correct_answers >= self.min_correct

    @property
    def passing_score(self) -> int:
        """The least score that passes."""
        if self.min_correct is None or not self.total_questions:
            return self.pass_score
        return max(self.pass_score, -(-self.min_correct * self.max_score // self.total_questions))

    @property
    def needed_percent(self) -> int:
        """How many percent of a play's questions have to be right: 1 to 100."""
        if self.pass_percent is not None:
            return self.pass_percent
        if self.min_correct and self.total_questions:
            return -(-100 * self.min_correct // self.total_questions)
        return -(-100 * self.pass_score // self.max_score) if self.pass_score else DEFAULT_PASS_PERCENT

    def _answers_enough(self, score: int) -> bool:
        """score / max_score >= min_correct / total_questions, without the fractions."""
        if self.min_correct is None or self.total_questions is None:
            return True
        return score * self.total_questions >= self.min_correct * self.max_score
