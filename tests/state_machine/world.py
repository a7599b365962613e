"""The people, levels and prizes at the beginning of every run."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from gamification.models import Achievement, Badge, LearnerProfile
from levels.models import Level, Question
from tests.factories import LevelFactory, QuestionFactory, StaffFactory, UserFactory
from tests.gamification.earnables.factories import AchievementFactory, BadgeFactory, metric
from tracking.review.remembering import remember

from .oracle_unlocks import Prize
from .prices import LevelFacts

BEGINNING = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
LEARNERS = ["ana", "bo", "cy"]
# When each account was made: results may be older, up to 30 days.
JOINED = {"ana": BEGINNING - timedelta(days=60), "bo": BEGINNING - timedelta(days=2), "cy": BEGINNING}
STAFF = "dee"
LEVELS = [
    LevelFacts("maze", 1, expected=300, pool=24, drawn=4),
    LevelFacts("once", 2, repeat="none", difficulty="expert", pass_score=500),
    LevelFacts("arena", 3, kind="mode", repeat="full", difficulty="easy", max_score=100),
    LevelFacts(
        "quiz",
        4,
        kind="challenge",
        rule="proportional",
        max_score=100,
        pass_score=70,
        xp_reward=45,
        pool=3,
        percent=70,
    ),
    LevelFacts("gift", 5, rule="fixed", repeat="none", xp_reward=30, max_score=10, needs=("quiz",), pool=2),
    LevelFacts("story", 6, kind="scenario", rule="scenario", repeat="full", difficulty="hard", expected=630),
    LevelFacts("slow", 7, difficulty="very_easy", min_seconds=60, expected=120, pass_score=1, pool=2, percent=1),
    LevelFacts(
        "asked",
        8,
        kind="training",
        rule="proportional",
        max_score=100,
        xp_reward=20,
        questions=(8, 10),
        needs=("maze", "arena"),
    ),
    LevelFacts("last", 9, rule="scenario", difficulty="normal", expected=9000, needs=("slow",)),
]
# The XP of one may meet the condition of the next.
PRIZES = [
    Prize("hundred", {"type": "xp", "threshold": 100}, xp=20),
    Prize("climber", {"type": "level", "level": 3}, xp=150),
    Prize("regular", {"type": "consecutive_days", "days": 3}, xp=10),
    Prize("whole-week", {"type": "consecutive_days", "days": 7}, xp=25),
    Prize("thrice", metric("completions", 3), xp=5),
    Prize("challenger", {"type": "attempt_count", "count": 2, "status": "passed"}, xp=1),
    Prize("collector", metric("achievements_unlocked", 4), xp=200),
    Prize("careful", {"all": [metric("freezes_used", 1), metric("current_streak", 2)]}),
    Prize(
        "owl", {"all": [metric("late_completions", 1), {"any": [metric("perfect_scores", 2), metric("hints_used", 3)]}]}
    ),
    Prize(
        "either",
        {
            "any": [
                metric("hints_used", 3),
                {"all": [metric("scenarios_completed", 2), metric("sessions_completed", 1)]},
            ]
        },
        xp=7,
    ),
    Prize("keen", {"any": [{"type": "level", "level": 4}, metric("study_seconds", 600)]}, is_badge=True),
    Prize("complete", metric("achievements_unlocked", 6), is_badge=True),
    Prize("by hand", None, is_badge=True),
]


# Questions that this learner has answered rightly once, long ago.
EXPERT, LAST_ANSWERED, LONG_KNOWN = "ana", BEGINNING - timedelta(days=60), LEVELS[0].question_ids[:22]
WITH_HINT = {question_id for level in LEVELS for question_id in level.question_ids[::2]}


@dataclass
class World:
    people: dict
    levels: dict[str, Level]
    prizes: dict[str, Achievement | Badge]


def make_world() -> World:
    # One learner is staff and has no profile yet.
    people = {
        "ana": UserFactory(date_joined=JOINED["ana"]),
        "bo": UserFactory(date_joined=JOINED["bo"]),
        "cy": StaffFactory(date_joined=JOINED["cy"]),
        STAFF: StaffFactory(),
    }
    LearnerProfile.objects.filter(user=people["cy"]).delete()
    levels = {}
    for facts in LEVELS:
        levels[facts.level_id] = make_level(facts, prerequisites=[levels[needed] for needed in facts.needs])
        make_questions(facts, levels[facts.level_id])
    make_known_questions(people[EXPERT])
    return World(people, levels, {prize.key: make_prize(prize) for prize in PRIZES})


def make_level(facts: LevelFacts, *, prerequisites) -> Level:
    right, questions = facts.questions or (0, 1)
    return LevelFactory(
        level_id=facts.level_id,
        number=facts.number,
        kind=facts.kind,
        category=facts.kind,
        xp_rule=facts.rule,
        repeat_policy=facts.repeat,
        difficulty=facts.difficulty,
        max_score=facts.max_score,
        pass_score=facts.pass_score,
        xp_reward=facts.xp_reward,
        expected_time_seconds=facts.expected,
        questions_per_play=facts.drawn,
        metadata={"min_seconds": facts.min_seconds, "min_correct": right, "total_questions": questions},
        prerequisites=prerequisites,
    )


def make_questions(facts: LevelFacts, level: Level) -> None:
    for number, question_id in enumerate(facts.question_ids):
        hint = "Count." if question_id in WITH_HINT else ""
        QuestionFactory(question_id=question_id, level=level, draw_key=number / facts.pool, hint=hint)


def make_known_questions(learner) -> None:
    """Enough of them that reviewing all on one date exceeds the XP limit of reviews."""
    for question in Question.objects.filter(question_id__in=LONG_KNOWN).order_by("pk"):
        remember(learner_id=learner.pk, question=question, correct=True, at=LAST_ANSWERED)


def make_prize(prize: Prize) -> Achievement | Badge:
    if prize.is_badge:
        return BadgeFactory(name=prize.key, condition=prize.condition)
    return AchievementFactory(achievement_id=prize.key, xp_reward=prize.xp, condition=prize.condition)
