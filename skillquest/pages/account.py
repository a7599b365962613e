"""Pages on which learners change their password and erase their account."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe
from rest_framework.exceptions import ValidationError

from gamification.awards import profile_of
from skillquest.accounts import erasing, lockout, second_clicks, services

from .access import for_learners, rate_limited, session_cookie
from .forms import ChangePasswordForm, EraseForm
from .password import refuse


@require_http_methods(["GET", "HEAD", "POST"])
@for_learners
@sensitive_post_parameters("old_password", "new_password")
@rate_limited("auth")
def change_password(request) -> HttpResponse:
    form = ChangePasswordForm(request.POST or None)
    if form.is_valid() and save_password(request, form):
        messages.success(request, _("Your password has been changed."), extra_tags="note common bi-check-lg")
        return redirect("profile")
    return render(request, "pages/change_password.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
def erase(request) -> HttpResponse:
    """The second click on the button arrives in a session that the first one has ended."""
    response = erase_once(request)
    is_turned_away = request.method == "POST" and is_redirect_to_sign_in(response)
    is_second_click = is_turned_away and second_clicks.remembered("erase", session_cookie(request))
    return redirect("erased") if is_second_click else response


def is_redirect_to_sign_in(response) -> bool:
    return response.status_code == 302 and response.url.startswith(reverse("sign-in"))


@for_learners
@sensitive_post_parameters("password")
@rate_limited("auth")
def erase_once(request) -> HttpResponse:
    form = EraseForm(request.POST or None)
    if form.is_valid() and is_own_password(request, form):
        second_clicks.remember("erase", session_cookie(request), request.user.pk)
        erasing.erase_person(user_id=request.user.pk, at=timezone.now())
        logout(request)
        response = redirect("erased")
        response.delete_cookie(lockout.DEVICE_COOKIE, path=settings.SESSION_COOKIE_PATH)
        return response
    return render(request, "pages/erase.html", {"form": form, "profile": profile_of(request.user)})


@require_safe
def erased(request) -> HttpResponse:
    return render(request, "pages/erased.html")


def save_password(request, form) -> bool:
    """False with the refusal written to the form."""
    try:
        services.change_password(user=request.user, **form.cleaned_data, at=timezone.now(), request=request)
    except ValidationError as refused:
        return refuse(form, refused)
    # The browser of this request stays signed in.
    update_session_auth_hash(request, request.user)
    return True


def is_own_password(request, form) -> bool:
    """False with the refusal written to the form."""
    try:
        services.confirm_password(user=request.user, **form.cleaned_data, field="password", request=request)
    except ValidationError as refused:
        return refuse(form, refused)
    return True
