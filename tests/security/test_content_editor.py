"""What a colleague who may edit content, and nothing else, can do alone to move XP to a friend."""

import json

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from approvals.models import ApprovalRequest
from catalogues.editing import fingerprint
from gamification.models import Achievement, LearnerProfile
from skillquest.accounts.groups import ensure_groups
from tests.factories import LevelFactory, UserFactory
from tests.gamification.earnables.factories import AchievementFactory, metric

pytestmark = pytest.mark.django_db

MOST_A_DAY = 5_000  # `xp_per_day` of the shipped limits
ONE_LEVEL = metric("levels_completed", 1)
ADMIN_LEVEL = {
    "icon": "bi-puzzle",
    "kind": "simulation",
    "category": "testing",
    "position": 0,
    "max_score": 1000,
    "pass_score": 0,
    "difficulty": "normal",
    "xp_rule": "fixed",
    "xp_reward": 0,
    "skills": "",
    "tags": "",
    "metadata": "{}",
    "published": "on",
    "unlocked": "on",
    "language": "en",
}


@pytest.fixture
def editor():
    ensure_groups(using="default")
    person = UserFactory(username="editor", is_staff=True)
    person.groups.add(Group.objects.get(name="Content editor"))
    return person


@pytest.fixture
def admin(editor):
    browser = Client()
    browser.force_login(editor)
    return browser


@pytest.fixture
def api(sign_in, editor):
    return sign_in(editor)


@pytest.fixture
def friend(learner):
    LevelFactory(level_id="first", xp_rule="fixed", xp_reward=10)
    return learner


@pytest.fixture
def play(sign_in, friend):
    client = sign_in(friend)
    return lambda level, score=1000: client.post("/api/v1/levels/complete", {"level_id": level, "score": score})


def total_of(learner):
    return LearnerProfile.objects.get(pk=learner.pk).total_xp


def level(level_id, **fields):
    return {"level_id": level_id, "name": level_id, "category": "testing", **fields}


# The fields by which a level would pay more than one person may give.
RICH = {
    "a reward": {"xp_rule": "fixed", "xp_reward": 1_000_000},
    "a maximum score": {"xp_rule": "formula", "max_score": 1_000_000, "difficulty": "expert"},
    "repetitions": {"xp_rule": "fixed", "xp_reward": 1_000, "repeat_policy": "full"},
}


@pytest.mark.parametrize("by", RICH)
def test_levels_of_the_api_wait(api, play, friend, by):
    assert api.post("/api/v1/levels", level("rich", **RICH[by])).status_code == 202
    assert api.put("/api/v1/levels/first", level("first", **RICH[by])).status_code == 202
    assert api.patch("/api/v1/levels/first", RICH[by]).status_code == 202
    assert play("rich").status_code == 400
    play("first")
    assert total_of(friend) == 10


def test_challenges_of_the_api_wait(api):
    LevelFactory(level_id="riddle", kind="challenge", max_score=100)
    new = {"title": "Rich", "level_id": "rich", "xp": 1_000_000, "published": True}
    assert api.post("/api/v1/challenges", new).status_code == 202
    assert api.put("/api/v1/challenges/riddle", new | {"level_id": "riddle"}).status_code == 202


@pytest.mark.parametrize("by", RICH)
def test_levels_of_the_admin_wait(admin, play, by):
    form = ADMIN_LEVEL | level("rich", **RICH[by])
    assert admin.post("/admin/levels/level/add/", form).status_code == 302
    assert ApprovalRequest.objects.count() == 1
    assert play("rich").status_code == 400


def test_many_levels_pay_no_more_than_a_day_pays(api, play, friend):
    for number in range(8):
        assert api.post("/api/v1/levels", level(f"l{number}", xp_rule="fixed", xp_reward=1_000)).status_code == 200
        assert play(f"l{number}").status_code == 200
    assert total_of(friend) <= MOST_A_DAY


def achievement(number, **fields):
    names = {"name": f"Gift {number}", "achievement_id": f"gift-{number}", "category": "testing"}
    fixed = {"description": "", "icon": "bi-star", "rarity": "common", "position": 0, "published": "on"}
    fixed |= {"language": "en"}
    return names | fixed | {"condition": json.dumps(ONE_LEVEL), **fields}


def test_achievements_give_a_learner_no_more_than_one_person_may_give(admin, play, friend, settings):
    for number in range(10):
        admin.post("/admin/gamification/achievement/add/", achievement(number, xp_reward=[1_000_000, 400][number % 2]))
    old = AchievementFactory(condition=metric("levels_completed", 50), xp_reward=900)
    opened = {"opened": fingerprint(old), "achievement_id": old.achievement_id, "xp_reward": 900}
    admin.post(f"/admin/gamification/achievement/{old.pk}/change/", achievement(99, **opened))
    play("first")
    assert Achievement.objects.count() == 3
    assert total_of(friend) == 10 + 2 * 400 <= 10 + settings.XP_APPROVAL_ABOVE


@pytest.mark.parametrize(
    "path",
    [
        *("gamification/learnerprofile/", "gamification/ledgerentry/", "gamification/xpruleset/add/"),
        *(
            "gamification/limitset/add/",
            "gamification/amnesty/add/",
            "tracking/completion/",
            "tracking/completion/held/",
        ),
        *("accounts/user/", "auth/group/"),
    ],
)
def test_pages_that_move_xp_in_other_ways_are_refused(admin, path):
    assert admin.get(f"/admin/{path}").status_code == 403


def test_xp_is_not_awarded(api, friend):
    award = {"user_id": friend.pk, "xp_amount": 10, "reason": "Gift"}
    assert api.post("/api/v1/gamification/xp/award", award).status_code == 403


def test_a_waiting_edit_is_not_approved_by_whoever_asked(admin, api):
    api.post("/api/v1/levels", level("rich", **RICH["a reward"]))
    request = ApprovalRequest.objects.get()
    admin.post(f"/admin/approvals/approvalrequest/{request.pk}/decide/", {"_approve": "1", "note": ""})
    request.refresh_from_db()
    assert request.is_waiting
