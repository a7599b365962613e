"""P26: no number makes a total overflow or negative, or causes a server error."""

import json

import pytest
from django.contrib import admin
from django.db import models, transaction
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient

from gamification.ledger.audit import find_mismatches
from gamification.models import MAX_TOTAL_XP, LearnerProfile, LedgerEntry
from levels.models import MAX_XP
from skillquest.api.shapes import shape_of_class
from tests.test_architecture import write_actions

from . import routes, valid_requests
from .requester import FORM, Requester, encode_form
from .senders import special_client

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
    "questions_per_play": ["1e2", "null"],  # from 1 to 100
    "pass_percent": ["1e2", "null"],  # the same
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
    "ttl": ["1e2"],  # from 60 to 3600
    "value": ["1e2"],  # from 1 to the `per_event_max` of the metric
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
    client = special_client(endpoint) or client_for(path, world)
    address, accepted = valid_requests.address(path, world), []
    for fragment in FRAGMENTS:
        body = with_number(valid_requests.body_of(path, world), field, fragment)
        with transaction.atomic():
            answer = client.generic(method, address, body, content_type="application/json")
            # 202: a number that a second person has to approve is kept as it was sent.
            assert answer.status_code in {200, 201, 202, 400, 404}, (fragment, answer.status_code, answer.content[:200])
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
        get(client, f"/admin/search/?q={number}")
        get(client, f"/admin/gamification/learnerprofile/{number}/adjust/")
        get(client, f"/admin/gamification/learnerprofile/{number}/standing/")


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
    assert not LedgerEntry.objects.filter(learner=learner).exists()
    assert client.post(path, form | {"amount": "1000", "_apply": "1000", "reference_id": "well"}).status_code == 302
    assert LearnerProfile.objects.get(pk=learner.pk).total_xp == 1_000
