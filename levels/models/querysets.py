"""Named sets of levels."""

from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact, IsNull
from django.utils import timezone

from catalogues.strict_json import is_storable
from catalogues.texts import normal_form
from catalogues.translations import texts_in
from change_history.querysets import TrackedQuerySet
from levels.choices import Kind
from levels.validators import MAX_INTEGER

from .changes import PLAY_RULES, LevelChange
from .questions import Question

if TYPE_CHECKING:
    from .groups import Section, Unit
    from .level import Level

CATALOGUE_ORDER = ["place", "category", "unit", "position", "level_id"]


def as_reference(ref: int | str) -> int | str:
    """Digits (as an integer or a text) are a level's number; -1 if no level can have it. A text comes back in NFC."""
    text: str = normal_form(str(ref))
    if not (text.isascii() and text.isdigit()):
        return text
    return int(text) if len(text) <= len(str(MAX_INTEGER)) else -1


def may_edit_levels(user: Any) -> bool:
    """For everybody but staff the permission is not looked up, which saves queries."""
    return bool(user.is_staff and user.has_perm("levels.change_level"))


class LevelQuerySet(TrackedQuerySet["Level"]):
    def update(self, **values: Any) -> int:
        """Keeps what the play rules were before (LevelChange), as `Level.save` does."""
        if values.keys().isdisjoint(PLAY_RULES):
            return super().update(**values)
        at = timezone.now()
        with transaction.atomic():
            LevelChange.objects.record(list(self.select_for_update(no_key=True, of=("self",))), at=at)
            return super().update(**values, rules_changed_at=at)

    def visible(self) -> Self:
        return self.filter(published=True)

    def visible_to(self, user: Any) -> Self:
        """Editors see drafts too."""
        return self if may_edit_levels(user) else self.visible()

    def in_order(self) -> Self:
        """Numbered levels first, across categories, then by category. `place` is never null, as a cursor requires."""
        return self.annotate(place=Coalesce("number", MAX_INTEGER)).order_by(*CATALOGUE_ORDER)

    def completable(self) -> "LevelQuerySet":
        """Those that count progress: all but modes."""
        return self.exclude(kind=Kind.MODE)

    def challenges(self) -> Self:
        return self.filter(kind=Kind.CHALLENGE)

    def training(self) -> Self:
        return self.filter(kind=Kind.TRAINING)

    def in_section(self, section: "Section") -> Self:
        """Levels name their section by its ID; there is no foreign key."""
        return self.filter(category=section.section_id)

    def in_unit(self, unit: "Unit") -> Self:
        return self.in_section(unit.section).filter(unit=unit.unit_id)

    def in_unit_order(self) -> Self:
        return self.order_by("position", "level_id")

    def after(self, level: "Level") -> Self:
        """The levels that follow this one in its unit."""
        later = Q(position__gt=level.position) | Q(position=level.position, level_id__gt=level.level_id)
        return self.filter(later, category=level.category, unit=level.unit).in_unit_order()

    def identified(self, ref: int | str) -> Self:
        """The one row with this key (an integer or digits) or with this level_id; or no row."""
        ref = as_reference(ref)
        return self.filter(pk=ref) if isinstance(ref, int) else self.named(ref)

    def named(self, ref: int | str, *, by_name: bool = False) -> Self:
        """The one row that a client means by a level_id, a number (integer or digits) or a name; or no row."""
        ref = as_reference(ref)
        if isinstance(ref, int):
            return self.filter(number=ref)
        if "\x00" in ref:  # PostgreSQL rejects it in a query
            return self.none()
        if not by_name:
            return self.filter(level_id=ref)
        # One level's name may be another's level_id; the identifier wins.
        is_level_id = Exists(self.model.objects.filter(level_id=ref))
        return self.filter(Q(level_id=ref) | Q(name=ref) & ~is_level_id)

    def named_by_any(self, refs: Iterable[int | str]) -> Self:
        """The rows that `named` finds for each of these, by name too."""
        refs = [as_reference(ref) for ref in refs if "\x00" not in str(ref)]
        numbers, texts = [ref for ref in refs if isinstance(ref, int)], [ref for ref in refs if isinstance(ref, str)]
        return self.filter(Q(number__in=numbers) | Q(level_id__in=texts) | Q(name__in=texts))

    def by_translated_name(self, names: Iterable[str]) -> "dict[str, Level]":
        """The levels that have one of these names in another language; a name that two have means neither.

        One statement a language.
        """
        wanted = sorted({normal_form(name) for name in names if is_storable(name)})
        found: dict[str, set[Level]] = defaultdict(set)
        for code, _language in settings.LANGUAGES if wanted else []:
            for level in self.filter(**{f"translations__{code}__name__in": wanted}):
                found[texts_in(level, code)["name"]].add(level)
        return {name: levels.pop() for name, levels in found.items() if len(levels) == 1}

    def with_has_content(self) -> Self:
        """Adds `has_content`: does the level have a published question, so that it can be played in the browser?"""
        return self.annotate(has_content=Exists(Question.objects.published().filter(level=OuterRef("pk"))))

    def with_question_count(self) -> Self:
        """Adds `question_count`: how many published questions the level has."""
        published = Question.objects.published().filter(level=OuterRef("pk")).order_by()
        counts = published.values("level").annotate(count=models.Count("pk")).values("count")
        return self.annotate(question_count=Coalesce(Subquery(counts), 0))

    def with_has_missing(self, passed: models.QuerySet[Any, Any]) -> Self:
        """Adds `has_missing`: is there a published prerequisite that no row of `passed` (completions) is about?

        Each prerequisite is looked up by itself, in the order of the index by learner and level: PostgreSQL would make
        a join of EXISTS or IN, and then read all that the learner has ever passed.
        """
        passed_it = Subquery(passed.filter(level=OuterRef("to_level")).order_by("-created_at").values("pk")[:1])
        links = self.model.prerequisites.through.objects
        needed = links.filter(from_level=OuterRef("pk"), to_level__published=True)
        # Coalesce: Django compiles an empty queryset (`none()`) to no value at all, and every level would be open.
        missing = Subquery(needed.filter(Exact(Coalesce(passed_it, 0), 0)).values("to_level")[:1])
        return self.annotate(has_missing=IsNull(missing, False))
