"""Walks that are chosen by hand: what random ones reach only seldom. Everything is compared after every step."""

import pytest

from .machine import SkillQuest
from .oracle_limits import OFF
from .world import EXPERT, LEARNERS, STAFF


class Walk:
    """`walk.check_in(name="bo")` takes the step of this name, and compares product and oracle."""

    def __init__(self, machine):
        self.machine = machine

    def __getattr__(self, name):
        def step(**about):
            getattr(self.machine, name)(**about)
            self.machine.product_and_oracle_agree()

        return step


@pytest.fixture
def walk(world):
    machine = SkillQuest(world)
    machine.configure(change={}, limits=None)
    machine.product_and_oracle_agree()
    yield Walk(machine)
    machine.teardown()


def test_held_results_are_refused_and_released(walk):
    assert walk.machine.oracle.limits == OFF
    walk.refuse(name="ana", which=0, goes_on=True)
    walk.decide_held_results(actor=STAFF, people=LEARNERS, release=False)
    walk.decide_held_results(actor="cy", people=LEARNERS, release=False)
    walk.decide_held_results(actor="cy", people=LEARNERS, release=True)
    walk.decide_held_results(actor=STAFF, people=LEARNERS, release=True)


@pytest.mark.parametrize(
    "change",
    [{}, {"level": "arena"}, {"level": "maze"}, {"trust": "reported"}, {"source": "api"}, {"adjustments": True}],
)
def test_what_somebody_has_earned_since_a_moment_is_reversed(walk, change):
    for name in ("bo", "ana"):
        walk.play_online(name=name, level="maze", hints=0, wrong=0, stay=400)
        walk.live_some_days(name=name, week="pp....f32p", hours=24)
    walk.adjust(actor=STAFF, name="ana", amount=28, prize="", again=False)
    walk.reverse(actor=STAFF, which=4)
    walk.reverse_since(actor=STAFF, name="ana", change=change, since=9, now=True)
    walk.reverse_since(actor=STAFF, name="ana", change=change, since=None, now=False)
    walk.reverse_since(actor=STAFF, name="ana", change=change, since=None, now=False)
    walk.reverse_one_and_run_the_job(which=0)


@pytest.mark.parametrize("wrong", [0, 1, 2, 4])
def test_plays_end_online_or_are_sent_later(walk, wrong):
    for level in ("maze", "quiz", "gift", "slow"):
        walk.play_online(name="bo", level=level, hints=1, wrong=wrong, stay=60)
        walk.play_offline(name="ana", level=level, wrong=wrong, online=1, days=1, pause=20, event_id=None)
        walk.play_offline(name="cy", level=level, wrong=wrong, online=1, days=0, pause=-100, event_id=None)
    walk.play_offline(name="bo", level="slow", wrong=wrong, online=0, days=1, pause=20, event_id=None)
    walk.play_online(name="bo", level="maze", hints=0, wrong=wrong, stay=86_401)
    walk.play_online(name="bo", level="maze", hints=0, wrong=wrong, stay=60)


@pytest.mark.parametrize("change", [{}, {"review_xp": 3, "review_xp_per_day": 7, "reviews_for_a_day": 2}])
def test_reviews_pay_so_much_a_day(walk, change):
    walk.publish_rules(change=change)
    walk.change_time_zone(name=EXPERT, zone="Pacific/Kiritimati")
    walk.practise(name=EXPERT, wait=0, number=2, wrong=1, again=True)
    walk.practise(name=EXPERT, wait=0, number=5, wrong=4, again=True)
    walk.practise(name=EXPERT, wait=0, number=22, wrong=0, again=False)
    walk.practise_anything(name=EXPERT, question="maze-0", answer=False)
    walk.repeat_a_review(which=0, change=False)
    walk.repeat_a_review(which=0, change=True)
    walk.practise(name=EXPERT, wait=3 * 86_400, number=6, wrong=4, again=False)
    walk.repeat_a_review(which=2, change=False)
    walk.practise(name=EXPERT, wait=86_400, number=6, wrong=0, again=False)
