from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django.asserts import assertRedirects

from gamification.awards.activity import check_in
from gamification.awards.adjustments import reverse
from tests.factories import LevelFactory, StaffFactory, UserFactory, adjust
from tests.gamification.earnables.factories import AchievementFactory, metric
from tracking.models import Completion
from tracking.plays.services import start_play
from tracking.recording.services import refuse_completion

from .html import elements_of, text_of

pytestmark = pytest.mark.django_db


def test_anonymous_visitors_see_the_landing_page_with_a_link_to_sign_in(client):
    response = client.get("/")
    assert response.status_code == 200
    links = {attrs.get("href") for tag, attrs in elements_of(response) if tag == "a"}
    assert {"/sign-up", "/sign-in"} <= links


def test_the_front_page_redirects_signed_in_users_to_the_dashboard(learner_page):
    assertRedirects(learner_page.get("/"), "/dashboard")


def test_anonymous_visitors_are_redirected_to_sign_in(client):
    assertRedirects(client.get("/dashboard"), "/sign-in?next=/dashboard")


def test_a_new_learner_is_shown_where_to_begin(learner_page, learner, maze):
    text = text_of(learner_page.get("/dashboard"))
    assert f"Welcome, {learner.username}" in text
    assert "Rank 1 · Novice 0 XP in all 0 of 1 levels passed" in text
    assert "100 XP to rank 2" in text
    assert "Your first steps The Misinformation Maze Easy · 15 minutes" in text


def test_a_new_learner_has_one_main_button_and_no_empty_cards(learner_page, play, learner, maze):
    html = learner_page.get("/dashboard").content.decode()
    assert html.count('<a class="button"') == 1
    assert [part for part in ('id="chart"', 'id="journal"') if part in html] == []
    assert html.index('<details class="more">') < html.index("Freezes you have")
    assert 'href="/history"' in html
    play(learner, maze, score=700)
    html = learner_page.get("/dashboard").content.decode()
    assert [part for part in ('id="chart"', 'id="journal"') if part not in html] == []


def test_a_line_explains_itself_in_plain_text(learner_page, learner, maze, play):
    play(learner, maze, score=700, hints_used=2, mistakes=3)
    play(learner, maze, score=900, hints_used=0, mistakes=1)
    text = text_of(learner_page.get("/dashboard"))
    assert "25 XP in all 1 of 1 levels passed" in text
    assert "75 XP to rank 2" in text
    assert (
        "You scored 900 of 1000 in 1 min 40 s. for finishing +10 for your score +9 "
        "× 0.8 for the difficulty: Easy \u22124 for a quick finish +5 for using no hints +5 "
        "because this level had paid you before \u221218 XP earned +7 Line 2 of your journal. You had 25 XP after it."
    ) in text
    assert text.index("+7 XP") < text.index("+18 XP"), "the newest comes first"


def test_adjustments_and_reversals_say_why(learner_page, learner):
    staff, at = StaffFactory(), timezone.now()
    line = adjust(learner_id=learner.pk, amount=40, reason="Workshop", note="For colleagues.", actor=staff, at=at)
    reverse(line, actor=staff, reason="Typed twice", note="For colleagues.", at=at)
    text = text_of(learner_page.get("/dashboard"))
    assert "Adjusted by our staff Workshop · " in text
    assert "colleagues" not in text
    assert "Taken back Typed twice · " in text
    assert "\u221240 XP" in text


def test_a_learner_sees_nobody_elses_lines(learner_page, maze, play):
    play(UserFactory(), maze, score=1000)
    assert "Your journal" not in text_of(learner_page.get("/dashboard"))


def test_names_are_text_and_never_markup(visit, maze):
    person = UserFactory(display_name="<script>alert(1)</script>")
    assert "<script>alert" not in visit(person).get("/dashboard").content.decode()


def test_times_are_those_of_the_learners_zone(visit, maze, play, time_machine):
    time_machine.move_to("2026-03-01T20:30:00Z", tick=False)
    person = UserFactory(profile__time_zone="Asia/Jakarta")
    play(person, maze, score=500)
    assert "2 Mar, 02:30" in text_of(visit(person).get("/dashboard"))


def test_what_can_be_played_here_is_offered_first(learner_page, maze):
    LevelFactory(number=None, name="First in the alphabet", category="Aaa")
    assert "Your first steps The Misinformation Maze" in text_of(learner_page.get("/dashboard"))


def test_a_play_that_was_begun_goes_on_and_practice_that_is_due_is_offered(learner_page, learner, maze, remember):
    start_play(learner=learner, level=maze.level_id, at=timezone.now())
    remember(learner, maze.questions.get(), -1)
    text = text_of(learner_page.get("/dashboard"))
    assert "Go on Practise 1 question See the whole path" in text
    assert "Go on Good to know" in text_of(learner_page.get("/levels/level-1"))


def test_a_result_that_staff_check_is_not_forgotten(learner_page, learner, ask, report):
    notice = "waiting for a check by our staff."
    for number in (1, 2):
        strict = LevelFactory(metadata={"min_seconds": 60})
        ask(strict)
        assert report(learner, strict, time_spent=5)["held"]
        words = "The result of 1 level is" if number == 1 else "The results of 2 levels are"
        assert f"{words} {notice} How my XP adds up" in text_of(learner_page.get("/dashboard"))
    for completion in Completion.objects.filter(held=True):
        refuse_completion(completion, at=timezone.now())
    assert notice not in text_of(learner_page.get("/dashboard"))


def test_a_learner_who_did_everything_sees_a_message(learner_page, learner, maze, play):
    play(learner, maze, score=1000)
    assert "All done for now Nothing is left to play here" in text_of(learner_page.get("/dashboard"))


def test_the_highest_level_has_no_next_one(learner_page, learner):
    staff = StaffFactory()
    for _ in range(1000):
        adjust(learner_id=learner.pk, amount=1_000_000, reason="Very much", actor=staff, at=timezone.now())
    text = text_of(learner_page.get("/dashboard"))
    assert "Rank 100 · Mythic" in text
    assert "You have reached the highest rank." in text


@pytest.mark.parametrize(("who", "sees_it"), [(UserFactory, False), (StaffFactory, True)])
def test_only_staff_see_the_way_to_the_admin(visit, who, sees_it):
    links = [attrs.get("href") for tag, attrs in elements_of(visit(who()).get("/dashboard")) if tag == "a"]
    assert ("/admin/" in links) is sees_it


def test_the_dashboard_is_also_at_gamification(learner_page):
    text = text_of(learner_page.get("/gamification"))
    assert text == text_of(learner_page.get("/dashboard"))


def test_the_dashboard_shows_streak_achievements_board_and_chart(learner_page, learner, maze, play):
    AchievementFactory(name="First Steps", condition=metric("completions", 1), xp_reward=50, description="Finish it")
    AchievementFactory(name="Second Steps", condition=metric("completions", 2), description="Finish twice")
    play(learner, maze, score=1000, hints_used=0)
    text = text_of(learner_page.get("/dashboard"))
    assert "Your streak 1 day in a row" in text
    assert "Achievements All: 1 of 2 Latest First Steps Common," in text
    assert "Within reach Second Steps Finish twice 1 of 2" in text
    assert "Leaderboard All boards Place 1 of 1 learner Nobody is ahead of you. All XP Place Learner Score 1 " in text
    assert "76 XP in the last 30 days, earned on 1 day." in text
    assert "First Steps Achievement · " in text
    assert "First Steps: Finish it for unlocking it +50 XP earned +50" in text


def test_streak_bonuses_explain_themselves(learner_page, learner, maze, play):
    at = timezone.now() - timedelta(hours=1)
    check_in(learner.pk, at=at - timedelta(days=1))
    play(learner, maze, score=500)
    text = text_of(learner_page.get("/dashboard"))
    assert "Day 2 of your streak Streak bonus · " in text
    assert "The first level that you finish on a day pays a bonus while your streak is alive." in text
    assert "for day 2 of your streak +10 XP earned +10" in text


def test_whoever_has_everything_sees_a_message(learner_page, learner, maze, play):
    AchievementFactory(condition=metric("completions", 1))
    play(learner, maze, score=500)
    assert "You have unlocked everything that can be seen." in text_of(learner_page.get("/dashboard"))


def test_secrets_are_not_within_reach(learner_page):
    AchievementFactory(name="Moonwalker", hidden=True)
    assert "Moonwalker" not in learner_page.get("/dashboard").content.decode()


def test_what_is_nearly_done_comes_before_what_is_far(learner_page, learner):
    for name, threshold in [("Far", 100), ("One", 1), ("Near", 5)]:
        AchievementFactory(name=name, condition=metric("active_days", threshold))
    check_in(learner.pk, at=timezone.now())
    nearest = learner_page.get("/dashboard").context["nearest"]
    assert [card.achievement.name for card in nearest] == ["Near", "Far"]


@pytest.mark.parametrize("times", [1, 12])
def test_the_dashboard_takes_the_same_statements_whatever_the_history(
    learner_page, learner, play, times, django_assert_num_queries
):
    for number in range(times):
        AchievementFactory(condition=metric("completions", number + 1))
        AchievementFactory()
        play(learner, LevelFactory(), score=500)
        play(UserFactory(), LevelFactory(), score=500)
        LevelFactory(prerequisites=[LevelFactory(), LevelFactory()])
    with django_assert_num_queries(15):
        learner_page.get("/dashboard")
