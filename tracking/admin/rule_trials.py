"""Trials of rules: starting one, what it has found, and recalculating old results."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from rest_framework.exceptions import APIException

from approvals.services import is_above_limit
from exchange.writing import CONTENT_TYPES, csv_portions
from gamification.admin import ReadOnlyAdmin, XPRuleSetAdmin
from gamification.models import XPRuleSet
from gamification.staff import StaffActionForm
from tracking.models import Recalculation, RuleTrial
from tracking.staff.recalculation.services import (
    in_sentences,
    moved_by,
    recalculate_or_request,
    refusal_of,
    refusal_of_undoing,
    undo_or_request,
)
from tracking.staff.rule_trials.files import TABLES
from tracking.staff.rule_trials.trials import PERIODS, start_trial, trials_of, why_outdated

from .rule_trial_figures import figures_context

VIEW, CHANGE, AWARD, LEARNERS = (
    "gamification.view_xpruleset",
    "gamification.change_xpruleset",
    "gamification.award_xp",
    "gamification.view_learnerprofile",
)
SHOWN = 20  # trials of one rule set

# The rule sets know no results; here we know both.
admin.site.unregister(XPRuleSet)


@admin.register(XPRuleSet)
class TriedRuleSetAdmin(XPRuleSetAdmin):
    """A draft leads to its trials, and the rules in force to what becomes of old results."""

    change_form_template = "admin/tracking/rule_trial/rule_set.html"

    def after_publishing(self, draft: Any) -> str:
        draft.refresh_from_db()
        in_force = draft.status == "published"
        return reverse(f"admin:{_name('start')}", args=[draft.pk]) if in_force else super().after_publishing(draft)


@admin.register(RuleTrial)
class RuleTrialAdmin(ReadOnlyAdmin):
    """Whoever sees rule sets sees their trials; the acts have permissions of their own."""

    list_display = ["__str__", "purpose", "period", "job_state", "created_by", "created_at"]
    list_filter = ["purpose"]
    actions = None
    list_select_related = ["job", "created_by"]
    ordering = ["-id"]
    show_full_result_count = False

    def get_urls(self) -> list[URLPattern]:
        pages: list[tuple[str, Callable[..., HttpResponseBase], str]] = [
            ("of/<int:rule_set_id>/", self.start_view, "start"),
            ("<int:trial_id>/recalculate/", self.recalculate_view, "recalculate"),
            ("<int:trial_id>/undo/", self.undo_view, "undo"),
            ("<int:trial_id>/<slug:table>.csv", self.csv_view, "csv"),
        ]
        own = [path(where, self.admin_site.admin_view(view), name=_name(name)) for where, view, name in pages]
        return [*own, *super().get_urls()]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm(VIEW) or request.user.has_perm(CHANGE)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    @admin.display(description="State")
    def job_state(self, trial: RuleTrial) -> str:
        return trial.job.get_state_display() if trial.job else "-"

    def start_view(self, request: HttpRequest, rule_set_id: int) -> HttpResponse:
        """A draft is tried; of the rules in force a recalculation is prepared, or old results are kept."""
        self._require(request)
        rule_set = get_object_or_404(XPRuleSet.objects.exclude(status="retired"), pk=rule_set_id)
        may_start = request.user.has_perm(CHANGE if rule_set.status == "draft" else AWARD)
        if request.method == "POST" and may_start:
            return self._start(request, rule_set)
        if request.method == "POST":
            raise PermissionDenied
        return self._show(
            request,
            "start.html",
            title=f"{'Try' if rule_set.status == 'draft' else 'Old results and'} version {rule_set.version}",
            rule_set=rule_set,
            periods=[("all" if days is None else str(days), days) for days in PERIODS],
            may_start=may_start,
            trials=trials_of(rule_set)[:SHOWN],
        )

    def _start(self, request: HttpRequest, rule_set: XPRuleSet) -> HttpResponse:
        chosen = {"all" if days is None else str(days): days for days in PERIODS}
        days = request.POST.get("days", "")
        if days not in chosen:
            messages.error(request, "Choose how many days.")
            return redirect(f"admin:{_name('start')}", rule_set.pk)
        try:
            trial = start_trial(rule_set, days=chosen[days], actor=request.user, at=timezone.now())
        except ValidationError as problem:
            messages.error(request, " ".join(problem.messages))
            return redirect(f"admin:{_name('start')}", rule_set.pk)
        return redirect(f"admin:{_name('change')}", trial.pk)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """What it has found, or how far it is; there is nothing to save."""
        self._require(request)
        if request.method == "POST":
            raise PermissionDenied
        trial = self._trial(int(object_id)) if object_id.isdecimal() and len(object_id) < 19 else None
        if trial is None:
            raise Http404
        outdated = why_outdated(trial)
        return self._show(
            request,
            "trial.html",
            title=str(trial),
            trial=trial,
            outdated=outdated,
            recalculation=_recalculation_of(trial),
            may_publish=not outdated and not trial.is_recalculation and request.user.has_perm(CHANGE),
            may_award=request.user.has_perm(AWARD),
            sees_learners=request.user.has_perm(LEARNERS),
            **(figures_context(trial, with_learners=request.user.has_perm(LEARNERS)) if trial.is_finished else {}),
        )

    def csv_view(self, request: HttpRequest, trial_id: int, table: str) -> HttpResponseBase:
        self._require(request)
        if table not in TABLES:
            raise Http404
        if table == "learners" and not request.user.has_perm(LEARNERS):
            raise PermissionDenied
        trial = get_object_or_404(RuleTrial, pk=trial_id)
        answer = StreamingHttpResponse(csv_portions(*TABLES[table](trial)), content_type=CONTENT_TYPES["csv"])
        answer["Content-Disposition"] = f'attachment; filename="trial-{trial.pk}-{table}.csv"'
        return answer

    def recalculate_view(self, request: HttpRequest, trial_id: int) -> HttpResponse:
        self._require(request, AWARD)
        trial = self._trial(trial_id)
        refusal = None if _recalculation_of(trial) else refusal_of(trial)
        return self._confirm(request, trial, recalculate_or_request, trial, refusal, undo=False)

    def undo_view(self, request: HttpRequest, trial_id: int) -> HttpResponse:
        self._require(request, AWARD)
        trial = self._trial(trial_id)
        recalculation = _recalculation_of(trial)
        if recalculation is None:
            raise Http404
        refusal = None if recalculation.undo_job_id else refusal_of_undoing(recalculation)
        return self._confirm(request, trial, undo_or_request, recalculation, refusal, undo=True)

    def _confirm(
        self,
        request: HttpRequest,
        trial: RuleTrial,
        act: Callable[..., Any],
        subject: Any,
        refusal: APIException | None,
        *,
        undo: bool,
    ) -> HttpResponse:
        """Say what it does and ask why; with an answer, do it or request it."""
        form = StaffActionForm(request.POST or None)
        if not refusal and form.is_valid() and self._act(request, trial, act, subject, form):
            return redirect(f"admin:{_name('change')}", trial.pk)
        return self._show(
            request,
            "confirm.html",
            title="Undo the recalculation" if undo else "Recalculate old results",
            trial=trial,
            form=form,
            undo=undo,
            refusal=str(refusal.detail) if refusal else "",
            sentences=in_sentences(trial, undo=undo) if not refusal else [],
            needs_approval=is_above_limit(moved_by(trial)),
        )

    def _act(self, request: HttpRequest, trial: RuleTrial, act: Callable[..., Any], subject: Any, form: Any) -> bool:
        """False if it was refused. It is logged in the transaction that does it."""
        try:
            with transaction.atomic():
                done = act(subject, **form.cleaned_data, actor=request.user, at=timezone.now())
                message = _message(done)
                self.log_change(request, trial, message)
        except APIException as refusal:
            form.add_error(None, str(refusal.detail))
            return False
        messages.success(request, message)
        return True

    def _require(self, request: HttpRequest, *permissions: str) -> None:
        if not self.has_view_permission(request) or not request.user.has_perms(permissions):
            raise PermissionDenied

    def _trial(self, trial_id: int) -> RuleTrial:
        related = ("job", "rule_set", "created_by", "recalculation__job", "recalculation__undo_job")
        trial: RuleTrial = get_object_or_404(RuleTrial.objects.select_related(*related), pk=trial_id)
        return trial

    def _show(self, request: HttpRequest, template: str, **context: Any) -> HttpResponse:
        context |= {**self.admin_site.each_context(request), "opts": self.opts, "title": context["title"]}
        return render(request, f"admin/tracking/rule_trial/{template}", context)


def _name(page: str) -> str:
    return f"tracking_ruletrial_{page}"


def _recalculation_of(trial: RuleTrial) -> Recalculation | None:
    return getattr(trial, "recalculation", None)


def _message(done: Any) -> str:
    if isinstance(done, Recalculation):
        return f"Job {done.undo_job_id or done.job_id} {'undoes it' if done.undo_job_id else 'recalculates'}."
    return f"Requested (request {done.pk}): {done.summary}. A colleague has to approve it."
