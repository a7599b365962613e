"""How much one account may use up: keys, events, errors, and what an erasure leaves. See `seeded_bugs`."""

from .seeding import bug

KEYS = ["tests/tracking/idempotency"]

BOUNDS = [
    bug(
        "a repeat that only its time shows is not kept under its key",
        "tracking/api/views.py",
        "recognised_for_ever=claim.client_event_id is not None",
        "recognised_for_ever=True",
        tests=KEYS,
    ),
    bug(
        "an invalid body opens a key's transaction",
        "skillquest/api/idempotency.py",
        "            _check_body(reader)\n",
        "",
        tests=KEYS,
    ),
    bug(
        "kept answers have no quota",
        "tracking/idempotency/quota.py",
        "    if kept.is_full:\n",
        "    if kept.is_full and not kept.keys:\n",
        tests=KEYS,
    ),
    bug(
        "a refused batch uses up what was left",
        "skillquest/api/ratelimits.py",
        "return max(0, min(limit, cache.decr(name, amount))), True",
        "return limit, True",
        tests=["tests/tracking/sync/test_event_budget.py"],
    ),
    bug(
        "an answer repeats every error",
        "skillquest/api/errors.py",
        "list(islice(problems, most_errors))",
        "list(problems)",
        tests=["tests/api/test_errors.py"],
    ),
    bug(
        "a portion of an erasure forgets what earlier ones added up",
        "tracking/maintenance/erasing.py",
        'done = Done(Counter(cursor.get("counts", {})), firsts,',
        "done = Done(Counter(), firsts,",
        tests=["tests/accounts/test_erase_long_history.py"],
    ),
]
