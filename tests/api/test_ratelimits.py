import pytest
import time_machine
from rest_framework.exceptions import Throttled
from rest_framework.test import APIClient, APIRequestFactory

from skillquest.accounts.models import User
from skillquest.api.ratelimits import Usage, charge, parse_rate
from tests.api.helpers import VALID, post, problem_of

pytestmark = pytest.mark.urls("tests.api.urls")

NOW = "2026-11-20T03:00:00Z"
RESULTS, PRIVATE, SIGN_IN = "/api/v1/results", "/api/v1/private", "/api/v1/sign-in"


@pytest.fixture(autouse=True)
def clock(settings):
    settings.RATELIMIT_ENABLE = True
    settings.RATE_LIMITS = {"auth": "2/m", "write": "3/m", "read": "5/m"}
    settings.RATE_LIMIT_SHARED_FACTOR = 3
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


def client_of(pk):
    client = APIClient()
    client.force_authenticate(User(pk=pk))
    return client


def statuses(count, path=RESULTS, body=VALID, **options):
    return [post(path, body, **options).status_code for _ in range(count)]


def test_the_limit_is_exact_and_shown_in_headers():
    answers = [post(RESULTS, VALID) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    remaining = [answer["RateLimit"].partition(";t=")[0] for answer in answers]
    assert remaining == ['"write";r=2', '"write";r=1', '"write";r=0', '"write";r=0']
    assert {answer["RateLimit-Policy"] for answer in answers} == {'"write";q=3;w=60'}


def test_a_refusal_contains_the_time_to_wait(clock):
    statuses(3)
    refused = post(RESULTS, VALID)

    seconds = int(refused["Retry-After"])
    assert 1 <= seconds <= 60
    assert refused["RateLimit"] == f'"write";r=0;t={seconds}'
    unit = "second" if seconds == 1 else "seconds"
    detail = f"Too many requests. Try again in {seconds} {unit}."
    assert problem_of(refused, 429, "throttled") == (detail, None)
    clock.shift(seconds - 1)
    assert post(RESULTS, VALID).status_code == 429
    clock.shift(1)
    assert post(RESULTS, VALID).status_code == 200


def test_reading_writing_and_signing_in_have_separate_limits(client):
    person = {"username": "ana", "password": "right"}

    assert statuses(4) == [200, 200, 200, 429]
    assert [client.get("/api/v1/answer").status_code for _ in range(6)] == [200] * 5 + [429]
    assert statuses(3, SIGN_IN, person) == [200, 200, 429]


def test_users_at_one_address_have_their_own_limits_and_a_common_one():
    assert statuses(4, PRIVATE, client=client_of(1)) == [200, 200, 200, 429]
    assert statuses(4, PRIVATE, client=client_of(2)) == [200, 200, 200, 429]
    # The two refused requests do not count against the common limit of nine.
    assert statuses(4, PRIVATE, client=client_of(3)) == [200, 200, 200, 429]
    refused = post(PRIVATE, VALID, client=client_of(4))
    assert refused.status_code == 429
    assert refused["RateLimit-Policy"] == '"write";q=9;w=60'


def test_a_user_has_the_same_limit_at_another_address():
    client = client_of(1)
    assert statuses(3, PRIVATE, client=client, REMOTE_ADDR="198.51.100.1") == [200, 200, 200]
    assert statuses(1, PRIVATE, client=client, REMOTE_ADDR="198.51.100.2") == [429]


def test_anonymous_clients_are_counted_by_address():
    assert statuses(4, REMOTE_ADDR="198.51.100.1") == [200, 200, 200, 429]
    assert statuses(1, REMOTE_ADDR="198.51.100.2") == [200]


def test_a_forwarded_header_of_a_client_is_ignored():
    forged = [post(RESULTS, VALID, HTTP_X_FORWARDED_FOR=f"198.51.100.{n}").status_code for n in range(4)]
    assert forged == [200, 200, 200, 429]


def test_a_forwarded_header_of_a_trusted_proxy_is_used(settings):
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    answers = [post(RESULTS, VALID, HTTP_X_FORWARDED_FOR=f"198.51.100.{n}").status_code for n in range(4)]
    assert answers == [200, 200, 200, 200]


def test_sign_ins_with_one_name_are_limited_for_all_addresses_together():
    body = {"username": "ana", "password": "wrong"}
    statuses_by_address = [post(SIGN_IN, body, REMOTE_ADDR=f"198.51.100.{number}").status_code for number in range(3)]
    assert statuses_by_address == [401, 401, 429]
    assert post(SIGN_IN, body | {"username": "bob"}, REMOTE_ADDR="198.51.100.9").status_code == 401


def test_requests_without_credentials_are_counted():
    assert statuses(4, PRIVATE) == [401, 401, 401, 429]


def test_malformed_bodies_are_counted():
    assert statuses(4, body=b"{") == [400, 400, 400, 429]


def test_rate_limits_can_be_switched_off(settings):
    settings.RATELIMIT_ENABLE = False
    answers = [post(RESULTS, VALID) for _ in range(10)]

    assert {answer.status_code for answer in answers} == {200}
    assert "RateLimit" not in answers[0]


def test_a_304_answer_is_counted(client):
    first = client.get("/api/v1/answer")
    second = client.get("/api/v1/answer", headers={"If-None-Match": first["ETag"]})

    assert second.status_code == 304
    assert second["RateLimit"].startswith('"read";r=3;')


def test_an_unknown_path_has_no_rate_limit_header(client):
    assert "RateLimit" not in client.get("/api/v1/nothing")


class TestCharge:
    """`charge` may be called by a middleware and again by the view."""

    @pytest.fixture
    def request_of_user(self):
        request = APIRequestFactory().post("/")
        request.user = User(pk=1)
        return request

    def test_counts_a_request_once(self, request_of_user):
        first = charge(request_of_user, "write")

        assert first == Usage("write", limit=3, window=60, remaining=2, resets_in=first.resets_in)
        assert charge(request_of_user, "write") == first

    def test_raises_above_the_limit(self, request_of_user):
        for _ in range(3):
            request_of_user.__dict__.pop("rate_limit_usages", None)
            charge(request_of_user, "write")
        request_of_user.__dict__.pop("rate_limit_usages")
        with pytest.raises(Throttled):
            charge(request_of_user, "write")

    def test_returns_none_when_switched_off(self, settings, request_of_user):
        settings.RATELIMIT_ENABLE = False
        assert charge(request_of_user, "write") is None


@pytest.mark.parametrize(
    ("text", "rate"), [("60/m", (60, 60)), ("1/s", (1, 1)), ("100/15m", (100, 900)), ("5/h", (5, 3600))]
)
def test_a_rate_is_parsed(text, rate):
    assert parse_rate(text) == rate
