"""What there is to learn: levels, and the sections and units that group them."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, validate_slug
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact, IsNull

from .choices import Difficulty, Kind, RepeatPolicy, XPRule, default_repeat_policy
from .validators import (
    RESERVED_LEVEL_IDS,
    validate_icon,
    validate_metadata,
    validate_not_all_digits,
    validate_not_reserved,
    validate_texts,
)

MAX_INTEGER = 2**31 - 1  # PostgreSQL's integer; SQLite would take more
MAX_XP = 1_000_000  # what one ledger line can carry
MAX_SCORE = 1_000_000

CATALOGUE_ORDER = ["place", "category", "unit", "position", "level_id"]
LEVEL_ID_VALIDATORS = [validate_slug, validate_not_all_digits, validate_not_reserved]


def one_of(field, choices):
    """The database knows the choices too, so that no import or SQL console invents one."""
    return models.CheckConstraint(condition=Q(**{f"{field}__in": choices.values}), name=f"level_{field}_known")


class Section(models.Model):
    section_id = models.SlugField(max_length=100, unique=True)
    title = models.CharField(max_length=200)
    order = models.PositiveIntegerField(default=0, validators=[MaxValueValidator(MAX_INTEGER)])

    class Meta:
        ordering = ["order", "section_id"]

    def __str__(self):
        return self.title


class Unit(models.Model):
    unit_id = models.SlugField(max_length=100, unique=True)
    section = models.ForeignKey(Section, models.CASCADE, related_name="units")
    title = models.CharField(max_length=200)
    order = models.PositiveIntegerField(default=0, validators=[MaxValueValidator(MAX_INTEGER)])

    class Meta:
        ordering = ["section__order", "section__section_id", "order", "unit_id"]

    def __str__(self):
        return self.title


def as_reference(ref: int | str) -> int | str:
    """Digits name a level by its number, however they are sent; a number that no level can have names none."""
    text = str(ref)
    if not (text.isascii() and text.isdigit()):
        return text
    return int(text) if len(text) <= len(str(MAX_INTEGER)) else -1


class LevelQuerySet(models.QuerySet):
    def visible(self):
        return self.filter(published=True)

    def visible_to(self, user):
        """Editors see drafts. Everybody else is spared the queries for a permission they cannot have."""
        is_editor = user.is_staff and user.has_perm("levels.change_level")
        return self if is_editor else self.visible()

    def in_order(self):
        """Numbered levels first: they tell one story across categories. `place` is never null, as a cursor needs it."""
        return self.annotate(place=Coalesce("number", MAX_INTEGER)).order_by(*CATALOGUE_ORDER)

    def challenges(self):
        return self.filter(kind=Kind.CHALLENGE)

    def training(self):
        return self.filter(kind=Kind.TRAINING)

    def in_unit_order(self):
        return self.order_by("position", "level_id")

    def after(self, level):
        """What follows the level in its unit."""
        later = Q(position__gt=level.position) | Q(position=level.position, level_id__gt=level.level_id)
        return self.filter(later, category=level.category, unit=level.unit).in_unit_order()

    def identified(self, ref):
        """The one row with this key (an integer or digits) or with this level_id; or no row."""
        ref = as_reference(ref)
        return self.filter(pk=ref) if isinstance(ref, int) else self.named(ref)

    def named(self, ref, *, by_name=False):
        """The one row that a client means by a level_id, a number (integer or digits) or a name; or no row."""
        ref = as_reference(ref)
        if isinstance(ref, int):
            return self.filter(number=ref)
        if "\x00" in ref:  # PostgreSQL would refuse to look
            return self.none()
        if not by_name:
            return self.filter(level_id=ref)
        # One level's name may be another's level_id; the identifier wins.
        is_level_id = Exists(self.model.objects.filter(level_id=ref))
        return self.filter(Q(level_id=ref) | Q(name=ref) & ~is_level_id)

    def named_by_any(self, refs):
        """The rows that `named` finds for each of these, by name too; see `by_reference`."""
        refs = [as_reference(ref) for ref in refs if "\x00" not in str(ref)]
        numbers, texts = [ref for ref in refs if isinstance(ref, int)], [ref for ref in refs if isinstance(ref, str)]
        return self.filter(Q(number__in=numbers) | Q(level_id__in=texts) | Q(name__in=texts))

    def with_has_missing(self, passed):
        """Adds `has_missing`: is there a prerequisite that no row of `passed`, a queryset of completions, is about?

        Each prerequisite is looked up by itself, in the order of the index by learner and level: PostgreSQL would make
        a join of EXISTS or IN, and then read all that the learner has ever passed.
        """
        passed_it = Subquery(passed.filter(level=OuterRef("to_level")).order_by("-created_at").values("pk")[:1])
        needed = self.model.prerequisites.through.objects.filter(from_level=OuterRef("pk"))
        # Coalesce, since nothing at all (`none()`) is not null to Django, and every level would be open.
        missing = Subquery(needed.filter(Exact(Coalesce(passed_it, 0), 0)).values("to_level")[:1])
        return self.annotate(has_missing=IsNull(missing, False))


class Level(models.Model):
    """One playable thing: a level, challenge, training step, scenario or mode."""

    level_id = models.CharField(
        "level ID", max_length=100, unique=True, validators=LEVEL_ID_VALIDATORS, help_text="The client's identifier."
    )
    number = models.PositiveIntegerField(
        unique=True, null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(MAX_INTEGER)]
    )
    name = models.CharField(max_length=200, unique=True, validators=[validate_not_all_digits])
    description = models.TextField(blank=True, max_length=5000)
    category = models.CharField(max_length=100, help_text="A section's ID where the catalogue has sections.")
    unit = models.CharField(max_length=100, blank=True, help_text="A unit's ID, or empty.")
    position = models.PositiveIntegerField(default=0, validators=[MaxValueValidator(MAX_INTEGER)])
    kind = models.CharField(max_length=20, choices=Kind.choices, default=Kind.SIMULATION)
    icon = models.CharField(
        max_length=50,
        default="bi-puzzle",
        validators=[validate_icon],
        help_text="bi-… of Bootstrap Icons, or one emoji.",
    )
    estimated_time = models.CharField(max_length=50, blank=True, help_text="For people: “15 minutes”.")
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
    skills = models.JSONField(
        default=list, blank=True, validators=[validate_texts], help_text='A list of texts: ["Fact Checking"]'
    )
    tags = models.JSONField(
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

    objects = LevelQuerySet.as_manager()

    class Meta:
        ordering = ["category", "unit", "position", "level_id"]
        constraints = [
            # Anything else could not be written into a path.
            models.CheckConstraint(condition=~Q(level_id__regex="[^-a-zA-Z0-9_]"), name="level_id_is_slug"),
            # Digits name a level by its number; one reference must not mean two levels.
            models.CheckConstraint(condition=Q(level_id__regex="[^0-9]"), name="level_id_not_all_digits"),
            models.CheckConstraint(condition=Q(name__regex="[^0-9]"), name="level_name_not_all_digits"),
            # `levels/progress` and `levels/complete` are calls of their own.
            models.CheckConstraint(condition=~Q(level_id__in=RESERVED_LEVEL_IDS), name="level_id_not_reserved"),
            # Zero and below name nothing (and a null passes a check).
            models.CheckConstraint(condition=Q(number__gte=1), name="level_number_positive"),
            # Scores are divided by it.
            models.CheckConstraint(condition=Q(max_score__range=(1, MAX_SCORE)), name="level_max_score_in_range"),
            # Else nobody could ever pass.
            models.CheckConstraint(condition=Q(pass_score__lte=F("max_score")), name="level_can_be_passed"),
            # More would make the ledger refuse the completion.
            models.CheckConstraint(condition=Q(xp_reward__lte=MAX_XP), name="level_xp_reward_in_range"),
            one_of("kind", Kind),
            one_of("difficulty", Difficulty),
            one_of("xp_rule", XPRule),
            one_of("repeat_policy", RepeatPolicy),
        ]

    def __str__(self):
        return self.name

    def clean(self):
        self._choose_repeat_policy()
        # Validators are not asked about empty values, and the admin makes null out of an emptied field.
        self.skills, self.tags, self.metadata = self.skills or [], self.tags or [], self.metadata or {}
        if self.pass_score is not None and self.max_score is not None and self.pass_score > self.max_score:
            raise ValidationError({"pass_score": "Must not exceed the maximum score."})

    def save(self, **options):
        self._choose_repeat_policy()
        super().save(**options)

    def _choose_repeat_policy(self):
        self.repeat_policy = self.repeat_policy or default_repeat_policy(self.kind)

    @property
    def is_open(self):
        """May be played by whoever has passed its prerequisites."""
        return self.published and self.unlocked and not self.coming_soon

    def missing_prerequisites(self, passed):
        return list(self.prerequisites.exclude(pk__in=passed))

    def passes(self, score):
        return score >= self.pass_score and self._answers_enough(score)

    def passes_with(self, score, *, correct_answers):
        """Where the right answers were counted, they decide instead of their share of the score."""
        needed = self.metadata.get("min_correct")
        if needed is None:
            return self.passes(score)
        return score >= self.pass_score and correct_answers >= needed

    @property
    def passing_score(self):
        """The least score that passes."""
        needed, total = self.metadata.get("min_correct"), self.metadata.get("total_questions")
        if needed is None or not total:
            return self.pass_score
        return max(self.pass_score, -(-needed * self.max_score // total))

    def _answers_enough(self, score):
        """score / max_score >= min_correct / total_questions, without the fractions."""
        needed, total = self.metadata.get("min_correct"), self.metadata.get("total_questions")
        if needed is None or total is None:
            return True
        return score * total >= needed * self.max_score
