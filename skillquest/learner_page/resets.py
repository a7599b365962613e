"""Staff have a link for a new password sent to a learner who cannot sign in."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from skillquest.accounts.models import User
from skillquest.accounts.resets import MAILS_AN_HOUR, ask_for_reset

from .account import may_send_reset
from .person import person_of
from .views import find_visit

REQUESTED = "A link for a new password was requested."


def send_reset(model_admin: Any, request: HttpRequest, learner_id: int) -> HttpResponse:
    """Ask first; then send it as if the learner had asked, with the same limit of mails an hour."""
    visit = find_visit(request, learner_id)
    if not may_send_reset(visit):
        raise PermissionDenied
    if request.method != "POST":
        title = f"Send a password reset to {visit.profile}"
        return model_admin.show_action(
            request, "learnerprofile/send_reset.html", title=title, profile=visit.profile, mails=MAILS_AN_HOUR
        )
    person = person_of(visit.profile)
    with transaction.atomic():
        admin.site.get_model_admin(User).log_change(request, person, REQUESTED)
        ask_for_reset(email=person.email, request=request)
    messages.success(request, f"{REQUESTED} At most {MAILS_AN_HOUR} an hour are sent.")
    return redirect("admin:gamification_learnerprofile_account", learner_id)
