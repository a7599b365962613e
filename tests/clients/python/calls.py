"""Calls the API as test_python.py sets it up, with the client that openapi-python-client makes of the schema."""

import json
import sys
import uuid
from typing import TypeVar

from skillquest_client import AuthenticatedClient, Client
from skillquest_client.api.account import get_me, login
from skillquest_client.api.achievements import list_achievements
from skillquest_client.api.leaderboards import get_leaderboard
from skillquest_client.api.levels import complete_level, list_levels
from skillquest_client.api.offline import sync_events
from skillquest_client.api.sessions import end_session, start_session
from skillquest_client.api.streaks import check_in
from skillquest_client.api.xp import list_xp_history
from skillquest_client.models import (
    CompleteLevelRequest,
    CompletionMetadata,
    EndSessionRequest,
    LevelCompletionEventRequest,
    LevelCompletionEventTypeEnum,
    LevelLockedProblem,
    LoginRequest,
    Problem,
    RejectedEvent,
    StartSessionRequest,
    SyncRequest,
)
from skillquest_client.models.get_leaderboard_metric import GetLeaderboardMetric
from skillquest_client.models.list_levels_kind import ListLevelsKind

Answer = TypeVar("Answer")


def answer_of(answer: Answer | Problem | None) -> Answer:
    if answer is None or isinstance(answer, Problem):
        raise TypeError(answer)
    return answer


def main(url: str, username: str, password: str, open_level: str, locked_level: str) -> dict[str, object]:
    tokens = answer_of(login.sync(client=Client(url), body=LoginRequest(username=username, password=password)))
    api = AuthenticatedClient(url, tokens.access_token)

    me = answer_of(get_me.sync(client=api))
    levels = answer_of(list_levels.sync(client=api, limit=100, kind=ListLevelsKind.SIMULATION))
    level = next(each for each in levels.results if each.level_id == open_level)

    session = start_session.sync(client=api, body=StartSessionRequest(level_id=open_level))
    assert not isinstance(session, LevelLockedProblem)
    ended = answer_of(
        end_session.sync(
            client=api, body=EndSessionRequest(session_id=answer_of(session).session_id, score=60, user_id=me.id)
        )
    )

    result = CompleteLevelRequest(
        level_id=open_level,
        score=90,
        time_spent=30,
        metadata=CompletionMetadata(hints_used=0, language="id-ID"),
    )
    completed = complete_level.sync(client=api, body=result, idempotency_key="one result")
    assert not isinstance(completed, LevelLockedProblem)
    repeated = complete_level.sync_detailed(client=api, body=result, idempotency_key="one result")
    locked = complete_level.sync(client=api, body=CompleteLevelRequest(level_id=locked_level, score=90))
    assert isinstance(locked, LevelLockedProblem)

    events = [
        LevelCompletionEventRequest(
            type_=LevelCompletionEventTypeEnum.LEVEL_COMPLETION, client_event_id=uuid.uuid4(), level_id=name, score=100
        )
        for name in (open_level, "no-such-level")
    ]
    synced = answer_of(sync_events.sync(client=api, body=SyncRequest(events=[*events])))
    streak = answer_of(check_in.sync(client=api))
    history = answer_of(list_xp_history.sync(client=api, limit=1))
    board = answer_of(get_leaderboard.sync(GetLeaderboardMetric.XP_ALL_TIME, client=api))
    assert board.me is not None
    achievements = answer_of(list_achievements.sync(client=api))

    return {
        "username": me.username,
        "level": level.difficulty,
        "ended": ended.session.score,
        "factors": [each.factor for each in answer_of(completed).xp_breakdown],
        "replayed": repeated.headers.get("Idempotent-Replayed"),
        "missing": [each.level_id for each in locked.missing],
        "verdicts": [each.problem.code if isinstance(each, RejectedEvent) else each.status for each in synced.results],
        "action": streak.action,
        "total_xp": history.results[0].balance_after,
        "on_board": board.me.score,
        "achievements": [each.rarity for each in achievements.results],
    }


if __name__ == "__main__":
    json.dump(main(*sys.argv[1:]), sys.stdout)
