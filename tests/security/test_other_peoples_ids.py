"""P13: a row of another learner is answered like one that does not exist."""

import json
import re
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from gamification.models import LedgerEntry
from tests.factories import LevelFactory
from tests.test_architecture import write_actions
from tracking.attempts.services import start_attempt
from tracking.recording.completions import Claim
from tracking.recording.services import complete_level, end_session, start_session, submit_attempt

from . import routes
from .requester import contents

UNKNOWN_ID = 987_654_321
OTHER_ROLES = ["other", "staff", "editor", "steward", "superuser"]


@dataclass(frozen=True)
class Personal:
    """An endpoint with the id of a row of one learner; `ID` in `path` and `body` is its place."""

    method: str
    path: str
    body: dict
    rows: str  # a key of `learners_rows`

    def request(self, client, row_id):
        body = {name: row_id if value == "ID" else value for name, value in self.body.items()}
        return client.generic(
            self.method, self.path.replace("ID", str(row_id)), json.dumps(body), content_type="application/json"
        )


PERSONAL = {
    "POST /api/v1/sessions/end session_id": Personal(
        "POST", "/api/v1/sessions/end", {"session_id": "ID", "score": 85}, "sessions"
    ),
    "GET /api/v1/attempts/{id} id": Personal("GET", "/api/v1/attempts/ID", {}, "attempts"),
    "POST /api/v1/attempts/{id}/submit id": Personal("POST", "/api/v1/attempts/ID/submit", {"score": 85}, "attempts"),
    "POST /api/v1/plays/{session_id}/hint session_id": Personal(
        "POST", "/api/v1/plays/ID/hint", {"question_id": "asked-1"}, "plays"
    ),
    "POST /api/v1/plays/{session_id}/answer session_id": Personal(
        "POST", "/api/v1/plays/ID/answer", {"question_id": "asked-1", "answer": True}, "plays"
    ),
    "POST /api/v1/plays/{session_id}/finish session_id": Personal("POST", "/api/v1/plays/ID/finish", {}, "plays"),
    "GET /api/v1/gamification/explain/xp/{id} id": Personal("GET", "/api/v1/gamification/explain/xp/ID", {}, "entries"),
}
# Ids that do not belong to one learner, and the reason.
SHARED = {
    "POST /api/v1/levels level_id": "of the catalogue",
    "POST /api/v1/levels/complete level_id": "of the catalogue",
    "POST /api/v1/levels/complete client_event_id": "chosen by the client, unique for each learner; tested below",
    "POST /api/v1/sessions/start level_id": "of the catalogue",
    "GET /api/v1/levels/{id} id": "of the catalogue",
    "PUT /api/v1/levels/{id} id": "of the catalogue",
    "PUT /api/v1/levels/{id} level_id": "of the catalogue",
    "PATCH /api/v1/levels/{id} id": "of the catalogue",
    "PATCH /api/v1/levels/{id} level_id": "of the catalogue",
    "DELETE /api/v1/levels/{id} id": "of the catalogue",
    "POST /api/v1/challenges level_id": "of the catalogue",
    "GET /api/v1/challenges/{id} id": "of the catalogue",
    "PUT /api/v1/challenges/{id} id": "of the catalogue",
    "PUT /api/v1/challenges/{id} level_id": "of the catalogue",
    "DELETE /api/v1/challenges/{id} id": "of the catalogue",
    "POST /api/v1/attempts challenge_id": "of the catalogue",
    "POST /api/v1/levels/{id}/play id": "of the catalogue",
    "POST /api/v1/plays/{session_id}/hint question_id": "of the catalogue; one that is not asked is unknown",
    "POST /api/v1/plays/{session_id}/answer question_id": "of the catalogue; one that is not asked is unknown",
    "GET /api/v1/training/sections/{category}/path category": "of the catalogue",
    "POST /api/v1/training/progress/submit level_id": "of the catalogue",
    "GET /api/v1/gamification/leaderboard/{metric} metric": "the name of a leaderboard",
    "GET /api/v1/gamification/leaderboard/{metric}/rank metric": "the name of a leaderboard",
    "GET /api/v1/badges/{id} id": "of the catalogue",
    "PUT /api/v1/badges/{id} id": "of the catalogue",
    "DELETE /api/v1/badges/{id} id": "of the catalogue",
    "GET /api/v1/badges/users/{learner_id} learner_id": "public, unless the learner opted out",
    "GET /api/v1/users/{learner_id}/progress learner_id": "public, unless the learner opted out",
    "GET /api/v1/gamification/explain/level/{id} id": "of the catalogue",
    "GET /api/v1/gamification/explain/achievement/{id} id": "of the catalogue",
    "POST /api/v1/gamification/xp/award user_id": "for staff, who may name everybody except themselves",
    "POST /api/v1/gamification/xp/award reference_id": "chosen by staff; unique for each learner",
    **{
        f"{method} /api/v1/learners/{{external_id}}{call} external_id": "for server keys only; tests/machines"
        for method, call in [("GET", ""), ("PUT", ""), ("DELETE", ""), ("POST", "/token"), ("POST", "/claim-link")]
    },
    "POST /api/v1/review/answer question_id": "of the catalogue; test_question_ids",
    "GET /api/v1/gamification/explain/review/{id} id": "of the catalogue; test_question_ids",
    "POST /api/v1/metrics/{metric_id}/events metric_id": "of the catalogue",
    "POST /api/v1/metrics/{metric_id}/events client_event_id": "chosen by the client, unique for each learner",
    "POST /api/v1/auth/guest device_id": "a secret of the device; tests/accounts",
}


@pytest.fixture
def learners_rows(world):
    """The ids of rows in every state, because none of them may be visible to others."""
    learner, at = world.learner.user, timezone.now()
    ended, _ = start_session(learner=learner, level="spare", resume=False, at=at - timedelta(minutes=5))
    end_session(learner=learner, session_id=ended.pk, score=85, metadata={}, source="api", at=at)
    abandoned, _ = start_session(learner=learner, level="spare", resume=False, at=at - timedelta(days=2))
    submitted = start_attempt(learner=learner, challenge="riddle", resume=False, at=at)
    submit_attempt(learner=learner, attempt_id=submitted.pk, score=85, metadata={}, source="api", at=at)
    given_up = start_attempt(learner=learner, challenge="riddle", resume=False, at=at - timedelta(days=2))
    return {
        "attempts": [world.open_attempt.pk, submitted.pk, given_up.pk],
        "sessions": [world.open_session.pk, ended.pk, abandoned.pk],
        "plays": [world.open_play.pk],
        "entries": list(LedgerEntry.objects.filter(learner=learner).values_list("pk", flat=True)),
    }


def ids_in_addresses():
    for route in routes.routes():
        actions = getattr(route.callback, "actions", None) or getattr(route.callback, "cls", object).__dict__
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} & {name.upper() for name in actions}:
            for name in re.findall(r"{(\w+)}", route.path):
                yield method, route.path, name


def ids_in_bodies():
    for path, method, view in write_actions():
        for name in view.get_serializer_class()().fields:
            if name == "id" or name.endswith("_id"):
                yield method.upper(), routes.readable_path(f"/{path}"), name


def test_every_id_is_listed_as_personal_or_shared():
    """Add a new id to PERSONAL or, with the reason, to SHARED."""
    found = {
        f"{method} {path} {name}"
        for method, path, name in [*ids_in_addresses(), *ids_in_bodies()]
        if path.startswith(routes.API)
    }
    assert found == set(PERSONAL) | set(SHARED)


def content_of(answer):
    """Status, body and headers without the request id, and without the ETag, which depends on it."""
    headers = {name: value for name, value in answer.headers.items() if name not in {"X-Request-ID", "ETag"}}
    return answer.status_code, json.loads(answer.content) | {"request_id": None}, headers


@pytest.mark.parametrize("role", OTHER_ROLES)
@pytest.mark.parametrize("endpoint", PERSONAL.values(), ids=list(PERSONAL))
def test_a_row_of_another_learner_is_answered_like_an_unknown_id(client_of, learners_rows, endpoint, role):
    client, before = client_of(role), contents()
    with CaptureQueriesContext(connection) as queries:
        missing = endpoint.request(client, UNKNOWN_ID)
    assert missing.status_code == 404
    for row_id in learners_rows[endpoint.rows]:
        with CaptureQueriesContext(connection) as same_queries:
            answer = endpoint.request(client, row_id)
        assert content_of(answer) == content_of(missing)
        assert len(same_queries) == len(queries)
    assert contents() == before


@pytest.mark.parametrize("endpoint", PERSONAL.values(), ids=list(PERSONAL))
def test_a_learner_can_access_their_own_rows(client_of, learners_rows, endpoint):
    statuses = [endpoint.request(client_of("learner"), row_id).status_code for row_id in learners_rows[endpoint.rows]]
    assert 404 not in statuses


MISSING = "unknown-level"


@pytest.mark.parametrize("role", ["learner", "staff", "steward"])
def test_an_unpublished_level_is_hidden_from_people_who_may_not_edit_it(client_of, role):
    client = client_of(role)
    draft, missing = (client.get(f"/api/v1/levels/{name}") for name in ("draft", MISSING))
    assert missing.status_code == 404
    assert content_of(draft) == content_of(missing)


@pytest.mark.parametrize("path", ["/levels/{}", "/levels/{}/play"])
@pytest.mark.parametrize("role", ["learner", "superuser"])
def test_an_unpublished_level_has_no_page(client, world, path, role):
    client.force_login(world.people[role].user)
    draft, missing = (client.get(path.format(name)) for name in ("draft", MISSING))
    assert (draft.status_code, draft.content) == (404, missing.content)


@pytest.mark.parametrize(
    ("path", "field", "rest"),
    [
        ("/api/v1/levels/complete", "level_id", {"score": 85}),
        ("/api/v1/sessions/start", "level_id", {}),
        ("/api/v1/sessions/start", "session_name", {}),
        ("/api/v1/attempts", "challenge_id", {}),
    ],
)
def test_an_unpublished_level_cannot_be_played(client_of, path, field, rest):
    LevelFactory(level_id="secret", name="secret", published=False)
    draft, missing = (client_of("learner").post(path, {field: name, **rest}) for name in ("secret", MISSING))
    assert missing.status_code == 400
    assert content_of(draft) == content_of(missing)


PERSONAL_LISTS = [
    "xp/history",
    "gamification/xp/level",
    "gamification/xp/stats",
    "gamification/achievements",
    "gamification/achievements/user",
    "gamification/achievements/progress",
    "badges/me",
    "sessions/progress",
    "levels/progress",
    "attempts",
    "training/sections/knots/path",
    "auth/me",
]
NAMES_OF_A_LEARNER = ["user_id", "user", "learner", "learner_id", "username"]


def test_filters_never_show_rows_of_other_learners(world, client_of):
    client = client_of("other")
    for path in PERSONAL_LISTS:
        mine = client.get(f"/api/v1/{path}").json()
        for name in NAMES_OF_A_LEARNER:
            filtered = client.get(f"/api/v1/{path}", {name: world.learner.user.pk})
            assert filtered.status_code == 400 or filtered.json() == mine, (path, name)


def test_a_cursor_of_another_learner_shows_only_own_rows(world, client_of):
    for role in ("learner", "other"):
        for score in (100, 900):
            claim = Claim("spare", score)
            complete_level(learner=world.people[role].user, claim=claim, source="api", at=timezone.now())
    cursor_url = client_of("learner").get("/api/v1/xp/history", {"limit": 1}).json()["next"]
    shown, mine = (client_of("other").get(url).json()["results"] for url in (cursor_url, "/api/v1/xp/history"))
    assert {entry["id"] for entry in shown} <= {entry["id"] for entry in mine}


EVENT = {"level_id": "spare", "score": 85, "client_event_id": "0b9f4a52-9d0e-4a0f-8a6b-2f9f6a1f7f10"}


def test_two_learners_may_use_the_same_event_id(client_of):
    """For one learner, the same id with another content is a conflict."""
    answers = [
        client_of(role).post("/api/v1/levels/complete", EVENT | {"score": score}).json()["is_new_completion"]
        for role, score in (("learner", 85), ("other", 86))
    ]
    assert answers == [True, True]


def test_two_learners_may_use_the_same_idempotency_key(client_of):
    headers = {"Idempotency-Key": "same-key"}
    for role in ("learner", "other"):
        answer = client_of(role).post("/api/v1/sessions/start", {"level_id": "spare"}, headers=headers)
        assert "Idempotent-Replayed" not in answer.headers
        assert answer.json()["is_new_session"] is True
