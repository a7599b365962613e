"""What the server sends is what the document says: bodies, versions, and headers."""

import pytest

from levels.models import Section, Unit
from skillquest.api.schema.documents import JSON
from skillquest.api.schema.problems import PROBLEM_TYPE
from tests.factories import LevelFactory
from tests.gamification.earnables.factories import AchievementFactory, BadgeFactory
from tests.machines.keys import client_with, make_key
from tests.tracking.review.practising import known_question

pytestmark = pytest.mark.django_db

RESULT = {"score": 90, "time_spent": 30, "metadata": {"hints_used": 0}}


@pytest.fixture
def world(learner, learner_api):
    """`world[parameter or (path, parameter)]` -> a value that finds something; the learner has done a bit of all."""
    learner.external_id = "pupil-1"
    learner.save(update_fields=["external_id"])
    level, locked = LevelFactory(), LevelFactory(prerequisites=[LevelFactory()])
    challenge = LevelFactory(kind="challenge", max_score=100)
    achievement = AchievementFactory(condition={"type": "metric", "name": "completions", "threshold": 1})
    badge = BadgeFactory(condition={"type": "metric", "name": "completions", "threshold": 1})
    section = Section.objects.create(section_id="first-aid", title="First aid")
    unit = Unit.objects.create(section=section, unit_id="first-unit", title="First unit", order=1)
    LevelFactory(kind="training", category=section.section_id, unit=unit.unit_id)

    learner_api.post("/api/v1/levels/complete", {"level_id": level.level_id, **RESULT})
    learner_api.post("/api/v1/sessions/start", {"level_id": level.level_id})
    attempt = learner_api.post("/api/v1/attempts", {"challenge_id": challenge.pk}).json()
    learner_api.post(f"/api/v1/attempts/{attempt['id']}/submit", {"score": 90})
    entry = learner_api.get("/api/v1/xp/history").json()["results"][-1]
    return {
        "metric": "xp_all_time",
        "learner_id": learner.pk,
        "external_id": learner.external_id,
        "category": section.section_id,
        "levels": locked.level_id,
        "challenges": challenge.pk,
        "attempts": attempt["id"],
        "badges": badge.pk,
        "explain/level": locked.level_id,
        "explain/review": known_question(learner).question_id,
        "explain/achievement": achievement.achievement_id,
        "explain/xp": entry["id"],
    }


def address_of(path, world):
    for name, value in world.items():
        path = path.replace(f"{{{name}}}", str(value)).replace(f"/{name}/{{id}}", f"/{name}/{value}")
    return path


def test_every_read_is_answered_as_declared(schema, look_up, errors_of, learner_api, world):
    for path, methods in schema["paths"].items():
        if "get" in methods:
            client = client_with(make_key()[1]) if "{external_id}" in path else learner_api
            answer = client.get(address_of(path, world))
            declared = look_up(methods["get"]["responses"]["200"])

            assert answer.status_code == 200, (path, answer.content)
            assert errors_of(answer.json(), declared["content"][JSON]["schema"]) == [], path
            assert "X-Request-ID" in answer, path
            assert ("ETag" in answer) == ("ETag" in declared["headers"]), path


def test_what_has_a_version_is_not_sent_twice(schema, learner_api, world):
    for path, methods in schema["paths"].items():
        if "304" in methods.get("get", {}).get("responses", {}):
            first = learner_api.get(address_of(path, world))
            again = learner_api.get(address_of(path, world), headers={"If-None-Match": first["ETag"]})

            assert again.status_code == 304, path


WRITES = [
    ("sessions/start", {"level_id": "{levels}"}, 403),
    ("levels/complete", {"level_id": "{levels}", "score": 1}, 403),
    ("levels/complete", {"level_id": "no-such-level", "score": 1}, 400),
    ("levels/complete", {"level_id": "{levels}", "score": "1"}, 400),
    ("gamification/streaks/update", {}, 200),
    ("gamification/streaks/freeze", {}, 200),
    ("gamification/achievements/check", {}, 200),
    ("gamification/achievements/initialize", {}, 403),
    ("sync", {"events": [{"type": "level_completion", "level_id": "{levels}", "score": 1}, None]}, 200),
]


@pytest.mark.parametrize(("path", "body", "status"), WRITES)
def test_writes_are_answered_as_declared(schema, look_up, errors_of, learner_api, world, path, body, status):
    body = {key: value.format(**world) if isinstance(value, str) else value for key, value in body.items()}
    answer = learner_api.post(f"/api/v1/{path}", body)
    declared = look_up(schema["paths"][f"/api/v1/{path}"]["post"]["responses"][str(status)])

    assert answer.status_code == status, answer.content
    assert errors_of(answer.json(), declared["content"][PROBLEM_TYPE if status >= 400 else JSON]["schema"]) == []
