"""A forgotten password: ask for a mail, follow its link, choose a new one."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe
from rest_framework.exceptions import ValidationError

from skillquest.accounts import resets
from skillquest.accounts.errors import InvalidResetToken

from .access import rate_limited
from .forms import ForgotPasswordForm, NewPasswordForm


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@rate_limited("auth")
def forgot_password(request) -> HttpResponse:
    form = ForgotPasswordForm(request.POST or None)
    if form.is_valid():
        resets.ask_for_reset(**form.cleaned_data, request=request, link=resets.link_by(request))
        return redirect("reset-sent")
    return render(request, "pages/forgot_password.html", {"form": form})


@require_safe
def reset_sent(request) -> HttpResponse:
    return render(request, "pages/reset_sent.html")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@sensitive_post_parameters("new_password")
@rate_limited("auth")
def new_password(request, token) -> HttpResponse:
    """A look at it uses nothing up: some mail programs follow links before people do."""
    form = NewPasswordForm(request.POST or None)
    try:
        resets.person_of(token)
        if form.is_valid() and save(request, token, form):
            return redirect("new-password-done")
    except InvalidResetToken:
        if form.is_valid() and resets.was_just_used(token, form.cleaned_data["new_password"]):
            return redirect("new-password-done")
        return render(request, "pages/link_dead.html")
    return render(request, "pages/new_password.html", {"form": form})


@require_safe
def new_password_done(request) -> HttpResponse:
    return render(request, "pages/new_password_done.html")


def save(request, token, form) -> bool:
    """False with the refusal written to the form."""
    try:
        resets.reset_password(token=token, **form.cleaned_data, at=timezone.now(), request=request)
    except ValidationError as weak:
        return refuse(form, weak)
    return True


def refuse(form, refused: ValidationError) -> bool:
    for field, messages in refused.detail.items():
        form.add_error(field, [str(message) for message in messages])
    return False
