"""Settings that are right for trying things out, and wrong for a server that people reach."""

from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks

SENDS_NOTHING = {
    f"django.core.mail.backends.{name}.EmailBackend" for name in ("console", "dummy", "filebased", "locmem")
}
THIS_MACHINE = {"localhost", "127.0.0.1", "::1"}


class Rule(NamedTuple):
    id: str
    is_broken: Callable[[], bool]
    message: str
    hint: str


ERRORS = [
    Rule(
        "skillquest.E001",
        lambda: settings.DEMO,
        "DEMO=1 allows users whose passwords are public.",
        "Remove DEMO=1, and deactivate the users `demo`, `demo-staff` and `demo-steward` in the admin.",
    ),
    Rule(
        "skillquest.E002",
        lambda: not settings.RATELIMIT_ENABLE,
        "RATELIMIT_ENABLE=0 lets everybody guess passwords as fast as they can.",
        "Remove RATELIMIT_ENABLE=0; the RATE_LIMIT_… variables change single limits.",
    ),
    Rule(
        "skillquest.E003",
        lambda: "*" in settings.ALLOWED_HOSTS,
        "ALLOWED_HOSTS=* accepts requests for every host name.",
        "List the host names of this installation in ALLOWED_HOSTS.",
    ),
    Rule(
        "skillquest.E004",
        lambda: settings.EMAIL_BACKEND in SENDS_NOTHING,
        "No mail server is configured, so nobody can reset a forgotten password.",
        "Set EMAIL_URL, for example to smtp+tls://user:password@mail.example.org:587.",
    ),
    Rule(
        "skillquest.E005",
        lambda: urlsplit(settings.SITE_URL).hostname in THIS_MACHINE,
        "Links in e-mails lead to the reader's own machine, because SITE_URL is not set.",
        "Set SITE_URL to the origin at which people reach the site, such as https://play.example.org.",
    ),
    Rule(
        "skillquest.E006",
        lambda: settings.SECRET_KEY == settings.KEY_FOR_DEBUGGING,
        "The SECRET_KEY is the public one for debugging, so everybody can forge sign-ins.",
        "Remove DEBUG=1 and set SECRET_KEY to a random text.",
    ),
]


WARNINGS = [
    Rule(
        "skillquest.W002",
        lambda: not settings.TRUST_LIMITS,
        "TRUST_LIMITS=0 lets everybody report as many results as they like.",
        "Remove TRUST_LIMITS=0, unless every client is trusted.",
    ),
    Rule(
        "skillquest.W003",
        lambda: any(origin.startswith("http://") for origin in settings.CORS_ALLOWED_ORIGINS),
        "CORS_ALLOWED_ORIGINS has an origin without HTTPS: whoever is on the way can change its pages.",
        "Serve those pages by HTTPS, and name their origin with https://.",
    ),
]


@checks.register(checks.Tags.security, deploy=True)
def check_settings(**_: Any) -> list[checks.CheckMessage]:
    return [
        *(checks.Error(rule.message, hint=rule.hint, id=rule.id) for rule in ERRORS if rule.is_broken()),
        *(checks.Warning(rule.message, hint=rule.hint, id=rule.id) for rule in WARNINGS if rule.is_broken()),
    ]
