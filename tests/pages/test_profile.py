from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django.asserts import assertRedirects

from gamification.models import LearnerProfile, TimeZoneChange
from skillquest.accounts.models import User
from tests.factories import LevelFactory
from tracking.models import QuestionMemory

from .html import elements_of, text_of

pytestmark = pytest.mark.django_db

CHOICES = {"display_name": "", "time_zone": "UTC", "language": "en"}


@pytest.fixture
def change(learner_page):
    def change(**choices):
        return learner_page.post("/profile", CHOICES | choices, follow=True)

    return change


def stored(learner):
    user, profile = User.objects.get(pk=learner.pk), LearnerProfile.objects.get(pk=learner.pk)
    return user.display_name, profile.time_zone, user.language, profile.leaderboard_opt_out


def test_anonymous_visitors_are_redirected_to_sign_in(client):
    assertRedirects(client.get("/profile"), "/sign-in?next=/profile")
    assertRedirects(client.post("/profile"), "/sign-in?next=/profile")


def test_a_new_language_holds_at_once(change):
    response = change(language="id")
    assert elements_of(response)[0] == ("html", {"lang": "id"})
    assert "Tersimpan." in text_of(response)


def test_choices_are_kept_and_shown(change, learner):
    response = change(display_name="Ana Wijaya", time_zone="Asia/Jakarta", language="id", leaderboard_opt_out="on")
    assert response.redirect_chain == [("/profile", 302)]
    assert stored(learner) == ("Ana Wijaya", "Asia/Jakarta", "id", True)
    assert "Ana Wijaya" in text_of(response)
    assert not LearnerProfile.objects.visible().filter(pk=learner.pk).exists()


def test_coming_back_to_the_boards(change, learner):
    change(leaderboard_opt_out="on")
    change()
    assert LearnerProfile.objects.visible().filter(pk=learner.pk).exists()


def test_nothing_changed_is_no_change_of_zone(change, learner):
    change()
    assert stored(learner) == ("", "UTC", "en", False)
    assert not TimeZoneChange.objects.exists()


def test_a_second_change_of_zone_has_to_wait_and_saves_no_other_field(change, learner):
    change(time_zone="Asia/Jakarta")
    response = change(time_zone="Europe/Berlin", display_name="Ana")
    assert response.status_code == 200
    assert "You changed your time zone less than 24 hours ago." in text_of(response)
    assert "Ana Level 1" not in text_of(response)
    assert stored(learner) == ("", "Asia/Jakarta", "en", False)


@pytest.mark.parametrize(
    ("choices", "field"),
    [
        ({"display_name": "a" * 81}, "display_name"),
        ({"display_name": "a\u202eb"}, "display_name"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"time_zone": "localtime"}, "time_zone"),
        ({"time_zone": ""}, "time_zone"),
        ({"language": "tlh"}, "language"),
    ],
)
def test_what_cannot_be_is_reported_beside_its_field(change, learner, choices, field):
    assert set(change(**choices).context["form"].errors) == {field}
    assert stored(learner) == ("", "UTC", "en", False)


def test_too_many_changes_are_slowed_down(learner_page, settings):
    settings.RATELIMIT_ENABLE = True
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"write": "1/m"}
    assert [learner_page.post("/profile", CHOICES).status_code for _ in range(2)] == [302, 429]
    assert learner_page.get("/profile").status_code == 200


def test_the_profile_takes_few_statements(learner_page, django_assert_num_queries):
    with django_assert_num_queries(5):
        learner_page.get("/profile")


def test_the_profile_shows_how_much_of_each_skill_is_remembered(learner_page, learner, ask):
    level, at = LevelFactory(), timezone.now()
    card = {"state": 2, "stability": 1.0, "difficulty": 5.0, "last_review": at, "due": at + timedelta(days=1)}
    for name, correct in [("a", True), ("b", False)]:
        question = ask(level, question_id=name, skill="Reading logs")
        QuestionMemory.objects.create(learner=learner, question=question, correct=correct, **card)
    assert "Reading logs 50 %" in text_of(learner_page.get("/profile"))


def test_without_answers_the_profile_lists_no_skills(learner_page):
    assert "What you remember" not in text_of(learner_page.get("/profile"))
