"""Every one of the 27 achievements and the 8 badges with a condition is earned by somebody, through the public API."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from gamification.models import Achievement, Badge
from levels.models import Level
from tests.factories import UserFactory
from tests.shipped_catalogue import load_catalogue

# Nobody plays so much in a day; what it earns is the question here.
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("unlimited")]

MONDAY = datetime.fromisoformat("2026-03-02T12:00:00Z")
HOUR = 3600


class Player:
    """A learner, with everything that their answers said was unlocked."""

    def __init__(self, sign_in):
        self.user, self.sign_in = UserFactory(), sign_in
        self.achievements, self.badges = [], []

    def sign_in_again(self):
        """Tokens expire as the clock moves."""
        self.client = self.sign_in(self.user)

    def complete(self, level_id, score=0, occurred_at=None, time_spent=60, **metadata):
        body = {"level_id": level_id, "score": score, "time_spent": time_spent, "metadata": metadata}
        body |= {"client_event_id": str(uuid4()), "occurred_at": (occurred_at or timezone.now()).isoformat()}
        answer = self.client.post("/api/v1/levels/complete", body)
        assert answer.status_code == 200, answer.content
        self.achievements += [row["achievement_id"] for row in answer.json()["unlocked_achievements"]]
        self.badges += [row["name"] for row in answer.json()["unlocked_badges"]]


@pytest.fixture
def player(sign_in, time_machine):
    time_machine.move_to(MONDAY, tick=False)
    load_catalogue()
    player = Player(sign_in)
    player.sign_in_again()
    return player


def explore(player, _time_machine):
    """100 training levels in one day, in the order in which they unlock, without a mistake."""
    training = Level.objects.filter(kind="training").order_by("position", "category", "unit", "level_id")
    done, waiting = set(), list(training.prefetch_related("prerequisites"))
    while len(done) < 100:
        level = next(level for level in waiting if {needed.pk for needed in level.prerequisites.all()} <= done)
        waiting.remove(level)
        player.complete(level.level_id, score=level.max_score)
        done.add(level.pk)


def study(player, _time_machine):
    """100 long sessions of a game that can be repeated, in three languages."""
    for number in range(100):
        language = ["en", "en-GB", "id", "ja"][number % 4]
        player.complete("blue-vs-red", time_spent=HOUR, words_learned=12, conversations=1, language=language)


def play_every_day(player, time_machine):
    """130 days, reported in five parts; five days early in the morning and five late at night."""
    for day in range(130):
        if day % 26 == 0:
            time_machine.move_to(MONDAY + timedelta(days=day + 25, hours=11), tick=False)
            player.sign_in_again()
        hours = -5 if day < 5 else 10 if day < 10 else 0
        player.complete("blue-vs-red", time_spent=20, occurred_at=MONDAY + timedelta(days=day, hours=hours))


def pass_challenges(player, _time_machine):
    """There are seven challenges; ten attempts pass."""
    challenges = list(Level.objects.filter(kind="challenge").order_by("level_id").prefetch_related("prerequisites"))
    for number in range(10):
        player.complete(challenges[number % len(challenges)].level_id, score=70 + number)


EARNED = {
    explore: (
        {
            "first_steps",
            "first_scenario",
            "scenario_explorer",
            "scenario_enthusiast",
            "scenario_expert",
            "scenario_master",
            "scenario_marathoner",
            "perfectionist",
            "flawless_master",
            "quick_learner",
            "rising_star",
        },
        {"First Badge", "Novice Defender", "Cyber Scout", "Guardian"},
    ),
    study: (
        {
            "first_steps",
            "quick_learner",
            "dedicated_student",
            "study_scholar",
            "study_legend",
            "word_collector",
            "word_wizard",
            "vocabulary_virtuoso",
            "conversationalist",
            "smooth_talker",
            "social_butterfly",
            "polyglot",
            "rising_star",
        },
        {"First Badge", "Novice Defender", "Cyber Scout", "Guardian"},
    ),
    play_every_day: (
        {
            "first_steps",
            "week_warrior",
            "month_master",
            "unstoppable_force",
            "centurion",
            "early_bird",
            "night_owl",
            "rising_star",
        },
        {"First Badge", "Novice Defender", "Cyber Scout", "Guardian", "Elite Operator", "Legend", "Dedicated"},
    ),
    pass_challenges: (
        {"first_steps", "first_scenario", "scenario_explorer"},
        {"First Badge", "Novice Defender", "Cyber Scout", "Guardian", "Challenge Master"},
    ),
}


@pytest.mark.parametrize("play", EARNED, ids=lambda play: play.__name__)
def test_each_way_of_playing_earns_the_expected_achievements_once(player, time_machine, play):
    play(player, time_machine)
    achievements, badges = EARNED[play]
    assert sorted(player.achievements) == sorted(achievements)
    assert sorted(player.badges) == sorted(badges)
    mine = player.client.get("/api/v1/gamification/achievements/user?limit=100").json()["results"]
    assert {row["achievement_id"] for row in mine} == achievements
    own_badges = player.client.get("/api/v1/badges/me").json()["results"]
    assert {row["name"] for row in own_badges} == badges


def test_all_ways_of_playing_together_earn_every_achievement_and_badge():
    load_catalogue()
    everything = set(Achievement.objects.values_list("achievement_id", flat=True))
    conditional = set(Badge.objects.filter(condition__isnull=False).values_list("name", flat=True))
    assert (len(everything), len(conditional)) == (27, 8)
    assert set.union(*(achievements for achievements, _ in EARNED.values())) == everything
    assert set.union(*(badges for _, badges in EARNED.values())) == conditional
