"""Messages of the API go through gettext; identifiers, codes and titles of problems stay as they are."""

import importlib
import pkgutil
import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone, translation
from rest_framework.exceptions import APIException
from rest_framework.test import APIClient

import gamification
import levels
import skillquest
import tracking
from gamification.awards.activity import check_in
from gamification.awards.adjustments import reverse
from tests.factories import LevelFactory, QuestionFactory, StaffFactory, adjust
from tests.gamification.earnables.factories import AchievementFactory, metric

from .marks import mark, outside

pytestmark = pytest.mark.django_db
API = "/api/v1"


def import_all(package):
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if not {"migrations", "management", "wsgi", "asgi"} & set(module.name.split(".")):
            importlib.import_module(module.name)


def problems():
    for package in (skillquest, tracking, gamification, levels):
        import_all(package)
    found, waiting = set(), [APIException]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if not kind.__module__.startswith(("rest_framework", "tests")):
            found.add(kind)
    return sorted(found, key=lambda kind: kind.__name__)


def test_every_problem_has_a_detail_that_is_translated():
    kinds = [kind for kind in problems() if "default_detail" in vars(kind)]
    assert len(kinds) > 60
    with translation.override("id"):
        assert {kind.__name__: str(kind.default_detail) for kind in kinds if outside(str(kind.default_detail))} == {}


@pytest.fixture
def client(learner):
    client = APIClient(HTTP_ACCEPT_LANGUAGE="id")
    client.force_authenticate(learner)
    return client


@pytest.fixture
def level(db):
    level = LevelFactory(level_id="knots", name=mark("Knots"), metadata={"min_seconds": 60})
    QuestionFactory(level=level)
    return level


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("post", "sessions/start", {}),
        ("post", "sessions/start", {"level_id": "nowhere"}),
        ("post", "sessions/start", {"level_id": "knots", "session_name": "x"}),
        ("post", "sessions/end", {"session_id": 99_999, "score": 10}),
        ("post", "sessions/end", {"session_id": "x", "score": -1, "unknown": True}),
        ("post", "levels/complete", {"level_id": "knots", "score": 10**9}),
        ("post", "levels/complete", {"level_id": "knots", "score": 10, "metadata": {"language": 5, "hints_used": -1}}),
        ("post", "levels/complete", {"level_id": "knots", "score": 1, "occurred_at": "2020-01-01T00:00:00Z"}),
        ("post", "levels/nowhere/play", {}),
        ("post", "plays/1/answer", {"question_id": "q"}),
        ("post", "auth/register", {"username": "a b", "email": "x", "password": "1"}),
        ("post", "auth/login", {"username": "mark", "password": "wrong"}),
        ("post", "auth/refresh", {"refresh_token": "x"}),
        ("patch", "auth/me", {"time_zone": "Nowhere", "language": "xx", "display_name": "\u202e"}),
        ("post", "sync", {"events": [{"type": "nothing"}, 7]}),
        ("post", "review/answer", {"question_id": "q", "answer": True}),
        ("post", "xp/award", {"user_id": 1, "amount": 0, "reason": "x"}),
        ("get", "leaderboards/nowhere", None),
        ("get", "levels?unknown=1", None),
        ("get", "xp/history?limit=x&cursor=y", None),
        ("get", "nowhere", None),
        ("delete", "levels", None),
    ],
)
def test_refusals_are_translated(client, level, method, path, body):
    answer = getattr(client, method)(f"{API}/{path}", body, format="json")
    assert answer["Content-Language"] == "id"
    texts = [*texts_of(answer.json())]
    assert texts
    assert [text for text in texts if outside_of_names(text)] == []


def texts_of(content):
    """What people read in an answer: details, messages of fields, sentences of explanations."""
    if isinstance(content, list):
        for each in content:
            yield from texts_of(each)
    elif isinstance(content, dict):
        for name, value in content.items():
            if name in ("detail", "why", "held_reason", "message"):
                yield value
            elif name == "errors":
                yield from (message for messages in value.values() for message in messages)
            else:
                yield from texts_of(value)


def outside_of_names(text):
    """A detail begins with the path of its field."""
    return outside(re.sub(r"^[\w.]+: (?=⟦)", "", text))


def test_held_results_say_why_in_the_language_of_the_reader(client, level):
    body = {
        "level_id": "knots",
        "score": 10,
        "time_spent": 5,
        "client_event_id": str(uuid4()),
    }
    first = client.post(f"{API}/levels/complete", body, format="json").json()
    assert first["held_reason"].startswith("⟦This result took less time")
    again = APIClient()
    again.force_authenticate(client.handler._force_user)
    assert again.post(f"{API}/levels/complete", body, format="json").json()["held_reason"].startswith("This result")


def test_explanations_are_translated(client, level, learner):
    at, staff = timezone.now(), StaffFactory()
    for ago, score in ((9, 3), (3, 10), (1, 4), (0, 8)):
        when = (at - timedelta(days=ago)).isoformat()
        body = {"level_id": "knots", "score": score, "time_spent": 90 if score > 3 else 5, "occurred_at": when}
        client.post(f"{API}/levels/complete", body, format="json")
    given = adjust(learner_id=learner.pk, amount=50, reason=mark("gift"), actor=staff, at=at)
    reverse(given, actor=staff, note="", reason=mark("oops"), at=at)
    LevelFactory(level_id="later", name=mark("Later"), prerequisites=[LevelFactory(level_id="next", name=mark("Next"))])
    LevelFactory(level_id="soon", name=mark("Soon"), coming_soon=True)
    for achievement_id, condition in (("done", metric("completions", 1)), ("open", {"any": [metric("languages", 9)]})):
        AchievementFactory(achievement_id=achievement_id, name=mark(achievement_id), condition=condition)
    check_in(learner.pk, at=at)
    days = [(at - timedelta(days=ago)).date() for ago in range(11)]
    entries = client.get(f"{API}/xp/history").json()["results"]
    assert entries
    for path in [
        *(f"level/{name}" for name in ("knots", "next", "later", "soon")),
        *(f"streak?date={day}" for day in days),
        *(f"achievement/{name}" for name in ("done", "open")),
        *(f"xp/{entry['id']}" for entry in entries),
    ]:
        answer = client.get(f"{API}/gamification/explain/{path}")
        assert answer.status_code == 200, path
        assert [text for text in texts_of(answer.json()) if outside(text)] == [], path
