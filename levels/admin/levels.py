from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import F, QuerySet, prefetch_related_objects
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join

from approvals.editing import SecondPersonAdmin, waiting
from approvals.models import ApprovalRequest
from catalogues.deleting import Deleted, KeptAdmin
from catalogues.duplicate_admin import DuplicateAdmin
from catalogues.editing import fingerprint
from catalogues.form_fields import LinesField, SuggestingInput
from catalogues.translation_forms import TranslatedAdmin, TranslatedForm, translated_fields
from change_history.admin import HistoryAdmin
from change_history.context import actor
from exchange.admin import ImportAdmin
from levels.approvals import needs_approval, request_edit
from levels.challenges import CHALLENGE
from levels.choices import Kind
from levels.dependants import Dependant, dependants_of
from levels.duplicates import duplicate_level
from levels.errors import warn_required
from levels.models import Level
from levels.prerequisites import refuse_cycle
from levels.services import set_prerequisites

from .bulk import BulkLevelAdmin
from .level_resource import LevelResource
from .metadata_forms import MetadataAdmin, MetadataForm
from .places import Places
from .questions import beginning_of


class LevelForm(MetadataForm, TranslatedForm):
    long_texts = ["description", "intro"]
    skills = LinesField(help_text="One a line, such as “Fact Checking”.")
    tags = LinesField(help_text="One a line. Learners can filter by them.")
    unpublish_anyway = forms.BooleanField(
        required=False, label="Unpublish anyway", help_text="“What depends on it” says what follows."
    )

    class Meta:
        help_texts = {
            "level_id": "Apps know the level by it. It never changes.",
            "category": "A section, or the name of another category.",
            "unit": "A unit of the section, or nothing.",
            "xp_rule": "Formula and Scenario pay by the published XP rules, Proportional and Fixed pay the XP reward.",
            "xp_reward": "Counts only under Proportional (the part of it that the score is of the maximum) "
            "and Fixed (all of it for passing); Formula and Scenario do not look at it.",
            "metadata": "What apps have agreed on beyond these fields: a JSON object.",
        }
        labels = {"metadata": "Other metadata (JSON)"}
        widgets = {"category": SuggestingInput, "unit": SuggestingInput}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        places = Places()
        for name, suggestions in [("category", places.categories), ("unit", places.units)]:
            if name in self.fields:  # who may only look has no fields
                self.fields[name].widget.suggestions = suggestions

    def clean_prerequisites(self) -> Sequence[Level]:
        """Runs inside the admin's transaction, so the answer is still true when the form is saved."""
        needed: Sequence[Level] = self.cleaned_data["prerequisites"]
        # No level can require one that does not exist yet.
        if self.instance.pk:
            refuse_cycle(level_id=self.instance.level_id, prerequisites=[level.level_id for level in needed])
        return needed

    def clean(self) -> None:
        super().clean()
        unpublishes = self.instance.pk and self.instance.published and not self.cleaned_data.get("published")
        if unpublishes and not self.cleaned_data["unpublish_anyway"]:
            self._warn_of_unpublishing()

    def _warn_of_unpublishing(self) -> None:
        if found := [dependant.words for dependant in known_dependants(self.instance) if dependant.is_open]:
            self.add_error("published", f"{' '.join(found)} To go on, tick “Unpublish anyway”.")


def known_dependants(level: Level) -> list[Dependant]:
    """A page asks for them several times."""
    if "_dependants" not in level.__dict__:
        level.__dict__["_dependants"] = dependants_of([level])
    found: list[Dependant] = level.__dict__["_dependants"]
    return found


@admin.register(Level)
class LevelAdmin(
    ImportAdmin,
    BulkLevelAdmin,
    SecondPersonAdmin,
    HistoryAdmin,
    DuplicateAdmin,
    KeptAdmin,
    MetadataAdmin,
    TranslatedAdmin,
):
    form = LevelForm
    resource_class = LevelResource
    list_display = ["name", "level_id", "number", "category", "kind", "difficulty", "xp_reward", "published"]
    ordering = [F("number").asc(nulls_last=True), "category", "unit", "position"]
    list_filter = ["published", "unlocked", "coming_soon", "kind", "difficulty", "xp_rule", "category"]
    show_facets = admin.ShowFacets.NEVER  # they take a statement for each filter
    search_fields = ["name", "level_id", "description", "number", *translated_fields("name", "description")]
    search_help_text = "Name, level ID, number or part of the description, in any language"
    list_per_page = 50
    autocomplete_fields = ["prerequisites"]
    readonly_fields = ["created_by", "created_at", "updated_at", "question_links", "what_depends"]
    fieldsets = [
        (None, {"fields": ["name", "level_id", "number", "description", "icon", "language"]}),
        ("Place", {"fields": ["kind", "category", "unit", "position"]}),
        (
            "Who may play",
            {
                "fields": [
                    *("published", "unpublish_anyway", "what_depends"),
                    *("unlocked", "coming_soon", "prerequisites"),
                ]
            },
        ),
        ("Before a play", {"fields": ["eyebrow", "intro"]}),
        ("Score", {"fields": ["max_score", "pass_score", "difficulty", "min_correct", "total_questions"]}),
        ("Questions", {"fields": ["questions_per_play", "pass_percent", "verified_only", "question_links"]}),
        ("XP", {"fields": ["xp_rule", "xp_reward", "repeat_policy"]}),
        ("Time", {"fields": ["estimated_time", "expected_time_seconds", "min_seconds"]}),
        ("More", {"fields": ["skills", "tags", "metadata"]}),
        ("History", {"fields": ["created_by", "created_at", "updated_at"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Level]:
        return super().get_queryset(request).select_related("created_by")

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Level | None:
        """With the prerequisites, which both the form and the comparison with other edits read."""
        level: Level | None = super().get_object(request, object_id, from_field)
        if level:
            prefetch_related_objects([level], "prerequisites")
        return level

    def get_fieldsets(self, request: HttpRequest, obj: Level | None = None) -> list[Any]:
        fieldsets = super().get_fieldsets(request, obj)
        may_unpublish = obj and obj.published and self.has_change_permission(request, obj)
        if obj and may_unpublish and any(dependant.is_open for dependant in known_dependants(obj)):
            return fieldsets
        return [
            (title, {**options, "fields": [name for name in options["fields"] if name != "unpublish_anyway"]})
            for title, options in fieldsets
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Level | None = None) -> list[str]:
        # Clients store the identifier; it never changes.
        return [*self.readonly_fields, "level_id"] if obj else self.readonly_fields

    def get_prepopulated_fields(self, request: HttpRequest, obj: Level | None = None) -> dict[str, Sequence[str]]:
        return {} if obj else {"level_id": ["name"]}

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        initial = super().get_changeform_initial_data(request)
        return {**CHALLENGE, **initial} if initial.get("kind") == Kind.CHALLENGE else initial

    @admin.display(description="Questions")
    def question_links(self, level: Level) -> str:
        if level.pk is None:
            return "-"
        person, questions = actor(), list(level.questions.all())
        if not person.has_perm("levels.view_question"):
            return str(len(questions))
        listed, adding = (reverse(f"admin:levels_question_{page}") for page in ("changelist", "add"))
        add = format_html(', <a href="{}?level={}&amp;position={}">add</a>', adding, level.pk, len(questions))
        links = ((reverse("admin:levels_question_change", args=[one.pk]), beginning_of(one)) for one in questions)
        return format_html(
            '{} (<a href="{}?level__id__exact={}">list</a>{})<ol>{}</ol>',
            *(len(questions), listed, level.pk, add if person.has_perm("levels.add_question") else ""),
            format_html_join("", '<li><a href="{}">{}</a></li>', links),
        )

    def request_change(self, request: HttpRequest, obj: Level, form: Any, change: bool) -> ApprovalRequest | None:
        before = Level.objects.get(pk=obj.pk) if change else None
        if not needs_approval(before, obj):
            return None
        edit = _edit_of(form) | {"based_on": fingerprint(before) if before else ""}
        return request_edit(before=before, after=obj, edit=edit, actor=request.user, at=timezone.now())

    def save_model(self, request: HttpRequest, obj: Level, form: Any, change: bool) -> None:
        if not change:
            obj.created_by_id = request.user.pk
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        if waiting(form.instance) is None:
            # Before Django saves them, which would not record what they were.
            set_prerequisites(level=form.instance, needed=form.cleaned_data["prerequisites"])
        super().save_related(request, form, formsets, change)

    def duplicate(self, request: HttpRequest, row: Level) -> tuple[Level, bool]:
        return duplicate_level(level=row, actor=request.user, at=timezone.now())

    def reasons_to_keep(self, rows: Sequence[Level]) -> list[str]:
        kept = [dependant.words for dependant in dependants_of(rows) if dependant.keeps]
        return [*kept, "Unpublish instead: then learners no longer see it."] if kept else []

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Deleted:
        """The pages that ask for confirmation show these lists."""
        deleted, counts, forbidden, protected = super().get_deleted_objects(objs, request)
        return deleted if protected else [*_warnings(objs), *deleted], counts, forbidden, protected

    @admin.display(description="What depends on it")
    def what_depends(self, level: Level) -> str:
        if level.pk is None:
            return "-"
        words = [[dependant.words] for dependant in known_dependants(level)]
        return format_html("<ul>{}</ul>", format_html_join("", "<li>{}</li>", words)) if words else "Nothing"


def _edit_of(form: LevelForm) -> dict[str, Any]:
    """What the form changes, as a request for approval keeps it."""
    names = [name for name in form.changed_data if name in form._meta.model._meta._forward_fields_map]
    needed = [level.level_id for level in form.cleaned_data["prerequisites"]]
    return {
        "fields": {name: getattr(form.instance, name) for name in names if name != "prerequisites"},
        "prerequisites": needed if "prerequisites" in form.changed_data else None,
        "confirmed": bool(form.cleaned_data.get("unpublish_anyway")),
    }


def _warnings(levels: Iterable[Level]) -> Iterator[str]:
    for level in levels:
        if required_by := list(level.required_by.order_by("level_id")):
            yield f"“{level.name}”: {warn_required(required_by)}"
