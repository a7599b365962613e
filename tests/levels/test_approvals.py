"""Edits by which a level may pay more than one person may give take two people, whichever way they are made."""

import json
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from approvals.errors import EarnedFromIt, OwnRequest, RequestOutdated
from approvals.models import ApprovalRequest
from approvals.services import approve, decline
from catalogues.editing import fingerprint
from levels.models import Level
from tests.factories import LevelFactory, StaffFactory
from tracking.recording.completions import Claim
from tracking.recording.services import complete_level

pytestmark = pytest.mark.django_db

NOW = timezone.now()


@pytest.fixture
def colleague():
    person = StaffFactory(is_superuser=False)
    person.user_permissions.set(Permission.objects.filter(codename__in=["change_level", "view_level", "add_level"]))
    return person


@pytest.fixture
def level():
    return LevelFactory(level_id="maze", name="Maze", xp_reward=100, xp_rule="fixed")


@pytest.fixture
def patch(staff_api):
    return lambda level, **fields: staff_api.patch(f"/api/v1/levels/{level.level_id}", fields)


def stored(level, *names):
    return Level.objects.values_list(*names, flat=len(names) == 1).get(pk=level.pk)


def asked():
    return ApprovalRequest.objects.get()


# --- What needs a second person ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "change", "waits"),
    [
        ({}, {"xp_reward": 1_000}, False),
        ({}, {"xp_reward": 1_001}, True),
        ({"xp_reward": 5_000}, {"xp_reward": 5_001}, True),
        ({"xp_reward": 5_000}, {"xp_reward": 4_999}, False),
        ({"xp_reward": 5_000}, {"pass_score": 10}, False),
        ({"xp_reward": 5_000, "xp_rule": "formula"}, {"xp_rule": "proportional"}, True),
        ({"xp_reward": 5_000, "xp_rule": "proportional"}, {"xp_rule": "fixed"}, False),
        # The rule `formula` pays by the score: a point for 100, times 1.5 for experts.
        ({"xp_rule": "formula"}, {"max_score": 1_000_000, "difficulty": "expert"}, True),
        ({"xp_rule": "formula"}, {"max_score": 60_000, "difficulty": "expert"}, False),
        ({"xp_rule": "formula", "max_score": 1_000_000}, {"difficulty": "easy"}, False),
        ({"xp_rule": "formula", "max_score": 1_000_000}, {"difficulty": "expert"}, True),
        ({}, {"repeat_policy": "full"}, True),
        ({"repeat_policy": "full"}, {"name": "Labyrinth"}, False),
        ({"repeat_policy": "full"}, {"repeat_policy": "none"}, False),
    ],
)
def test_what_waits_and_what_one_person_may_do(patch, before, change, waits):
    level = LevelFactory(**{"level_id": "maze", "xp_reward": 100, "xp_rule": "fixed", **before})
    assert patch(level, **change).status_code == (202 if waits else 200)
    assert ApprovalRequest.objects.count() == waits


def test_the_whole_edit_waits_and_is_saved_whole_by_the_approval(patch, level, colleague):
    other = LevelFactory(level_id="first")
    answer = patch(level, xp_reward=5_000, description="Harder.", prerequisites=["first"])
    assert (answer.status_code, answer.json()) == (
        202,
        {"success": True, "status": "pending_approval", "request_id": asked().pk},
    )
    assert (stored(level, "xp_reward", "description"), level.prerequisites.count()) == ((100, ""), 0)
    approve(asked().pk, actor=colleague, at=NOW)
    assert stored(level, "xp_reward", "description") == (5_000, "Harder.")
    assert list(level.prerequisites.all()) == [other]


def test_an_edit_that_is_sent_twice_makes_one_request(patch, level):
    assert patch(level, xp_reward=5_000).json() == patch(level, xp_reward=5_000).json()
    assert ApprovalRequest.objects.count() == 1


def test_a_wrong_edit_is_refused_at_once(patch, level):
    answer = patch(level, xp_reward=5_000, pass_score=2_000)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["pass_score"])
    assert not ApprovalRequest.objects.exists()


def test_lowering_and_raising_again_takes_two_people_again(patch, colleague):
    level = LevelFactory(level_id="maze", xp_reward=5_000)
    assert [patch(level, xp_reward=10).status_code, patch(level, xp_reward=5_000).status_code] == [200, 202]


def test_loading_a_catalogue_on_the_command_line_is_exempt(tmp_path):
    level = {"level_id": "rich", "name": "Rich", "category": "c", "kind": "mode", "difficulty": "easy"}
    catalogue = {"levels": [{**level, "xp_reward": 5_000, "repeat_policy": "full"}]}
    (tmp_path / "levels.json").write_text(json.dumps(catalogue))
    call_command("load_catalogue", tmp_path / "levels.json", verbosity=0)
    assert stored(Level.objects.get(level_id="rich"), "xp_reward", "repeat_policy") == (5_000, "full")


# --- Every way to make such an edit -----------------------------------------------------------------------------------


def test_by_put(staff_api, level):
    body = {"level_id": "maze", "name": "Maze", "category": "testing", "xp_reward": 5_000}
    assert staff_api.put("/api/v1/levels/maze", body).status_code == 202
    assert stored(level, "xp_reward") == 100


@pytest.mark.parametrize("fields", [{"xp_reward": 1_001}, {"repeat_policy": "full"}, {"kind": "mode"}])
def test_a_new_level_by_the_api_also_where_the_policy_follows_from_the_kind(staff_api, staff, colleague, fields):
    body = {"level_id": "new", "name": "New", "category": "testing", **fields}
    assert staff_api.post("/api/v1/levels", body).status_code == 202
    assert not Level.objects.exists()
    approve(asked().pk, actor=colleague, at=NOW)
    level = Level.objects.get()
    assert level.created_by == staff
    assert {name: getattr(level, name) for name in fields} == fields


def test_a_new_challenge_and_a_changed_one(staff_api, colleague):
    body = {"title": "Roman Numerals", "description": "", "xp": 5_000}
    assert staff_api.post("/api/v1/challenges", body).status_code == 202
    approve(asked().pk, actor=colleague, at=NOW)
    level = Level.objects.get(level_id="roman-numerals")
    assert (level.xp_reward, level.kind, level.xp_rule, level.pass_score) == (5_000, "challenge", "proportional", 70)
    change = {"title": "Roman Numerals", "xp": 6_000}
    assert staff_api.put(f"/api/v1/challenges/{level.level_id}", change).status_code == 202
    assert stored(level, "xp_reward") == 5_000


def browser_of(person):
    client = Client()
    client.force_login(person)
    return client


def form_of(level, **changes):
    names = "name number description icon kind category unit position max_score pass_score difficulty xp_rule xp_reward"
    values = {name: getattr(level, name) for name in names.split()} | {"repeat_policy": level.repeat_policy}
    flags = {name: "on" for name in ("published", "unlocked") if getattr(level, name)}
    texts = {"skills": "", "tags": "", "metadata": "{}", "estimated_time": "", "expected_time_seconds": ""}
    texts |= {"language": "en"}
    opened = {"opened": fingerprint(level)} if level.pk else {"level_id": level.level_id}
    return {**values, **flags, **texts, **opened, **changes}


def test_a_change_in_the_admin(staff, level, colleague):
    url = f"/admin/levels/level/{level.pk}/change/"
    page = browser_of(staff).post(url, form_of(level, xp_reward=5_000, description="Harder."), follow=True)
    assert "Nothing is saved yet: a colleague has to approve it first" in page.content.decode()
    assert stored(level, "xp_reward", "description") == (100, "")
    entry = LogEntry.objects.get()
    assert (entry.object_id, entry.get_change_message()) == (str(asked().pk), f"Requested: {asked().summary}")
    approve(asked().pk, actor=colleague, at=NOW)
    assert stored(level, "xp_reward", "description") == (5_000, "Harder.")


def test_a_new_level_in_the_admin(staff, colleague):
    new = Level(level_id="new", name="New", category="testing", number=None)
    form = form_of(new, repeat_policy="full", number="")
    page = browser_of(staff).post("/admin/levels/level/add/", form, follow=True)
    assert "Nothing is saved yet" in page.content.decode()
    assert not Level.objects.exists()
    approve(asked().pk, actor=colleague, at=NOW)
    assert (Level.objects.get().repeat_policy, Level.objects.get().created_by) == ("full", staff)


def test_one_person_saves_other_changes_in_the_admin(staff, level):
    browser_of(staff).post(f"/admin/levels/level/{level.pk}/change/", form_of(level, xp_reward=1_000))
    assert (stored(level, "xp_reward"), ApprovalRequest.objects.count()) == (1_000, 0)


def test_nothing_about_xp_is_edited_in_the_list(staff, level):
    from django.contrib import admin

    assert admin.site._registry[Level].list_editable == ()


# --- Deciding ---------------------------------------------------------------------------------------------------------


def test_nobody_approves_their_own_edit(patch, level, staff):
    patch(level, xp_reward=5_000)
    with pytest.raises(OwnRequest):
        approve(asked().pk, actor=staff, at=NOW)
    assert stored(level, "xp_reward") == 100


def test_a_friend_who_earned_from_the_level_within_a_day_does_not_approve_it(patch, level, colleague, time_machine):
    complete_level(learner=colleague, claim=Claim("maze", 900, 60), source="api", at=timezone.now())
    patch(level, xp_reward=5_000)
    with pytest.raises(EarnedFromIt):
        approve(asked().pk, actor=colleague, at=timezone.now())
    page = browser_of(colleague).get(f"/admin/approvals/approvalrequest/{asked().pk}/decide/").content.decode()
    assert "You have earned XP from this within the last 24 hours" in page
    assert 'name="_approve"' not in page
    approve(asked().pk, actor=colleague, at=timezone.now() + timedelta(hours=24, seconds=1))
    assert stored(level, "xp_reward") == 5_000


def test_a_level_that_was_changed_since_is_not_overwritten(patch, level, colleague):
    patch(level, xp_reward=5_000)
    patch(level, xp_reward=200)
    with pytest.raises(RequestOutdated):
        approve(asked().pk, actor=colleague, at=NOW)
    page = browser_of(colleague).get(f"/admin/approvals/approvalrequest/{asked().pk}/decide/").content.decode()
    assert "What this request is about was changed since." in page
    assert stored(level, "xp_reward") == 200
    decline(asked().pk, actor=colleague, at=NOW)


def test_a_level_that_was_deleted_since_stays_deleted(patch, level, colleague):
    patch(level, xp_reward=5_000)
    Level.objects.all().delete()
    with pytest.raises(RequestOutdated):
        approve(asked().pk, actor=colleague, at=NOW)


def test_a_new_level_whose_name_was_taken_meanwhile_is_refused_in_words(staff_api, colleague):
    staff_api.post("/api/v1/levels", {"level_id": "new", "name": "New", "category": "c", "xp_reward": 5_000})
    LevelFactory(level_id="new")
    url = f"/admin/approvals/approvalrequest/{asked().pk}/decide/"
    page = browser_of(colleague).post(url, {"_approve": "1"}).content.decode()
    assert "already exists" in page
    assert asked().status == "waiting"


def test_the_page_says_what_changes(patch, level, colleague):
    patch(level, xp_reward=5_000, repeat_policy="full", prerequisites=[])
    page = browser_of(colleague).get(f"/admin/approvals/approvalrequest/{asked().pk}/decide/").content.decode()
    assert "XP reward: 100 becomes 5000." in page
    assert "Repeat policy: &#x27;improvement&#x27; becomes &#x27;full&#x27;." in page
    assert stored(level, "xp_reward") == 100
