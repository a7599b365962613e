"""A person takes over an account that a game's server created for them."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe
from rest_framework.exceptions import ValidationError

from gamification.awards import player_level, profile_of
from skillquest.accounts import second_clicks
from skillquest.accounts.models import User
from skillquest.machines import claims
from skillquest.machines.claims import DeadLinkError

from .access import rate_limited, session_cookie
from .forms import ClaimForm
from .password import refuse
from .sign_in import log_in

TOKEN = "claim_token"  # noqa: S105 - a key of the session


@require_safe
@never_cache
def follow_claim_link(request, token) -> HttpResponse:
    """Move the token to the session: in an address it would be in logs and in the Referer of later requests.

    It uses nothing up: some programs follow links before people do.
    """
    request.session.pop(TOKEN, None)
    if claims.is_valid(token, at=timezone.now()):
        request.session[TOKEN] = token
    return redirect("claim")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@sensitive_post_parameters("password")
@rate_limited("auth")
def claim(request) -> HttpResponse:
    token, at = request.session.get(TOKEN, ""), timezone.now()
    try:
        person = claims.claimable(token, at=at)
        form = ClaimForm(request.POST or None, initial={"email": person.email})
        if form.is_valid() and (user := claimed(request, person, token, form, at)):
            return log_in(request, user)
    except DeadLinkError:
        if user := just_claimed(request):
            return log_in(request, user)
        return render(request, "pages/claim_dead.html")
    profile = profile_of(person)
    context = {"form": form, "person": person, "profile": profile, "rank": player_level(profile.total_xp)}
    return render(request, "pages/claim.html", context)


def claimed(request, person, token, form, at) -> User | None:
    """The user, or None with the refusal written to the form."""
    second_clicks.remember("claim", session_cookie(request), person.pk)
    try:
        return claims.claim_account(token=token, **form.cleaned_data, at=at)
    except ValidationError as refused:
        refuse(form, refused)
        return None


def just_claimed(request) -> User | None:
    """Who claimed the account in this browser just now, by the first click of two, with the same password."""
    user_id = second_clicks.remembered("claim", session_cookie(request)) if request.method == "POST" else None
    user = User.objects.filter(pk=user_id, is_active=True).first()
    return user if user and user.check_password(request.POST.get("password", "")) else None
