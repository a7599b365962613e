import pytest
from rest_framework.test import APIClient

from skillquest.accounts.models import User
from skillquest.api.parsing import SOMEBODY_ELSE
from tests.api.helpers import VALID, post, problem_of
from tests.api.hostile import CORPUS, requests_for

pytestmark = pytest.mark.urls("tests.api.urls")

RESULTS = "/api/v1/results"


@pytest.mark.parametrize(("hostile", "body"), [pytest.param(*each, id=each[0].name) for each in requests_for(VALID)])
def test_a_hostile_body_is_refused_with_a_problem(hostile, body):
    answer = post(RESULTS, body, content_type=hostile.content_type)

    assert answer.status_code == hostile.verdict, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["success"] is False


def test_hostile_bodies_have_unique_names():
    names = [hostile.name for hostile in CORPUS]
    assert len(set(names)) == len(names) >= 120


@pytest.mark.parametrize(
    "body",
    [
        VALID,
        {"score": 0, "name": "x"},
        {"score": 1, "name": "x", "note": None},
        {"score": 1, "name": "𝄞 e\u0301 漢字 \u2028"},
        {"score": 1, "name": "x", "ratio": 1},
        {"score": 1, "name": "x", "kind": "hard", "event": "0b9f4a52-9d0e-4a0f-8a6b-2f9f6a1f7f10"},
        {"score": 1, "name": "x", "sizes": {"a": 1, "b": 2}, "parts": [{"count": 1}, {"count": 2}]},
        {"score": 1, "name": "x", "anything": [None, 2**53, -(2**53), 1.5, "x", True, {}]},
        {"score": 1, "name": "x", "anything": [[[[[[[1]]]]]]]},
        {"score": 1, "name": "x", "reference": 3},
        {"score": 1, "name": "x", "reference": "three"},
    ],
)
def test_a_valid_body_is_accepted_unchanged(body):
    answer = post(RESULTS, body)

    assert (answer.status_code, answer.json()) == (200, {"success": True} | body)


@pytest.mark.parametrize(
    ("written", "score"),
    [
        ("85.0", 85),
        ("0.0", 0),
        ("1e2", 100),
        ("1E+2", 100),
        ("8.5e1", 85),
        ("100e-2", 1),
        ("85.000000000000000000", 85),
    ],
)
def test_a_number_without_a_fraction_is_an_integer(written, score):
    answer = post(RESULTS, f'{{"score": {written}, "name": "x", "sizes": {{"a": {written}}}}}'.encode())

    assert answer.status_code == 200, answer.content
    assert answer.content == f'{{"success":true,"score":{score},"name":"x","sizes":{{"a":{score}}}}}'.encode()


@pytest.mark.parametrize("written", ["85.5", "1.00000000000000000000001", "-0.0", "1e300", "9007199254740993.0"])
def test_a_number_that_is_not_an_integer_is_refused_in_an_integer_field(written):
    _, errors = problem_of(post(RESULTS, f'{{"score": {written}, "name": "x"}}'.encode()), 400, "invalid")
    assert set(errors) == {"score"}


@pytest.mark.parametrize("content_type", ["Application/JSON; charset=UTF-8", "application/json;x=1"])
def test_content_types_of_json_are_accepted(content_type):
    assert post(RESULTS, VALID, content_type=content_type).status_code == 200


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"\xef\xbb\xbf{}", "The body must not begin with a byte order mark."),
        (b'{"name": "\xff"}', "The body is not valid UTF-8."),
        (b'{"name"\n 1}', "The body is not valid JSON (line 2, column 2)."),
        (b"[]", "The body must be a JSON object."),
        (b'{"a": 1, "a": 1}', "A key is given twice."),
        (b'{"a": NaN}', "NaN is not JSON."),
        (b'{"a": 1e400}', "A number is too large."),
        (b'{"a": 9007199254740993}', "Integers must lie within ±2^53."),
        (b'{"a": "\\u0000"}', "Text must not contain NUL characters or lone surrogates."),
        (b"[" * 100_000, "The request body may have at most 65536 bytes."),
        (b"[" * 60_000, "The body is nested more than 8 levels deep."),
        (b'{"a": [[[[[[[[1]]]]]]]]}', "The body is nested more than 8 levels deep."),
    ],
)
def test_the_problem_explains_what_is_wrong_with_the_body(body, detail):
    code, status = ("body_too_large", 413) if "65536" in detail else ("parse_error", 400)
    assert problem_of(post(RESULTS, body), status, code) == (detail, None)


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"score": "85"}, {"score": ["Expected a whole number."]}),
        ({"score": True}, {"score": ["Expected a whole number."]}),
        ({"score": 85.5}, {"score": ["Expected a whole number."]}),
        ({"score": 1e300}, {"score": ["Expected a whole number."]}),
        ({"score": -0.0}, {"score": ["Expected a whole number."]}),
        ({"score": None}, {"score": ["This field may not be null."]}),
        ({"score": 1001}, {"score": ["Ensure this value is less than or equal to 1000."]}),
        ({"name": 7}, {"name": ["Expected text."]}),
        ({"event": 7}, {"event": ["Expected text."]}),
        ({"moment": 1763600000}, {"moment": ["Expected text."]}),
        ({"kind": 1}, {"kind": ["Expected text."]}),
        ({"fair": "true"}, {"fair": ["Expected true or false."]}),
        ({"ratio": "1"}, {"ratio": ["Expected a whole number or a number."]}),
        ({"tags": "a"}, {"tags": ["Expected a list."]}),
        ({"tags": ["a", 1]}, {"tags.1": ["Expected text."]}),
        ({"sizes": {"a": "1"}}, {"sizes.a": ["Expected a whole number."]}),
        ({"part": [1]}, {"part": ["Expected an object."]}),
        ({"part": {"count": 1, "more": 1}}, {"part.more": ["Unknown field."]}),
        ({"parts": [{"count": 1}, {"count": "2"}]}, {"parts.1.count": ["Expected a whole number."]}),
        ({"reference": True}, {"reference": ["Expected text or a whole number."]}),
        ({"id": 1}, {"id": ["Unknown field."]}),
        ({"owner": "me"}, {"owner": ["Unknown field."]}),
    ],
)
def test_the_problem_names_the_field(changes, errors):
    (field, (message,)) = next(iter(errors.items()))

    assert problem_of(post(RESULTS, VALID | changes), 400, "invalid") == (f"{field}: {message}", errors)


def test_all_wrong_fields_are_reported_together():
    detail, errors = problem_of(post(RESULTS, VALID | {"score": "1", "xp": 1}), 400, "invalid")

    assert errors == {"score": ["Expected a whole number."], "xp": ["Unknown field."]}
    assert detail == "score: Expected a whole number. (and 1 more)"


def test_an_empty_body_has_no_fields():
    _, errors = problem_of(post(RESULTS, b""), 400, "invalid")
    assert errors == {"score": ["This field is required."], "name": ["This field is required."]}


def test_a_body_may_have_exactly_the_largest_size():
    small = b'{"score": 1, "name": "x"}'

    assert post(RESULTS, small.ljust(64 * 1024)).status_code == 200
    assert post(RESULTS, small.ljust(64 * 1024 + 1)).status_code == 413
    assert post("/api/v1/large", small.ljust(1024 * 1024)).status_code == 200
    detail, _ = problem_of(post("/api/v1/large", small.ljust(1024 * 1024 + 1)), 413, "body_too_large")
    assert detail == "The request body may have at most 1048576 bytes."


def test_a_wrong_content_type_is_answered_with_the_right_one():
    answer = post(RESULTS, VALID, content_type="application/json; charset=utf-16")
    assert problem_of(answer, 415, "unsupported_media_type") == ("Send application/json in UTF-8.", None)


class TestOwnUserId:
    """Clients may send the id of the signed-in user."""

    @pytest.fixture
    def client(self):
        client = APIClient()
        client.force_authenticate(User(pk=1, username="ana"))
        return client

    def test_the_own_id_is_ignored(self, client):
        answer = post("/api/v1/private", VALID | {"user_id": 1}, client=client)
        assert (answer.status_code, answer.json()) == (200, {"success": True} | VALID)

    def test_another_id_is_refused_with_an_explanation(self, client):
        answer = post("/api/v1/private", VALID | {"user_id": 2}, client=client)
        assert problem_of(answer, 400, "invalid")[1] == {"user_id": [SOMEBODY_ELSE]}

    def test_another_id_is_reported_with_other_errors(self, client):
        answer = post("/api/v1/private", VALID | {"user_id": 2, "xp": 1}, client=client)
        assert problem_of(answer, 400, "invalid")[1] == {"user_id": [SOMEBODY_ELSE], "xp": ["Unknown field."]}

    @pytest.mark.parametrize("user_id", ["1", True, 1.5, None, [1]])
    def test_a_value_that_is_not_an_id_is_refused(self, client, user_id):
        answer = post("/api/v1/private", VALID | {"user_id": user_id}, client=client)
        assert problem_of(answer, 400, "invalid")[1] == {"user_id": ["Expected a whole number."]}

    def test_the_own_id_inside_an_object_is_an_unknown_field(self, client):
        answer = post("/api/v1/private", VALID | {"part": {"count": 1, "user_id": 1}}, client=client)
        assert problem_of(answer, 400, "invalid")[1] == {"part.user_id": ["Unknown field."]}

    def test_the_id_is_an_unknown_field_for_anonymous_clients(self):
        assert problem_of(post(RESULTS, VALID | {"user_id": 1}), 400, "invalid")[1] == {"user_id": ["Unknown field."]}


FORM = "application/x-www-form-urlencoded"


def test_a_form_is_read_if_the_view_accepts_forms():
    answer = post("/api/v1/sign-in", b"username=ana+b&password=%C3%A9%26", content_type=FORM)
    assert (answer.status_code, answer.json()) == (200, {"success": True, "username": "ana b", "password": "é&"})


@pytest.mark.parametrize(
    "body",
    [
        b"username=ana&password=x&admin=1",
        b"username=ana&username=bob&password=x",
        b"username=ana%00&password=x",
        b"username=%FF&password=x",
        b"username=\xff&password=x",
        b"username=ana",
        b"&".join(b"a%d=1" % number for number in range(200)),
        b"=",
        b"\0",
    ],
)
def test_a_hostile_form_is_refused(body):
    answer = post("/api/v1/sign-in", body, content_type=FORM)

    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"


def test_a_form_above_the_size_limit_is_refused():
    assert post("/api/v1/sign-in", b"username=" + b"x" * 70_000, content_type=FORM).status_code == 413


def test_a_form_in_another_charset_is_refused():
    assert post("/api/v1/sign-in", b"username=a", content_type=f"{FORM}; charset=utf-16").status_code == 415
