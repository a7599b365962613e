"""The page that reverses many entries of one learner: a form, the plan, and then a job or a request."""

from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from gamification.models import LearnerProfile, Trust
from gamification.staff import BulkPlan, StaffActionForm, needs_approval
from jobs.models import Job
from jobs.wording import counted
from levels.models import Level
from tracking.models import Completion
from tracking.staff.reverse_since import Choice, in_sentences, plan_reversal_since, refusal_of, reverse_or_request

ANY = ("", "Any")
NARROWING = ("since", "level", "source", "server_key", "trust")


class ReverseSinceForm(StaffActionForm):
    since = forms.DateTimeField(
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local", "step": 1}, format="%Y-%m-%dT%H:%M:%S"),
        help_text="UTC. Ledger entries that the server wrote at this moment or later.",
    )
    level = forms.ModelChoiceField(
        Level.objects.all(),
        required=False,
        to_field_name="level_id",
        widget=forms.TextInput,
        help_text="Only results of the level with this id, such as level-1.",
        error_messages={"invalid_choice": "There is no level with this id."},
    )
    source = forms.ChoiceField(
        required=False, choices=[ANY, *Completion.Source.choices], help_text="Only results that came this way."
    )
    server_key = forms.CharField(
        required=False, max_length=20, help_text="Only results that the server key with this prefix reported."
    )
    trust = forms.ChoiceField(
        required=False, choices=[ANY, *Trust.choices], help_text="Only entries of results of this trust."
    )
    adjustments = forms.BooleanField(
        required=False,
        label="Adjustments too",
        help_text="Also what staff gave or took by hand since then. Without this it stays.",
    )
    # What is written after the form was opened is not meant.
    until = forms.CharField(widget=forms.HiddenInput)

    field_order = ["since", "level", "source", "server_key", "trust", "adjustments"]

    def clean(self) -> None:
        super().clean()
        if not _is_moment(self.cleaned_data.get("until", "")):
            raise forms.ValidationError("Open the page again.")
        if not self.errors and not any(self.cleaned_data.get(name) for name in NARROWING):
            raise forms.ValidationError("Choose a moment, a level, a source, a server key or a trust.")

    def choice_for(self, learner_id: int) -> Choice:
        data = self.cleaned_data
        return Choice(
            learner_id=learner_id,
            until=data["until"],
            since=data["since"].isoformat() if data["since"] else None,
            level_id=data["level"].pk if data["level"] else None,
            source=data["source"],
            server_key=data["server_key"],
            trust=data["trust"],
            adjustments=data["adjustments"],
        )


def _is_moment(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def show_and_reverse(model_admin: Any, request: HttpRequest, learner_id: int) -> HttpResponse:
    """Show the plan for what is chosen; the button carries what was shown, so a plan that changed is shown first."""
    profile = get_object_or_404(LearnerProfile.objects.select_related("user"), pk=learner_id)
    form = ReverseSinceForm(request.POST or None, initial=_initial(request))
    plan = plan_reversal_since(form.choice_for(learner_id)) if form.is_valid() else None
    refusal = refusal_of(plan, learner_id) if plan else None
    if plan and not refusal and request.POST.get("_apply") == _shown(plan):
        done = _apply(model_admin, request, profile, form)
        if done:
            return done
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": f"Reverse since: {profile}",
        "profile": profile,
        "form": form,
        "plan": plan,
        "shown": _shown(plan) if plan and not refusal else None,
        "refusal": str(refusal.detail) if refusal else "",
        "sentences": in_sentences(plan) if plan and not refusal else [],
        "needs_approval": bool(plan) and _needs_approval(request, learner_id, plan),
    }
    return render(request, "admin/tracking/learner/reverse_since.html", context)


def _initial(request: HttpRequest) -> dict[str, Any]:
    return {"until": timezone.now().isoformat(), "trust": request.GET.get("trust", "")}


def _shown(plan: BulkPlan) -> str:
    return f"{len(plan.lines)} {plan.xp}"


def _needs_approval(request: HttpRequest, learner_id: int, plan: BulkPlan) -> bool:
    return needs_approval(learner_id=learner_id, amount=plan.moved, actor=request.user, at=timezone.now())


def _apply(model_admin: Any, request: HttpRequest, profile: LearnerProfile, form: Any) -> HttpResponse | None:
    """None if it was refused."""
    why = {name: form.cleaned_data[name] for name in ("reason", "note")}
    started: list[Any] = []

    def act() -> str:
        done = reverse_or_request(form.choice_for(profile.pk), actor=request.user, at=timezone.now(), **why)
        started.append(done)
        return _message(done)

    if not model_admin.run_action(request, profile, form, act):
        return None
    if isinstance(started[0], Job):
        return redirect("admin:jobs_job_change", started[0].pk)
    return redirect("admin:gamification_learnerprofile_change", profile.pk)


def _message(done: Any) -> str:
    if isinstance(done, Job):
        return f"Job {done.pk} reverses {counted(done.total, 'entry', 'entries')}."
    return f"Requested (request {done.pk}): {done.summary}. A colleague has to approve it."
