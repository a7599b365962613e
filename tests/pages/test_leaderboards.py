import pytest
from django.utils import timezone
from pytest_django.asserts import assertRedirects

from gamification.awards.activity import check_in
from gamification.leaderboards import database_board as database
from gamification.leaderboards.base import METRICS
from gamification.models import BoardPolicy
from gamification.staff.standings import set_board_standing
from tests.factories import StaffFactory, UserFactory, adjust

from .html import elements_of, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_totals_remembered():
    database.remembered_totals.clear()


@pytest.fixture
def give():
    def give(learner, amount):
        adjust(learner_id=learner.pk, amount=amount, reason="A gift", actor=StaffFactory(), at=timezone.now())

    return give


@pytest.mark.parametrize("path", ["/leaderboards", "/leaderboards/xp_weekly"])
def test_anonymous_visitors_are_redirected_to_sign_in(client, path):
    assertRedirects(client.get(path), f"/sign-in?next={path}")


@pytest.mark.parametrize("metric", METRICS)
def test_each_board_has_a_page_and_a_tab(learner_page, metric):
    response = learner_page.get(f"/leaderboards/{metric}")
    here = [attrs for tag, attrs in elements_of(response) if tag == "a" and "aria-current" in attrs]
    assert [attrs["href"] for attrs in here] == ["/leaderboards", f"/leaderboards/{metric}"]
    assert "Nobody is on this board yet." in text_of(response)


def test_another_name_of_a_board_is_answered(learner_page):
    assert learner_page.get("/leaderboards/scenarios_completed").context["page"].metric.name == "levels_completed"


@pytest.mark.parametrize("path", ["/leaderboards/luck", "/leaderboards/xp_all_time/rank"])
def test_no_such_board_is_not_found(learner_page, path):
    assert learner_page.get(path).status_code == 404


def test_equal_scores_share_a_rank_and_a_medal(learner_page, learner, give):
    for name, score in [("Ana", 50), ("Budi", 50), ("Cleo", 20)]:
        give(UserFactory(display_name=name), score)
    give(learner, 10)
    text = text_of(learner_page.get("/leaderboards"))
    assert "Place 4 of 4 learners 10 XP behind Cleo" in text
    assert "1 1 Ana Rank 1 · Novice 50 XP 1 1 Budi Rank 1 · Novice 50 XP 3 3 Cleo Rank 1 · Novice 20 XP" in text
    assert f"4 Learner {learner.pk} You Rank 1 · Novice 10 XP" in text


def test_i_am_always_there_with_my_neighbours(learner_page, learner, give):
    others = UserFactory.create_batch(16)
    for place, other in enumerate(others):
        give(other, 100 + place)
    give(learner, 102)
    response = learner_page.get("/leaderboards")
    page = response.context["page"]
    assert [entry.rank for entry in page.top] == list(range(1, 11))
    assert [(entry.rank, entry.is_me) for entry in page.around] == [
        (12, False),
        (13, False),
        (14, True),
        (14, False),
        (16, False),
    ]
    assert page.has_gap
    assert "Others between" in text_of(response)
    assert "1 XP behind" in text_of(response)


def test_neighbours_that_join_the_top_leave_no_gap(learner_page, learner, give):
    for place, other in enumerate(UserFactory.create_batch(11)):
        give(other, 100 + place)
    give(learner, 99)
    response = learner_page.get("/leaderboards")
    page = response.context["page"]
    assert ([entry.rank for entry in page.around], page.has_gap) == ([11, 12], False)
    assert "Others between" not in text_of(response)


def test_others_are_between_the_top_ten_and_me_when_all_have_the_same_score(visit, give):
    tied = UserFactory.create_batch(20)
    for person in tied:
        give(person, 10)
    response = visit(tied[15]).get("/leaderboards")
    page, text = response.context["page"], text_of(response)
    assert [entry.user_id for entry in page.top] == [person.pk for person in tied[:10]]
    assert [entry.user_id for entry in page.around] == [person.pk for person in tied[13:18]]
    assert text.index(f"Learner {tied[9].pk}") < text.index("Others between") < text.index(f"Learner {tied[13].pk}")


def test_among_ties_the_page_says_how_many_are_ahead(visit, give):
    tied = UserFactory.create_batch(7)
    for person, score in [*zip(UserFactory.create_batch(3), [50, 40, 30], strict=True), *((one, 10) for one in tied)]:
        give(person, score)
    for path in ("/leaderboards", "/dashboard"):
        text = text_of(visit(tied[3]).get(path))
        assert "Place 4 of 10 learners, shared with others 3 learners are ahead of you." in text
        assert "Nobody is ahead of you" not in text


def test_among_ties_at_the_top_nobody_is_ahead(learner_page, learner, give):
    for person in [*UserFactory.create_batch(3), learner]:
        give(person, 10)
    assert "Place 1 of 4 learners, shared with others Nobody is ahead of you." in text_of(
        learner_page.get("/dashboard")
    )


def test_sign_in_names_and_addresses_are_nowhere_on_a_board(learner_page, learner, give):
    hidden = UserFactory(username="secret-name", email="secret@example.test")
    named = UserFactory(username="other-secret", display_name="Maria")
    for person in (hidden, named, learner):
        give(person, 10)
    for path in ("/leaderboards", "/dashboard"):
        page = learner_page.get(path).content.decode()
        assert "secret" not in page
        assert f"Learner {hidden.pk}" in page
        assert "Maria" in page


def test_the_first_sees_a_message(learner_page, learner, give):
    give(learner, 5)
    assert "Place 1 of 1 learner Nobody is ahead of you." in text_of(learner_page.get("/leaderboards"))


def test_whoever_has_no_rank_is_invited(learner_page, give):
    give(UserFactory(), 5)
    text = text_of(learner_page.get("/leaderboards"))
    assert "Score once and you are on: any XP puts you on this board." in text


def test_whoever_opted_out_sees_the_board_and_why_they_are_not_on_it(visit, give):
    shy = UserFactory(profile__leaderboard_opt_out=True, profile__listed=False)
    give(shy, 500)
    give(UserFactory(display_name="Ana"), 5)
    response = visit(shy).get("/leaderboards")
    assert "You have chosen to stay off the leaderboards" in text_of(response)
    assert [entry.display_name for entry in response.context["page"].top] == ["Ana"]
    assert "You have chosen to stay off the leaderboards" in text_of(visit(shy).get("/dashboard"))


@pytest.mark.parametrize(
    ("standing", "text"),
    [
        ("under_review", "We are reviewing your place on the leaderboards, so you do not appear here for now."),
        ("excluded", "Our staff decided that you do not appear on the leaderboards."),
    ],
)
def test_whoever_is_not_ranked_reads_so_with_the_reason(visit, give, standing, text):
    learner, at = UserFactory(), timezone.now()
    give(learner, 500)
    set_board_standing(
        learner_id=learner.pk,
        standing=standing,
        until=None,
        reason="Unusual results",
        note="For colleagues",
        actor=StaffFactory(),
        at=at,
    )
    for path in ("/leaderboards", "/dashboard"):
        page = text_of(visit(learner).get(path))
        assert f"{text} Your XP keeps counting. Reason: Unusual results." in page
        assert "For colleagues" not in page


def test_a_board_of_verified_xp_says_so(learner_page):
    sentence = "Only XP for results that our server judged counts here, and what our staff gave or took."
    assert sentence not in text_of(learner_page.get("/leaderboards"))
    BoardPolicy.objects.filter(metric="xp_all_time").update(trust="verified")
    assert sentence in text_of(learner_page.get("/leaderboards"))


def test_windowed_boards_say_when_they_were_counted(visit, give, time_machine):
    time_machine.move_to("2026-03-01T20:30:00Z", tick=False)
    learner = UserFactory(profile__time_zone="Asia/Jakarta")
    give(learner, 5)
    text = text_of(visit(learner).get("/leaderboards/xp_weekly"))
    assert "XP of the last 7 days. Counted at 03:30" in text
    assert "5 XP" in text
    assert "Counted at" not in text_of(visit(learner).get("/leaderboards"))


@pytest.mark.parametrize(
    ("metric", "text"), [("streak_current", "1 day"), ("streak_longest", "1 day"), ("xp_monthly", "5 XP")]
)
def test_a_score_says_what_it_counts(learner_page, learner, give, metric, text):
    give(learner, 5)
    check_in(learner.pk, at=timezone.now())
    assert f"Rank 1 · Novice {text}" in text_of(learner_page.get(f"/leaderboards/{metric}"))


@pytest.mark.parametrize(("metric", "statements"), [("xp_all_time", 8), ("xp_weekly", 9)])
@pytest.mark.parametrize("others", [1, 30])
def test_a_board_takes_the_same_statements_whatever_its_size(
    learner_page, learner, give, metric, statements, others, django_assert_num_queries
):
    for other in [learner, *UserFactory.create_batch(others)]:
        give(other, 5)
    learner_page.get(f"/leaderboards/{metric}")  # computes a windowed board
    with django_assert_num_queries(statements):
        learner_page.get(f"/leaderboards/{metric}")
