"""A forgotten password: ask for a mail, follow its link, choose a new one."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe
from rest_framework.exceptions import ValidationError

from skillquest.accounts import resets, second_clicks
from skillquest.accounts.errors import InvalidResetToken
from skillquest.accounts.models import User

from .access import rate_limited, session_cookie
from .forms import ForgotPasswordForm, NewPasswordForm

TOKEN = "password_reset_token"  # noqa: S105 - a key of the session


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@rate_limited("auth")
def forgot_password(request) -> HttpResponse:
    form = ForgotPasswordForm(request.POST or None)
    if form.is_valid():
        resets.ask_for_reset(**form.cleaned_data, request=request)
        return redirect("reset-sent")
    return render(request, "pages/forgot_password.html", {"form": form})


@require_safe
def reset_sent(request) -> HttpResponse:
    return render(request, "pages/reset_sent.html")


@require_safe
@never_cache
def follow_reset_link(request, token) -> HttpResponse:
    """Move the token to the session: in an address it would be in logs and in the Referer of later requests.

    It uses nothing up: some mail programs follow links before people do.
    """
    request.session.pop(TOKEN, None)
    if resets.is_valid(token):
        request.session[TOKEN] = token
    return redirect("new-password")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@sensitive_post_parameters("new_password")
@rate_limited("auth")
def new_password(request) -> HttpResponse:
    form = NewPasswordForm(request.POST or None)
    token = request.session.get(TOKEN, "")
    try:
        user = resets.person_of(token)
        if form.is_valid() and save(request, user, token, form):
            return redirect("new-password-done")
    except InvalidResetToken:
        if form.is_valid() and is_second_click(request, form):
            return redirect("new-password-done")
        return render(request, "pages/link_dead.html")
    return render(request, "pages/new_password.html", {"form": form})


@require_safe
def new_password_done(request) -> HttpResponse:
    return render(request, "pages/new_password_done.html")


def save(request, user: User, token, form) -> bool:
    """False with the refusal written to the form."""
    second_clicks.remember("reset", session_cookie(request), user.pk)
    try:
        resets.reset_password(token=token, **form.cleaned_data, at=timezone.now(), request=request)
    except ValidationError as weak:
        return refuse(form, weak)
    return True


def is_second_click(request, form) -> bool:
    """Whether this browser has set this password just now; that may have ended its session, but not its cookie."""
    user_id = second_clicks.remembered("reset", session_cookie(request))
    user = User.objects.filter(pk=user_id, is_active=True).first()
    return user is not None and user.check_password(form.cleaned_data["new_password"])


def refuse(form, refused: ValidationError) -> bool:
    for field, messages in refused.detail.items():
        form.add_error(field, [str(message) for message in messages])
    return False
