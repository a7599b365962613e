"""Which server keys are accepted, and for whom they act."""

from datetime import timedelta

import pytest
from django.utils import timezone

from gamification.models import LearnerKind
from skillquest.machines.key_tokens import checksum
from skillquest.machines.services import revoke_key, rotate_key
from tests.factories import LevelFactory, StaffFactory
from tracking.models import Completion

from .keys import client_with, make_key, make_pupil

pytestmark = pytest.mark.django_db

LEVEL = "/api/v1/gamification/xp/level"
COMPLETE = "/api/v1/levels/complete"
REFUSED = {"code": "invalid_server_key", "detail": "This server key is not accepted."}


def refusal(response):
    return {name: response.json()[name] for name in ("code", "detail")}


def test_a_key_acts_for_the_learner_that_the_header_names():
    pupil, (_, token) = make_pupil(), make_key()
    level = LevelFactory()
    answer = client_with(token, "pupil-1").post(COMPLETE, {"level_id": level.level_id, "score": 100})
    assert (answer.status_code, answer.json()["trust"]) == (200, "verified")
    assert Completion.objects.get().learner == pupil


def test_a_completion_names_the_key_that_reported_it():
    make_pupil()
    key, token = make_key()
    client_with(token, "pupil-1").post(COMPLETE, {"level_id": LevelFactory().level_id, "score": 100})
    assert Completion.objects.get().server_key == key.prefix


def test_a_key_without_a_learner_is_told_so():
    _, token = make_key()
    answer = client_with(token).get(LEVEL)
    assert (answer.status_code, answer.json()["code"]) == (400, "learner_required")


def test_catalogues_and_boards_need_no_learner():
    _, token = make_key(scopes=["read"])
    paths = ["levels", "challenges", "leaderboard", "gamification/achievements", "badges"]
    answers = {path: client_with(token).get(f"/api/v1/{path}").status_code for path in paths}
    assert answers == dict.fromkeys(paths, 200)


@pytest.mark.parametrize(("scope", "method", "expected"), [("read", "get", 200), ("track", "get", 403)])
def test_a_key_reads_only_with_the_scope_read(scope, method, expected):
    make_pupil()
    _, token = make_key(scopes=[scope])
    assert getattr(client_with(token, "pupil-1"), method)(LEVEL).status_code == expected


def test_a_key_records_only_with_the_scope_track():
    make_pupil()
    _, token = make_key(scopes=["read", "learners", "award"])
    answer = client_with(token, "pupil-1").post(COMPLETE, {"level_id": LevelFactory().level_id, "score": 100})
    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")


@pytest.mark.parametrize("path", ["auth/me", "auth/me/export"])
def test_a_key_is_refused_where_no_key_is_accepted(path):
    make_pupil()
    _, token = make_key()
    answer = client_with(token, "pupil-1").get(f"/api/v1/{path}")
    assert (answer.status_code, answer.json()["code"]) == (403, "key_not_accepted")


def test_a_mistyped_key_is_refused_without_a_query(django_assert_num_queries):
    _, token = make_key()
    mistyped = token[:20] + ("x" if token[20] != "x" else "y") + token[21:]
    with django_assert_num_queries(0):
        answers = [client_with(text).get(LEVEL) for text in (mistyped, token[:-1], token + "0", "sq_live_", "sq_")]
    assert [answer.status_code for answer in answers] == [401] * 5
    assert {tuple(refusal(answer).values()) for answer in answers} == {tuple(REFUSED.values())}


def expired(key, token):
    key.expires_at = timezone.now() - timedelta(seconds=1)
    key.save()
    return token


def revoked(key, token):
    revoke_key(key, actor=StaffFactory(), at=timezone.now())
    return token


def of_another_network(key, token):
    key.networks = "192.0.2.0/24\n2001:db8::/32"
    key.save()
    return token


def with_a_wrong_secret(_key, token):
    body = token[:18] + token[18:-6].swapcase()
    return body + checksum(body)


def of_the_other_mode(_key, token):
    body = token.replace("live", "test")[:-6]
    return body + checksum(body)


def never_issued(_key, token):
    body = "sq_live_00000000" + token[16:-6]
    return body + checksum(body)


REASONS = {
    expired: "expired",
    revoked: "revoked",
    of_another_network: "other_network",
    with_a_wrong_secret: "wrong_secret",
    of_the_other_mode: "unknown",
    never_issued: "unknown",
}


@pytest.mark.parametrize("spoil", REASONS)
def test_every_key_that_is_not_accepted_gets_the_same_answer(spoil, caplog):
    make_pupil()
    answer = client_with(spoil(*make_key()), "pupil-1").get(LEVEL)
    assert (answer.status_code, refusal(answer)) == (401, REFUSED)
    assert f"server_key_refused user=- key={'-' if REASONS[spoil] == 'unknown' else 'sq_live_'}" in caplog.text
    assert f"reason={REASONS[spoil]}" in caplog.text


def test_a_key_works_from_its_networks():
    make_pupil()
    _, token = make_key(networks="127.0.0.0/8")
    assert client_with(token, "pupil-1").get(LEVEL).status_code == 200


@pytest.mark.parametrize("scheme", ["bearer", "BEARER"])
def test_the_scheme_may_be_written_in_any_case(scheme):
    make_pupil()
    _, token = make_key()
    assert client_with(token, "pupil-1", HTTP_AUTHORIZATION=f"{scheme} {token}").get(LEVEL).status_code == 200


@pytest.mark.parametrize("kind", [LearnerKind.MEMBER, LearnerKind.GUEST])
def test_a_test_key_sees_test_learners_only(kind):
    make_pupil("pupil-1", kind)
    make_pupil("dummy", LearnerKind.TEST)
    _, token = make_key(mode="test")
    answers = [client_with(token, who).get(LEVEL) for who in ("pupil-1", "nobody", "dummy")]
    assert [answer.status_code for answer in answers] == [404, 404, 200]
    assert refusal(answers[0]) == refusal(answers[1])


def test_a_live_key_never_sees_test_learners():
    make_pupil("dummy", LearnerKind.TEST)
    _, token = make_key()
    answer = client_with(token, "dummy").get(LEVEL)
    assert (answer.status_code, answer.json()["code"]) == (404, "learner_not_found")


def test_two_keys_are_accepted_while_one_replaces_the_other():
    make_pupil()
    key, old = make_key()
    at = timezone.now()
    _, new = rotate_key(key, actor=StaffFactory(), until=at + timedelta(hours=1), at=at)
    assert [client_with(token, "pupil-1").get(LEVEL).status_code for token in (old, new.text)] == [200, 200]
    type(key).objects.filter(pk=key.pk).update(expires_at=at)
    assert [client_with(token, "pupil-1").get(LEVEL).status_code for token in (old, new.text)] == [401, 200]
