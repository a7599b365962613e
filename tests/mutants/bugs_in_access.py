"""Who may do what: what is mine, who I am, and how often. See `seeded_bugs`."""

from .seeding import WALKS, bug

WHO_MAY = [
    bug(
        "any session can be submitted as an attempt",
        "tracking/recording/services.py",
        "LearningSession.objects.attempts()",
        "LearningSession.objects.all()",
        tests=WALKS,
    ),
    bug(
        "sessions of other people can be ended",
        "tracking/recording/services.py",
        "with_counted_category(sessions.filter(learner=learner), learner)",
        "with_counted_category(sessions, learner)",
        tests=WALKS,
    ),
    bug(
        "history shows everybody's entries",
        "gamification/api/history.py",
        "return super().get_queryset().filter(learner=self.request.user)",
        "return super().get_queryset()",
        tests=["tests/gamification/api/test_xp.py"],
    ),
    bug(
        "people adjust their own XP",
        "gamification/awards/adjustments.py",
        "    if actor.pk == learner_id:\n",
        "    if actor.pk == learner_id and not actor.is_staff:\n",
        tests=WALKS,
    ),
    bug(
        "tokens outlive a password change",
        "skillquest/accounts/models.py",
        "constant_time_compare(self.password_stamp, stamp)",
        "constant_time_compare(stamp, stamp)",
        tests=["tests/accounts/test_password.py"],
    ),
    bug(
        "tokens of a deactivated person stay valid",
        "skillquest/accounts/models.py",
        "return self.ended_at is None and self.user.is_active and",
        "return self.ended_at is None and",
        tests=["tests/accounts/test_token_corpus.py"],
    ),
    bug(
        "a refresh token works twice",
        "skillquest/accounts/sessions.py",
        "filter(pk=session.pk, refresh_id=token_id)",
        "filter(pk=session.pk)",
        tests=["tests/accounts/test_refresh.py"],
    ),
    bug(
        "a refresh token is accepted as an access token",
        "skillquest/accounts/tokens.py",
        'if claims["kind"] != kind:',
        'if claims["kind"] not in TokenKind:',
        tests=["tests/accounts/test_token_corpus.py"],
    ),
    bug(
        "guessing passwords locks no account",
        "skillquest/accounts/lockout.py",
        "if failures >= FREE:",
        "if failures >= FREE**2:",
        tests=["tests/accounts/test_lockout.py"],
    ),
    bug(
        "cookies write without CSRF token",
        "skillquest/api/authentication.py",
        "if check.process_view(http_request, None, (), {}):",
        "if check.process_view(http_request, None, (), {}) is http_request:",
        tests=["tests/accounts/test_authentication.py"],
    ),
    bug(
        "the rate limit does not count",
        "skillquest/api/ratelimits.py",
        "rate=rate, increment=True)",
        "rate=rate, increment=False)",
        tests=["tests/api/test_ratelimits.py"],
    ),
    bug(
        "anybody's X-Forwarded-For is believed",
        "skillquest/api/addresses.py",
        "while hops and is_trusted(address, trusted):",
        "while hops and address is not None:",
        tests=["tests/api/test_addresses.py", "tests/api/test_ratelimits.py"],
    ),
    bug(
        "unknown fields are let through",
        "skillquest/api/parsing.py",
        "(find_errors(shape, data) or {})",
        "(find_errors(shape, {name: data[name] for name in data if name in shape.fields}) or {})",
        tests=["tests/api/test_parsing.py"],
    ),
]
