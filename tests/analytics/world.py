"""A random history of many learners: what happened, as rows; the figures follow from it."""

import random
from datetime import UTC, datetime, timedelta
from uuid import UUID

from gamification.awards import lock_profiles
from gamification.ledger.entries import NewEntry
from gamification.models import Achievement, ActivityDay, FreezeEvent, LearnerProfile, LedgerEntry, Trust, Unlock
from levels.models import Level, Question
from tests.factories import LevelFactory, QuestionFactory, UserFactory, credit
from tracking.models import Completion, LearningSession, Play, PlayQuestion, Review

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)  # a Wednesday
DAY = timedelta(days=1)
LEARNERS = 200
ZONES = ["UTC", "Asia/Jakarta", "America/Los_Angeles"]
# What an erased or moved learner leaves behind is looked at too, so some are neither.
KINDS = ["member"] * 16 + ["guest"] * 3 + ["test"]
# "achievement" and "reversal" entries come with other rows.
REASONS = ["session_completion", "level_completion", "review", "streak_bonus", "metric", "import", "training_progress"]


def make_world(seed=14):
    chance = random.Random(seed)
    make_catalogue()
    for _ in range(LEARNERS):
        learn(chance, joined=NOW - chance.randrange(1, 90 * 24) * timedelta(hours=1))


def make_catalogue():
    levels = [LevelFactory(level_id=f"figure-{number}", category=f"section-{number % 3}") for number in range(7)]
    for number in range(12):
        QuestionFactory(level=levels[number % 4], prompt=f"{'=' * (number % 2)}Is it {number}?")
    for number in range(4):
        Achievement.objects.create(
            achievement_id=f"earned-{number}",
            name=f"Earned {number}",
            category="testing",
            condition={"type": "xp", "threshold": 10**9},
        )


def learn(chance, joined, kind=None, deeds=None, until=NOW):
    """A learner with a history since they joined."""
    learner = UserFactory(
        password="!",
        date_joined=joined,
        profile__kind=kind or chance.choice(KINDS),
        profile__time_zone=chance.choice(ZONES),
        profile__longest_streak=chance.choice([0, 1, 1, 2, 3, 6, 8, 40]),
    )
    add_history(chance, learner, joined, deeds or chance.randrange(2, 12), until)
    for achievement in Achievement.objects.filter(achievement_id__startswith="earned"):
        if chance.random() < 0.3:
            unlock(chance, learner, achievement, joined)
    return learner


def unlock(chance, learner, achievement, moment):
    Unlock.objects.create(
        learner=learner,
        achievement=achievement,
        earned_at=moment,
        created_at=NOW,
        condition=achievement.condition,
        xp_reward=0,
        revoked_at=NOW if chance.random() < 0.2 else None,
    )


def add_history(chance, learner, since, deeds, until=NOW):
    moments = sorted(since + chance.random() * (until - since) for _ in range(deeds))
    zone = LearnerProfile.objects.get(pk=learner.pk).zone
    for day in {moment.astimezone(zone).date() for moment in moments}:
        active_day(chance, learner, day)
    add_entries(chance, learner, moments)
    for moment in moments:
        chance.choice([add_result, add_session, add_play, add_review])(chance, learner, moment)


def active_day(chance, learner, day):
    kind = chance.choice(["active"] * 4 + ["frozen", "pardoned"])
    ActivityDay.objects.get_or_create(learner=learner, date=day, defaults={"kind": kind, "recorded_at": NOW})
    if kind == "frozen" or chance.random() < 0.2:
        name, delta = ("used", -1) if kind == "frozen" else chance.choice([("granted", 1), ("returned", 1)])
        FreezeEvent.objects.create(learner=learner, kind=name, delta=delta, date=day, created_at=NOW)


def add_entries(chance, learner, moments):
    (profile,) = lock_profiles([learner.pk])
    entries = [
        NewEntry(
            delta=chance.randrange(1, 400),
            reason=LedgerEntry.Reason(chance.choice(REASONS)),
            reference_type="test",
            reference_id=str(UUID(int=chance.getrandbits(128))),
            effective_at=moment,
            trust=chance.choice(list(Trust)),
        )
        for moment in moments
    ]
    credit(profile, entries, at=NOW)


def add_result(chance, learner, moment, session=None):
    return Completion.objects.create(
        learner=learner,
        level=session.level if session else chance.choice(Level.objects.order_by("pk")),
        session=session,
        score=100,
        max_score=1000,
        level_type="simulation",
        difficulty="normal",
        source="api",
        passed=chance.random() < 0.6,
        perfect=False,
        held=chance.random() < 0.1,
        occurred_at=moment,
        counts_at=moment + 20 * DAY if chance.random() < 0.1 and moment + 20 * DAY < NOW else None,
        created_at=NOW,
    )


def add_session(chance, learner, moment, *, play=False):
    status = chance.choice(["ended", "ended", "abandoned"])
    session = LearningSession.objects.create(
        learner=learner,
        level=chance.choice(Level.objects.filter(questions__isnull=False).distinct().order_by("pk")),
        status=status,
        is_play=play,
        start_time=moment - chance.choice([timedelta(minutes=4), timedelta(hours=9)]),
        end_time=moment if status == "ended" else None,
    )
    if status == "ended":
        add_result(chance, learner, moment, session)
    return session


def add_play(chance, learner, moment):
    session = add_session(chance, learner, moment, play=True)
    play = Play.objects.create(session=session, seed="1", pass_percent=60)
    for position, question in enumerate(session.level.questions.order_by("pk")):
        right = chance.choice([True, False, False, None])
        PlayQuestion.objects.create(
            play=play, question=question, position=position, answer=right, correct=right, answered_at=moment
        )


def add_review(chance, learner, moment):
    Review.objects.create(
        learner=learner,
        question=chance.choice(Question.objects.order_by("pk")),
        answer=True,
        correct=chance.random() < 0.5,
        date=moment.date(),
        reviewed_at=moment,
    )
