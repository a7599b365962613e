from collections.abc import Sequence
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest

from catalogues.deleting import KeptAdmin
from catalogues.editing import ConflictForm
from catalogues.translation_forms import TranslatedAdmin
from change_history.admin import HistoryAdmin
from levels.models import Level, LevelQuerySet, Section, Unit
from levels.services import move_unit

SHOWN = 5  # levels, where a group cannot be deleted


class UnitInlineForm(ConflictForm):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        # Levels name their unit by it.
        self.fields["unit_id"].disabled = bool(self.instance.pk)
        for form_field in self.fields.values():
            form_field.widget.attrs["aria-label"] = form_field.label


class UnitInline(admin.TabularInline):
    model = Unit
    form = UnitInlineForm
    # The translations of a unit are edited on its own page.
    fields = ["title", "unit_id", "order", "language", "opened"]
    extra = 0
    # A unit is deleted on its own page, which looks at its levels.
    can_delete = False
    prepopulated_fields = {"unit_id": ["title"]}


class GroupAdmin(HistoryAdmin, KeptAdmin, TranslatedAdmin):
    """Levels name their section and unit by identifiers: these never change, and a group with levels is not deleted."""

    identifier: str

    def levels_of(self, group: Any) -> LevelQuerySet:
        raise NotImplementedError

    def get_readonly_fields(self, request: HttpRequest, obj: Section | Unit | None = None) -> list[str]:
        return [*self.readonly_fields, self.identifier] if obj else [*self.readonly_fields]

    def get_prepopulated_fields(
        self, request: HttpRequest, obj: Section | Unit | None = None
    ) -> dict[str, Sequence[str]]:
        return {} if obj else {self.identifier: ["title"]}

    def reasons_to_keep(self, rows: Sequence[Section | Unit]) -> list[str]:
        return [words for group in rows if (words := self._levels_in_words(group))]

    def _levels_in_words(self, group: Section | Unit) -> str:
        levels = list(self.levels_of(group)[: SHOWN + 1])
        names = ", ".join(f"“{level}”" for level in levels[:SHOWN])
        more = " and more" if len(levels) > SHOWN else ""
        return f"“{group}” has the levels {names}{more}. Move them first." if levels else ""


@admin.register(Section)
class SectionAdmin(GroupAdmin):
    identifier = "section_id"
    fieldsets = [(None, {"fields": ["section_id", "title", "order", "language"]})]
    list_display = ["title", "section_id", "order"]
    search_fields = ["title", "section_id"]
    inlines = [UnitInline]

    def levels_of(self, group: Section) -> LevelQuerySet:
        return Level.objects.in_section(group)


@admin.register(Unit)
class UnitAdmin(GroupAdmin):
    identifier = "unit_id"
    fieldsets = [(None, {"fields": ["unit_id", "section", "title", "order", "language"]})]
    list_display = ["title", "unit_id", "section", "order"]
    list_filter = ["section"]
    list_select_related = ["section"]
    search_fields = ["title", "unit_id"]

    def levels_of(self, group: Unit) -> LevelQuerySet:
        return Level.objects.in_unit(group)

    def save_model(self, request: HttpRequest, obj: Unit, form: Any, change: bool) -> None:
        if change and "section" in form.changed_data:
            count = move_unit(unit=Unit.objects.get(pk=obj.pk), section=obj.section)
            messages.info(request, f"{count} levels moved with “{obj}”.")
        super().save_model(request, obj, form, change)
