"""P14: nobody writes a field that the contract does not give them, whatever they call it."""

import json
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
from skillquest.api.parsing import SOMEBODY_ELSE
from skillquest.api.shapes import shape_of_class
from tests.factories import LevelFactory
from tests.test_architecture import write_actions
from tracking.models import Completion

from . import bodies, routes
from .asking import FORM, Doorkeeper, contents, encode_form
from .table import read_rows
from .world import make_world

OURS = {"accounts", "tracking", "gamification", "levels"}
# What an attacker tries before reading our models.
GUESSES = {
    *("pk", "role", "admin", "is_admin", "permissions", "xp", "awarded_xp", "balance", "level", "owner", "__class__"),
}
# A number that is nobody's id: one's own `user_id` may be sent.
VALUE = 987_654_321
ROWS = read_rows()


def model_fields():
    """Every name under which a model can be written, the ways back from other models too."""
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
}
BADGE = {"name", "description", "icon_url", "condition", "published", "position"}
CHALLENGE = {"level_id", "title", "description", "xp", "difficulty", "tags", "published"}
# What SPEC lets a client send, written down a second time: a field that a serializer gains by accident is found here.
WRITES = {
    "POST /api/v1/auth/register": {"username", "email", "password"},
    "POST /api/v1/auth/login": {"username", "password"},
    "POST /api/v1/auth/refresh": {"refresh_token"},
    "POST /api/v1/auth/logout": {"refresh_token", "everywhere"},
    "POST /api/v1/auth/password": {"old_password", "new_password"},
    "POST /api/v1/auth/password/reset": {"email"},
    "POST /api/v1/auth/password/reset/confirm": {"token", "new_password"},
    "DELETE /api/v1/auth/me": {"password"},
    "PATCH /api/v1/auth/me": {"time_zone", "display_name", "leaderboard_opt_out", "language"},
    "POST /api/v1/sessions/start": {"session_name", "level_id"},
    "POST /api/v1/sessions/end": {"session_id", "score", "metadata"},
    "POST /api/v1/levels/complete": {
        *("level_id", "level_type", "score", "time_spent", "difficulty", "metadata", "client_event_id", "occurred_at"),
    },
    "POST /api/v1/sync": {"events"},
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
}


def accepted_fields():
    """`POST /api/v1/levels/complete` -> the fields that its serializer takes."""
    return {
        f"{method.upper()} {routes.in_words(f'/{path}')}": set(shape_of_class(view.get_serializer_class()).fields)
        for path, method, view in write_actions()
        if f"/{path}".startswith(routes.API)
    }


def test_every_write_takes_what_its_contract_says_and_nothing_else():
    assert accepted_fields() == WRITES


def test_every_write_of_the_matrix_is_attacked():
    with_body = [row for row in ROWS if row.path.startswith(routes.API) and row.method not in {"GET", "DELETE"}]
    assert {row.endpoint for row in with_body} == set(WRITES) - {"DELETE /api/v1/auth/me"}


def client_for(endpoint, world):
    """Of somebody whom the endpoint lets in, so that the field alone is what is refused."""
    cells = next(row.cells for row in ROWS if row.endpoint == endpoint)
    role = next(role for role in world.people if role != "anonymous" and cells[role].startswith("2"))
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {world.people[role].tokens.access_token}")
    return client


def is_refusal(errors, name):
    """Whom somebody speaks for is asked only where they are signed in."""
    return errors == {name: ["Unknown field."]} or (name == "user_id" and errors == {name: [SOMEBODY_ELSE]})


@pytest.mark.parametrize("endpoint", WRITES)
def test_a_field_outside_the_contract_is_refused(world, endpoint):
    method, path = endpoint.split(" ")
    client, before, address = client_for(endpoint, world), contents(), bodies.address(path, world)
    let_through = []
    for name in set(model_fields()) - WRITES[endpoint]:
        body = json.dumps(bodies.body_of(path, world, method) | {name: VALUE})
        answer = client.generic(method, address, body, content_type="application/json")
        if answer.status_code != 400 or not is_refusal(answer.json()["errors"], name):
            let_through.append((name, answer.status_code))
    assert let_through == []
    assert contents() == before


def test_a_field_outside_the_contract_is_refused_in_a_form_too(world, api):
    before, sent = contents(), bodies.body_of("/api/v1/auth/login", world)
    for name in set(model_fields()) - set(sent):
        form = encode_form(sent | {name: VALUE})
        answer = api.generic("POST", "/api/v1/auth/login", form, content_type="application/x-www-form-urlencoded")
        assert (answer.status_code, answer.json()["errors"]) == (400, {name: ["Unknown field."]})
    assert contents() == before


def test_metadata_of_a_completion_is_no_way_round(client_of):
    """Keys that are not on the list are dropped; they reach no column and no price."""
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


# --- Forms of the site: they take what they show, and overlook the rest -----------------------------------------------

# Random keys, and the numbers of new rows.
BY_CHANCE = {BrowserSession, LogEntry}
FORMS = [
    row.path
    for row in ROWS
    if not routes.is_api(row.path) and row.method == "POST" and row.cells["superuser"] == "302!" and "#" not in row.path
]


@pytest.fixture
def keeper():
    """Two sendings of one form shall differ in nothing but the form."""
    with time_machine.travel(timezone.now(), tick=False):
        yield Doorkeeper(make_world())


@pytest.mark.django_db
def test_a_form_of_the_admin_writes_only_what_it_shows(keeper):
    assert len(FORMS) > 10
    assert [path for path in FORMS if loaded(keeper, path) != plain(keeper, path)] == []


@pytest.mark.django_db
def test_signing_up_makes_a_learner_and_nothing_else(keeper):
    assert loaded(keeper, "/sign-up", role="anonymous") == plain(keeper, "/sign-up", role="anonymous")
    assert any("newcomer" in row for row in plain(keeper, "/sign-up", role="anonymous")["accounts.User"])


def plain(keeper, path, role="superuser"):
    return written_by(keeper, path, keeper.form_of(path).values, role)


def loaded(keeper, path, role="superuser"):
    form = keeper.form_of(path)
    more = set(model_fields()) - form.fields - set(form.values)
    return written_by(keeper, path, form.values | dict.fromkeys(more, VALUE), role)


def written_by(keeper, path, values, role):
    """Every row after the form was sent."""
    headers = keeper.show_credentials(keeper.world.people[role], by_token=False)
    with transaction.atomic():
        keeper.send("POST", bodies.address(path, keeper.world), encode_form(values), FORM, headers)
        rows = {model._meta.label: rows_of(model) for model in apps.get_models() if model not in BY_CHANCE}
        transaction.set_rollback(True)
    return rows


def rows_of(model):
    """Without numbers of rows, which PostgreSQL counts on after a rollback, and without the salt of a password."""
    numbers = {field.attname for field in model._meta.concrete_fields if field.primary_key or made_by_the_form(field)}
    rows = (
        repr({name: value for name, value in row.items() if name not in numbers | {"password", "reference_id"}})
        for row in model._default_manager.values()
    )
    return sorted(re.sub(r"erased-\w+", "somebody who left", row) for row in rows)


def made_by_the_form(field):
    """Whether it points to rows of which one sending makes others than the next: all but people and levels."""
    return field.is_relation and field.related_model._meta.app_label in {"gamification", "tracking"}
