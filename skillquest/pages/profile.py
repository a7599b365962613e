"""The learner's profile page: display name, time zone, language, visibility on leaderboards."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from rest_framework.exceptions import ValidationError

from gamification.awards import player_level, profile_of
from gamification.errors import TimeZoneChangeTooSoon
from skillquest.accounts.services import change_account
from tracking.review.skills import skills_of

from . import labels
from .access import for_learners, rate_limited
from .forms import ProfileForm
from .notifications import take_notifications
from .password import refuse


@require_http_methods(["GET", "HEAD", "POST"])
@for_learners
@rate_limited("write")
def profile(request) -> HttpResponse:
    mine = profile_of(request.user)
    form = ProfileForm(request.POST or None, initial=choices_now(request.user, mine))
    if form.is_valid() and save(request.user, form):
        with translation.override(request.user.language):  # the page that shows it is in the new one
            messages.success(request, _("Saved."), extra_tags="note common bi-check-lg")
        return redirect("profile")
    at = timezone.now()
    context = {
        "form": form,
        "now": at,
        "profile": mine,
        "rank": player_level(mine.total_xp),
        "skills": skills_of(learner=request.user, at=at),
        "notifications": take_notifications(request),
    }
    return render(request, "pages/profile.html", context)


def choices_now(user, mine) -> dict:
    return {
        "display_name": user.display_name,
        "language": user.language,
        "time_zone": mine.zone.key,
        "leaderboard_opt_out": mine.leaderboard_opt_out,
    }


def save(user, form) -> bool:
    """False with the refusal written to the form."""
    changes = {name: form.cleaned_data[name] for name in form.changed_data}
    try:
        change_account(user=user, changes=changes, at=timezone.now())
    except ValidationError as refused:
        user.refresh_from_db()  # nothing of it was saved
        return refuse(form, refused)
    except TimeZoneChangeTooSoon as refused:
        user.refresh_from_db()  # nothing of it was saved
        form.add_error("time_zone", labels.REFUSALS[refused.get_codes()])
        return False
    return True
