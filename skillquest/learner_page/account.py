"""The account: what identifies the person, and on which devices they are signed in."""

from django.contrib import admin
from django.urls import reverse

from skillquest.accounts.models import AuthSession, BrowserSession, GuestDevice, GuestLink, User
from skillquest.machines.models import ClaimLink

from .blocks import SHOWN, Block, Cell, Facts, Link, link_to, moment
from .person import person_of
from .visits import Visit


def account_facts(visit: Visit) -> list[Facts]:
    """Two statements."""
    person = person_of(visit.profile)
    claim = ClaimLink.objects.filter(user=person).select_related("server_key").first()
    device = GuestDevice.objects.filter(user=person).first()
    sign_in = [
        ("E-mail address", person.email or "-"),
        ("Has a password", "Yes" if person.has_usable_password() else "No"),
        ("Last sign-in", moment(person.last_login)),
        ("Language", person.get_language_display()),
    ]
    others = [
        ("External id", person.external_id or "-"),
        ("Claim link", _claim(claim) if claim else "-"),
        ("Device of the guest", f"since {moment(device.created_at)}" if device else "-"),
    ]
    return [Facts("Sign-in", [("Account", link_to(person, person.username)), *sign_in]), Facts("Other systems", others)]


def _claim(claim: ClaimLink) -> str:
    return f"made by {claim.server_key}, valid until {moment(claim.expires_at)}"


def devices(visit: Visit) -> Block:
    """Sign-ins by token: of apps and devices."""
    mine = AuthSession.objects.filter(user=visit.learner_id).select_related("server_key")
    return Block(
        "Devices",
        ["Signed in (UTC)", "Last renewed", "Expires", "By", "State"],
        [_device(visit, session) for session in mine.order_by("-created_at", "-pk")[:SHOWN]],
        "No app or device is signed in.",
    )


def _device(visit: Visit, session: AuthSession) -> list[Cell]:
    if session.ended_at:
        state = f"Ended {moment(session.ended_at)}"
    else:
        state = "Expired" if session.expires_at <= visit.at else "Signed in"
    by = f"Short token of {session.server_key}" if session.server_key else "The person"
    return [moment(session.created_at), moment(session.rotated_at), moment(session.expires_at), by, state]


def browsers(visit: Visit) -> Block:
    mine = BrowserSession.objects.filter(user=visit.learner_id).order_by("-expire_date")[:SHOWN]
    return Block(
        "Browsers",
        ["Expires (UTC)", "State"],
        [[moment(each.expire_date), "Expired" if each.expire_date <= visit.at else "Signed in"] for each in mine],
        "No browser is signed in.",
    )


def guests(visit: Visit) -> Block:
    links = GuestLink.objects.filter(account=visit.learner_id).order_by("-created_at")[:SHOWN]
    return Block(
        "Guests that became part of this account",
        ["When (UTC)", "Guest", "What"],
        [
            [moment(link.created_at), link.guest_id, "Merged" if link.was_merged else "Became this account"]
            for link in links
        ],
        "None.",
    )


def may_see(visit: Visit) -> bool:
    return visit.may_view(User)


def may_send_reset(visit: Visit) -> bool:
    """To people who sign in with a password and have an address to send it to."""
    person, accounts = person_of(visit.profile), admin.site.get_model_admin(User)
    has_password = bool(person.email) and person.is_active and person.has_usable_password()
    return has_password and not visit.is_erased and accounts.has_change_permission(visit.request, person)


def acts(visit: Visit) -> list[Link]:
    """Those on the account; whether they are allowed takes a few statements."""
    person, accounts = person_of(visit.profile), admin.site.get_model_admin(User)
    links = []
    if may_send_reset(visit):
        url = reverse("admin:gamification_learnerprofile_send_reset", args=[visit.learner_id])
        links.append(Link("Send a password reset…", url))
    if accounts.has_erase_permission(visit.request, person):
        links.append(Link("Erase…", reverse("admin:accounts_user_erase", args=[visit.learner_id])))
    return links
