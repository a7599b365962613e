"""The page on which editors import and export the questions of a level."""

from collections.abc import Iterator, Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import label_for_field
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.text import capfirst

from change_history.values import leaves
from exchange.reading.rows import UnreadableFileError as UnreadableSheetError
from exchange.writing import CONTENT_TYPES as SHEETS
from levels.importing import FORMATS, MAX_QUESTIONS, Change, ChangedMeanwhileError, Plan, apply_import, plan_import
from levels.models import Level, Question
from levels.questions.rows import FileRow, UnreadableFileError

from .question_sheets import sheet_as_csv, sheet_of

MAX_BYTES = 500_000
MAX_DIGITS = 18  # of a key
SHEET = "xlsx"
CONTENT_TYPES = {"json": "application/json", "csv": "text/csv", "gift": "text/plain", SHEET: SHEETS[SHEET]}
EXTENSIONS = {"json": "json", "csv": "csv", "gift": "gift.txt", SHEET: SHEET}
VERDICTS = {"new": "new", "changed": "changed", "unchanged": "unchanged", "problem": "with a problem"}
NAMES = [("json", "JSON"), ("csv", "CSV"), (SHEET, "Excel (XLSX)"), ("gift", "Moodle GIFT")]


class LevelSearch(AutocompleteSelect):
    """As on the page of a question. What cannot be a level's key is left out here; the field refuses it."""

    def __init__(self) -> None:
        super().__init__(Question._meta.get_field("level"), admin.site)

    def optgroups(self, name: str, value: Sequence[str], attr: dict[str, Any] | None = None) -> list[Any]:
        keys = [each for each in value if each.isascii() and each.isdecimal() and len(each) <= MAX_DIGITS]
        return super().optgroups(name, keys, attr)


class ExportForm(forms.Form):
    level = forms.ModelChoiceField(Level.objects.in_order(), widget=LevelSearch)
    format = forms.ChoiceField(choices=NAMES)


class ImportForm(ExportForm):
    """The file comes first; with the plan the page shows its text again, so that the same text is applied."""

    file = forms.FileField(required=False, max_length=200)
    text = forms.CharField(required=False, strip=False, max_length=MAX_BYTES, widget=forms.HiddenInput)
    rows: list[FileRow]

    def clean(self) -> None:
        super().clean()
        file, text = self.cleaned_data.get("file"), self.cleaned_data.get("text")
        if file:
            is_sheet = self.cleaned_data.get("format") == SHEET
            text = self.cleaned_data["text"] = _text_of_sheet(file) if is_sheet else _text_of(file)
        if self.cleaned_data.get("format") == SHEET:
            self.cleaned_data["format"] = "csv"  # as which the page shows its text again
        if not text:
            raise ValidationError("Choose a file.")
        if "format" in self.cleaned_data:
            self.rows = _rows_of(text, self.cleaned_data["format"])


def _text_of(file: UploadedFile) -> str:
    if file.size is None or file.size > MAX_BYTES:
        raise ValidationError(f"The file has more than {MAX_BYTES} bytes.")
    try:
        return str(file.read(), "utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValidationError("The file is not in UTF-8.") from error


def _text_of_sheet(file: UploadedFile) -> str:
    if file.size is None or file.size > MAX_BYTES:
        raise ValidationError(f"The file has more than {MAX_BYTES} bytes.")
    try:
        return sheet_as_csv(file.read())
    except (UnreadableFileError, UnreadableSheetError) as error:
        raise ValidationError(str(error)) from error


def _rows_of(text: str, name: str) -> list[FileRow]:
    try:
        rows = FORMATS[name][1](text)
    except UnreadableFileError as error:
        raise ValidationError(str(error)) from error
    if not 0 < len(rows) <= MAX_QUESTIONS:
        raise ValidationError(f"The file has {len(rows)} questions; it may have 1 to {MAX_QUESTIONS}.")
    return rows


class ExchangeAdmin(admin.ModelAdmin):
    def get_urls(self) -> list[URLPattern]:
        views = {"export": self.export_view, "import": self.import_view}
        return [
            *(
                path(f"{name}/", self.admin_site.admin_view(view), name=f"levels_question_{name}")
                for name, view in views.items()
            ),
            *super().get_urls(),
        ]

    def export_view(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = ExportForm(request.GET if "format" in request.GET else None, initial=request.GET.dict())
        if not form.is_valid():
            return self._page(request, "export.html", form=form, title="Export questions")
        level, name = form.cleaned_data["level"], form.cleaned_data["format"]
        return _file_of(level, name)

    def import_view(self, request: HttpRequest) -> HttpResponse:
        """Show what a file changes, then write that."""
        if not self.has_import_permission(request):
            raise PermissionDenied
        form = ImportForm(request.POST or None, request.FILES or None, initial=request.GET.dict())
        plan = None
        if form.is_valid():
            level, shown = form.cleaned_data["level"], request.POST.get("_apply")
            if shown and self._apply(request, level, form.rows, shown):
                return redirect(f"{reverse('admin:levels_question_changelist')}?level__id__exact={level.pk}")
            plan = plan_import(level, form.rows)
        return self._page(request, "import.html", form=form, title="Import questions", **_context_of(form, plan))

    def has_import_permission(self, request: HttpRequest) -> bool:
        return self.has_add_permission(request) and self.has_change_permission(request)

    def _apply(self, request: HttpRequest, level: Level, rows: list[FileRow], shown: str) -> bool:
        try:
            count = apply_import(level, rows, shown=shown)
        except (ChangedMeanwhileError, IntegrityError):  # the latter from another transaction
            messages.error(request, "Questions changed meanwhile, so nothing is saved. This is what it does now.")
            return False
        message = f"Imported questions: {count} new or changed."
        self.log_change(request, level, message)
        messages.success(request, message)
        return True

    def _page(self, request: HttpRequest, template: str, **context: Any) -> HttpResponse:
        context |= {**self.admin_site.each_context(request), "opts": self.opts}
        return render(request, f"admin/levels/question/{template}", context)


def _file_of(level: Level, name: str) -> HttpResponse:
    questions = level.questions.all()
    answer = HttpResponse(content_type=CONTENT_TYPES[name])
    answer.write(sheet_of(questions) if name == SHEET else FORMATS[name][0](questions))
    answer["Content-Disposition"] = f'attachment; filename="{level.level_id}.{EXTENSIONS[name]}"'
    return answer


def _context_of(form: ImportForm, plan: Plan | None) -> dict[str, Any]:
    if plan is None:
        return {"plan": None}
    verdicts = [change.verdict for change in plan.changes]
    return {
        "plan": plan,
        "counts": [(words, verdicts.count(verdict)) for verdict, words in VERDICTS.items()],
        "changes": [(change, _differences_of(change)) for change in plan.changes if change.verdict != "unchanged"],
        "can_apply": bool(plan.to_write) and not plan.has_problems,
        "given": form.cleaned_data,
    }


def _differences_of(change: Change) -> list[tuple[str, str, str]]:
    """In words: (field, before, after)."""
    parts = [part for difference in change.differences for part in _parts_of(*difference)]
    words = [(_label_of(name), _words_of(before), _words_of(after)) for name, before, after in parts]
    return [line for line in words if line[1] != line[2]]


def _parts_of(name: str, before: Any, after: Any) -> Iterator[tuple[str, Any, Any]]:
    """Of translations, one for each text: “id: prompt”."""
    if name != "translations":
        yield name, before, after
        return
    before = before or {}
    for language in {**before, **after}:
        yield from leaves(language, before.get(language, {}), after.get(language, {}))


def _label_of(name: str) -> str:
    return name if ": " in name else capfirst(str(label_for_field(name, Question)))


def _words_of(value: Any) -> str:
    match value:
        case bool():
            return "Yes" if value else "No"
        case list():
            return "\n".join(" → ".join(one) if isinstance(one, list) else str(one) for one in value) or "-"
        case dict():
            return ", ".join(f"{name}: {one}" for name, one in value.items()) or "-"
    return "-" if value in (None, "") else str(value)
