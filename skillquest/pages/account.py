"""What a learner does with the account itself: another password, and the end."""

from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe
from rest_framework.exceptions import ValidationError

from gamification.profiles.standing import profile_of
from skillquest.accounts import erasing, lockout, services

from .forms import ChangePasswordForm, EraseForm
from .gate import for_learners, rate_limited
from .password import refuse


@require_http_methods(["GET", "HEAD", "POST"])
@for_learners
@sensitive_post_parameters("old_password", "new_password")
@rate_limited("auth")
def change_password(request):
    form = ChangePasswordForm(request.POST or None)
    if form.is_valid() and save_password(request, form):
        messages.success(request, _("From now on your new password counts."), extra_tags="note common bi-check-lg")
        return redirect("profile")
    return render(request, "pages/change_password.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@for_learners
@sensitive_post_parameters("password")
@rate_limited("auth")
def erase(request):
    form = EraseForm(request.POST or None)
    if form.is_valid() and is_theirs(request, form):
        erasing.erase_person(user_id=request.user.pk, at=timezone.now())
        logout(request)
        response = redirect("erased")
        response.delete_cookie(lockout.DEVICE_COOKIE)
        return response
    return render(request, "pages/erase.html", {"form": form, "profile": profile_of(request.user)})


@require_safe
def erased(request):
    return render(request, "pages/erased.html")


def save_password(request, form) -> bool:
    """False with the refusal written to the form."""
    try:
        services.change_password(user=request.user, **form.cleaned_data, at=timezone.now(), request=request)
    except ValidationError as refused:
        return refuse(form, refused)
    # The browser that asked stays signed in.
    update_session_auth_hash(request, request.user)
    return True


def is_theirs(request, form) -> bool:
    """Whether the password is; False with the refusal written to the form."""
    try:
        services.confirm_password(user=request.user, **form.cleaned_data, field="password", request=request)
    except ValidationError as refused:
        return refuse(form, refused)
    return True
