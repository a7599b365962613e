"""Board standings: the page on which staff change one, and the list of all changes."""

from django.contrib import admin, messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone

from gamification.errors import OwnStanding
from gamification.models import LearnerProfile, StandingChange
from gamification.staff.forms import StandingForm
from gamification.staff.standings import set_board_standing

from .read_only import ReadOnlyAdmin
from .staff_actions import StaffActionsAdmin

CHANGE_STANDING = "gamification.change_board_standing"
SHOWN = 50  # changes, newest first


@admin.register(StandingChange)
class StandingChangeAdmin(ReadOnlyAdmin):
    list_display = ["id", "learner", "standing", "until", "reason", "actor", "created_at"]
    list_filter = ["standing", "created_at"]
    list_select_related = ["learner", "actor"]
    search_fields = ["learner__username", "reason", "note"]
    show_full_result_count = False


def standing_view(learners: StaffActionsAdmin, request, learner_id: int) -> HttpResponse:
    """Show the learner's board standing, earlier changes of it, and a form; then change it."""
    profile = get_object_or_404(LearnerProfile.objects.select_related("user"), pk=learner_id)
    if profile.pk == request.user.pk:
        messages.error(request, str(OwnStanding.default_detail))
        return redirect("admin:gamification_learnerprofile_change", profile.pk)
    form = StandingForm(request.POST or None, initial={"standing": profile.board_standing})
    if form.is_valid() and learners.run_action(request, profile, form, lambda: _change(request, profile, form)):
        return redirect("admin:gamification_learnerprofile_change", profile.pk)
    changes = StandingChange.objects.filter(learner=learner_id).select_related("actor")
    return learners.show_action(
        request,
        "learnerprofile/standing.html",
        title=f"Board standing of {profile}",
        profile=profile,
        form=form,
        standing=profile.standing_at(timezone.now()).label,
        changes=changes[:SHOWN],
    )


def _change(request, profile: LearnerProfile, form: StandingForm) -> str:
    change = set_board_standing(learner_id=profile.pk, actor=request.user, at=timezone.now(), **form.cleaned_data)
    until = f" until {change.until:%Y-%m-%d}" if change.until else ""
    return f"Board standing: {change.get_standing_display()}{until}. Reason: {change.reason} Note: {change.note}"
