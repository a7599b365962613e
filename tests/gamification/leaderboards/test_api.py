"""GET leaderboard, gamification/leaderboard/{metric} and …/rank."""

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from gamification.awards.activity import check_in
from gamification.leaderboards.base import METRICS
from gamification.models import LearnerProfile
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

BOARD, MAIN = "/api/v1/gamification/leaderboard/xp_all_time", "/api/v1/leaderboard"


@pytest.fixture(autouse=True)
def _frozen_clock(time_machine):
    time_machine.move_to("2026-11-20T10:00:00Z", tick=False)


@pytest.fixture
def people(give):
    """Three whose ids ascend; the last two have the same XP."""
    names = [("ana", "Ana"), ("budi", ""), ("citra", "")]
    users = [UserFactory(username=username, display_name=display_name) for username, display_name in names]
    for user, amount in zip(users, [500, 120, 120], strict=True):
        give(user, amount)
    return users


def entry(user, rank, score, level, *, is_me=False):
    return {
        "rank": rank,
        "user_id": user.pk,
        "username": user.username if is_me else user.display_name or f"Learner {user.pk}",
        "display_name": user.display_name,
        "score": score,
        "level": level,
        "title": "Novice",
        "is_me": is_me,
    }


@pytest.mark.parametrize("path", [MAIN, BOARD, "/api/leaderboard/", "/api/gamification/leaderboard/xp_all_time/"])
def test_a_board_shows_its_top_my_neighbours_and_me(sign_in, people, path):
    ana, budi, citra = people
    top = [entry(ana, 1, 500, 5), entry(budi, 2, 120, 2), entry(citra, 2, 120, 2, is_me=True)]
    answer = sign_in(citra).get(path)
    assert answer.status_code == 200
    assert answer.json() == {
        "success": True,
        "metric": "xp_all_time",
        "trust": "all",
        "as_of": "2026-11-20T10:00:00Z",
        "total": 3,
        "standing": "ranked",
        "entries": top,
        "around": top,
        "me": {"rank": 2, "score": 120, "percentile": 66},
    }


def test_limit_and_around_choose_the_part(sign_in, people):
    ana, budi, _ = people
    answer = sign_in(budi).get(f"{BOARD}?limit=1&around=0").json()
    assert answer["entries"] == [entry(ana, 1, 500, 5)]
    assert answer["around"] == [entry(budi, 2, 120, 2, is_me=True)]
    assert answer["total"] == 3


def test_default_and_maximum_numbers_of_entries_and_neighbours(sign_in, give):
    users = UserFactory.create_batch(112)
    LearnerProfile.objects.update(levels_completed=1)
    api, path = sign_in(users[56]), "/api/v1/gamification/leaderboard/levels_completed"
    for query, parts in [("", (10, 11)), ("?limit=100&around=50", (100, 101)), ("?limit=500&around=51", (100, 101))]:
        answer = api.get(path + query).json()
        assert (len(answer["entries"]), len(answer["around"])) == parts


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=x", "limit=-1", "limit=", "limit=1.5", "around=-1", "around=x", f"around={'9' * 2000}"]
)
def test_a_part_that_makes_no_sense_is_refused(learner_api, query):
    answer = learner_api.get(f"{BOARD}?{query}")
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [query.partition("=")[0]])


def test_a_learner_without_a_score_sees_the_top_and_me_is_null(learner_api, learner, people):
    answer = learner_api.get(BOARD).json()
    assert (answer["total"], len(answer["entries"]), answer["around"], answer["me"]) == (3, 3, [], None)
    assert learner_api.get(f"{BOARD}/rank").json() == {
        "success": True,
        "metric": "xp_all_time",
        "trust": "all",
        "as_of": "2026-11-20T10:00:00Z",
        "total": 3,
        "standing": "ranked",
        "rank": None,
        "score": None,
        "percentile": None,
    }


def test_rank_shows_the_learners_rank(sign_in, people):
    assert sign_in(people[1]).get(f"{BOARD}/rank").json() == {
        "success": True,
        "metric": "xp_all_time",
        "trust": "all",
        "as_of": "2026-11-20T10:00:00Z",
        "total": 3,
        "standing": "ranked",
        "rank": 2,
        "score": 120,
        "percentile": 66,
    }


def test_an_empty_board_is_an_answer(learner_api):
    for path in (BOARD, "/api/v1/gamification/leaderboard/xp_weekly"):
        answer = learner_api.get(path).json()
        assert (answer["total"], answer["entries"], answer["around"], answer["me"]) == (0, [], [], None)


@pytest.mark.parametrize("metric", METRICS)
def test_every_metric_has_a_board_and_a_rank(learner_api, learner, give, metric):
    give(learner, 7)
    check_in(learner.pk, at=timezone.now())
    LearnerProfile.objects.filter(pk=learner.pk).update(levels_completed=7, achievements_unlocked=7)
    board = learner_api.get(f"/api/v1/gamification/leaderboard/{metric}").json()
    score = 1 if metric.startswith("streak") else 7
    assert board["metric"] == metric
    assert board["me"] == {"rank": 1, "score": score, "percentile": 100}
    assert [each["score"] for each in board["entries"]] == [score]
    rank = learner_api.get(f"/api/v1/gamification/leaderboard/{metric}/rank").json()
    assert {name: rank[name] for name in ("metric", "total", "rank", "score")} == {
        "metric": metric,
        "total": 1,
        "rank": 1,
        "score": score,
    }


def test_scenarios_completed_is_another_name_of_levels_completed(learner_api, learner):
    LearnerProfile.objects.filter(pk=learner.pk).update(levels_completed=3)
    for end in ("", "/rank"):
        one, other = (
            learner_api.get(f"/api/v1/gamification/leaderboard/{name}{end}").json()
            for name in ("scenarios_completed", "levels_completed")
        )
        assert one == other
        assert one["metric"] == "levels_completed"


@pytest.mark.parametrize("path", ["luck", "luck/rank", "XP_ALL_TIME", "xp_all_time/top"])
def test_an_unknown_board_is_not_found(learner_api, path):
    answer = learner_api.get(f"/api/v1/gamification/leaderboard/{path}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("path", [MAIN, BOARD, f"{BOARD}/rank"])
def test_boards_require_a_login_and_are_read_only(api, learner_api, path):
    assert api.get(path).status_code == 401
    assert learner_api.post(path, {}).status_code == 405


def test_a_learner_who_opted_out_sees_the_board_without_themselves(sign_in, people):
    ana, budi, citra = people
    api = sign_in(budi)
    assert api.patch("/api/v1/auth/me", {"leaderboard_opt_out": True}).status_code == 200
    answer = api.get(BOARD).json()
    assert answer["entries"] == [entry(ana, 1, 500, 5), entry(citra, 2, 120, 2)]
    assert (answer["total"], answer["around"], answer["me"]) == (2, [], None)
    assert api.get(f"{BOARD}/rank").json()["rank"] is None
    api.patch("/api/v1/auth/me", {"leaderboard_opt_out": False})
    assert api.get(BOARD).json()["me"] == {"rank": 2, "score": 120, "percentile": 66}


@pytest.mark.parametrize("end", ["", "/rank", "?limit=1"])
def test_a_board_that_has_not_changed_is_304_although_time_goes_on(sign_in, people, give, time_machine, end):
    api = sign_in(people[1])
    tag = api.get(BOARD + end)["ETag"]
    time_machine.shift(60)
    again = api.get(BOARD + end, headers={"If-None-Match": tag})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", tag)
    give(people[0], 1)
    give(people[1], 1)
    changed = api.get(BOARD + end, headers={"If-None-Match": tag})
    assert (changed.status_code, changed["ETag"] == tag) == (200, False)


def test_a_window_computed_anew_is_another_answer(learner_api, time_machine):
    path = "/api/v1/gamification/leaderboard/xp_weekly"
    tag = learner_api.get(path)["ETag"]
    assert learner_api.get(path, headers={"If-None-Match": tag}).status_code == 304
    call_command("rebuild_leaderboards")
    assert learner_api.get(path, headers={"If-None-Match": tag}).status_code == 304
    time_machine.shift(1)
    call_command("rebuild_leaderboards")
    answer = learner_api.get(path, headers={"If-None-Match": tag})
    assert (answer.status_code, answer.json()["as_of"]) == (200, "2026-11-20T10:00:01Z")


def statements(api, path):
    with CaptureQueriesContext(connection) as captured:
        assert api.get(path).status_code == 200
    return len(captured)


def test_a_board_costs_the_same_with_one_and_three_learners(sign_in, give):
    me, *others = UserFactory.create_batch(3)
    give(me, 10)
    api = sign_in(me)
    costs = [statements(api, path) for path in (BOARD, f"{BOARD}/rank")]
    for other in others:
        give(other, 5)
    assert [statements(api, path) for path in (BOARD, f"{BOARD}/rank")] == costs == [6, 4]
