"""challenges: the levels of kind challenge, for clients and for their editors."""

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from levels.challenges import CHALLENGE
from levels.models import Level
from tests.factories import LevelFactory, UserFactory
from tracking.models import LearningSession

pytestmark = pytest.mark.django_db

URL = "/api/v1/challenges"
NEW = {
    "title": "Roman Numerals",
    "description": "Write a number as the Romans did.",
    "xp": 120,
    "difficulty": "medium",
    "tags": ["strings"],
    "published": True,
}


def make_challenge(**fields):
    return LevelFactory(**{**CHALLENGE, **fields})


def problem(answer):
    return answer.status_code, answer.json()["code"], answer.json().get("errors")


def editor(*permissions, is_staff=True):
    user = UserFactory(is_staff=is_staff)
    user.user_permissions.set(Permission.objects.filter(content_type__app_label="levels", codename__in=permissions))
    return user


def test_staff_add_a_challenge_which_is_a_level(staff_api, staff):
    answer = staff_api.post(URL, NEW)
    body, level = answer.json(), Level.objects.get()
    assert (answer.status_code, body) == (
        201,
        {
            "success": True,
            "id": level.pk,
            "level_id": "roman-numerals",
            **NEW,
            "difficulty": "normal",
            "created_by": staff.pk,
            "created_at": body["created_at"],
        },
    )
    assert (level.kind, level.xp_rule, level.max_score, level.pass_score) == ("challenge", "proportional", 100, 70)
    assert (level.name, level.xp_reward, level.category) == ("Roman Numerals", 120, "Challenges")
    assert staff_api.get(f"{URL}/{level.pk}").json() == staff_api.get(f"{URL}/roman-numerals").json() == body
    assert staff_api.get("/api/v1/levels/roman-numerals").json()["kind"] == "challenge"


def test_a_title_is_enough_and_the_level_id_may_be_chosen(staff_api):
    body = staff_api.post(URL, {"title": "Tic Tac Toe", "level_id": "ttt"}).json()
    shown = {name: body[name] for name in ["level_id", "description", "xp", "difficulty", "tags", "published"]}
    assert shown == {
        "level_id": "ttt",
        "description": "",
        "xp": 0,
        "difficulty": "normal",
        "tags": [],
        "published": True,
    }


@pytest.mark.parametrize(
    ("fault", "errors"),
    [
        ({"title": ""}, {"title": ["This field may not be blank."]}),
        ({"title": "12"}, {"title": ["Must not consist of digits only."]}),
        ({"title": 12}, {"title": ["Expected text."]}),
        ({"title": "漢字"}, {"level_id": ["None can be made out of this title. Send one."]}),
        ({"title": "Taken"}, {"title": ["Level with this Name already exists."]}),
        ({"level_id": "taken"}, {"level_id": ["Level with this Level ID already exists."]}),
        ({"level_id": "complete"}, {"level_id": ["“complete” is a path of the API."]}),
        ({"xp": -1}, {"xp": ["Ensure this value is greater than or equal to 0."]}),
        ({"xp": 1_000_001}, {"xp": ["Ensure this value is less than or equal to 1000000."]}),
        ({"xp": "120"}, {"xp": ["Expected a whole number."]}),
        ({"difficulty": "brutal"}, {"difficulty": ['"brutal" is not a valid choice.']}),
        ({"tags": ["a", "a"]}, {"tags": ["An entry is given twice."]}),
        ({"max_score": 5}, {"max_score": ["Unknown field."]}),
        ({"kind": "mode"}, {"kind": ["Unknown field."]}),
    ],
    ids=str,
)
def test_a_faulty_challenge_is_refused_under_the_names_that_were_sent(fault, errors, staff_api):
    make_challenge(level_id="taken", name="Taken", number=None)
    data = {**NEW, "level_id": "fresh", **fault}
    if fault.get("title") == "漢字":
        del data["level_id"]
    assert problem(staff_api.post(URL, data)) == (400, "invalid", errors)
    assert Level.objects.count() == 1


def test_a_title_whose_slug_is_taken_says_what_to_do(staff_api):
    make_challenge(level_id="roman-numerals", name="An older one")
    messages = [
        "Level with this Level ID already exists.",
        "The title makes “roman-numerals”. Send a level_id of your own.",
    ]
    assert problem(staff_api.post(URL, NEW)) == (400, "invalid", {"level_id": messages})
    assert staff_api.post(URL, {**NEW, "level_id": "roman-2"}).status_code == 201


def test_the_title_is_required(staff_api):
    assert problem(staff_api.post(URL, {})) == (400, "invalid", {"title": ["This field is required."]})


def test_a_change_affects_only_the_fields_that_were_sent(staff_api):
    challenge = make_challenge(level_id="riddle", tags=["kept"], category="Coding", xp_reward=5, pass_score=80)
    answer = staff_api.put(f"{URL}/{challenge.pk}", {"title": "A better name", "xp": 7})
    assert answer.status_code == 200, answer.content
    challenge.refresh_from_db()
    assert (challenge.name, challenge.xp_reward) == ("A better name", 7)
    assert (challenge.level_id, challenge.tags, challenge.category, challenge.pass_score) == (
        "riddle",
        ["kept"],
        "Coding",
        80,
    )


def test_an_identifier_never_changes(staff_api):
    make_challenge(level_id="riddle")
    errors = {"level_id": ["An identifier that was given out never changes."]}
    assert problem(staff_api.put(f"{URL}/riddle", {**NEW, "level_id": "x"})) == (400, "invalid", errors)
    assert staff_api.put(f"{URL}/riddle", {**NEW, "level_id": "riddle"}).status_code == 200


def test_there_is_no_patch(staff_api):
    make_challenge(level_id="riddle")
    assert staff_api.patch(f"{URL}/riddle", {"xp": 1}).status_code == 405


def test_a_challenge_that_nobody_tried_is_deleted(staff_api):
    answer = staff_api.delete(f"{URL}/{make_challenge().pk}")
    assert (answer.status_code, answer.content, Level.objects.count()) == (204, b"", 0)


def test_a_challenge_that_was_tried_stays(staff_api, learner):
    challenge = make_challenge()
    LearningSession.objects.create(learner=learner, level=challenge, start_time=timezone.now())
    assert problem(staff_api.delete(f"{URL}/{challenge.pk}")) == (409, "level_in_use", None)
    assert Level.objects.count() == 1


@pytest.mark.parametrize(
    ("method", "permission", "status"),
    [("post", "add_level", 201), ("put", "change_level", 200), ("delete", "delete_level", 204)],
)
def test_each_write_takes_its_own_permission_and_a_staff_account(method, permission, status, sign_in, api, learner_api):
    make_challenge(level_id="riddle")
    url, data = (URL, NEW) if method == "post" else (f"{URL}/riddle", None if method == "delete" else NEW)
    others = {"add_level", "change_level", "delete_level", "view_level"} - {permission}
    assert problem(getattr(api, method)(url, data)) == (401, "not_authenticated", None)
    for client in [learner_api, sign_in(editor(*others)), sign_in(editor(permission, is_staff=False))]:
        assert problem(getattr(client, method)(url, data)) == (403, "permission_denied", None)
    assert getattr(sign_in(editor(permission)), method)(url, data).status_code == status


def test_only_published_challenges_are_listed_and_drafts_for_editors(learner_api, staff_api):
    make_challenge(level_id="first", tags=["loops"], difficulty="hard")
    make_challenge(level_id="second")
    make_challenge(level_id="draft", published=False)
    LevelFactory(level_id="maze")

    def listed(client, **query):
        return [challenge["level_id"] for challenge in client.get(URL, query).json()["results"]]

    assert (listed(learner_api), listed(staff_api)) == (["first", "second"], ["first", "second", "draft"])
    assert (listed(learner_api, tag="loops"), listed(learner_api, difficulty="advanced")) == (["first"], ["first"])
    assert problem(learner_api.get(URL, {"kind": "mode"})) == (400, "invalid", {"kind": ["Unknown parameter."]})


@pytest.mark.parametrize("name", ["maze", "draft", "nowhere", "987654321", "9" * 5000, "1%002"])
def test_what_is_no_challenge_is_not_found(learner_api, name):
    LevelFactory(level_id="maze"), make_challenge(level_id="draft", published=False)
    answer = learner_api.get(f"{URL}/{name}")
    assert answer.status_code == (400 if "%00" in name else 404)


def test_another_level_is_not_found_by_its_key_and_not_changed(staff_api):
    level = LevelFactory()
    for method in ["get", "put", "delete"]:
        answer = getattr(staff_api, method)(f"{URL}/{level.pk}", None if method == "get" else NEW)
        assert problem(answer) == (404, "level_not_found", None)


@pytest.mark.parametrize("count", [1, 3])
def test_a_list_costs_two_statements(learner_api, count):
    for _ in range(count):
        make_challenge()
    with CaptureQueriesContext(connection) as statements:
        assert len(learner_api.get(URL).json()["results"]) == count
    assert len(statements) == 2  # the person, the page


def test_the_admin_offers_a_form_for_challenges(client, staff):
    client.force_login(staff)
    assert b'href="/admin/levels/level/add/?kind=challenge"' in client.get("/admin/levels/level/").content
    form = client.get("/admin/levels/level/add/?kind=challenge").context["adminform"].form
    assert {name: form[name].value() for name in CHALLENGE} == CHALLENGE
    plain = client.get("/admin/levels/level/add/").context["adminform"].form
    assert (plain["xp_rule"].value(), plain["max_score"].value()) == ("formula", 1000)
