from django import forms
from django.contrib import admin
from django.db.models import F

from catalogues.editing import NormalSearchMixin
from levels.challenges import CHALLENGE
from levels.choices import Kind
from levels.models import Level, Section, Unit
from levels.prerequisites import refuse_cycle
from levels.services import set_prerequisites


class LevelForm(forms.ModelForm):
    class Meta:
        help_texts = {
            "xp_rule": "Formula and Scenario pay by the XP rule set in force, Proportional and Fixed the XP reward.",
            "xp_reward": "Counts only under Proportional (the part of it that the score is of the maximum) "
            "and Fixed (all of it for passing); Formula and Scenario do not look at it.",
        }

    def clean_prerequisites(self):
        """Runs inside the admin's transaction, so the answer is still true when the form is saved."""
        needed = self.cleaned_data["prerequisites"]
        # Nothing can need a level that does not exist yet.
        if self.instance.pk:
            refuse_cycle(level_id=self.instance.level_id, needs=[level.level_id for level in needed])
        return needed


@admin.register(Level)
class LevelAdmin(NormalSearchMixin, admin.ModelAdmin):
    form = LevelForm
    list_display = ["name", "level_id", "number", "category", "kind", "difficulty", "xp_reward", "published"]
    ordering = [F("number").asc(nulls_last=True), "category", "unit", "position"]
    list_filter = ["published", "unlocked", "coming_soon", "kind", "difficulty", "xp_rule", "category"]
    search_fields = ["name", "level_id", "description", "number"]
    search_help_text = "Name, level ID, number or part of the description"
    list_per_page = 50
    filter_horizontal = ["prerequisites"]
    readonly_fields = ["created_by", "created_at", "updated_at"]
    fieldsets = [
        (None, {"fields": ["name", "level_id", "number", "description", "icon"]}),
        ("Place", {"fields": ["kind", "category", "unit", "position"]}),
        ("Who may play", {"fields": ["published", "unlocked", "coming_soon", "prerequisites"]}),
        ("Score", {"fields": ["max_score", "pass_score", "difficulty"]}),
        ("XP", {"fields": ["xp_rule", "xp_reward", "repeat_policy"]}),
        ("Time", {"fields": ["estimated_time", "expected_time_seconds"]}),
        ("More", {"fields": ["skills", "tags", "metadata"]}),
        ("History", {"fields": ["created_by", "created_at", "updated_at"]}),
    ]

    def get_readonly_fields(self, request, obj=None):
        # Clients hold on to an identifier; it never changes.
        return [*self.readonly_fields, "level_id"] if obj else self.readonly_fields

    def get_changeform_initial_data(self, request):
        asked = super().get_changeform_initial_data(request)
        return {**CHALLENGE, **asked} if asked.get("kind") == Kind.CHALLENGE else asked

    def save_model(self, request, obj, form, change):
        if not change:
            obj.created_by = request.user
        super().save_model(request, obj, form, change)

    def save_related(self, request, form, formsets, change):
        # Before Django's own way to save them, which would leave no trace of what they were.
        set_prerequisites(level=form.instance, needed=form.cleaned_data["prerequisites"])
        super().save_related(request, form, formsets, change)


class UnitInline(admin.TabularInline):
    model = Unit
    extra = 0


@admin.register(Section)
class SectionAdmin(NormalSearchMixin, admin.ModelAdmin):
    list_display = ["title", "section_id", "order"]
    search_fields = ["title", "section_id"]
    inlines = [UnitInline]


@admin.register(Unit)
class UnitAdmin(NormalSearchMixin, admin.ModelAdmin):
    list_display = ["title", "unit_id", "section", "order"]
    list_filter = ["section"]
    list_select_related = ["section"]
    search_fields = ["title", "unit_id"]
