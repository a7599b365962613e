"""P13: what is somebody else's is not there, and nothing in the answer says otherwise."""

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
from .asking import contents

NOBODYS = 987_654_321
STRANGERS = ["other", "staff", "editor", "steward", "superuser"]


@dataclass(frozen=True)
class Personal:
    """An endpoint with an id that belongs to one learner; `path` and `body` hold `ID` where it stands."""

    method: str
    path: str
    body: dict
    rows: str  # a key of `learners_rows`

    def ask(self, client, row_id):
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
    "GET /api/v1/gamification/explain/xp/{id} id": Personal("GET", "/api/v1/gamification/explain/xp/ID", {}, "lines"),
}
# Ids that are nobody's property, and why.
SHARED = {
    "POST /api/v1/levels level_id": "the catalogue's",
    "POST /api/v1/levels/complete level_id": "the catalogue's",
    "POST /api/v1/levels/complete client_event_id": "made up by the client; the tests below say whose it is",
    "POST /api/v1/sessions/start level_id": "the catalogue's",
    "GET /api/v1/levels/{id} id": "the catalogue's",
    "PUT /api/v1/levels/{id} id": "the catalogue's",
    "PUT /api/v1/levels/{id} level_id": "the catalogue's",
    "PATCH /api/v1/levels/{id} id": "the catalogue's",
    "PATCH /api/v1/levels/{id} level_id": "the catalogue's",
    "DELETE /api/v1/levels/{id} id": "the catalogue's",
    "POST /api/v1/challenges level_id": "the catalogue's",
    "GET /api/v1/challenges/{id} id": "the catalogue's",
    "PUT /api/v1/challenges/{id} id": "the catalogue's",
    "PUT /api/v1/challenges/{id} level_id": "the catalogue's",
    "DELETE /api/v1/challenges/{id} id": "the catalogue's",
    "POST /api/v1/attempts challenge_id": "the catalogue's",
    "GET /api/v1/training/sections/{category}/path category": "the catalogue's",
    "POST /api/v1/training/progress/submit level_id": "the catalogue's",
    "GET /api/v1/gamification/leaderboard/{metric} metric": "the name of a board",
    "GET /api/v1/gamification/leaderboard/{metric}/rank metric": "the name of a board",
    "GET /api/v1/badges/{id} id": "the catalogue's",
    "PUT /api/v1/badges/{id} id": "the catalogue's",
    "DELETE /api/v1/badges/{id} id": "the catalogue's",
    "GET /api/v1/badges/users/{learner_id} learner_id": "for all to see, unless the learner opted out",
    "GET /api/v1/users/{learner_id}/progress learner_id": "for all to see, unless the learner opted out",
    "GET /api/v1/gamification/explain/level/{id} id": "the catalogue's",
    "GET /api/v1/gamification/explain/achievement/{id} id": "the catalogue's",
    "POST /api/v1/gamification/xp/award user_id": "for staff, who may name anybody but themselves",
    "POST /api/v1/gamification/xp/award reference_id": "made up by staff, for one learner each",
}


@pytest.fixture
def learners_rows(world):
    """Every state that a row can be in, for a stranger may see none of them."""
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
        "lines": list(LedgerEntry.objects.filter(learner=learner).values_list("pk", flat=True)),
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
                yield method.upper(), routes.in_words(f"/{path}"), name


def test_it_is_known_of_every_id_whose_it_is():
    """A new one goes into PERSONAL or, with its reason, into SHARED."""
    found = {
        f"{method} {path} {name}"
        for method, path, name in [*ids_in_addresses(), *ids_in_bodies()]
        if path.startswith(routes.API)
    }
    assert found == set(PERSONAL) | set(SHARED)


def told(answer):
    """All that an answer says, save its own number (and the ETag of a body that has that number in it)."""
    headers = {name: value for name, value in answer.headers.items() if name not in {"X-Request-ID", "ETag"}}
    return answer.status_code, json.loads(answer.content) | {"request_id": None}, headers


@pytest.mark.parametrize("role", STRANGERS)
@pytest.mark.parametrize("endpoint", PERSONAL.values(), ids=list(PERSONAL))
def test_somebody_elses_is_like_nothing_at_all(client_of, learners_rows, endpoint, role):
    client, before = client_of(role), contents()
    with CaptureQueriesContext(connection) as queries:
        missing = endpoint.ask(client, NOBODYS)
    assert missing.status_code == 404
    for row_id in learners_rows[endpoint.rows]:
        with CaptureQueriesContext(connection) as same_queries:
            answer = endpoint.ask(client, row_id)
        assert told(answer) == told(missing)
        assert len(same_queries) == len(queries)
    assert contents() == before


@pytest.mark.parametrize("endpoint", PERSONAL.values(), ids=list(PERSONAL))
def test_it_is_there_for_whom_it_belongs_to(client_of, learners_rows, endpoint):
    statuses = [endpoint.ask(client_of("learner"), row_id).status_code for row_id in learners_rows[endpoint.rows]]
    assert 404 not in statuses


MISSING = "there-is-none"


@pytest.mark.parametrize("role", ["learner", "staff", "steward"])
def test_a_draft_is_like_no_level_for_those_who_do_not_edit(client_of, role):
    client = client_of(role)
    draft, missing = (client.get(f"/api/v1/levels/{name}") for name in ("draft", MISSING))
    assert missing.status_code == 404
    assert told(draft) == told(missing)


@pytest.mark.parametrize("path", ["/levels/{}", "/levels/{}/play"])
@pytest.mark.parametrize("role", ["learner", "superuser"])
def test_a_draft_has_no_page(client, world, path, role):
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
def test_a_draft_cannot_be_played(client_of, path, field, rest):
    LevelFactory(level_id="secret", name="secret", published=False)
    draft, missing = (client_of("learner").post(path, {field: name, **rest}) for name in ("secret", MISSING))
    assert missing.status_code == 400
    assert told(draft) == told(missing)


MINE = [
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


def test_a_filter_never_reaches_beyond_my_own_rows(world, client_of):
    client = client_of("other")
    for path in MINE:
        mine = client.get(f"/api/v1/{path}").json()
        for name in NAMES_OF_A_LEARNER:
            asked = client.get(f"/api/v1/{path}", {name: world.learner.user.pk})
            assert asked.status_code == 400 or asked.json() == mine, (path, name)


def test_somebody_elses_cursor_shows_my_own_rows(world, client_of):
    for role in ("learner", "other"):
        for score in (100, 900):
            claim = Claim("spare", score)
            complete_level(learner=world.people[role].user, claim=claim, source="api", at=timezone.now())
    theirs = client_of("learner").get("/api/v1/xp/history", {"limit": 1}).json()["next"]
    shown, mine = (client_of("other").get(url).json()["results"] for url in (theirs, "/api/v1/xp/history"))
    assert {line["id"] for line in shown} <= {line["id"] for line in mine}


EVENT = {"level_id": "spare", "score": 85, "client_event_id": "0b9f4a52-9d0e-4a0f-8a6b-2f9f6a1f7f10"}


def test_an_event_id_is_its_learners_own(client_of):
    """The same id with other content would be a conflict, if it were looked up among everybody's."""
    answers = [
        client_of(role).post("/api/v1/levels/complete", EVENT | {"score": score}).json()["is_new_completion"]
        for role, score in (("learner", 85), ("other", 86))
    ]
    assert answers == [True, True]


def test_an_idempotency_key_is_its_learners_own(client_of):
    headers = {"Idempotency-Key": "everybody's first idea"}
    for role in ("learner", "other"):
        answer = client_of(role).post("/api/v1/sessions/start", {"level_id": "spare"}, headers=headers)
        assert "Idempotent-Replayed" not in answer.headers
        assert answer.json()["is_new_session"] is True
