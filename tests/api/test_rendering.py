import json

import pytest

pytestmark = pytest.mark.urls("tests.api.urls")


def test_success_comes_first_and_times_are_utc(client):
    answer = client.get("/api/v1/answer")

    assert answer["Content-Type"] == "application/json"
    assert answer.content.decode() == '{"success":true,"text":"naïve — 漢字","moment":"2026-11-20T00:00:00.000005Z"}'


def test_a_list_is_rendered_unchanged(client):
    assert json.loads(client.put("/api/v1/answer").content) == [1, 2]


def test_an_empty_answer_stays_empty(client):
    answer = client.delete("/api/v1/answer")
    assert (answer.status_code, answer.content) == (204, b"")
