"""Sign up, sign in and sign out with a session cookie, here and in the admin."""

from django.contrib import admin
from django.contrib.auth import authenticate, login, logout
from django.http import HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST
from rest_framework.exceptions import Throttled, ValidationError

from skillquest.accounts import lockout, second_clicks
from skillquest.accounts.identifiers import counted_as, key_of
from skillquest.accounts.models import User
from skillquest.accounts.services import register
from skillquest.api.ratelimits import charge_name

from .access import rate_limited
from .forms import SignInForm, SignUpForm

BACKEND = "skillquest.accounts.backends.UsernameOrEmailBackend"


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@sensitive_post_parameters("password")
@rate_limited("auth")
def sign_up(request) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect(next_url(request))
    form = SignUpForm(request.POST or None)
    if form.is_valid() and (user := register_from(request, form)):
        return log_in(request, user)
    return render(request, "pages/sign_up.html", {"form": form, "next": request.GET.get("next", "")})


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@sensitive_post_parameters("password")
@rate_limited("sign_in")
def sign_in(request) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect(next_url(request))
    form = SignInForm(request.POST or None)
    if form.is_valid() and (user := authenticate_from(request, form)):
        return log_in(request, user)
    return render(request, "pages/sign_in.html", {"form": form, "next": request.GET.get("next", "")})


def log_in(request, user) -> HttpResponse:
    login(request, user, backend=BACKEND)
    return finish_sign_in(request, redirect(next_url(request)))


def finish_sign_in(request, response) -> HttpResponse:
    """Remember the browser as the user's, and delete the user's sessions that have expired."""
    lockout.remember_device(request, response, key_of(request.user))
    request.user.browser_sessions.filter(expire_date__lt=timezone.now()).delete()
    return response


@rate_limited("sign_in")
def admin_sign_in(request) -> HttpResponse:
    """The admin's own page, within the budget of every other sign-in."""
    if request.method == "POST":
        charge_identifier(request, request.POST.get("username", ""))
    response = admin.site.login(request)
    is_signed_in = request.method == "POST" and request.user.is_authenticated
    return finish_sign_in(request, response) if is_signed_in else response


@rate_limited("auth")
def admin_password_change(request) -> HttpResponse:
    """The admin's own page; it asks for the old password, so guesses are limited."""
    return admin.site.admin_view(admin.site.password_change, cacheable=True)(request)


@require_POST
def sign_out(request) -> HttpResponse:
    logout(request)
    return redirect("sign-in")


def register_from(request, form) -> User | None:
    """The new user, or None with the refusal written to the form.

    The second click on the button finds the name taken by the account that the first one made, and gets that account.
    """
    at = timezone.now()
    try:
        return register(**form.cleaned_data, language=translation.get_language(), at=at)
    except ValidationError as refused:
        if user := just_registered(request, form, at):
            return user
        for field, messages in refused.detail.items():
            form.add_error(field, [str(message) for message in messages])
    return None


def just_registered(request, form, at) -> User | None:
    """Within the last minutes, with the same name, e-mail address and password."""
    name, email = form.cleaned_data["username"], form.cleaned_data["email"]
    known = User.objects.with_username(name).with_email(email).filter(date_joined__gte=at - second_clicks.WINDOW)
    if not known.exists():
        return None
    charge_identifier(request, name)
    return authenticate(request, username=name, password=form.cleaned_data["password"])


def authenticate_from(request, form) -> User | None:
    """The user, or None with the refusal written to the form; Throttled when this name has been tried too often."""
    identifier = form.cleaned_data["identifier"]
    charge_identifier(request, identifier)
    user = authenticate(request, username=identifier, password=form.cleaned_data["password"])
    if user is None and (wait := lockout.seconds_locked(request, counted_as(request, identifier))):
        raise Throttled(wait)
    if user is None:
        form.add_error(None, _("No account has this name and password. Check both and try again."))
    return user


def charge_identifier(request, identifier) -> None:
    charge_name(request, lockout.budget_of(request, counted_as(request, identifier)))


def next_url(request) -> str:
    """The page that the visitor wanted; the dashboard where that is on another site."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if is_ours else resolve_url("dashboard")
