"""The Idempotency-Key header, over HTTP."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from gamification.models import LedgerEntry
from tests.factories import UserFactory
from tracking.models import Completion, IdempotencyKey

pytestmark = pytest.mark.django_db

KEY = {"Idempotency-Key": "a key of my own"}


def test_a_retry_gets_the_first_answer_byte_for_byte(complete, level):
    first, second = complete(score=850, headers=KEY), complete(score=850, headers=KEY)
    assert first.content == second.content
    assert (second.status_code, second["Content-Type"]) == (200, first["Content-Type"])
    assert ("Idempotent-Replayed" in first, second["Idempotent-Replayed"]) == (False, "true")
    assert LedgerEntry.objects.count() == 1


def test_a_retry_says_in_which_language_the_first_answer_is(complete, level):
    complete(score=850, headers=KEY | {"Accept-Language": "id"})
    assert complete(score=850, headers=KEY)["Content-Language"] == "id"


@pytest.mark.parametrize("path", ["/api/levels/complete", "/api/v1/levels/complete/"])
def test_the_same_place_by_another_path_is_the_same_request(learner_api, complete, level, path):
    complete(score=850, headers=KEY)
    again = learner_api.post(path, {"level_id": "level-3", "score": 850}, headers=KEY)
    assert again["Idempotent-Replayed"] == "true"


def test_another_body_or_path_is_refused(learner_api, complete, level):
    complete(score=850, headers=KEY)
    others = [
        complete(score=851, headers=KEY),
        learner_api.post("/api/v1/sessions/start", {"level_id": "level-3"}, headers=KEY),
    ]
    assert [(answer.status_code, answer.json()["code"]) for answer in others] == [(422, "idempotency_key_reused")] * 2
    assert Completion.objects.count() == 1


def test_keys_belong_to_one_person(complete, level, sign_in):
    complete(score=850, headers=KEY)
    other = complete(client=sign_in(UserFactory()), score=850, headers=KEY)
    assert other.json()["is_new_completion"] is True


@pytest.mark.parametrize("body", [{}, {"score": "many"}, {"score": 850, "unknown": 1}])
def test_an_invalid_body_opens_no_transaction(complete, level, body):
    with CaptureQueriesContext(connection) as statements:
        assert complete(headers=KEY, **body).status_code == 400
    assert [row["sql"] for row in statements if not row["sql"].startswith("SELECT")] == []


def test_an_invalid_body_is_refused_as_without_a_key(complete, level):
    with_key, without = complete(score=-1, headers=KEY).json(), complete(score=-1).json()
    assert with_key | {"request_id": None} == without | {"request_id": None}


def test_whoever_may_not_use_a_view_is_told_so_whatever_the_body(learner_api):
    answer = learner_api.post("/api/v1/levels", {"unknown": 1}, headers=KEY)
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")


def test_a_repeat_by_its_event_id_is_not_kept(complete, level):
    event_id = str(uuid4())
    complete(score=850, client_event_id=event_id)
    again = [complete(score=850, client_event_id=event_id, headers=KEY) for _ in range(2)]
    assert [answer.json()["is_new_completion"] for answer in again] == [False, False]
    assert not IdempotencyKey.objects.exists()


def test_a_repeat_that_only_its_time_shows_is_kept(complete, level, time_machine):
    """Without its key, the same request would be a new completion ten seconds later."""
    time_machine.move_to(timezone.now(), tick=False)
    complete(score=850)
    first = complete(score=850, headers=KEY)
    time_machine.shift(11)
    assert complete(score=850, headers=KEY).content == first.content
    assert Completion.objects.count() == 1


def test_refusals_are_not_kept(complete, level):
    assert complete(score=5000, headers=KEY).status_code == 400
    assert IdempotencyKey.objects.count() == 0
    assert complete(score=850, headers=KEY).status_code == 200


def test_a_refusal_by_a_rule_undoes_everything_and_is_not_kept(complete, level):
    level.coming_soon = True
    level.save()
    assert complete(score=850, headers=KEY).status_code == 403
    level.coming_soon = False
    level.save()
    assert complete(score=850, headers=KEY).status_code == 200


@pytest.mark.parametrize("key", ["", " " * 256, "x" * 256, "caf\xe9", "tab\tinside"])
def test_a_key_is_1_to_255_printable_ascii_characters(complete, level, key):
    answer = complete(score=850, headers={"Idempotency-Key": key})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_idempotency_key")
    assert Completion.objects.count() == 0


def test_the_longest_key_is_accepted(complete, level):
    assert complete(score=850, headers={"Idempotency-Key": "~" * 255}).status_code == 200


def test_requests_without_a_valid_sign_in_get_401_whatever_their_key(api, complete, level):
    assert complete(client=api, score=850, headers=KEY).status_code == 401
    api.credentials(HTTP_AUTHORIZATION="Bearer nonsense")
    assert complete(client=api, score=850, headers=KEY).status_code == 401
    assert IdempotencyKey.objects.count() == 0


def test_a_kept_answer_counts_against_the_rate_limit(complete, level, settings):
    settings.RATELIMIT_ENABLE = True
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "write": "2/h"}
    assert [complete(score=850, headers=KEY).status_code for _ in range(3)] == [200, 200, 429]


def test_old_answers_are_purged(complete, level, capsys):
    complete(score=850, headers=KEY)
    complete(score=851, headers={"Idempotency-Key": "young"})
    IdempotencyKey.objects.filter(key=KEY["Idempotency-Key"]).update(
        created_at=timezone.now() - timedelta(days=30, seconds=1)
    )
    call_command("purge_idempotency_keys")
    assert "1 kept answers deleted.\n" in capsys.readouterr().out
    assert [row.key for row in IdempotencyKey.objects.all()] == ["young"]
