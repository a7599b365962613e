"""P14: clients cannot write fields that the API contract does not allow."""

import json
import random
import re

import pytest
import time_machine
from django.apps import apps
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.db import transaction
from django.utils import timezone
from rest_framework.test import APIClient

from skillquest.accounts.models import BrowserSession
from skillquest.api.errors import MOST_ERRORS
from skillquest.api.parsing import SOMEBODY_ELSE
from skillquest.api.shapes import shape_of_class
from tests.factories import LevelFactory
from tests.test_architecture import write_actions
from tracking.models import Completion

from . import routes, valid_requests
from .requester import FORM, Requester, contents, encode_form
from .senders import special_client
from .table import read_rows

OURS = {"accounts", "tracking", "gamification", "levels", "jobs", "approvals", "machines"}
# Names that an attacker might try without knowing our models.
GUESSES = {
    *("pk", "role", "admin", "is_admin", "permissions", "xp", "awarded_xp", "balance", "level", "owner", "__class__"),
}
# Not the id of any user, because a client may send its own `user_id`.
VALUE = 987_654_321
UNKNOWN = ["Unknown field."]
ROWS = read_rows()


def model_fields():
    """The names of all fields of our models, including reverse relations, and GUESSES."""
    names = set(GUESSES)
    for model in apps.get_models():
        if model._meta.app_label in OURS:
            for field in model._meta.get_fields():
                names |= {field.name, getattr(field, "attname", field.name)}
    return sorted(names)


LEVEL = {
    *("level_id", "number", "name", "description", "category", "unit", "position", "kind", "icon", "estimated_time"),
    *("expected_time_seconds", "xp_reward", "xp_rule", "repeat_policy", "difficulty", "max_score", "pass_score"),
    *("skills", "tags", "prerequisites", "unlocked", "coming_soon", "published", "metadata"),
    *("language", "translations"),
    *("questions_per_play", "pass_percent", "verified_only"),
}
BADGE = {"name", "description", "icon_url", "condition", "published", "position", "language", "translations"}
CHALLENGE = {"level_id", "title", "description", "xp", "difficulty", "tags", "published"}
# The fields that the API contract allows, as a copy that detects fields added to a serializer by accident.
WRITES = {
    "POST /api/v1/auth/register": {"username", "email", "password"},
    "POST /api/v1/auth/login": {"username", "password"},
    "POST /api/v1/auth/refresh": {"refresh_token"},
    "POST /api/v1/auth/logout": {"refresh_token", "everywhere"},
    "POST /api/v1/auth/guest": {"device_id", "time_zone"},
    "POST /api/v1/auth/link": {"username", "email", "identifier", "password"},
    "POST /api/v1/auth/password": {"old_password", "new_password"},
    "POST /api/v1/auth/password/reset": {"email"},
    "POST /api/v1/auth/password/reset/confirm": {"token", "new_password"},
    "DELETE /api/v1/auth/me": {"password"},
    "PATCH /api/v1/auth/me": {"time_zone", "display_name", "leaderboard_opt_out", "language"},
    "POST /api/v1/sessions/start": {"session_name", "level_id"},
    "POST /api/v1/sessions/end": {"session_id", "score", "metadata"},
    "POST /api/v1/levels/complete": {
        *("level_id", "level_type", "score", "time_spent", "difficulty", "metadata", "client_event_id"),
        *("occurred_at", "sent_at"),
    },
    "POST /api/v1/sync": {"events", "sent_at"},
    "POST /api/v1/events": {"events", "create_learners", "sent_at"},
    "POST /api/v1/gamification/xp/award": {"user_id", "xp_amount", "reason", "note", "reference_id", "metadata"},
    "POST /api/v1/gamification/streaks/update": set(),
    "POST /api/v1/gamification/streaks/freeze": set(),
    "POST /api/v1/gamification/achievements/check": set(),
    "POST /api/v1/gamification/achievements/initialize": set(),
    "POST /api/v1/challenges": CHALLENGE,
    "PUT /api/v1/challenges/{id}": CHALLENGE,
    "POST /api/v1/attempts": {"challenge_id"},
    "POST /api/v1/attempts/{id}/submit": {"score", "metadata"},
    "POST /api/v1/training/progress/submit": {
        *("level_id", "score", "total_questions", "correct_answers", "time_spent_seconds"),
    },
    "POST /api/v1/badges": BADGE,
    "PUT /api/v1/badges/{id}": BADGE,
    "POST /api/v1/levels": LEVEL,
    "PUT /api/v1/levels/{id}": LEVEL,
    "PATCH /api/v1/levels/{id}": LEVEL,
    "PUT /api/v1/learners/{external_id}": {"display_name", "email", "time_zone", "language"},
    "POST /api/v1/learners/{external_id}/token": {"ttl"},
    "POST /api/v1/levels/{id}/play": set(),
    "POST /api/v1/plays/{session_id}/hint": {"question_id"},
    "POST /api/v1/plays/{session_id}/answer": {"question_id", "answer"},
    "POST /api/v1/plays/{session_id}/finish": set(),
    "POST /api/v1/review/answer": {"question_id", "answer"},
    "POST /api/v1/metrics/{metric_id}/events": {"value", "client_event_id", "occurred_at", "sent_at"},
    "POST /api/v1/learners/{external_id}/claim-link": set(),
}


def accepted_fields():
    """The fields of the serializer of each endpoint, such as `POST /api/v1/levels/complete`."""
    return {
        f"{method.upper()} {routes.readable_path(f'/{path}')}": set(shape_of_class(view.get_serializer_class()).fields)
        for path, method, view in write_actions()
        if f"/{path}".startswith(routes.API)
    }


def test_every_endpoint_accepts_exactly_the_fields_of_its_contract():
    assert accepted_fields() == WRITES


def test_all_writing_endpoints_of_the_matrix_are_covered():
    with_body = [row for row in ROWS if row.path.startswith(routes.API) and row.method not in {"GET", "DELETE"}]
    assert {row.endpoint for row in with_body} == set(WRITES) - {"DELETE /api/v1/auth/me"}


def client_for(endpoint, world):
    """A client with permission for the endpoint, so that only the field can be refused."""
    if special := special_client(endpoint):
        return special
    cells = next(row.cells for row in ROWS if row.endpoint == endpoint)
    role = next(role for role in world.people if role != "anonymous" and cells[role].startswith("2"))
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {world.people[role].tokens.access_token}")
    return client


def is_refusal(errors, name):
    """`user_id` has its own message where the client is signed in."""
    return errors == {name: UNKNOWN} or (name == "user_id" and errors == {name: [SOMEBODY_ELSE]})


def batched(names, size):
    return [names[first : first + size] for first in range(0, len(names), size)]


@pytest.mark.parametrize("endpoint", WRITES)
def test_an_unknown_field_is_refused(world, endpoint):
    method, path = endpoint.split(" ")
    client, before, address = client_for(endpoint, world), contents(), valid_requests.address(path, world)
    unknown = set(model_fields()) - WRITES[endpoint]

    def send(names):
        body = json.dumps(valid_requests.body_of(path, world, method) | dict.fromkeys(names, VALUE))
        answer = client.generic(method, address, body, content_type="application/json")
        return answer.status_code, answer.json().get("errors", {})

    # As many in each request as an answer names; those that it does not refuse by name, each by itself.
    refused = set()
    for names in batched(sorted(unknown), MOST_ERRORS):
        status, errors = send(names)
        refused |= {name for name in names if status == 400 and errors.get(name) == UNKNOWN}
    accepted = []
    for name in unknown - refused:
        status, errors = send([name])
        if status != 400 or not is_refusal(errors, name):
            accepted.append((name, status))
    assert accepted == []
    assert contents() == before


def test_an_unknown_field_of_a_form_is_refused(world, api):
    before, valid = contents(), valid_requests.body_of("/api/v1/auth/login", world)
    for name in set(model_fields()) - set(valid):
        form = encode_form(valid | {name: VALUE})
        answer = api.generic("POST", "/api/v1/auth/login", form, content_type="application/x-www-form-urlencoded")
        assert (answer.status_code, answer.json()["errors"]) == (400, {name: ["Unknown field."]})
    assert contents() == before


def test_unknown_keys_of_metadata_change_neither_fields_nor_xp(client_of):
    """Keys that are not allowed are dropped."""
    LevelFactory(level_id="one"), LevelFactory(level_id="two")
    everything = dict.fromkeys(set(model_fields()) - set(settings.COMPLETION_METADATA), 1)
    plain, loaded = (
        client_of("learner")
        .post("/api/v1/levels/complete", {"level_id": level, "score": 85, "metadata": metadata})
        .json()
        for level, metadata in (("one", {}), ("two", everything))
    )
    assert loaded["xp_breakdown"] == plain["xp_breakdown"]
    one, two = Completion.objects.order_by("pk").filter(level__level_id__in=["one", "two"])
    assert (two.metadata, two.held, two.passed, two.source) == ({}, one.held, one.passed, one.source)


# --- Forms: they save the fields that they show, and ignore all others ------------------------------------------------

# Models whose rows contain random keys or ids of new rows; histories number theirs, on PostgreSQL without going back.
HISTORIES = {model for model in apps.get_models() if model.__name__.startswith("Historical")}
VARYING_MODELS = {BrowserSession, LogEntry, *HISTORIES}
FORMS = [
    row.path
    for row in ROWS
    if not routes.is_api(row.path) and row.method == "POST" and row.cells["superuser"] == "302!" and "#" not in row.path
]


@pytest.fixture
def requester(world, monkeypatch):
    """With a frozen clock and without chance, so that submitting a form twice writes the same rows."""
    monkeypatch.setattr("tracking.plays.services.token_hex", lambda count: "0" * 2 * count)
    with time_machine.travel(timezone.now(), tick=False):
        yield Requester(world)


@pytest.mark.django_db
def test_admin_forms_write_only_the_fields_that_they_show(requester):
    assert len(FORMS) > 10
    assert [
        path for path in FORMS if rows_after_extended_form(requester, path) != rows_after_form(requester, path)
    ] == []


@pytest.mark.django_db
def test_the_sign_up_form_ignores_unknown_fields(requester):
    assert rows_after_extended_form(requester, "/sign-up", role="anonymous") == rows_after_form(
        requester, "/sign-up", role="anonymous"
    )
    assert any("newcomer" in row for row in rows_after_form(requester, "/sign-up", role="anonymous")["accounts.User"])


def rows_after_form(requester, path, role="superuser"):
    return written_by(requester, path, requester.form_of(path).values, role)


def rows_after_extended_form(requester, path, role="superuser"):
    form = requester.form_of(path)
    more = set(model_fields()) - form.fields - set(form.values)
    return written_by(requester, path, form.values | dict.fromkeys(more, VALUE), role)


def written_by(requester, path, values, role):
    """All rows after the form was submitted, by model."""
    headers = requester.set_credentials(requester.world.people[role], by_token=False)
    random.seed(path)
    with transaction.atomic():
        requester.send("POST", valid_requests.address(path, requester.world), encode_form(values), FORM, headers)
        rows = {model._meta.label: rows_of(model) for model in apps.get_models() if model not in VARYING_MODELS}
        transaction.set_rollback(True)
    return rows


def rows_of(model):
    """Without ids, because PostgreSQL does not reuse them after a rollback, and without randomly salted passwords."""
    numbers = {field.attname for field in model._meta.concrete_fields if field.primary_key or refers_to_new_rows(field)}
    rows = (
        repr({name: value for name, value in row.items() if name not in numbers | {"password", "reference_id"}})
        for row in model._default_manager.values()
    )
    return sorted(
        re.sub(r"erased-\w+|('(?:entry_id|trial|recalculation)': |Ledger entry )\d+", "new", row) for row in rows
    )


def refers_to_new_rows(field):
    """Whether the field refers to rows that the form itself may create: all except people."""
    return field.is_relation and field.related_model._meta.app_label in {"gamification", "tracking", "jobs", "levels"}
