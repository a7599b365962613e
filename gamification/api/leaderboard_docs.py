"""What the API's documentation says about leaderboards."""

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import NotFound

from apidocs.operations import answer_example, documented
from gamification.leaderboards.base import METRICS

ME = {"rank": 3, "score": 340, "percentile": 71}
NEIGHBOURS = [
    {
        "rank": 1,
        "user_id": 12,
        "username": "Ana Lestari",
        "display_name": "Ana Lestari",
        "score": 1250,
        "level": 8,
        "title": "Novice",
        "is_me": False,
    },
    {
        "rank": 3,
        "user_id": 7,
        "username": "budi",
        "display_name": "",
        "score": 340,
        "level": 3,
        "title": "Novice",
        "is_me": True,
    },
]
AS_OF = {
    "metric": "xp_all_time",
    "trust": "all",
    "as_of": "2026-11-20T03:00:00Z",
    "total": 7,
    "standing": "ranked",
}
BOARD = {**AS_OF, "entries": NEIGHBOURS[:1], "around": NEIGHBOURS[1:], "me": ME}
UNRANKED = {**AS_OF, "rank": None, "score": None, "percentile": None}

METRIC = OpenApiParameter(
    "metric",
    enum=[*METRICS, "scenarios_completed", "metric:{metric_id}"],
    location=OpenApiParameter.PATH,
    description="`scenarios_completed` is another name of `levels_completed`. `metric:` and an id, such as "
    "`metric:pages_read`, is the board of a metric that staff made. Any other metric is a 404.",
)
NO_SUCH_BOARD = NotFound("There is no such leaderboard.")
RULES = (
    "Rank = 1 + learners with a higher score; equal scores share a rank and are listed by user id. Whoever has no "
    "score above 0, opted out, was deactivated or is not `ranked` (`standing`) has no rank and is not counted. "
    "`percentile` is the share of ranked learners whose score is not above mine, in whole percent. Boards of XP whose "
    "`trust` is `verified` count XP for results that the server judged and what staff gave or took, nothing else. "
    "All-time boards are live; weekly and monthly ones (the last 7 and 30 UTC dates, today among them) may be up to 15 "
    "minutes old, and `as_of` says so."
)


def show_board(query) -> Callable[..., Any]:
    return documented(
        "Leaderboards",
        "getLeaderboard",
        "Get a leaderboard: its top, the learners around me, and me",
        RULES,
        parameters=[METRIC, query],
        raises=[NO_SUCH_BOARD],
        etag=True,
        examples=[answer_example(BOARD)],
    )


def show_main_board(query) -> Callable[..., Any]:
    return documented(
        "Leaderboards",
        "getMainLeaderboard",
        "Get the leaderboard of all XP",
        f"The same as `gamification/leaderboard/xp_all_time`. {RULES}",
        parameters=[query],
        etag=True,
        examples=[answer_example(BOARD)],
    )


show_rank = documented(
    "Leaderboards",
    "getMyRank",
    "Get my rank",
    f"{RULES} Without a rank all three numbers are null.",
    parameters=[METRIC],
    raises=[NO_SUCH_BOARD],
    etag=True,
    examples=[answer_example({**AS_OF, **ME}, "My rank"), answer_example(UNRANKED, "Without a rank")],
)
