"""Events of a batch. See `seeded_bugs`."""

from .seeding import Edit, SeededBug, bug

SYNC = "tests/tracking/sync"

BATCHES = [
    bug(
        "a batch forgets what it has paid for a level",
        "gamification/awards/history.py",
        "self.paid[entry.subject] += entry.delta",
        "self.paid[entry.subject] += 0",
        tests=[f"{SYNC}/test_batch.py"],
    ),
    bug(
        "a batch unlocks again what it has unlocked",
        "gamification/awards/history.py",
        "self.unearned.take(earned)",
        "self.unearned.take(Earned())",
        tests=[f"{SYNC}/test_batch.py"],
    ),
    bug(
        "a batch is entered in the order sent",
        "tracking/sync/writing.py",
        "sorted(items, key=lambda item: item.row.occurred_at)",
        "list(items)",
        tests=[f"{SYNC}/test_batch.py"],
    ),
    bug(
        "a rejected event keeps its id",
        "tracking/sync/writing.py",
        "_remove([item for item in results if not item.is_paid])",
        "_remove([])",
        tests=[f"{SYNC}/test_batch.py"],
    ),
    bug(
        "an event of a batch is checked less strictly than a body",
        "tracking/sync/serializers.py",
        "reader.read(check_body(body, type(reader), user))",
        "reader.read(body)",
        tests=[f"{SYNC}/test_batch.py"],
    ),
    SeededBug(
        "the sessions of a batch are everybody's",
        [
            Edit(
                "tracking/sync/lookups.py",
                "session if session and session.learner_id == item.learner.pk else None",
                "session",
            ),
            Edit(
                "tracking/sync/lookups.py",
                "LearningSession.objects.filter(learner__in={item.learner.pk for item in items})",
                "LearningSession.objects.all()",
            ),
        ],
        tests=[f"{SYNC}/test_sessions.py"],
    ),
    bug(
        "batches insert their events in the order sent, and wait for each other",
        "tracking/sync/writing.py",
        "[item.completion for item in sorted(items, key=lambda item: item.key)]",
        "[item.completion for item in items]",
        tests=[f"{SYNC}/test_races.py"],
        on_servers=True,
    ),
]
