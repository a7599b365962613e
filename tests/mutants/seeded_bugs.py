"""Bugs that somebody could plausibly write, each with tests that must see it.

When a source line changes, `test_seeded_bugs` says which bug no longer fits: carry it over to the new line.
"""

from .bugs_in_access import WHO_MAY
from .bugs_in_approvals import APPROVALS
from .bugs_in_batches import BATCHES
from .bugs_in_boards import BOARDS_AND_WORDS
from .bugs_in_bounds import BOUNDS
from .bugs_in_decisions import DECISIONS
from .bugs_in_editing import EDITING
from .bugs_in_jobs import JOBS
from .bugs_in_keys import KEYS
from .bugs_in_languages import LANGUAGES
from .bugs_in_learners import OF_SERVERS
from .bugs_in_limits import LIMITS_OF_PLAUSIBILITY
from .bugs_in_merges import MERGES
from .bugs_in_plays import PLAYS, REVIEWS
from .bugs_in_streaks import STREAKS
from .bugs_in_trust import TRUST_AND_STANDING
from .bugs_in_unlocks import UNLOCKS
from .seeding import WALKS, Edit, SeededBug, bug

RACES = "tests/tracking/recording/test_races.py"

LOCKS_AND_CONSTRAINTS = [
    bug(
        "naive read-add-save: the profile is not locked",
        "gamification/models/profiles.py",
        'self.select_for_update(no_key=True, of=("self",)).annotate(',
        "self.annotate(",
        tests=[f"{RACES}::test_many_completions_of_one_learner_at_once_are_all_paid"],
        on_servers=True,
    ),
    bug(
        "a session's lock dropped",
        "tracking/models/sessions.py",
        'return self.select_for_update(no_key=True, of=("self",))',
        "return self.all()",
        tests=[f"{RACES}::test_one_session_ended_many_times_at_once_is_paid_once"],
        on_servers=True,
    ),
    SeededBug(
        "unique event id dropped, looked up before the insert instead",
        [
            Edit(
                "tracking/models/completions.py",
                'models.UniqueConstraint(fields=["learner", "client_event_id"], name="completion_event_once"),',
                "",
            ),
            Edit(
                "tracking/migrations/0001_initial.py",
                'models.UniqueConstraint(fields=("learner", "client_event_id"), name="completion_event_once")',
                'models.CheckConstraint(condition=models.Q(score__gte=0), name="completion_event_once")',
            ),
            Edit(
                "tracking/recording/services.py",
                'not insert_if_absent(completion, conflict="(learner_id, client_event_id)"):',
                "(find_event(learner, claim) or completion.save(force_insert=True)):",
            ),
        ],
        [f"{RACES}::test_one_completion_sent_many_times_at_once_is_paid_once"],
        on_servers=True,
    ),
    SeededBug(
        "the ledger's paid-once constraint dropped",
        [
            Edit(
                "gamification/migrations/0001_initial.py",
                'fields=("learner", "reference_type", "reference_id")',
                'fields=("learner", "reference_type", "reference_id", "sequence")',
            ),
            Edit(
                "gamification/models/ledger.py",
                'fields=["learner", "reference_type", "reference_id"],',
                'fields=["learner", "reference_type", "reference_id", "sequence"],',
            ),
        ],
        ["tests/gamification/ledger/test_entries.py"],
    ),
    bug(
        "the ledger's triggers not installed",
        "gamification/apps.py",
        "install(connections[using])",
        "pass",
        tests=["tests/gamification/ledger/test_entries.py"],
    ),
    bug(
        "maintenance mode of the ledger left on without a report",
        "gamification/ledger/protection.py",
        "        *_maintenance_left_on(connection, tables),\n",
        "",
        tests=["tests/gamification/ledger/test_protection.py"],
    ),
    SeededBug(
        "the idempotency key kept outside the transaction of the effect",
        [
            Edit("tracking/idempotency/keys.py", "    with key_transaction():\n", "    if True:\n"),
            Edit("tracking/idempotency/keys.py", "transaction.set_rollback(True)", "row.delete()"),
        ],
        [RACES],
        on_servers=True,
    ),
]

PAID_ONCE = [
    bug(
        "content of a known event id not compared",
        "tracking/recording/completions.py",
        "if _content(completion) != content or not",
        "if not",
        tests=WALKS,
    ),
    bug(
        "body under a known Idempotency-Key not compared",
        "tracking/idempotency/keys.py",
        "if kept.fingerprint != fingerprint:",
        "if not kept.fingerprint:",
        tests=["tests/tracking/idempotency/test_keys.py"],
    ),
    bug(
        "refusals are kept under their Idempotency-Key",
        "tracking/idempotency/keys.py",
        "if response.status_code >= 400 or",
        "if response.status_code >= 500 or",
        tests=["tests/tracking/idempotency/test_keys.py"],
    ),
    bug(
        "a replay is paid again",
        "tracking/recording/services.py",
        "return replay_same(find_event(learner, claim), level, claim)",
        (
            "with award_batch(learner.pk, at=at) as batch:\n"
            "                return pay(find_event(learner, claim), batch, level_answer)"
        ),
        tests=WALKS,
    ),
    bug(
        "a repeat without event id is paid again",
        "tracking/recording/services.py",
        "if duplicate := find_duplicate(completion):",
        "if (duplicate := find_duplicate(completion)) and duplicate.client_event_id:",
        tests=WALKS,
    ),
    bug(
        "a repeated result of training is recorded again",
        "tracking/training/services.py",
        "if duplicate := find_duplicate(completion, metadata=completion.metadata):",
        "if (duplicate := find_duplicate(completion, metadata=completion.metadata)) and not duplicate.passed:",
        tests=WALKS,
    ),
    bug(
        "other answers with the same score are taken for a repeat",
        "tracking/training/services.py",
        "find_duplicate(completion, metadata=completion.metadata)",
        "find_duplicate(completion)",
        tests=["tests/tracking/training/test_api.py"],
    ),
    bug(
        "a clock that was set back makes repeats",
        "tracking/recording/completions.py",
        "created_at__lt=at + window,",
        "",
        tests=WALKS,
    ),
    bug(
        "a session that has ended is ended again",
        "tracking/recording/ending.py",
        "    if session.has_ended:",
        "    if session.has_ended and score is None:",
        tests=WALKS,
    ),
    bug(
        "an adjustment with a known reference is made again",
        "gamification/awards/adjustments.py",
        'reference_type="adjustment",\n            reference_id=reference_id or str(uuid.uuid4()),',
        'reference_type="adjustment",\n            reference_id=str(uuid.uuid4()),',
        tests=WALKS,
    ),
    bug(
        "an entry can be reversed twice",
        "gamification/awards/adjustments.py",
        "if LedgerEntry.objects.filter(reversal_of=entry).exists():",
        "if LedgerEntry.objects.filter(reversal_of=entry, delta=0).exists():",
        tests=WALKS,
    ),
]

PAID_RIGHT = [
    bug(
        "repeat policy sums what was paid without its reversals",
        "gamification/awards/history.py",
        'WHERE learner_id = %s AND subject = %s"',
        'WHERE learner_id = %s AND subject = %s AND delta > 0"',
        tests=WALKS,
    ),
    bug(
        "products rounded to the nearest, not down",
        "gamification/pricing/xp.py",
        "scaled = floor(plain * rules.multipliers[facts.difficulty])",
        "scaled = round(plain * rules.multipliers[facts.difficulty])",
        tests=WALKS,
    ),
    bug(
        "a held completion pays at once",
        "gamification/awards/batch.py",
        "if reason := self.limiter.held_reason(award, local.date(), xp.total(breakdown)):",
        "if (reason := self.limiter.held_reason(award, local.date(), 0)) and not award.facts.passed:",
        tests=WALKS,
    ),
    bug(
        "a held completion opens the levels behind it",
        "tracking/models/completions.py",
        "return self.counted().filter(learner=learner, passed=True)",
        "return self.filter(learner=learner, passed=True)",
        tests=WALKS,
    ),
    bug(
        "the daily cap looks at the day of writing",
        "gamification/awards/history.py",
        "learner_id=self.learner_id, effective_at__date=day",
        "learner_id=self.learner_id, created_at__date=day",
        tests=WALKS,
    ),
    bug(
        "a session of yesterday still ends",
        "tracking/recording/ending.py",
        "return SessionAbandoned() if session.is_abandoned(at) else None",
        "return SessionAbandoned() if session.status == session.Status.ABANDONED else None",
        tests=WALKS,
    ),
    bug(
        "the audit looks at balances only, not at totals",
        "gamification/ledger/audit.py",
        "WHERE COALESCE(ledger_total, 0) <> COALESCE(profile.total_xp, -1)",
        "WHERE COALESCE(ledger_total, 0) <> COALESCE(ledger_total, 0)",
        tests=["tests/gamification/ledger/test_entries.py"],
    ),
]

SEEDED_BUGS = [
    *LOCKS_AND_CONSTRAINTS,
    *PAID_ONCE,
    *PAID_RIGHT,
    *WHO_MAY,
    *KEYS,
    *OF_SERVERS,
    *APPROVALS,
    *BATCHES,
    *MERGES,
    *LIMITS_OF_PLAUSIBILITY,
    *STREAKS,
    *TRUST_AND_STANDING,
    *UNLOCKS,
    *EDITING,
    *JOBS,
    *PLAYS,
    *REVIEWS,
    *DECISIONS,
    *BOARDS_AND_WORDS,
    *BOUNDS,
    *LANGUAGES,
]
