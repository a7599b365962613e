"""P26: no number makes a total overflow or negative, or causes a server error."""

import json

import pytest
from django.contrib import admin
from django.db import connection, models, transaction
from django.test import Client
from django.utils import timezone
from drf_spectacular.generators import SchemaGenerator
from rest_framework.exceptions import APIException
from rest_framework.test import APIClient

from gamification.ledger import triggers
from gamification.ledger.audit import find_mismatches
from gamification.models import MAX_DELTA, MAX_TOTAL_XP, LearnerProfile, LedgerEntry
from levels.models import MAX_SCORE, MAX_XP
from skillquest.api.shapes import shape_of_class
from tests.factories import LevelFactory, StaffFactory, adjust
from tests.test_architecture import write_actions
from tests.threads import at_once

from . import routes, valid_requests
from .requester import FORM, Requester, encode_form

pytestmark = pytest.mark.django_db

# --- Numbers in request bodies ----------------------------------------------------------------------------------------

WHOLE = [
    *(0, -1, 12345, 86401, MAX_XP + 1, 2**31 - 1, 2**31, 2**53, 2**53 + 1, -(2**53), 2**63 - 1, 2**63, -(2**63) - 1),
    *(2**64, 10**400),
]
FRAGMENTS = [
    *map(str, WHOLE),
    *("-0", "0.0", "0.5", "12345.0", "1e2", "1e-7", "1e308", "1e309", "NaN", "01", "+1", "0x1", "1_0", "٣"),
    *('"12345"', "true", "null", "[1]", '{"a":1}'),
]
FOR_STAFF = {
    *("levels", "levels/{id}", "challenges", "challenges/{id}", "badges", "badges/{id}", "gamification/xp/award"),
}
# The fragments that are accepted and returned unchanged; all others are refused.
ZERO = ["0", "-0", "0.0"]
SMALL = [*ZERO, "1e2"]
FIVE_DIGITS = ["12345", "12345.0"]
ACCEPTED = {
    "position": [*SMALL, *FIVE_DIGITS, "86401", "1000001", "2147483647"],
    "expected_time_seconds": [*SMALL, *FIVE_DIGITS, "86401", "1000001", "2147483647", "null"],
    "number": ["1e2", *FIVE_DIGITS, "86401", "1000001", "2147483647", "null"],
    "xp_reward": [*SMALL, *FIVE_DIGITS, "86401"],
    "max_score": ["1e2", *FIVE_DIGITS, "86401"],
    "pass_score": SMALL,  # at most the level's highest score
    "metadata.min_seconds": [*SMALL, *FIVE_DIGITS, "86401"],
    "score": SMALL,  # the same
    "time_spent": [*SMALL, *FIVE_DIGITS, "null"],
    "metadata.hints_used": SMALL,
    "metadata.words_learned": SMALL,
    "xp_amount": ["-1", "1e2"],  # from -10 000 to 10 000, except 0
    "user_id": [],
    "xp": [*SMALL, *FIVE_DIGITS, "86401"],
    "time_spent_seconds": [*SMALL, *FIVE_DIGITS, "null"],
    "correct_answers": ZERO,  # at most the number of questions
    "total_questions": [],  # has to be the number of the level
    "session_id": [],
    "challenge_id": [],
    "level_id": [],
}
ALSO_ACCEPTED = {"POST /api/v1/sessions/end": {"score": ["null"]}}
INSIDE_METADATA = {
    "levels/complete": ["hints_used", "words_learned"],
    "sessions/end": ["hints_used"],
    "attempts/{id}/submit": ["hints_used"],
    "levels": ["min_seconds"],
    "levels/{id}": ["min_seconds"],
}


def number_fields():
    """(endpoint, field) of every number that the API accepts; `metadata.x` for a key of metadata."""
    for path, method, view in write_actions():
        name = routes.readable_path(f"/{path}")
        endpoint = f"{method.upper()} {name}"
        for field, shape in shape_of_class(view.get_serializer_class()).fields.items():
            if int in shape.types:
                yield endpoint, field
        yield from ((endpoint, f"metadata.{key}") for key in INSIDE_METADATA.get(name.removeprefix(routes.API), []))


# PUT and PATCH use the same serializer.
NUMBERS = [(endpoint, field) for endpoint, field in number_fields() if not endpoint.startswith("PUT")]


def with_number(body, field, fragment):
    """The body as JSON, with the fragment as the value of the field."""
    name, _, key = field.partition(".")
    value = f'{{"{key}": {fragment}}}' if key else fragment
    rest = {other: item for other, item in body.items() if other != name}
    return f'{json.dumps(rest)[:-1]}{", " if rest else ""}"{name}": {value}}}'.encode()


def client_for(path, world):
    for_staff = path.removeprefix(routes.API) in FOR_STAFF
    client = APIClient(raise_request_exception=False)
    person = world.people["superuser" if for_staff else "learner"]
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {person.tokens.access_token}")
    return client


@pytest.mark.parametrize(("endpoint", "field"), NUMBERS, ids=lambda value: value)
def test_a_number_is_accepted_unchanged_or_refused(world, endpoint, field):
    method, path = endpoint.split(" ")
    client, address, accepted = client_for(path, world), valid_requests.address(path, world), []
    for fragment in FRAGMENTS:
        body = with_number(valid_requests.body_of(path, world), field, fragment)
        with transaction.atomic():
            answer = client.generic(method, address, body, content_type="application/json")
            assert answer.status_code in {200, 201, 400, 404}, (fragment, answer.status_code, answer.content[:200])
            assert totals_are_sane()
            transaction.set_rollback(True)
        if answer.status_code < 400:
            accepted.append(fragment)
            request, response = json.loads(body), answer.json()
            names = {field.split(".")[0]} & set(response) & set(request)
            assert all(response[name] == request[name] for name in names), fragment
    assert sorted(accepted) == sorted(ACCEPTED[field] + ALSO_ACCEPTED.get(endpoint, {}).get(field, []))


def test_all_number_fields_are_covered():
    assert {field for _, field in NUMBERS} == set(ACCEPTED)


def totals_are_sane():
    outside = LearnerProfile.objects.exclude(total_xp__range=(0, MAX_TOTAL_XP)).exists()
    return not outside and find_mismatches() == []


# --- Numbers in paths and query parameters ----------------------------------------------------------------------------

NUMBERS_IN_PATHS = [
    "0",
    "-1",
    "2147483648",
    "9223372036854775808",
    "9" * 400,
    "1e9",
    "NaN",
    "٣",
    "0x10",
    "1_0",
    "",
    "1%00",
]
ADMIN_NUMBERS = ["-1", "9223372036854775808", "9" * 400, "NaN", "٣"]


def get(client, address):
    answer = client.get(address)
    assert answer.status_code < 500, (address, answer.status_code)
    return answer


def test_no_number_in_a_path_or_query_of_the_api_causes_a_server_error(world):
    """All parameters of all GET endpoints in the schema."""
    client, count = client_for("", world), 0
    for path, operations in SchemaGenerator(api_version="v1").get_schema(public=True)["paths"].items():
        for parameter in operations.get("get", {}).get("parameters", []):
            for number in NUMBERS_IN_PATHS:
                addresses = {"path": path.replace(f"{{{parameter['name']}}}", number or "0")}
                addresses["query"] = f"{path.replace('{id}', '1')}?{parameter['name']}={number}"
                get(client, addresses.get(parameter["in"], path))
                count += 1
    assert count > 20 * len(NUMBERS_IN_PATHS)


def test_no_number_in_a_path_or_query_of_a_page_causes_a_server_error(world):
    client = Client(raise_request_exception=False)
    client.force_login(world.learner.user)
    for number in NUMBERS_IN_PATHS:
        get(client, f"/levels/{number}")
        get(client, f"/levels/{number}/play")
        get(client, "/levels?" + "&".join(f"{name}={number}" for name in ("search", "category", "kind", "difficulty")))


def test_no_number_in_a_path_or_query_of_the_admin_causes_a_server_error(world):
    client = Client(raise_request_exception=False)
    client.force_login(world.people["superuser"].user)
    for folder, model in routes.registered_models().items():
        for name in ["p", "o", f"{model._meta.pk.name}__exact", *related(model), *filters(model)]:
            get(client, f"{folder}?{name}=9999999999")
            get(client, f"{folder}?{name}={'9' * 400}")
        for number in ADMIN_NUMBERS:
            get(client, f"{folder}{number}/change/")
    for number in ADMIN_NUMBERS:
        get(client, f"/admin/gamification/learnerprofile/{number}/adjust/")


def related(model):
    return [f"{field.name}__id__exact" for field in model._meta.fields if field.is_relation]


def filters(model):
    return [f"{name}__exact" for name in admin.site._registry[model].list_filter]


# --- Numbers in forms of the admin ------------------------------------------------------------------------------------

NUMBERS_IN_FORMS = ["-1", "2147483648", "9223372036854775808", "NaN", "9" * 5000]


def forms_with_numbers():
    for folder, model in routes.registered_models().items():
        for field in model._meta.concrete_fields:
            if isinstance(field, models.IntegerField) and not field.primary_key:
                yield f"{folder}{{object_id}}/change/", field.name


def test_no_number_in_an_admin_form_causes_a_server_error(world):
    requester, count = Requester(world), 0
    headers = requester.set_credentials(world.people["superuser"], by_token=False)
    for path, name in forms_with_numbers():
        form = requester.form_of(path)
        headers = requester.set_credentials(world.people["superuser"], by_token=False)
        for number in NUMBERS_IN_FORMS if name in form.fields else []:
            with transaction.atomic():
                data = encode_form(form.values | {name: number})
                answer, _ = requester.send("POST", valid_requests.address(path, world), data, FORM, headers)
                assert answer.status_code in {200, 302}, (path, name, number)
                transaction.set_rollback(True)
            count += 1
    assert count > 5 * len(NUMBERS_IN_FORMS)


def test_the_adjustment_form_accepts_only_allowed_whole_numbers(client, staff, learner):
    client.force_login(staff)
    form = {"reason": "A gift", "note": "For tests"}
    path = f"/admin/gamification/learnerprofile/{learner.pk}/adjust/"
    for number in [*NUMBERS_IN_FORMS, "10001", "-10001", "0", "-0", "+", "1.5", "0x1"]:
        answer = client.post(path, form | {"amount": number, "_apply": number, "reference_id": f"try {number}"[:90]})
        assert answer.status_code == 200, number
    assert not LedgerEntry.objects.exists()
    assert client.post(path, form | {"amount": "1000", "_apply": "1000", "reference_id": "well"}).status_code == 302
    assert total_of(learner) == 1_000


# --- The largest total and the largest change -------------------------------------------------------------------------


def carry_forward(learner, total):
    """Give the learner a large total, with a consistent ledger."""
    at = timezone.now()
    LedgerEntry.objects.create(
        learner=learner,
        sequence=1,
        delta=total,
        balance_after=total,
        reason="carried_forward",
        reference_type="archive",
        reference_id="1",
        rule_set_id=1,
        effective_at=at,
        created_at=at,
    )
    LearnerProfile.objects.filter(pk=learner.pk).update(total_xp=total, last_sequence=1)


def total_of(learner):
    return LearnerProfile.objects.get(pk=learner.pk).total_xp


def balance_or_refusal(learner, amount, staff):
    """The new balance, or the code of the refusal."""
    try:
        return adjust(learner_id=learner.pk, amount=amount, reason="x", actor=staff, at=timezone.now()).balance_after
    except APIException as refusal:
        return refusal.default_code


def test_changes_beyond_the_limits_are_refused(learner, staff):
    for amount in (0, MAX_DELTA + 1, -MAX_DELTA - 1, 2**53, 2**63, -(2**63) - 1, 10**400):
        assert balance_or_refusal(learner, amount, staff) == "delta_out_of_range", amount
    assert balance_or_refusal(learner, MAX_DELTA, staff) == MAX_DELTA
    assert balance_or_refusal(learner, -MAX_DELTA, staff) == 0
    assert balance_or_refusal(learner, -1, staff) == "balance_below_zero"
    carried = StaffFactory()
    carry_forward(carried, MAX_TOTAL_XP - 5)
    assert balance_or_refusal(carried, 6, staff) == "balance_too_large"
    assert balance_or_refusal(carried, 5, staff) == MAX_TOTAL_XP
    assert balance_or_refusal(carried, 1, staff) == "balance_too_large"
    assert balance_or_refusal(carried, MAX_DELTA, staff) == "balance_too_large"
    assert (total_of(learner), total_of(carried)) == (0, MAX_TOTAL_XP)


def test_a_completion_that_would_exceed_the_largest_total_changes_nothing(learner_api, learner):
    level = LevelFactory()
    carry_forward(learner, MAX_TOTAL_XP - 5)
    for _ in range(2):
        answer = learner_api.post("/api/v1/levels/complete", {"level_id": level.level_id, "score": 900})
        assert (answer.status_code, answer.json()["code"]) == (400, "balance_too_large")
    session = learner_api.post("/api/v1/sessions/start", {"level_id": level.level_id}).json()["session_id"]
    answer = learner_api.post("/api/v1/sessions/end", {"session_id": session, "score": 900})
    assert (answer.status_code, answer.json()["code"]) == (400, "balance_too_large")
    assert total_of(learner) == MAX_TOTAL_XP - 5


def test_the_largest_total_is_shown_exactly(learner_api, client, learner):
    carry_forward(learner, MAX_TOTAL_XP)
    for path in ("gamification/xp/level", "levels/progress", "sessions/progress", "xp/history", "auth/me"):
        answer = learner_api.get(f"/api/v1/{path}")
        assert answer.status_code == 200
        assert str(MAX_TOTAL_XP) in answer.content.decode() or path == "auth/me"
    client.force_login(learner)
    assert client.get("/dashboard").status_code == 200


@pytest.mark.parametrize("rule", ["fixed", "proportional", "formula", "scenario"])
def test_the_level_with_the_largest_reward_is_paid(learner_api, learner, rule):
    level = LevelFactory(
        xp_rule=rule, xp_reward=MAX_XP, max_score=MAX_SCORE, difficulty="expert", estimated_time="9999 m"
    )
    answer = learner_api.post("/api/v1/levels/complete", {"level_id": level.level_id, "score": MAX_SCORE})
    assert answer.status_code == 200, answer.content
    assert answer.json()["new_total_xp"] == total_of(learner) <= MAX_DELTA


@pytest.mark.django_db(transaction=True)
def test_concurrent_changes_do_not_exceed_the_limits(learner, staff):
    rich = StaffFactory()
    balance_or_refusal(learner, 50, staff)
    with transaction.atomic(), triggers.maintenance_mode(connection):
        carry_forward(rich, MAX_TOTAL_XP - 50)
    changes = [lambda: balance_or_refusal(learner, -20, staff)] * 6 + [lambda: balance_or_refusal(rich, 20, staff)] * 6
    results = at_once(changes)
    assert sorted(map(str, results[:6])) == ["10", "30", *["balance_below_zero"] * 4]
    assert results[6:].count("balance_too_large") == 4
    assert (total_of(learner), total_of(rich)) == (10, MAX_TOTAL_XP - 10)
