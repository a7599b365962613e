"""badges: all, mine, another learner's; staff add, change and delete them."""

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from gamification.leaderboards.score_updates import refresh_listed
from gamification.models import Badge, LearnerProfile, Requirement
from gamification.staff.awards import award_badge, revoke_badge
from tests.api.helpers import problem_of
from tests.factories import StaffFactory, UserFactory

from .factories import XP_1000, AchievementFactory, BadgeFactory, metric

pytestmark = pytest.mark.django_db

NOON = "2026-11-20T12:00:00Z"
ALL = "/api/v1/badges"
ME = f"{ALL}/me"
OF_EDITORS = {"language": "en", "translations": {}}


@pytest.fixture(autouse=True)
def _frozen_clock(time_machine):
    time_machine.move_to(NOON, tick=False)


def of(learner):
    return f"{ALL}/users/{learner.pk}"


def award(learner, badge, **more):
    return award_badge(learner_id=learner.pk, badge=badge, actor=None, at=timezone.now(), **more)


def shown(badge, **more):
    return {
        "id": badge.pk,
        "name": badge.name,
        "description": badge.description,
        "icon_url": badge.icon_url,
        "condition": badge.condition,
        "published": badge.published,
        "position": badge.position,
        "awarded": False,
        "awarded_at": None,
        **more,
    }


def shown_award(badge, **more):
    fields = {"id": badge.pk, "name": badge.name, "description": badge.description, "icon_url": badge.icon_url}
    return {**fields, "awarded_at": NOON, "metadata": {}, **more}


def page(results):
    return {"success": True, "next": None, "previous": None, "results": results}


def test_badges_are_listed_with_those_of_the_learner(learner_api, learner):
    first = BadgeFactory(position=2, condition=XP_1000, icon_url="https://badges.example/first.svg")
    second = BadgeFactory(position=1, description="Given by hand")
    draft = BadgeFactory(published=False)
    award(learner, first)
    listed = [shown(second), shown(first, awarded=True, awarded_at=NOON)]
    assert learner_api.get(ALL).json() == page(listed)
    assert learner_api.get(f"{ALL}/{first.pk}").json() == {"success": True, **listed[1]}
    problem_of(learner_api.get(f"{ALL}/{draft.pk}"), 404, "badge_not_found")
    award(learner, draft)
    assert learner_api.get(f"{ALL}/{draft.pk}").status_code == 200


def test_editors_see_drafts(staff_api):
    draft = BadgeFactory(published=False)
    assert staff_api.get(ALL).json() == page([shown(draft, **OF_EDITORS)])


@pytest.mark.parametrize("key", ["0", "999", "9" * 18, "9" * 40, "abc"])
def test_an_unknown_badge_is_not_found(learner_api, key):
    assert learner_api.get(f"{ALL}/{key}").status_code == 404


def test_a_learners_own_badges_are_listed_newest_first_with_metadata(learner_api, learner, time_machine):
    first, second, lost = BadgeFactory.create_batch(3)
    award(learner, first, metadata={"season": "2026"}, note="Between us.")
    award(learner, lost)
    time_machine.shift(60)
    award(learner, second)
    revoke_badge(learner_id=learner.pk, badge=lost, actor=StaffFactory(), at=timezone.now())
    later = shown_award(second, awarded_at="2026-11-20T12:01:00Z")
    assert learner_api.get(ME).json() == page([later, shown_award(first, metadata={"season": "2026"})])
    part = learner_api.get(f"{ME}?limit=1").json()
    assert part["results"] == [later]
    assert learner_api.get(part["next"]).json()["results"] == [shown_award(first, metadata={"season": "2026"})]


def test_another_learners_badges_are_public(learner_api, learner):
    other, badge = UserFactory(), BadgeFactory()
    award(other, badge)
    assert learner_api.get(of(other)).json() == page([shown_award(badge)])
    assert learner_api.get(of(learner)).json() == page([])
    assert learner_api.get(ME).json() == page([])


def opt_out(user):
    LearnerProfile.objects.filter(pk=user.pk).update(leaderboard_opt_out=True)


def deactivate(user):
    user.is_active = False
    user.save()


@pytest.mark.parametrize("leave", [opt_out, deactivate])
def test_a_learner_who_opted_out_or_is_deactivated_is_not_found(learner_api, staff_api, leave):
    other = UserFactory()
    award(other, BadgeFactory())
    leave(other)
    refresh_listed(other.pk, at=timezone.now())
    hidden = problem_of(learner_api.get(of(other)), 404, "learner_not_found")
    assert hidden == problem_of(learner_api.get(f"{ALL}/users/999999"), 404, "learner_not_found")
    problem_of(staff_api.get(of(other)), 404, "learner_not_found")


def test_a_learner_who_opted_out_still_sees_their_own_badges(learner_api, learner):
    badge = BadgeFactory()
    award(learner, badge)
    opt_out(learner)
    refresh_listed(learner.pk, at=timezone.now())
    assert learner_api.get(of(learner)).json() == page([shown_award(badge)])


def test_a_number_beyond_all_ids_is_not_found(learner_api):
    problem_of(learner_api.get(f"{ALL}/users/{'9' * 18}"), 404, "learner_not_found")
    problem_of(learner_api.get(f"{ALL}/users/{'9' * 40}"), 404, "not_found")


NEW = {
    "name": "Night Watch",
    "description": "Finish 50 levels late in the evening",
    "icon_url": "/static/night.svg",
    "condition": metric("late_completions", 50),
    "published": True,
    "position": 10,
}


def test_staff_add_a_badge_that_can_be_earned_at_once(staff_api):
    answer = staff_api.post(ALL, NEW)
    badge = Badge.objects.get()
    assert (answer.status_code, answer.json()) == (200, {"success": True, **shown(badge, **OF_EDITORS)})
    assert {key: getattr(badge, key) for key in NEW} == NEW
    assert list(Requirement.objects.values_list("badge", "metric", "threshold")) == [(badge.pk, "late_completions", 50)]


def test_a_badge_needs_only_a_name(staff_api):
    assert staff_api.post(ALL, {"name": "Bare"}).json() == {"success": True, **shown(Badge.objects.get(), **OF_EDITORS)}


def test_changing_a_badge_keeps_fields_that_are_left_out(staff_api):
    badge = BadgeFactory(description="Old", condition=XP_1000)
    answer = staff_api.put(f"{ALL}/{badge.pk}", {"name": "New", "condition": None})
    badge.refresh_from_db()
    assert answer.json() == {"success": True, **shown(badge, **OF_EDITORS)}
    assert (badge.name, badge.description, badge.condition) == ("New", "Old", None)
    assert not Requirement.objects.exists()


@pytest.mark.parametrize(
    ("change", "field", "reason"),
    [
        ({"name": ""}, "name", "This field may not be blank."),
        ({"name": "x" * 101}, "name", "Ensure this field has no more than 100 characters."),
        ({"name": "Taken"}, "name", "Badge with this Name already exists."),
        ({"name": 5}, "name", "Expected text."),
        ({"condition": {}}, "condition", 'Condition: "type" must be one of'),
        ({"condition": {"type": "luck"}}, "condition", 'Condition: "type" must be one of'),
        (
            {"condition": {"type": "xp", "threshold": True}},
            "condition",
            'Condition: "threshold" must be a whole number',
        ),
        ({"condition": "xp"}, "condition", "Expected an object."),
        ({"icon_url": "javascript:alert(1)"}, "icon_url", "Give an address that begins with https:// or with /."),
        ({"icon_url": "http://plain.example/x"}, "icon_url", "Give an address that begins with https:// or with /."),
        ({"position": -1}, "position", "Ensure this value is greater than or equal to 0."),
        ({"position": 2**31}, "position", "Ensure this value is less than or equal to 2147483647."),
        ({"xp_reward": 5}, "xp_reward", "Unknown field."),
        ({"id": 5}, "id", "Unknown field."),
    ],
)
def test_a_bad_badge_is_refused_and_nothing_changes(staff_api, change, field, reason):
    badge = BadgeFactory(name="Stays")
    BadgeFactory(name="Taken")
    before = list(Badge.objects.order_by("pk").values())
    for ask, path in [(staff_api.post, ALL), (staff_api.put, f"{ALL}/{badge.pk}")]:
        _, errors = problem_of(ask(path, NEW | change), 400, "invalid")
        assert list(errors) == [field]
        assert errors[field][0].startswith(reason)
    assert list(Badge.objects.order_by("pk").values()) == before


def test_an_unused_badge_is_deleted_and_an_awarded_one_stays(staff_api, learner):
    worn_once, bare = BadgeFactory(), BadgeFactory(condition=XP_1000)
    award(learner, worn_once)
    revoke_badge(learner_id=learner.pk, badge=worn_once, actor=StaffFactory(), at=timezone.now())
    problem_of(staff_api.delete(f"{ALL}/{worn_once.pk}"), 409, "badge_in_use")
    answer = staff_api.delete(f"{ALL}/{bare.pk}")
    assert (answer.status_code, answer.content) == (204, b"")
    assert list(Badge.objects.all()) == [worn_once]
    problem_of(staff_api.delete(f"{ALL}/{bare.pk}"), 404, "badge_not_found")


def client_with(sign_in, codename, *, is_staff):
    user = UserFactory(is_staff=is_staff)
    user.user_permissions.set(Permission.objects.filter(codename=codename))
    return sign_in(user)


@pytest.mark.parametrize(
    ("method", "path", "codename"),
    [("post", ALL, "add_badge"), ("put", f"{ALL}/1", "change_badge"), ("delete", f"{ALL}/1", "delete_badge")],
)
def test_writing_requires_staff_with_the_permission(api, sign_in, learner_api, method, path, codename):
    BadgeFactory(pk=1)
    body = {"name": "Other"}
    problem_of(getattr(api, method)(path, body), 401, "not_authenticated")
    problem_of(getattr(learner_api, method)(path, body), 403, "permission_denied")
    problem_of(getattr(client_with(sign_in, codename, is_staff=False), method)(path, body), 403, "permission_denied")
    problem_of(getattr(client_with(sign_in, "view_badge", is_staff=True), method)(path, body), 403, "permission_denied")
    assert getattr(client_with(sign_in, codename, is_staff=True), method)(path, body).status_code in {200, 204}


def test_partial_updates_are_refused(staff_api):
    problem_of(staff_api.patch(f"{ALL}/{BadgeFactory().pk}", {"name": "x"}), 405, "method_not_allowed")


@pytest.mark.parametrize("path", [ALL, ME, f"{ALL}/1", f"{ALL}/users/1"])
def test_anonymous_requests_are_refused(api, path):
    problem_of(api.get(path), 401, "not_authenticated")


@pytest.mark.parametrize(("path", "cost"), [(ALL, 2), (ME, 2)])
def test_a_list_costs_the_same_with_one_and_with_three(learner_api, learner, path, cost):
    costs = []
    for count in [1, 2]:
        for badge in BadgeFactory.create_batch(count):
            award(learner, badge)
        with CaptureQueriesContext(connection) as captured:
            learner_api.get(path)
        costs.append(len(captured))
    assert costs == [cost, cost]


def test_a_badge_and_an_achievement_with_the_same_key_keep_their_own_requirements(learner):
    badge = BadgeFactory(pk=7, condition=XP_1000)
    AchievementFactory(pk=7)
    badge.save()
    assert Requirement.objects.count() == 2


def test_the_second_editor_of_a_badge_gets_a_conflict_error(staff_api):
    badge = BadgeFactory(name="Night Watch", description="First text")
    path = f"{ALL}/{badge.pk}"
    tag = staff_api.get(path)["ETag"]
    first = staff_api.put(path, {"name": "Night Watch", "description": "Second text"}, headers={"If-Match": tag})
    assert (first.status_code, first["ETag"] == tag) == (200, False)
    assert staff_api.get(path)["ETag"] == first["ETag"]
    late = {"If-Match": tag}
    for answer in (staff_api.put(path, {"name": "Night Watch"}, headers=late), staff_api.delete(path, headers=late)):
        assert (answer.status_code, answer.json()["code"]) == (412, "precondition_failed")
    badge.refresh_from_db()
    assert badge.description == "Second text"
    assert staff_api.put(path, {"name": "Night Watch"}, headers={"If-Match": first["ETag"]}).status_code == 200
