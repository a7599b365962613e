from .seeding import bug

APPROVALS = [
    bug(
        "superusers approve their own requests",
        "approvals/services.py",
        "    if actor.pk == request.requested_by_id:\n        return OwnRequest()",
        "    if actor.pk == request.requested_by_id and not actor.is_superuser:\n        return OwnRequest()",
        tests=["tests/approvals/test_services.py"],
    ),
    bug(
        "each part of an adjustment is looked at by itself",
        "gamification/staff/approvals.py",
        "is_above_limit(abs(amount) + moved_by(actor, learner_id, since=at - SUMMED_OVER))",
        "is_above_limit(abs(amount) + 0 * moved_by(actor, learner_id, since=at - SUMMED_OVER))",
        tests=["tests/gamification/staff/test_approvals.py"],
    ),
    bug(
        "parts are summed before the profile is locked",
        "gamification/staff/approvals.py",
        "        raise OwnXP\n    lock_profile(learner_id)\n",
        "        raise OwnXP\n",
        tests=["tests/approvals/test_races.py::test_parts_that_one_person_gives_side_by_side_are_summed"],
        on_servers=True,
    ),
    bug(
        "two people who approve at once both pay",
        "approvals/services.py",
        'ApprovalRequest.objects.locked().select_related("requested_by", "learner")',
        'ApprovalRequest.objects.select_related("requested_by", "learner")',
        tests=["tests/approvals/test_races.py"],
        on_servers=True,
    ),
    bug(
        "an approved edit overwrites what was changed since",
        "levels/approvals.py",
        'if level is None or fingerprint(level) != request.payload["based_on"]:',
        "if level is None:",
        tests=["tests/levels/test_approvals.py"],
    ),
]
