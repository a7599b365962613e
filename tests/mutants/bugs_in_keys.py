"""Which server keys are accepted, for what, and how much they may give. See `seeded_bugs`."""

from .seeding import bug

AUTHENTICATION, SERVICES = "skillquest/machines/authentication.py", "skillquest/machines/services.py"
ACCEPTED = ["tests/machines/test_authentication.py"]
LIMITS = ["tests/machines/test_limits.py"]
AWARDS = ["tests/machines/test_awards.py"]

KEYS = [
    bug(
        "a key does what its scopes do not allow",
        AUTHENTICATION,
        "    if scope not in key.scopes:\n        raise ScopeMissing(scope)\n",
        "",
        tests=ACCEPTED,
    ),
    bug(
        "an expired key is accepted",
        AUTHENTICATION,
        '    if not key.is_accepted(at):\n        return "expired"\n',
        "",
        tests=ACCEPTED,
    ),
    bug(
        "a key is accepted from every network",
        AUTHENTICATION,
        'return "" if key.allows_address(client_address(request)) else "other_network"',
        'return ""',
        tests=ACCEPTED,
    ),
    bug(
        "a key with another secret is accepted",
        AUTHENTICATION,
        "if not hmac.compare_digest(key.secret_hash, token.hash):",
        "if not key.secret_hash:",
        tests=ACCEPTED,
    ),
    bug(
        "tokens outlive the key that issued them",
        "skillquest/accounts/models.py",
        "return self.server_key.revoked_at is not None or self.user.is_staff",
        "return self.user.is_staff",
        tests=["tests/machines/test_use.py"],
    ),
    bug(
        "a third key of a family is made",
        SERVICES,
        "if [one.pk for one in accepted] != [key.pk]:",
        "if key.pk not in [one.pk for one in accepted]:",
        tests=["tests/machines/test_admin.py"],
    ),
    bug(
        "each use of a key writes its row",
        SERVICES,
        "if key.last_used_at is None or key.last_used_at <= at - USE_NOTED_EVERY:",
        "if True:",
        tests=["tests/machines/test_use.py"],
    ),
    bug(
        "a rotated key has rate limits of its own",
        "skillquest/api/ratelimits.py",
        'return f"key {key.family}" if key else None',
        'return f"key {key.prefix}" if key else None',
        tests=LIMITS,
    ),
    bug(
        "a learner can use up the Idempotency-Keys of a server",
        "tracking/idempotency/keys.py",
        "key = OF_SERVERS + key if of_server else key",
        "key = key if of_server else key",
        tests=LIMITS,
    ),
    bug(
        "what a key takes gives room for more",
        "gamification/staff/key_awards.py",
        "_use_up(key, abs(amount), at)",
        "_use_up(key, amount, at)",
        tests=AWARDS,
    ),
    bug(
        "a key gives without a limit",
        "gamification/staff/key_awards.py",
        '    if not open_days.update(xp=F("xp") + amount):\n        raise KeyAwardsUsedUp',
        '    open_days.update(xp=F("xp") + amount)',
        tests=AWARDS,
    ),
    bug(
        "whoever may not adjust XP gives a key that may",
        "skillquest/machines/forms.py",
        'if Scope.AWARD in self.cleaned_data["scopes"] and not self.may_award:',
        'if Scope.AWARD in self.cleaned_data["scopes"] and not hasattr(self, "may_award"):',
        tests=["tests/machines/test_admin.py"],
    ),
    bug(
        "test learners count for rarity",
        "gamification/earnables/rarity.py",
        "real = LearnerProfile.objects.exclude(kind=LearnerKind.TEST)",
        "real = LearnerProfile.objects.exclude(kind=LearnerKind.GUEST)",
        tests=["tests/machines/test_test_learners.py"],
    ),
    bug(
        "a test key sees boards",
        "gamification/leaderboards/presentation.py",
        "if for_tests or view.is_test:",
        "if view.is_test:",
        tests=["tests/machines/test_test_learners.py"],
    ),
    bug(
        "what a short token reports is verified",
        "tracking/recording/trust.py",
        "return Reporter(request.auth.prefix) if sent_by_key(request) else LEARNER",
        'return Reporter("sq_live_x") if request.auth else LEARNER',
        tests=["tests/machines/test_use.py"],
    ),
]
