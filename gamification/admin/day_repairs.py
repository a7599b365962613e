"""The two pages on which staff give one learner a freeze back, or repair a missed day: form, preview, then done."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.dateparse import parse_date

from gamification.errors import OwnDays
from gamification.models import LearnerProfile
from gamification.staff.day_repairs import (
    Repaired,
    RepairPreview,
    preview_repair_day,
    preview_return_freeze,
    repair_day,
    return_freeze,
)
from gamification.staff.forms import StaffActionForm

from .staff_actions import StaffActionsAdmin

REPAIR_DAYS = "gamification.repair_days"


@dataclass(frozen=True)
class DayAct:
    path: str
    title: str
    done: str
    help: str
    do: Callable[..., Repaired]
    preview: Callable[..., RepairPreview]


RETURN_FREEZE = DayAct(
    "freeze",
    "Give a freeze back",
    "The freeze for {} was given back.",
    "The day for which it was used is pardoned: it neither breaks the streak nor counts as active.",
    return_freeze,
    preview_return_freeze,
)
REPAIR_DAY = DayAct(
    "repair",
    "Repair a day",
    "The day {} was repaired.",
    "A missed day is pardoned: it neither breaks the streak nor counts as active.",
    repair_day,
    preview_repair_day,
)
ACTS = {"return_freeze": RETURN_FREEZE, "repair_day": REPAIR_DAY}


class DayForm(StaffActionForm):
    date = forms.DateField(
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="Required. The date in the learner's time zone.",
    )

    field_order = ["date"]


def repair_view(learners: StaffActionsAdmin, request, learner_id: int, act: DayAct) -> HttpResponse:
    """Show the form and what it would do to the day that is chosen; then do it, if that is what was shown."""
    profile = get_object_or_404(LearnerProfile.objects.select_related("user"), pk=learner_id)
    if profile.pk == request.user.pk:
        messages.error(request, str(OwnDays.default_detail))
        return redirect("admin:gamification_learnerprofile_change", profile.pk)
    asked = _date_in(request.GET.get("date", ""))
    form = DayForm(request.POST or None, initial={"date": asked})
    day = form.cleaned_data.get("date") if form.is_valid() else asked
    was_shown = request.POST.get("_apply") == str(day)
    if (
        form.is_valid()
        and was_shown
        and learners.run_action(request, profile, form, lambda: _do(request, profile, act, form))
    ):
        return redirect("admin:gamification_learnerprofile_change", profile.pk)
    return learners.show_action(
        request,
        "learnerprofile/repair_day.html",
        title=f"{act.title}: {profile}",
        profile=profile,
        act=act,
        form=form,
        day=str(day),
        preview=act.preview(learner_id=profile.pk, date=day, actor=request.user, at=timezone.now()) if day else None,
    )


def _date_in(text: str) -> datetime.date | None:
    """None for anything that is no date."""
    try:
        return parse_date(text)
    except ValueError:
        return None


def _do(request, profile: LearnerProfile, act: DayAct, form: Any) -> str:
    fields = form.cleaned_data
    done = act.do(learner_id=profile.pk, actor=request.user, at=timezone.now(), **fields)
    before = "" if done.is_new else "Done before: "
    streak = f"The streak was {done.before.current} days and is {done.after.current} now."
    why = f"Reason: {fields['reason']} Note: {fields['note']}"
    return f"{before}{act.done.format(fields['date'])} {streak} {why}"
