"""Colleagues who want XP for themselves or for a friend: what they get without an honest second person."""

import contextlib
import copy
from collections.abc import Iterator
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.utils import timezone
from rest_framework.exceptions import APIException

from approvals.models import ApprovalRequest
from approvals.services import approve
from gamification.awards.adjustments import reverse
from gamification.models import LedgerEntry, LimitSet, XPRuleSet
from gamification.pricing.limits import DEFAULT_LIMITS
from gamification.pricing.rules import DEFAULT_RULES
from jobs.running import run_next_portion
from tracking.models import Completion
from tracking.staff.held_results import decide_or_request, decision_about

from .world import HOUR, MINUTE, NOW, Cheat, World, event, strategy

EDITOR, STEWARD = "Content editor", "XP steward"
ALONE = 1_000  # XP_APPROVAL_ABOVE


def award(steward: Cheat, friend: Cheat, amount: int, **more) -> dict:
    return steward.post("gamification/xp/award", user_id=friend.user.pk, xp_amount=amount, reason="Well done", **more)


def approve_all(person: Cheat) -> Iterator[str]:
    """Whether each waiting request was approved by this person: "approved", or the code of the refusal."""
    for request in ApprovalRequest.objects.waiting():
        try:
            approve(request.pk, actor=person.user, at=timezone.now())
            yield "approved"
        except APIException as refusal:
            yield refusal.default_code


# --- XP by hand -------------------------------------------------------------------------------------------------------


@strategy(allowed=ALONE)
def one_large_award(world: World) -> list[Cheat]:
    steward, friend = world.colleague(STEWARD), world.sign_up()
    award(steward, friend, 9_000)
    return [friend]


@strategy(allowed=ALONE)
def awards_split_into_small_ones(world: World) -> list[Cheat]:
    steward, friend = world.colleague(STEWARD), world.sign_up()
    for number in range(20):
        award(steward, friend, 900, reference_id=f"gift-{number}")
    return [friend]


@strategy(allowed=ALONE)
def awards_spread_over_a_day(world: World) -> list[Cheat]:
    steward, friend = world.colleague(STEWARD), world.sign_up()
    for hour in range(0, 24, 2):
        world.move_to(NOW + hour * HOUR)
        award(steward, friend, 300)
    return [friend]


@strategy(allowed=ALONE)
def awards_between_which_something_is_taken(world: World) -> list[Cheat]:
    """If what is taken were subtracted, the sum would stay small."""
    steward, friend = world.colleague(STEWARD), world.sign_up()
    for _ in range(5):
        award(steward, friend, 900)
        award(steward, friend, -450)
    return [friend]


@strategy(allowed=ALONE)
def an_award_that_is_reversed_and_given_again(world: World) -> list[Cheat]:
    steward, friend = world.colleague(STEWARD), world.sign_up()
    for number in range(5):
        award(steward, friend, 900, reference_id=f"gift-{number}")
        entry = LedgerEntry.objects.filter(learner=friend.user, reversal_of=None).order_by("-pk").first()
        steward.admin.post(
            f"/admin/gamification/ledgerentry/{entry.pk}/reverse/", {"reason": "Oops", "note": "By mistake"}
        )
    return [friend]


@strategy(allowed=ALONE)
def one_person_in_the_api_and_the_admin(world: World) -> list[Cheat]:
    steward, friend = world.colleague(STEWARD), world.sign_up()
    form = {"amount": 900, "_apply": "900", "reason": "Well done", "note": "A gift"}
    for number in range(5):
        award(steward, friend, 900)
        page = f"/admin/gamification/learnerprofile/{friend.user.pk}/adjust/"
        steward.admin.post(page, form | {"reference_id": f"gift-{number}"})
    return [friend]


@strategy(allowed=2 * ALONE + 150)
def two_colleagues_with_an_award_each(world: World) -> list[Cheat]:
    """Each alone may give 1 000; with that the friend reaches level 10, which pays an achievement."""
    friend = world.sign_up()
    for steward in (world.colleague(STEWARD), world.colleague(STEWARD)):
        for _ in range(3):
            award(steward, friend, 1_000)
    return [friend]


@strategy(allowed=ALONE)
def an_award_that_one_person_asks_for_and_approves(world: World) -> list[Cheat]:
    steward, friend = world.colleague(), world.sign_up()
    award(steward, friend, 9_000)
    list(approve_all(steward))
    return [friend]


@strategy(allowed=1_200)
def an_approval_that_is_given_twice(world: World) -> list[Cheat]:
    steward, friend = world.colleague(STEWARD), world.sign_up()
    award(steward, friend, 1_200)
    requests = list(ApprovalRequest.objects.values_list("pk", flat=True))
    for person in (world.colleague(STEWARD), world.colleague(STEWARD)):
        for request in requests:
            with contextlib.suppress(APIException):
                approve(request, actor=person.user, at=timezone.now())
    return [friend]


@strategy(allowed=0)
def an_award_to_oneself(world: World) -> list[Cheat]:
    steward = world.colleague()
    award(steward, steward, 500)
    award(steward, steward, 9_000)
    list(approve_all(world.colleague()))
    return [steward]


@strategy(allowed=0)
def an_award_that_its_learner_approves(world: World) -> list[Cheat]:
    steward, friend = world.colleague(STEWARD), world.colleague(STEWARD)
    award(steward, friend, 9_000)
    list(approve_all(friend))
    return [friend]


@strategy(allowed=0)
def a_penalty_that_its_learner_reverses(world: World) -> list[Cheat]:
    steward, learner = world.colleague(STEWARD), world.colleague(STEWARD)
    award(steward, learner, 500)
    award(steward, learner, -400)
    learner.xp_before = 100
    penalty = LedgerEntry.objects.get(learner=learner.user, delta=-400)
    learner.admin.post(
        f"/admin/gamification/ledgerentry/{penalty.pk}/reverse/", {"reason": "Oops", "note": "By mistake"}
    )
    with contextlib.suppress(APIException):
        reverse(penalty, actor=learner.user, note="", at=timezone.now())
    return [learner]


def release_one_by_one(steward: Cheat, learner: Cheat) -> None:
    """Each result by itself is worth less than the limit."""
    for held in Completion.objects.filter(learner=learner.user, held=True):
        same = Completion.objects.filter(pk=held.pk)
        decision = decision_about(same, release=True, actor=steward.user)
        with contextlib.suppress(APIException, ValidationError):
            decide_or_request(decision, note="Looks right", actor=steward.user, at=timezone.now())
        while run_next_portion():
            continue


@strategy(allowed=0)
def own_held_results_that_are_released(world: World) -> list[Cheat]:
    steward = world.colleague(STEWARD)
    steward.sync([event(level, NOW, time_spent=1) for level in world.slow_levels[:5]])
    release_one_by_one(steward, steward)
    return [steward]


@strategy(allowed=ALONE)
def held_results_of_a_friend_that_are_released(world: World) -> list[Cheat]:
    """Without what they unlock: those achievements pay on their own."""
    steward, friend = world.colleague(STEWARD), world.sign_up()
    friend.sync([event(level, NOW, time_spent=1, metadata={}) for level in world.slow_levels])
    release_one_by_one(steward, friend)
    unlocked = LedgerEntry.objects.filter(learner=friend.user, reason="achievement")
    friend.xp_before = sum(unlocked.values_list("delta", flat=True))
    return [friend]


# --- Levels, achievements, rules --------------------------------------------------------------------------------------


def change_level(editor: Cheat, level_id: str, **changes) -> int:
    path = f"/api/v1/levels/{level_id}?confirmed=true"
    return editor.api.patch(path, changes, format="json").status_code


@strategy(hours=2)
def a_reward_that_is_raised_before_it_is_earned(world: World) -> list[Cheat]:
    editor = world.colleague(EDITOR)
    change_level(editor, "rich-0", xp_reward=100_000)
    editor.complete(world.by_id["rich-0"], time_spent=600)
    return [editor]


@strategy(hours=2)
def a_level_that_is_added_with_a_large_reward(world: World) -> list[Cheat]:
    editor, friend = world.colleague(EDITOR), world.sign_up()
    new = {"level_id": "gift", "name": "Gift", "category": "gifts", "xp_rule": "fixed", "xp_reward": 100_000}
    editor.post("levels", **new)
    friend.post("levels/complete", level_id="gift", score=1000)
    return [friend]


@strategy(dates=1)
def a_level_that_is_changed_to_pay_every_time(world: World) -> list[Cheat]:
    editor, friend = world.colleague(EDITOR), world.sign_up(age=HOUR)
    change_level(editor, "rich-0", repeat_policy="full")
    for number in range(40):
        friend.complete(world.by_id["rich-0"], NOW - number * MINUTE, time_spent=60 + number, metadata={})
    return [friend]


@strategy(hours=2)
def a_raise_approved_by_somebody_who_has_just_earned_it(world: World) -> list[Cheat]:
    editor, friend = world.colleague(EDITOR), world.colleague()
    friend.complete(world.by_id["rich-0"], time_spent=600, metadata={})
    change_level(editor, "rich-0", xp_reward=100_000)
    list(approve_all(friend))
    world.move_to(NOW + timedelta(minutes=20))
    friend.complete(world.by_id["rich-0"], time_spent=601, metadata={})
    return [friend]


@strategy(hours=2)
def an_achievement_with_a_large_reward(world: World) -> list[Cheat]:
    editor, friend = world.colleague(EDITOR), world.sign_up(age=HOUR)
    new = {"achievement_id": "gift", "name": "Gift", "description": "A gift", "category": "gifts", "rarity": "common"}
    new |= {"icon": "bi-gift", "xp_reward": 100_000, "published": "on", "position": 1}
    editor.admin.post("/admin/gamification/achievement/add/", new | {"condition": '{"type": "xp", "threshold": 1}'})
    friend.complete(world.by_id["rich-0"], time_spent=600, metadata={})
    return [friend]


def publish(person: Cheat, page: str, draft: XPRuleSet | LimitSet) -> None:
    """As the page that compares the draft with the version in force does."""
    address = f"/admin/gamification/{page}/{draft.pk}/publish/"
    shown = person.admin.get(address)
    if shown.status_code == 200:
        person.admin.post(address, shown.context["form"].initial)


@strategy(hours=2)
def rules_with_more_xp_that_one_person_publishes(world: World) -> list[Cheat]:
    friend, rules = world.sign_up(age=HOUR), copy.deepcopy(DEFAULT_RULES)
    rules["formula"]["base"] = 100_000
    draft = XPRuleSet.objects.create(version=2, rules=rules)
    for person in (world.colleague(EDITOR), world.colleague(STEWARD), world.colleague()):
        publish(person, "xpruleset", draft)
    friend.complete(world.by_id["level-1"], time_spent=600, metadata={})
    return [friend]


@strategy(hours=2)
def no_limits_that_one_person_publishes(world: World) -> list[Cheat]:
    friend = world.sign_up(age=HOUR)
    metrics = dict.fromkeys(DEFAULT_LIMITS["metric_per_day"])
    draft = LimitSet.objects.create(version=2, limits=dict.fromkeys(DEFAULT_LIMITS) | {"metric_per_day": metrics})
    for person in (world.colleague(EDITOR), world.colleague(STEWARD), world.colleague()):
        publish(person, "limitset", draft)
    friend.sync([event(level, NOW, time_spent=600) for level in world.path])
    return [friend]
