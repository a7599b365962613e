"""POST sync: events that are rejected, and claims that are corrected with a warning."""

from datetime import timedelta

import pytest

from tracking.models import Completion

from .conftest import DAY, HOUR, completion_event, session_event

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("event", "code", "field"),
    [
        (None, "invalid", None),
        (7, "invalid", None),
        ("level_completion", "invalid", None),
        ([], "invalid", None),
        ({}, "invalid", "type"),
        ({"type": "attempt"}, "invalid", "type"),
        ({"type": ["session"]}, "invalid", "type"),
        (completion_event("one", client_event_id=None), "invalid", "client_event_id"),
        (completion_event("one", client_event_id="one"), "invalid", "client_event_id"),
        (completion_event("one", client_event_id=1), "invalid", "client_event_id"),
        (completion_event("one", score="850"), "invalid", "score"),
        (completion_event("one", score=850.5), "invalid", "score"),
        (completion_event("one", score=True), "invalid", "score"),
        (completion_event("one", score=-1), "invalid", "score"),
        (completion_event("one", score=1001), "invalid", "score"),
        (completion_event("one", time_spent=86_401), "invalid", "time_spent"),
        (completion_event("one", occurred_at="yesterday"), "invalid", "occurred_at"),
        (completion_event("one", occurred_at="2026-03-20T11:00:00"), "invalid", "occurred_at"),
        (completion_event("one", metadata=["hints_used"]), "invalid", "metadata"),
        (completion_event("one", metadata=None), "invalid", "metadata"),
        (completion_event("one", awarded_xp=1000), "invalid", "awarded_xp"),
        (completion_event("one", user_id=987_654_321), "invalid", "user_id"),
        (completion_event("nowhere"), "unknown_level", None),
        (completion_event("one", -timedelta(minutes=6)), "clock_out_of_range", None),
        (completion_event("one", 30 * DAY + HOUR), "clock_out_of_range", None),
    ],
)
def test_an_invalid_event_is_rejected_alone(sync, levels, event, code, field):
    good, bad, other = sync(completion_event("one", HOUR), event, completion_event("two"))
    assert (good["status"], bad["status"], other["status"]) == ("created", "rejected", "created")
    assert bad["problem"]["code"] == code
    assert list(bad["problem"].get("errors", {})) == ([field] if field else [])
    sent = event.get("client_event_id") if isinstance(event, dict) else None
    assert bad["client_event_id"] == (sent if isinstance(sent, str) else None)
    assert Completion.objects.count() == 2


@pytest.mark.parametrize(
    ("sent", "kept", "warnings"),
    [
        ({"words_learned": 600}, {"words_learned": 500}, {"metadata.words_learned": "It was cut to 500."}),
        ({"words_learned": -1}, {}, {"metadata.words_learned": "It was left out."}),
        ({"hints_used": "0", "mistakes": 2}, {"mistakes": 2}, {"metadata.hints_used": "It was left out."}),
        ({"language": "English (UK)"}, {}, {"metadata.language": "It was left out."}),
        ({"client_version": "v" * 41}, {"client_version": "v" * 40}, {"metadata.client_version": "It was cut to "}),
        ({"client_version": 7}, {}, {"metadata.client_version": "It was left out."}),
        ({"language": "en-GB", "colour": "red"}, {"language": "en-GB"}, {}),
    ],
    ids=str,
)
def test_bad_metadata_is_cut_or_left_out_with_a_warning_and_the_result_counts(sync, levels, sent, kept, warnings):
    event = completion_event("one", metadata=sent)
    [result] = sync(event)
    assert (result["status"], result["awarded_xp"]) == ("created", 18)
    assert Completion.objects.get().metadata == kept
    found = result["warnings"]
    assert [warning["field"] for warning in found] == list(warnings)
    assert all(text in warning["detail"] for warning, text in zip(found, warnings.values(), strict=True))
    assert sync(event) == [{**result, "status": "replayed"}]


def test_a_session_with_bad_metadata_counts_too(sync, levels):
    [result] = sync(session_event(level_id="one", metadata={"words_learned": 501}))
    assert (result["status"], [warning["field"] for warning in result["warnings"]]) == (
        "created",
        ["metadata.words_learned"],
    )


@pytest.mark.parametrize("value", ["insane", 7, None, ["easy"]])
def test_a_claim_that_the_catalogue_overrules_is_left_out_if_it_is_wrong(sync, levels, value):
    [result] = sync(completion_event("one", difficulty=value, level_type=value))
    assert (result["status"], Completion.objects.get().claimed_difficulty) == ("created", "")
    assert [warning["field"] for warning in result["warnings"]] == ["difficulty", "level_type"]


def test_a_single_call_with_bad_metadata_is_refused(learner_api, levels):
    """Its client is there to put it right."""
    body = {"level_id": "one", "score": 850, "metadata": {"words_learned": 600}}
    answer = learner_api.post("/api/v1/levels/complete", body)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["metadata.words_learned"])


def test_a_rejected_event_carries_the_problem_that_it_would_be_answered_with_alone(sync, levels, learner_api):
    event = completion_event("one", score=1001)
    [result] = sync(event)
    body = {name: value for name, value in event.items() if name != "type"}
    alone = learner_api.post("/api/v1/levels/complete", body).json()
    assert {**result["problem"], "request_id": None} == {**alone, "request_id": None}
    assert result["problem"]["request_id"]
