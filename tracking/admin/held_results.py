"""The queue of held results: by learner, one learner with what else they did, and the decision about many at once."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, Min
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from rest_framework.exceptions import APIException

from gamification.models import HELD_REASONS, LearnerProfile
from jobs.models import Job
from levels.models import Level
from tracking.models import Completion, CompletionQuerySet
from tracking.staff.held_results import DECIDE_HELD, MOST, Decision, decide_or_request, decision_about, needs_approval

LEARNERS_ON_A_PAGE = 25
RESULTS_ON_A_PAGE = 100
OTHERS_SHOWN = 25
AGES = [("", "Any age"), ("1", "Older than a day"), ("7", "Older than a week"), ("30", "Older than a month")]


class FilterForm(forms.Form):
    reason = forms.ChoiceField(required=False, choices=[("", "Any reason"), *HELD_REASONS])
    age = forms.ChoiceField(required=False, choices=AGES)
    level = forms.ModelChoiceField(
        Level.objects.all(),
        required=False,
        to_field_name="level_id",
        widget=forms.TextInput(attrs={"placeholder": "Id of a level"}),
        error_messages={"invalid_choice": "There is no level with this id."},
    )

    def narrowed(self, results: CompletionQuerySet, at: datetime) -> CompletionQuerySet:
        """All of `results` where the form is not valid."""
        if not self.is_valid():
            return results
        if reason := self.cleaned_data["reason"]:
            results = results.filter(held_reason=reason)
        if days := self.cleaned_data["age"]:
            results = results.filter(created_at__lt=at - timedelta(days=int(days)))
        if level := self.cleaned_data["level"]:
            results = results.filter(level=level)
        return results


class DecisionForm(forms.Form):
    """`ids` is one field, since there may be more results than a form may have fields."""

    ids = forms.CharField(widget=forms.HiddenInput)
    act = forms.ChoiceField(choices=[("release", "Release"), ("refuse", "Refuse")], widget=forms.HiddenInput)
    note = forms.CharField(
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Required. Why; for colleagues and auditors.",
    )

    def clean_ids(self) -> list[int]:
        parts = self.cleaned_data["ids"].split(",")
        if len(parts) > MOST or not all(part.isascii() and part.isdigit() and len(part) < 19 for part in parts):
            raise forms.ValidationError("Choose the results again.")
        return [int(part) for part in parts]


@dataclass(frozen=True)
class LearnerLine:
    """A learner in the queue: how many results wait, since when, and why (reason -> number)."""

    profile: LearnerProfile
    count: int
    oldest: datetime
    reasons: dict[str, int]


def show_queue(model_admin: Any, request: HttpRequest) -> HttpResponse:
    form = FilterForm(request.GET)
    waiting = form.narrowed(Completion.objects.waiting(), timezone.now())
    after = request.GET.get("after", "")
    lines, following = _learners(waiting, after=int(after) if after.isdecimal() and len(after) < 19 else 0)
    return _render(
        model_admin,
        request,
        "queue.html",
        title="Held results",
        form=form,
        lines=lines,
        next_page=_query(request, after=following) if following else None,
        filters=_query(request),
        may_decide=_may_decide(request),
    )


def _learners(waiting: CompletionQuerySet, *, after: int) -> tuple[list[LearnerLine], int | None]:
    """The learners whose first waiting result has an id above `after`, and where the next page begins."""
    groups = waiting.order_by().values("learner").annotate(first=Min("pk"), count=Count("pk"), oldest=Min("created_at"))
    page = list(groups.filter(first__gt=after).order_by("first")[: LEARNERS_ON_A_PAGE + 1])
    shown = page[:LEARNERS_ON_A_PAGE]
    ids = [group["learner"] for group in shown]
    profiles = LearnerProfile.objects.select_related("user").in_bulk(ids)
    reasons: dict[int, dict[str, int]] = {learner: {} for learner in ids}
    words = dict(HELD_REASONS)
    for learner, reason, count in (
        waiting.filter(learner__in=ids).order_by().values_list("learner", "held_reason").annotate(Count("pk"))
    ):
        reasons[learner][words.get(reason, "Not plausible")] = count
    lines = [
        LearnerLine(profiles[group["learner"]], group["count"], group["oldest"], reasons[group["learner"]])
        for group in shown
    ]
    return lines, shown[-1]["first"] if len(page) > len(shown) else None


def show_learner(model_admin: Any, request: HttpRequest, learner_id: int) -> HttpResponse:
    profile = get_object_or_404(LearnerProfile.objects.select_related("user"), pk=learner_id)
    form = FilterForm(request.GET)
    own = Completion.objects.filter(learner=learner_id).select_related("level", "session")
    waiting = form.narrowed(own.waiting(), timezone.now()).order_by("pk")
    return _render(
        model_admin,
        request,
        "learner.html",
        title=f"Held results of {profile}",
        profile=profile,
        form=form,
        waiting=waiting[:RESULTS_ON_A_PAGE],
        count=waiting.count(),
        at_once=MOST,
        others=own.exclude(held=True, refused=False).order_by("-pk")[:OTHERS_SHOWN],
        filters=_query(request),
        may_decide=_may_decide(request) and request.user.pk != learner_id,
    )


def decide(model_admin: Any, request: HttpRequest) -> HttpResponse:
    """Of what was ticked, or what the form has: show it and ask for a note; with one, start the job, or request it."""
    if not _may_decide(request):
        raise PermissionDenied
    if request.method != "POST":
        return redirect("admin:tracking_completion_held")
    if "note" not in request.POST:
        return confirm(model_admin, request, _selected(request), release=request.POST.get("act") == "release")
    form = DecisionForm(request.POST)
    form.is_valid()
    chosen = Completion.objects.filter(pk__in=form.cleaned_data.get("ids", []))
    return confirm(model_admin, request, chosen, release=form.cleaned_data.get("act") == "release", form=form)


def confirm(
    model_admin: Any,
    request: HttpRequest,
    chosen: CompletionQuerySet,
    *,
    release: bool,
    form: DecisionForm | None = None,
) -> HttpResponse:
    decision = decision_about(chosen, release=release, actor=request.user)
    if not decision.ids:
        messages.warning(request, "None of these results waits for a decision of yours.")
        return redirect("admin:tracking_completion_held")
    if form and form.is_valid() and (done := _decide(request, decision, form)):
        return done
    ids = ",".join(map(str, decision.ids))
    return _render(
        model_admin,
        request,
        "decide.html",
        title=f"{'Release' if release else 'Refuse'} held results",
        decision=decision,
        needs_approval=needs_approval(decision, actor=request.user, at=timezone.now()),
        form=form or DecisionForm(initial={"ids": ids, "act": "release" if release else "refuse"}),
    )


def _decide(request: HttpRequest, decision: Decision, form: DecisionForm) -> HttpResponse | None:
    """None if it was refused."""
    try:
        with transaction.atomic():
            note = form.cleaned_data["note"]
            done = decide_or_request(decision, note=note, actor=request.user, at=timezone.now())
    except APIException as refusal:
        form.add_error(None, str(refusal.detail))
        return None
    if isinstance(done, Job):
        return redirect("admin:jobs_job_change", done.pk)
    messages.success(request, f"Requested (request {done.pk}): {done.summary}. A colleague has to approve it.")
    return redirect("admin:tracking_completion_held")


def _selected(request: HttpRequest) -> CompletionQuerySet:
    """The results or learners that were ticked, or all that the page was about."""
    results = FilterForm(request.GET).narrowed(Completion.objects.waiting(), timezone.now())
    if learner := request.POST.get("all_of"):
        return results.filter(learner__in=_numbers([learner]))
    if "learner" in request.POST:
        return results.filter(learner__in=_numbers(request.POST.getlist("learner")))
    return results.filter(pk__in=_numbers(request.POST.getlist("result")))


def _numbers(texts: list[str]) -> list[int]:
    return [int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 19]


def _may_decide(request: HttpRequest) -> bool:
    return request.user.has_perm(DECIDE_HELD)


def _query(request: HttpRequest, **changes: Any) -> str:
    query = request.GET.copy()
    query.pop("after", None)
    for name, value in changes.items():
        query[name] = value
    return query.urlencode()


def _render(model_admin: Any, request: HttpRequest, template: str, **context: Any) -> HttpResponse:
    context |= {**model_admin.admin_site.each_context(request), "opts": model_admin.opts, "title": context["title"]}
    return render(request, f"admin/tracking/held/{template}", context)
