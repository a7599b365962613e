import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone

from levels.models import Level
from tests.factories import LevelFactory, UserFactory
from tracking.models import LearningSession

pytestmark = pytest.mark.django_db

URL = "/api/v1/levels"
NEW = {"level_id": "level-6", "name": "The Last Backup", "category": "Resilience"}


def editor(*permissions, is_staff=True):
    user = UserFactory(is_staff=is_staff)
    user.user_permissions.set(Permission.objects.filter(content_type__app_label="levels", codename__in=permissions))
    return user


def problem(answer):
    return answer.status_code, answer.json()["code"], answer.json().get("errors")


def test_staff_add_a_level(staff_api, staff):
    LevelFactory(level_id="level-5")
    data = {
        **NEW,
        "number": 6,
        "description": "Restore what can be restored.",
        "unit": "",
        "position": 6,
        "kind": "scenario",
        "icon": "💾",
        "estimated_time": "30 minutes",
        "expected_time_seconds": 1800,
        "xp_reward": 300,
        "xp_rule": "scenario",
        "repeat_policy": "none",
        "difficulty": "advanced",
        "max_score": 200,
        "pass_score": 100,
        "skills": ["Backups"],
        "tags": ["disk"],
        "prerequisites": ["level-5"],
        "unlocked": False,
        "coming_soon": True,
        "published": False,
        "metadata": {"min_seconds": 60, "extra": {"a": [1, None]}},
    }
    answer = staff_api.post(URL, data)
    assert answer.status_code == 200, answer.content
    body = answer.json()
    assert body == {
        "success": True,
        **data,
        "difficulty": "hard",
        "questions_per_play": None,
        "pass_percent": None,
        "verified_only": False,
        "language": "en",
        "translations": {},
        "question_count": 0,
        "created_by": staff.pk,
        "created_at": body["created_at"],
        "updated_at": body["updated_at"],
    }
    assert staff_api.get(f"{URL}/6").json() == body


def test_a_level_can_be_added_with_few_fields(staff_api):
    body = staff_api.post(URL, NEW).json()
    assert {name: body[name] for name in ("kind", "difficulty", "max_score", "repeat_policy", "icon", "number")} == {
        "kind": "simulation",
        "difficulty": "normal",
        "max_score": 1000,
        "repeat_policy": "improvement",
        "icon": "bi-puzzle",
        "number": None,
    }


@pytest.mark.parametrize(
    ("method", "permission", "status"),
    [
        ("post", "add_level", 200),
        ("put", "change_level", 200),
        ("patch", "change_level", 200),
        ("delete", "delete_level", 204),
    ],
)
def test_each_write_takes_its_own_permission_and_a_staff_account(method, permission, status, sign_in, api, learner_api):
    LevelFactory(level_id="level-1")
    url = URL if method == "post" else f"{URL}/level-1"
    data = {"post": NEW, "put": {**NEW, "level_id": "level-1"}, "patch": {"position": 3}, "delete": None}[method]
    others = {"add_level", "change_level", "delete_level", "view_level"} - {permission}
    refused = [learner_api, sign_in(editor(*others)), sign_in(editor(permission, is_staff=False))]
    assert problem(getattr(api, method)(url, data)) == (401, "not_authenticated", None)
    for client in refused:
        assert problem(getattr(client, method)(url, data)) == (403, "permission_denied", None)
    assert list(Level.objects.values_list("level_id", "position")) == [("level-1", 0)]
    assert getattr(sign_in(editor(permission)), method)(url, data).status_code == status


def test_refusals_do_not_tell_whether_a_level_exists(learner_api):
    LevelFactory(level_id="draft", published=False)
    for method in ("put", "patch", "delete"):
        answers = [getattr(learner_api, method)(f"{URL}/{level_id}", {}) for level_id in ("draft", "nothing")]
        assert [answer.status_code for answer in answers] == [403, 403]


@pytest.mark.parametrize(
    ("fault", "errors"),
    [
        ({"level_id": "12"}, {"level_id": ["Must not consist of digits only."]}),
        ({"level_id": "progress"}, {"level_id": ["“progress” is a path of the API."]}),
        ({"level_id": 12}, {"level_id": ["Expected text."]}),
        ({"name": "12"}, {"name": ["Must not consist of digits only."]}),
        ({"name": ""}, {"name": ["This field may not be blank."]}),
        ({"number": 0}, {"number": ["Ensure this value is greater than or equal to 1."]}),
        ({"number": 2**31}, {"number": ["Ensure this value is less than or equal to 2147483647."]}),
        ({"number": "3"}, {"number": ["Expected a whole number."]}),
        ({"kind": "movie"}, {"kind": ['"movie" is not a valid choice.']}),
        ({"difficulty": "brutal"}, {"difficulty": ['"brutal" is not a valid choice.']}),
        ({"xp_rule": "guess"}, {"xp_rule": ['"guess" is not a valid choice.']}),
        ({"repeat_policy": "twice"}, {"repeat_policy": ['"twice" is not a valid choice.']}),
        ({"icon": "nice"}, {"icon": ["Give the name of a Bootstrap icon (bi-…) or one emoji."]}),
        ({"max_score": 0}, {"max_score": ["Ensure this value is greater than or equal to 1."]}),
        ({"pass_score": 1001}, {"pass_score": ["Must not exceed the maximum score."]}),
        ({"xp_reward": True}, {"xp_reward": ["Expected a whole number."]}),
        ({"tags": ["a", "a"]}, {"tags": ["An entry is given twice."]}),
        ({"tags": [1]}, {"tags.0": ["Expected text."]}),
        ({"metadata": []}, {"metadata": ["Expected an object."]}),
        ({"metadata": {"min_seconds": -1}}, {"metadata": ["“min_seconds” must be an integer from 0 to 1000000."]}),
        ({"prerequisites": ["nothing"]}, {"prerequisites": ["There is no level nothing."]}),
        ({"prerequisites": ["level-6"]}, {"prerequisites": ["There is no level level-6."]}),
        ({"created_by": 1}, {"created_by": ["Unknown field."]}),
        ({"colour": "red"}, {"colour": ["Unknown field."]}),
        ({"name": "Taken"}, {"name": ["Level with this Name already exists."]}),
        ({"level_id": "taken"}, {"level_id": ["Level with this Level ID already exists."]}),
        ({"number": 7}, {"number": ["Level with this Number already exists."]}),
    ],
    ids=str,
)
def test_a_faulty_level_is_refused_field_by_field(fault, errors, staff_api):
    LevelFactory(level_id="taken", name="Taken", number=7)
    assert problem(staff_api.post(URL, {**NEW, **fault})) == (400, "invalid", errors)
    assert Level.objects.count() == 1


def test_what_is_required_is_said(staff_api):
    required = ["This field is required."]
    errors = {"level_id": required, "name": required, "category": required}
    assert problem(staff_api.post(URL, {})) == (400, "invalid", errors)
    LevelFactory(level_id="level-1")
    assert problem(staff_api.put(f"{URL}/level-1", {})) == (400, "invalid", errors)


def test_a_change_affects_only_the_fields_that_were_sent(staff_api):
    first = LevelFactory(level_id="level-1")
    level = LevelFactory(level_id="level-2", prerequisites=[first], tags=["kept"], xp_reward=5)
    before = staff_api.get(f"{URL}/level-2").json()
    answer = staff_api.patch(f"{URL}/level-2", {"xp_reward": 7, "difficulty": "medium"})
    body = answer.json()
    assert body == {**before, "xp_reward": 7, "updated_at": body["updated_at"]}
    assert body["updated_at"] > before["updated_at"]
    level.refresh_from_db()
    assert (level.tags, level.created_by, list(level.prerequisites.all())) == (["kept"], None, [first])


def test_prerequisites_are_replaced_as_a_whole(staff_api):
    for name in ("a", "b", "c"):
        LevelFactory(level_id=name)
    assert staff_api.patch(f"{URL}/a", {"prerequisites": ["b", "c"]}).json()["prerequisites"] == ["b", "c"]
    assert staff_api.patch(f"{URL}/a", {"prerequisites": []}).json()["prerequisites"] == []


def test_a_circle_is_refused_by_name(staff_api):
    first = LevelFactory(level_id="level-1")
    LevelFactory(level_id="level-3", prerequisites=[first])
    answer = staff_api.patch(f"{URL}/level-1", {"prerequisites": ["level-3"], "xp_reward": 9})
    message = "Prerequisites must not go in a circle: level-1 → level-3 → level-1."
    assert problem(answer) == (400, "invalid", {"prerequisites": [message]})
    first.refresh_from_db()
    assert (first.xp_reward, first.prerequisites.count()) == (0, 0)


def test_an_identifier_never_changes(staff_api):
    LevelFactory(level_id="level-1")
    message = "An identifier that was given out never changes."
    assert problem(staff_api.patch(f"{URL}/level-1", {"level_id": "x"})) == (400, "invalid", {"level_id": [message]})
    assert staff_api.put(f"{URL}/level-1", {**NEW, "level_id": "level-1"}).status_code == 200


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_changing_an_unknown_level_is_a_404(method, staff_api):
    assert problem(getattr(staff_api, method)(f"{URL}/nothing", {})) == (404, "level_not_found", None)


def test_an_unplayed_level_is_deleted(staff_api):
    LevelFactory(level_id="level-1")
    answer = staff_api.delete(f"{URL}/level-1")
    assert (answer.status_code, answer.content) == (204, b"")
    assert not Level.objects.exists()


def test_a_level_with_history_stays(staff_api, learner):
    level = LevelFactory(level_id="level-1")
    LearningSession.objects.create(learner=learner, level=level, start_time=timezone.now())
    answer = staff_api.delete(f"{URL}/level-1")
    assert problem(answer) == (409, "level_in_use", None)
    assert Level.objects.count() == 1
