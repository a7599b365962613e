"""Backfills: who has earned something, the date on which they did, and continuing after a stop."""

from datetime import datetime

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gamification.errors import NotPublished
from gamification.models import BadgeAward, LearnerProfile, LedgerEntry, Unlock
from gamification.staff import backfill as backfilling
from gamification.staff.awards import revoke_achievement, revoke_badge
from gamification.staff.backfill import grant_chunk
from gamification.streaks.changing_zones import change_time_zone
from tests.factories import LevelFactory, StaffFactory, UserFactory, adjust
from tracking.recording.completions import Claim
from tracking.recording.services import complete_level

from .candidates import NOW, days_ago, earners
from .factories import XP_1000, AchievementFactory, BadgeFactory, metric

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _frozen_clock(time_machine):
    time_machine.move_to(NOW, tick=False)


def play(learner, moment, *, level="maze", score=0, received=None, **metadata):
    """A completion at `moment`; the server receives it then, or at `received`."""
    claim = Claim(level=level, score=score, time_spent=60, metadata=metadata, occurred_at=moment)
    complete_level(learner=learner, claim=claim, source="api", at=received or moment)


@pytest.fixture(autouse=True)
def _levels():
    LevelFactory(level_id="maze", repeat_policy="full")
    LevelFactory(level_id="cave", category="below", max_score=10)
    LevelFactory(level_id="quiz", kind="challenge", category="testing")


def grant(owner, *, quiet=False):
    call_command("backfill_achievement", owner.achievement_id, **({"quiet": True} if quiet else {}))


def test_a_backfill_grants_and_pays_with_the_date_on_which_it_was_earned(learner, capsys):
    for days in [9, 5, 2]:
        play(learner, days_ago(days), words_learned=10)
    play(UserFactory(), days_ago(1), words_learned=10)
    words = AchievementFactory(
        achievement_id="words", name="Words", xp_reward=70, condition=metric("words_learned", 15)
    )
    assert earners(words) == [learner.pk]
    grant(words)
    unlock, entry = Unlock.objects.get(), LedgerEntry.objects.get(reason="achievement")
    assert (unlock.learner, unlock.earned_at, unlock.created_at, unlock.quiet) == (learner, days_ago(5), NOW, False)
    assert (entry.delta, entry.reference_id, entry.effective_at, entry.created_at) == (70, "words", days_ago(5), NOW)
    profile = LearnerProfile.objects.get(pk=learner.pk)
    assert (profile.total_xp, profile.achievements_unlocked) == (40 + 70, 1)
    assert capsys.readouterr().out.splitlines() == [
        f"Words: 1 learners so far, up to id {learner.pk}",
        "Words: granted to 1 learners with 70 XP in all.",
    ]


def test_a_second_backfill_grants_nothing(learner, capsys):
    play(learner, days_ago(2))
    first = AchievementFactory(achievement_id="first", name="First", xp_reward=70, condition=metric("completions", 1))
    grant(first, quiet=True)
    assert Unlock.objects.get().quiet
    capsys.readouterr()
    grant(first)
    assert capsys.readouterr().out == "First: granted to 0 learners with 0 XP in all.\n"
    assert LedgerEntry.objects.filter(reason="achievement").count() == 1


def test_a_stopped_backfill_continues(monkeypatch):
    monkeypatch.setattr(backfilling, "CHUNK", 2)
    learners = UserFactory.create_batch(5, profile__counters={"completions": 1})
    first = AchievementFactory(condition=metric("completions", 1))
    halves = backfilling.backfill(first, quiet=False)
    assert [grant.profile.pk for grant in next(halves).grants] == [user.pk for user in learners[:2]]
    rest = [grant.profile.pk for chunk in backfilling.backfill(first, quiet=False) for grant in chunk.grants]
    assert rest == [user.pk for user in learners[2:]]


def test_the_xp_of_a_backfill_unlocks_more(learner):
    other = UserFactory()
    adjust(learner_id=other.pk, amount=500, reason="A gift", actor=StaffFactory(), at=days_ago(30))
    for person in [learner, other]:
        play(person, days_ago(3))
    AchievementFactory(achievement_id="rich", xp_reward=25, condition={"type": "xp", "threshold": 100})
    AchievementFactory(achievement_id="level-2", condition={"type": "level", "level": 2})
    BadgeFactory(name="Two", condition=metric("achievements_unlocked", 3))
    grant(AchievementFactory(achievement_id="first", xp_reward=95, condition=metric("completions", 1)))
    held = Unlock.objects.order_by("learner", "pk").values_list("learner", "achievement__achievement_id", "earned_at")
    assert list(held) == [
        (learner.pk, "first", days_ago(3)),
        (learner.pk, "rich", days_ago(3)),
        (learner.pk, "level-2", days_ago(3)),
        # The other learner had enough XP before, so another backfill grants it.
        (other.pk, "first", days_ago(3)),
    ]
    assert list(BadgeAward.objects.values_list("learner", "awarded_at")) == [(learner.pk, days_ago(3))]
    totals = dict(LearnerProfile.objects.values_list("pk", "total_xp"))
    assert (totals[learner.pk], totals[other.pk]) == (10 + 95 + 25, 500 + 10 + 95)


def test_a_backfill_does_not_grant_what_was_revoked(learner):
    first = AchievementFactory(condition=metric("completions", 1))
    badge = BadgeFactory(condition=metric("completions", 1))
    play(learner, days_ago(3))
    staff = StaffFactory()
    revoke_achievement(learner_id=learner.pk, achievement=first, actor=staff, at=NOW)
    revoke_badge(learner_id=learner.pk, badge=badge, actor=staff, at=NOW)
    assert (earners(first), earners(badge)) == ([], [])


def test_a_backfill_leaves_out_deactivated_learners(learner):
    play(learner, days_ago(3))
    learner.is_active = False
    learner.save()
    assert earners(AchievementFactory(condition=metric("completions", 1))) == []


def test_earners_of_a_draft_are_counted_but_nothing_is_granted(learner):
    play(learner, days_ago(3))
    draft = AchievementFactory(
        achievement_id="draft", name="Draft", published=False, condition=metric("completions", 1)
    )
    assert earners(draft) == [learner.pk]
    with pytest.raises(NotPublished):
        grant_chunk(draft, after=0, quiet=False, at=NOW)
    with pytest.raises(CommandError, match="Draft: This is not published yet"):
        grant(draft)


def test_an_unknown_id_is_refused_before_anything_happens(learner):
    play(learner, days_ago(3))
    AchievementFactory(achievement_id="first", condition=metric("completions", 1))
    with pytest.raises(CommandError, match="There is no achievement with the achievement_id luck"):
        call_command("backfill_achievement", "first", "luck")
    assert not Unlock.objects.exists()


def test_badges_are_backfilled_too(learner, capsys):
    play(learner, days_ago(3))
    BadgeFactory(name="Played", condition=metric("completions", 1))
    call_command("backfill_badge", "Played", "--quiet")
    assert list(BadgeAward.objects.values_list("learner", "awarded_at", "quiet")) == [(learner.pk, days_ago(3), True)]
    assert capsys.readouterr().out.endswith("Played: granted to 1 learners with 0 XP in all.\n")


def test_a_badge_without_a_condition_is_earned_by_nobody(learner):
    assert earners(BadgeFactory()) == []


@pytest.fixture
def veteran(learner):
    """Six days of everything; the last one received late, and one day in another zone."""
    for days in [20, 19, 18, 17]:
        play(learner, days_ago(days), words_learned=10, language="en")
    change_time_zone(learner.pk, "Asia/Jakarta", at=days_ago(16, hours=12))
    play(learner, days_ago(15), level="cave", score=10, language="id-ID")  # after two missed days
    play(learner, days_ago(14), level="quiz", language="id")
    play(learner, days_ago(11, hours=14))  # 22:00 UTC is 5 in the morning in Jakarta
    play(learner, days_ago(12, hours=6), received=days_ago(5))  # 6 in the morning UTC is none
    return learner


@pytest.mark.parametrize(
    ("condition", "moment"),
    [
        (metric("completions", 1), days_ago(20)),
        (metric("completions", 7), days_ago(12, hours=6)),
        (metric("words_learned", 25), days_ago(18)),
        (metric("study_seconds", 5 * 60), days_ago(15)),
        (metric("levels_completed", 2), days_ago(15)),
        (metric("categories_completed", 2), days_ago(15)),
        (metric("languages", 2), days_ago(15)),
        (metric("perfect_scores", 1), days_ago(15)),
        ({"type": "attempt_count", "count": 1, "status": "passed"}, days_ago(14)),
        (metric("early_completions", 1), days_ago(11, hours=14)),
        (metric("freezes_used", 1), days_ago(15)),
        (metric("active_days", 6), days_ago(14)),
        ({"type": "consecutive_days", "days": 4}, days_ago(17)),
        ({"type": "consecutive_days", "days": 6}, days_ago(14)),
        ({"type": "xp", "threshold": 40}, days_ago(18)),
        ({"type": "level", "level": 2}, days_ago(15)),
        ({"all": [metric("completions", 1), metric("perfect_scores", 1)]}, days_ago(15)),
        ({"any": [metric("completions", 3), metric("perfect_scores", 1), XP_1000]}, days_ago(18)),
    ],
    ids=str,
)
def test_every_metric_has_the_date_on_which_it_was_reached(veteran, condition, moment):
    owner = AchievementFactory(condition=condition)
    granted = grant_chunk(owner, after=0, quiet=False, at=NOW)
    assert [(grant.profile.pk, grant.moment, grant.dated) for grant in granted.grants] == [(veteran.pk, moment, True)]


def test_unlocks_are_dated_by_those_that_were_not_revoked(learner):
    first, *_ = [AchievementFactory(condition=metric("completions", number)) for number in [1, 2, 3]]
    for days in [9, 6, 4]:
        play(learner, days_ago(days))
    revoke_achievement(learner_id=learner.pk, achievement=first, actor=StaffFactory(), at=NOW)
    two = AchievementFactory(condition=metric("achievements_unlocked", 2))
    assert [grant.moment for grant in grant_chunk(two, after=0, quiet=False, at=NOW).grants] == [days_ago(4)]


def test_an_unknown_date_becomes_today_and_is_reported(capsys):
    UserFactory(profile__counters={"words_learned": 100})
    words = AchievementFactory(achievement_id="words", name="Words", condition=metric("words_learned", 50))
    grant(words)
    assert Unlock.objects.get().earned_at == NOW
    assert capsys.readouterr().out.splitlines()[-1] == (
        "Words: granted to 1 learners with 0 XP in all; 1 of them dated today, since no row says when they earned it."
    )


def test_a_day_recorded_later_was_earned_on_that_day(learner):
    play(learner, days_ago(3), received=days_ago(1))
    granted = grant_chunk(AchievementFactory(condition=metric("active_days", 1)), after=0, quiet=False, at=NOW)
    assert [grant.moment for grant in granted.grants] == [datetime.fromisoformat("2026-11-18T00:00:00Z")]


def test_a_chunk_costs_the_same_with_one_learner_and_with_thirty():
    costs = []
    for number, count in enumerate([1, 30]):
        for learner in UserFactory.create_batch(count):
            play(learner, days_ago(3))
        owner = AchievementFactory(
            xp_reward=100,
            condition={
                "all": [metric("completions", 1), {"type": "xp", "threshold": 5 + number}, metric("active_days", 1)]
            },
        )
        BadgeFactory(condition={"type": "xp", "threshold": 60 + 100 * number})
        with CaptureQueriesContext(connection) as captured:
            assert len(grant_chunk(owner, after=0, quiet=False, at=NOW).grants) == [1, 31][number]
        costs.append(len(captured))
    assert costs[0] == costs[1] <= 20
