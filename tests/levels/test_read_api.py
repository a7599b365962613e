import pytest

from levels.models import Level
from tests.factories import LevelFactory, UserFactory

pytestmark = pytest.mark.django_db

URL = "/api/v1/levels"
# One for the session and its user, one for the levels, one for their prerequisites.
LIST_STATEMENTS = 3


def ids(answer):
    assert answer.status_code == 200, answer.content
    return [level["level_id"] for level in answer.json()["results"]]


def as_json(moment):
    return moment.isoformat().replace("+00:00", "Z")


def test_a_level_says_everything_about_itself(learner_api):
    first = LevelFactory(level_id="level-1")
    level = LevelFactory(
        level_id="level-2",
        number=2,
        name="Shadow in the Inbox",
        description="Find the phishing mails.",
        category="Email Security",
        position=2,
        icon="bi-envelope",
        estimated_time="20 minutes",
        expected_time_seconds=1200,
        xp_reward=150,
        skills=["Phishing Detection"],
        tags=["mail"],
        prerequisites=[first],
        metadata={"min_seconds": 30},
    )
    for number in range(3):
        secret = {"answer": "the secret", "explanation": "the secret"}
        level.questions.create(question_id=f"q{number}", kind="short_text", published=number > 0, **secret)
    expected = {
        "success": True,
        "level_id": "level-2",
        "number": 2,
        "name": "Shadow in the Inbox",
        "description": "Find the phishing mails.",
        "category": "Email Security",
        "unit": "",
        "position": 2,
        "kind": "simulation",
        "icon": "bi-envelope",
        "estimated_time": "20 minutes",
        "expected_time_seconds": 1200,
        "xp_reward": 150,
        "xp_rule": "formula",
        "repeat_policy": "improvement",
        "difficulty": "normal",
        "max_score": 1000,
        "pass_score": 0,
        "skills": ["Phishing Detection"],
        "tags": ["mail"],
        "prerequisites": ["level-1"],
        "unlocked": True,
        "coming_soon": False,
        "published": True,
        "metadata": {"min_seconds": 30},
        "questions_per_play": None,
        "pass_percent": None,
        "verified_only": False,
        "question_count": 2,
        "created_by": None,
        "created_at": as_json(level.created_at),
        "updated_at": as_json(level.updated_at),
    }
    by_id, by_number = learner_api.get(f"{URL}/level-2"), learner_api.get(f"{URL}/2")
    assert (by_id.status_code, by_id.json()) == (200, expected)
    assert by_number.json() == expected
    del expected["success"]
    assert learner_api.get(URL, {"search": "inbox"}).json() == {
        "success": True,
        "next": None,
        "previous": None,
        "results": [expected],
    }


@pytest.mark.parametrize("ref", ["nothing", "99", "0", "9" * 400, "Test level", "a%20b", "%F0%9F%8F%86", "-1"])
def test_an_unknown_level_is_a_404(ref, learner_api):
    LevelFactory(name="Test level")
    answer = learner_api.get(f"{URL}/{ref}")
    assert (answer.status_code, answer.json()["code"], answer.json()["detail"]) == (
        404,
        "level_not_found",
        "There is no such level.",
    )


def test_a_draft_is_hidden_from_learners_and_shown_to_editors(learner_api, staff_api):
    LevelFactory(level_id="draft", published=False)
    assert learner_api.get(f"{URL}/draft").json()["code"] == "level_not_found"
    assert ids(learner_api.get(URL)) == []
    assert staff_api.get(f"{URL}/draft").status_code == 200
    assert ids(staff_api.get(URL)) == ["draft"]


def test_a_draft_is_hidden_from_staff_without_the_permission(sign_in):
    LevelFactory(level_id="draft", published=False)
    assert sign_in(UserFactory(is_staff=True)).get(f"{URL}/draft").status_code == 404


def test_anonymous_visitors_read_nothing(api):
    level = LevelFactory()
    for url in (URL, f"{URL}/{level.level_id}", f"{URL}/nothing"):
        answer = api.get(url)
        assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_the_same_statements_for_one_row_and_three(count, learner_api, django_assert_num_queries):
    needed = LevelFactory(published=False)
    for _ in range(count):
        LevelFactory(prerequisites=[needed])
    with django_assert_num_queries(LIST_STATEMENTS):
        assert len(ids(learner_api.get(URL))) == count


def test_pages_follow_the_order_of_the_catalogue(learner_api):
    LevelFactory(level_id="e", number=None, category="b", position=1)
    LevelFactory(level_id="d", number=None, category="a", unit="u", position=1)
    LevelFactory(level_id="c", number=None, category="a", position=2)
    LevelFactory(level_id="b", number=None, category="a", position=2)
    LevelFactory(level_id="a", number=1, category="z")
    pages, url = [], f"{URL}?limit=2"
    while url:
        answer = learner_api.get(url)
        pages.append(ids(answer))
        url = answer.json()["next"]
    assert pages == [["a", "b"], ["c", "d"], ["e"]]
    assert ids(learner_api.get(answer.json()["previous"])) == ["c", "d"]


@pytest.fixture
def catalogue(db):
    LevelFactory(level_id="maze", name="The Maze", category="Literacy", difficulty="easy", tags=["news", "fake news"])
    LevelFactory(level_id="inbox", description="A maze of mails.", kind="challenge", difficulty="hard", tags=["mail"])
    LevelFactory(level_id="loops-1", name="Round", category="Coding", kind="challenge", tags=['q"uote', "100%", "1"])


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({}, ["maze", "inbox", "loops-1"]),
        ({"category": "Coding"}, ["loops-1"]),
        ({"category": "Cod"}, []),
        ({"kind": "challenge"}, ["inbox", "loops-1"]),
        ({"kind": "mode"}, []),
        ({"difficulty": "easy"}, ["maze"]),
        ({"difficulty": "beginner"}, ["maze"]),
        ({"difficulty": "medium"}, ["loops-1"]),
        ({"difficulty": "intermediate"}, ["loops-1"]),
        ({"difficulty": "advanced"}, ["inbox"]),
        ({"tag": "news"}, ["maze"]),
        ({"tag": "fake news"}, ["maze"]),
        ({"tag": "fake"}, []),
        ({"tag": "News"}, []),
        ({"tag": 'q"uote'}, ["loops-1"]),
        ({"tag": "100%"}, ["loops-1"]),
        ({"tag": "1"}, ["loops-1"]),
        ({"tag": "0"}, []),
        ({"tag": "["}, []),
        ({"search": "MAZE"}, ["maze", "inbox"]),
        ({"search": "loops"}, ["loops-1"]),
        ({"search": "%"}, []),
        ({"search": "_"}, []),
        ({"search": "maze", "kind": "challenge"}, ["inbox"]),
    ],
    ids=str,
)
def test_filters_choose_exactly(filters, found, catalogue, learner_api):
    assert ids(learner_api.get(URL, filters)) == found


@pytest.mark.parametrize(
    ("parameters", "errors"),
    [
        ({"kind": "movie"}, {"kind": ["Select a valid choice. movie is not one of the available choices."]}),
        (
            {"difficulty": "brutal"},
            {"difficulty": ["Select a valid choice. brutal is not one of the available choices."]},
        ),
        ({"colour": "red"}, {"colour": ["Unknown parameter."]}),
        (
            {"search": "x" * 101},
            {"search": ["Ensure this value has at most 100 characters (it has 101)."]},
        ),
        ({"limit": "0"}, {"limit": ["A whole number from 1 to 100."]}),
    ],
    ids=str,
)
def test_unknown_parameters_and_bad_values_are_refused(parameters, errors, learner_api):
    answer = learner_api.get(URL, parameters)
    assert (answer.status_code, answer.json()["errors"]) == (400, errors)


@pytest.mark.parametrize("path", [URL, f"{URL}/level-1", f"{URL}/1"])
def test_what_did_not_change_is_not_sent_again(path, learner_api):
    LevelFactory(level_id="level-1", number=1)
    tag = learner_api.get(path)["ETag"]
    again = learner_api.get(path, headers={"If-None-Match": tag})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", tag)
    Level.objects.update(name="Another")
    changed = learner_api.get(path, headers={"If-None-Match": tag})
    assert (changed.status_code, changed["ETag"] == tag) == (200, False)


def test_both_prefixes_and_a_trailing_slash_answer_alike(learner_api):
    LevelFactory(level_id="level-1")
    paths = [f"{prefix}/levels/level-1{slash}" for prefix in ("/api/v1", "/api") for slash in ("", "/")]
    answers = [learner_api.get(path) for path in paths]
    assert [answer.status_code for answer in answers] == [200] * 4
    assert len({answer.content for answer in answers}) == 1
