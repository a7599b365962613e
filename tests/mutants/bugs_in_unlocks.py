"""Achievements, badges and the numbers that they ask for. See `seeded_bugs`."""

from .seeding import WALKS, Edit, SeededBug, bug

TESTS = "tests/gamification/earnables/test_unlocking.py"

UNLOCKS = [
    bug(
        "a threshold must be passed, not met",
        "gamification/conditions/engine.py",
        "return values.get(leaf.metric, 0) >= leaf.threshold",
        "return values.get(leaf.metric, 0) > leaf.threshold",
        tests=[TESTS],
    ),
    bug(
        "a threshold that is met exactly is not looked at",
        "gamification/earnables/unlocking.py",
        "crossed |= Q(metric=metric, threshold__gt=old, threshold__lte=new)",
        "crossed |= Q(metric=metric, threshold__gt=old, threshold__lt=new)",
        tests=WALKS,
    ),
    SeededBug(
        "unlocked-once constraint dropped",
        [
            Edit(
                "gamification/models/earnables.py",
                'models.UniqueConstraint(fields=["learner", "achievement"], name="unlock_once"),',
                "",
            ),
            Edit(
                "gamification/migrations/0001_initial.py",
                'models.UniqueConstraint(fields=("learner", "achievement"), name="unlock_once")',
                "",
            ),
        ],
        [TESTS],
    ),
    bug(
        "unlocks are judged before the XP of the completion is added",
        "gamification/awards/batch.py",
        "gained = sum(new_entry.delta for new_entry in new_entries)",
        "gained = 0",
        tests=WALKS,
    ),
    bug(
        "what an unlock pays unlocks no more",
        "gamification/earnables/unlocking.py",
        "    if earned.achievements:\n        # Their",
        "    if earned.badges:\n        # Their",
        tests=WALKS,
    ),
    bug(
        "a revoked achievement is earned again",
        "gamification/earnables/unlocking.py",
        'Exists(Unlock.objects.filter(learner_id=learner_id, achievement_id=OuterRef("achievement_id")))',
        'Exists(Unlock.objects.held().filter(learner_id=learner_id, achievement_id=OuterRef("achievement_id")))',
        tests=WALKS,
    ),
    bug(
        "a revoked badge is earned again",
        "gamification/earnables/unlocking.py",
        'Exists(BadgeAward.objects.filter(learner_id=learner_id, badge_id=OuterRef("badge_id")))',
        'Exists(BadgeAward.objects.held().filter(learner_id=learner_id, badge_id=OuterRef("badge_id")))',
        tests=[TESTS],
    ),
    bug(
        "an achievement stays when what it paid is taken back",
        "gamification/awards/adjustments.py",
        "if entry.reference_type == LedgerEntry.ACHIEVEMENT_REFERENCE:\n",
        "if entry.reference_type == LedgerEntry.Reason.STREAK_BONUS:\n",
        tests=WALKS,
    ),
    bug(
        "a streak that has lapsed still counts as current",
        "gamification/earnables/unlocking.py",
        "if profile.streak_expires_at is None or profile.streak_expires_at <= at:",
        "if profile.streak_expires_at is None:",
        tests=[TESTS],
    ),
    bug(
        "modes count among the levels completed",
        "tracking/recording/counting.py",
        "if completion.level_type != Kind.MODE:",
        "if True:",
        tests=WALKS,
    ),
    bug(
        "rebuilding counts held completions",
        "tracking/maintenance/rebuilding.py",
        "Completion.objects.counted().filter(learner_id__in=by_id)",
        "Completion.objects.filter(learner_id__in=by_id)",
        tests=WALKS,
    ),
    bug(
        "an unlock is dated by the day on which it was received",
        "gamification/awards/batch.py",
        "earned_at=award.occurred_at,\n            trust=award.trust,",
        "earned_at=self.at,\n            trust=award.trust,",
        tests=WALKS,
    ),
]
