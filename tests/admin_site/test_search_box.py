"""The search box of the admin finds what its reader may view."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from tests.factories import LevelFactory, QuestionFactory, StaffFactory, UserFactory, adjust
from tests.gamification.earnables.factories import AchievementFactory, BadgeFactory
from tracking.models import Completion, LearningSession
from tracking.recording.completions import Claim
from tracking.recording.services import complete_level, start_session

pytestmark = pytest.mark.django_db
SEARCH = "/admin/search/"


def found(client, text):
    """Label -> what was found."""
    return {kind.label: [hit.text for hit in kind.hits] for kind in client.get(SEARCH, {"q": text}).context["found"]}


@pytest.fixture
def owl():
    """Something of each kind that is called like an owl."""
    LevelFactory(name="Owl cave", level_id="cave")
    AchievementFactory(name="Night owl")
    BadgeFactory(name="Owl friend")
    return UserFactory(username="owlbert", email="bert@owls.example", display_name="Owl Bert", external_id="OWL-1")


def test_a_text_finds_learners_levels_achievements_and_badges(superuser, owl):
    assert found(superuser, "OWL") == {
        "Learners": ["owlbert"],
        "Levels": ["Owl cave"],
        "Achievements": ["Night owl"],
        "Badges": ["Owl friend"],
    }


def test_questions_are_found_by_words_of_their_prompt(superuser):
    QuestionFactory(question_id="owl-eyes", prompt="Why are the eyes of an owl so large?")
    assert found(superuser, "why large") == {"Questions": ["owl-eyes"]}


@pytest.mark.parametrize("text", ["owl b", "bert@", "OWL-1", "owlbert"])
def test_learners_are_found_by_each_of_their_names(superuser, owl, text):
    assert found(superuser, text)["Learners"] == ["owlbert"]


def test_whose_username_it_is_comes_first(superuser):
    for name in ("ana-2", "ana-1", "ana"):
        UserFactory(username=name)
    assert found(superuser, "Ana")["Learners"] == ["ana", "ana-1", "ana-2"]


def test_numbers_find_ledger_entries_results_and_sessions(superuser, learner):
    level, now = LevelFactory(name="Maze", level_id="maze"), timezone.now()
    complete_level(learner=learner, claim=Claim("maze", 850, 100), source="api", at=now)
    start_session(learner=learner, level=level.level_id, resume=False, at=now)
    entry = adjust(learner_id=learner.pk, amount=10, reason="A gift", actor=StaffFactory(), at=now)
    result, session = Completion.objects.get(), LearningSession.objects.get()
    for label, row in {"Ledger entries": entry, "Completions": result, "Sessions": session}.items():
        assert found(superuser, str(row.pk))[label] == [str(row)], label
    assert learner.username in found(superuser, str(learner.pk))["Learners"]


def test_results_are_found_by_the_event_id_of_their_client(superuser, learner):
    LevelFactory(name="Maze", level_id="maze")
    event_id = uuid4()
    claim = Claim("maze", 850, 100, client_event_id=event_id)
    complete_level(learner=learner, claim=claim, source="api", at=timezone.now() - timedelta(minutes=1))
    for text in (str(event_id), event_id.hex.upper()):
        assert found(superuser, text) == {"Completions": ["Maze: 850"]}
    assert found(superuser, str(uuid4())) == {}


def test_more_than_five_of_a_kind_lead_to_the_list(superuser):
    for number in range(6):
        LevelFactory(name=f"Owl & {number}")
    [levels] = superuser.get(SEARCH, {"q": "owl &"}).context["found"]
    assert (len(levels.hits), levels.all_url) == (5, "/admin/levels/level/?q=owl+%26")
    assert superuser.get(levels.all_url).context["cl"].result_count == 6
    LevelFactory(name="Newt")
    assert superuser.get(SEARCH, {"q": "newt"}).context["found"][0].all_url == ""


def test_only_what_one_may_view_is_found(as_staff, owl):
    assert found(as_staff(rights=["view_badge"]), "owl") == {"Badges": ["Owl friend"]}
    assert found(as_staff(), "owl") == {}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Type the beginning of"),
        ("  ", "Type the beginning of"),
        ("o", "Type 2 characters or more"),
        ("nobody<b>", "Nothing that you may view is called “nobody&lt;b&gt;”"),
        ("9" * 40, "Nothing that you may view"),
        ("x" * 5_000, "Nothing that you may view"),
    ],
)
def test_the_page_says_why_it_shows_nothing(superuser, text, words):
    answer = superuser.get(SEARCH, {"q": text})
    assert (answer.status_code, answer.context["found"]) == (200, [])
    assert words in answer.content.decode()


def test_what_was_found_is_escaped(superuser):
    UserFactory(username="mallory", display_name="<i>Mallory</i>")
    page = superuser.get(SEARCH, {"q": "mallory"}).content.decode()
    assert "&lt;i&gt;Mallory&lt;/i&gt;" in page
    assert "<i>Mallory" not in page


def test_only_staff_search(client, learner):
    assert client.get(SEARCH).status_code == 302
    client.force_login(learner)
    assert client.get(SEARCH).status_code == 302


def test_a_search_takes_few_statements(as_staff, superuser, owl, django_assert_max_num_queries):
    analyst = as_staff("Analyst", "XP steward", "Content editor")
    for client in (superuser, analyst):
        for text in ("owl", str(owl.pk), str(uuid4())):
            with django_assert_max_num_queries(12):
                client.get(SEARCH, {"q": text})
