"""What servers may do with learners, and people with accounts that servers created. See `seeded_bugs`."""

from .seeding import bug

LEARNERS, CLAIMS = "skillquest/machines/learners.py", "skillquest/machines/claims.py"
OF_SERVERS = [
    bug(
        "a test key acts for live learners",
        LEARNERS,
        "is_test_learner != is_test",
        "is_test_learner and not is_test",
        tests=["tests/machines/test_learners_in_sets.py"],
    ),
    bug(
        "a key acts for staff",
        LEARNERS,
        "person.is_staff or person.is_superuser or person.has_rights or",
        "person.is_superuser or",
        tests=["tests/machines/test_learners_in_sets.py"],
    ),
    bug(
        "a key changes an account that its owner has claimed",
        "skillquest/machines/learners_saving.py",
        "{} if person.has_usable_password() else changes_of(person, fields)",
        "changes_of(person, fields)",
        tests=["tests/machines/test_save_learner.py"],
    ),
    bug(
        "a late event brings an erased learner back",
        "skillquest/machines/external_ids.py",
        "erased_at__gt=at - CLOSED_FOR",
        "erased_at__gt=at",
        tests=["tests/machines/test_erase_learner.py"],
    ),
    bug(
        "a claim link takes over an account with a password",
        CLAIMS,
        "person.has_usable_password() or refusal_of(",
        "refusal_of(",
        tests=["tests/machines/test_claim_links.py"],
    ),
    bug(
        "a claim link outlives its key",
        CLAIMS,
        "expires_at__gt=at, server_key__revoked_at=None",
        "expires_at__gt=at",
        tests=["tests/machines/test_claim_links.py"],
    ),
    bug(
        "a short token outlives its key",
        "skillquest/accounts/models.py",
        "self.server_key.revoked_at is not None or",
        "",
        tests=["tests/machines/test_learner_tokens.py"],
    ),
    bug(
        "a short token keeps rights that were granted later",
        "skillquest/accounts/sessions.py",
        "    if session.server_key_id and permissions_of(session.user).exists():",
        "    if session.server_key_id and not session.user.is_active:",
        tests=["tests/machines/test_learner_tokens.py"],
    ),
    bug(
        "a short token does what takes the person's own sign-in",
        "skillquest/accounts/own_sign_in.py",
        "        if is_short_token(request):",
        "        if not request.user.is_active:",
        tests=["tests/machines/test_learner_tokens.py"],
    ),
]
