"""Events of a batch. See `seeded_bugs`."""

from .seeding import Edit, SeededBug, bug

SYNC, EVENTS = "tests/tracking/sync", "tests/machines/test_events.py"

BATCHES = [
    bug(
        "a batch forgets what it has paid for a level",
        "gamification/awards/history.py",
        "self.paid[entry.subject] += entry.delta",
        "self.paid[entry.subject] += 0",
        tests=[f"{SYNC}/test_what_a_batch_earns.py"],
    ),
    bug(
        "a batch unlocks again what it has unlocked",
        "gamification/awards/history.py",
        "self.unearned.take(earned)",
        "self.unearned.take(Earned())",
        tests=[f"{SYNC}/test_what_a_batch_earns.py"],
    ),
    bug(
        "a batch is entered in the order sent",
        "tracking/sync/writing.py",
        "sorted(items, key=lambda item: item.row.occurred_at)",
        "list(items)",
        tests=[f"{SYNC}/test_what_a_batch_earns.py"],
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
    bug(
        "one learner whose events cannot be recorded stops the others of the batch",
        "tracking/sync/many_learners.py",
        "if len(by_learner) == 1:",
        "if by_learner:",
        tests=[EVENTS],
    ),
    bug(
        "results of a server key are trusted like those of a learner's client",
        "skillquest/machines/events.py",
        "Reporter(key.prefix)",
        "Reporter()",
        tests=[EVENTS],
    ),
    bug(
        "a test key reports for learners who exist",
        "skillquest/machines/events.py",
        "for learner in wanted}, is_test=key.is_test",
        "for learner in wanted}, is_test=False",
        tests=[EVENTS],
    ),
    bug(
        "a learner of a batch has passed nothing before",
        "tracking/sync/availability.py",
        "self.passed[learner_id].add(level_id)",
        "self.passed[-1].add(level_id)",
        tests=[EVENTS],
    ),
    bug(
        "the check-in of a learner who is refused stays",
        "tracking/sync/writing.py",
        "rows.remove([item for item in others if not item.is_paid])",
        "rows.remove([])",
        tests=[EVENTS],
    ),
    bug(
        "an event id belongs to the first learner who used it",
        "tracking/sync/events.py",
        "return self.learner.pk, self.event_id",
        "return 0, self.event_id",
        tests=[EVENTS],
    ),
]
