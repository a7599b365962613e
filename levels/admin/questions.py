from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.defaultfilters import truncatechars
from django.urls import URLPattern, path

from catalogues.translation_forms import TranslatedAdmin, translated_fields
from change_history.admin import HistoryAdmin
from levels.models import Level, Question
from levels.questions.lines import to_lines
from levels.questions.markdown import to_html, to_text

from .exchange import ExchangeAdmin
from .preview import form_of
from .question_forms import QuestionForm, tolerance_of


class SkillFilter(admin.AllValuesFieldListFilter):
    def choices(self, changelist: Any) -> Any:
        """A link has to have a text, also to the questions of no skill."""
        return ({**choice, "display": choice["display"] or "-"} for choice in super().choices(changelist))


@admin.register(Question)
class QuestionAdmin(ExchangeAdmin, HistoryAdmin, TranslatedAdmin):
    form = QuestionForm
    change_form_template = "admin/levels/question/change_form.html"
    list_display = ["question_id", "level", "position", "kind", "beginning", "skill", "published"]
    list_filter = ["published", "kind", ("level", admin.RelatedOnlyFieldListFilter), ("skill", SkillFilter)]
    list_select_related = ["level"]
    show_facets = admin.ShowFacets.NEVER  # they take a statement for each filter
    list_per_page = 50
    search_fields = ["question_id", "prompt", "skill", "level__name", "level__level_id", *translated_fields("prompt")]
    search_help_text = "Question ID, skill, level, or part of the prompt in any language"
    autocomplete_fields = ["level"]
    readonly_fields = ["updated_at"]
    fieldsets = [
        (None, {"fields": ["level", "question_id", "position", "published", "language"]}),
        ("What is asked", {"fields": ["kind", "prompt", "answer_lines", "tolerance"]}),
        ("What helps", {"fields": ["hint", "explanation", "skill"]}),
        ("History", {"fields": ["updated_at"]}),
    ]

    def get_readonly_fields(self, request: HttpRequest, obj: Question | None = None) -> list[str]:
        # Plays and the memories of learners refer to it, and the ids of its choices follow from it.
        return [*self.readonly_fields, "question_id"] if obj else self.readonly_fields

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """The link on the page of a level says which level and which place; an id follows from both."""
        initial = super().get_changeform_initial_data(request)
        number, place = str(initial.pop("level", "")), str(initial.get("position", ""))
        level = Level.objects.identified(number).first() if number.isdecimal() else None
        if level is None:
            return initial
        suggested = {"question_id": f"{level.level_id}-q{int(place) + 1}"} if place.isdecimal() else {}
        return {**suggested, **initial, "level": level.pk}

    def response_add(self, request: HttpRequest, obj: Question, post_url_continue: str | None = None) -> HttpResponse:
        """“Save and add another” goes on with the same level."""
        answer = super().response_add(request, obj, post_url_continue)
        return redirect(f"{request.path}?level={obj.level_id}") if "_addanother" in request.POST else answer

    def get_urls(self) -> list[URLPattern]:
        preview = self.admin_site.admin_view(self.preview_view)
        return [path("<int:pk>/preview/", preview, name="levels_question_preview"), *super().get_urls()]

    def preview_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """As a learner sees it, and what they read after the answer."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        question = get_object_or_404(Question.objects.select_related("level"), pk=pk)
        context = {
            "question": question,
            "form": form_of(question),
            "explanation_html": to_html(question.explanation),
            "hint_html": to_html(question.hint),
            "answer_lines": to_lines(question),
        }
        return render(request, "admin/levels/question/preview.html", context)

    @admin.display(description="Prompt")
    def beginning(self, question: Question) -> str:
        return beginning_of(question)

    # Whoever may only view a question sees these instead of the fields of the form.
    @admin.display(description="Choices and answer")
    def answer_lines(self, question: Question) -> str:
        return to_lines(question)

    @admin.display(description="Tolerance")
    def tolerance(self, question: Question) -> str:
        return tolerance_of(question)


def beginning_of(question: Question) -> str:
    return truncatechars(" ".join(to_text(question.prompt).split()), 80)
