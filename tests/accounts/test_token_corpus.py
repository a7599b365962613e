"""Every token that must open nothing: always 401, as access token and as refresh token, and never a 5xx."""

import base64
import json
import uuid

import jwt
import pytest
from django.conf import settings
from django.utils import timezone

from skillquest.accounts import tokens
from skillquest.accounts.models import AuthSession
from skillquest.accounts.sessions import end_sessions
from tests.accounts.api_calls import INVALID_TOKEN, TOKEN_EXPIRED, call, problem
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def part(value):
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def claims_of(token):
    return jwt.decode(token, options={"verify_signature": False})


def sign(claims, key=None, algorithm="HS256", **options):
    """Without the library's own look at the claims."""
    payload = json.dumps(claims).encode()
    return jwt.api_jws.encode(payload, tokens.signing_key() if key is None else key, algorithm, **options)


def with_header(token, header):
    _, payload, signature = token.split(".")
    return f"{part(header)}.{payload}.{signature}"


def with_payload(token, payload):
    header, _, signature = token.split(".")
    return f"{header}.{part(payload)}.{signature}"


GARBAGE = {
    "one letter": "a",
    "a sentence": "not a token",
    "one dot": "a.b",
    "only dots": "..",
    "four dots": "a.b.c.d.e",
    "accents": "é.é.é",
    "not base64": "!.!.!",
    "not JSON inside": f"{part(b'x')}.{part(b'x')}.x",
    "header not an object": f"{part([1])}.{part({})}.x",
    "header not UTF-8": f"{part(bytes([0xFF, 0xFE]))}.{part({})}.x",
    "header nested deep": f"{part(b'[' * 6000)}.{part({})}.x",
    "header nested deep and closed": f"{part(b'[' * 5000 + b']' * 5000)}.{part({})}.x",
    "header a huge number": f"{part(b'9' * 5000)}.{part({})}.x",
    "header empty": f"{part({})}.{part({})}.x",
    "algorithm a list": f"{part({'alg': ['HS256']})}.{part({})}.x",
    "algorithm an object": f"{part({'alg': {'a': 1}})}.{part({})}.x",
    "algorithm null": f"{part({'alg': None})}.{part({})}.x",
    "very long": "a" * 7000,
}

FORGED = {
    "signature cut": lambda good: good.rpartition(".")[0] + ".",
    "signature short": lambda good: good[:-2],
    "signature of another token": lambda good: good.rpartition(".")[0] + "." + sign({"a": 1}).rpartition(".")[2],
    "payload changed": lambda good: with_payload(good, claims_of(good) | {"exp": 9_999_999_999}),
    "no algorithm": lambda good: sign(claims_of(good), "", "none"),
    "no algorithm, with the signature": lambda good: with_header(good, {"alg": "none", "typ": "JWT"}),
    "no algorithm in odd letters": lambda good: with_header(good, {"alg": "nOnE", "typ": "JWT"}),
    "another algorithm, our key": lambda good: sign(claims_of(good), algorithm="HS512"),
    "another algorithm claimed": lambda good: with_header(good, {"alg": "RS256", "typ": "JWT"}),
    "another key": lambda good: sign(claims_of(good), b"k" * 32),
    "the secret key itself": lambda good: sign(claims_of(good), settings.SECRET_KEY),
    "its own key in the header": lambda good: sign(claims_of(good), b"k" * 32, headers={"jwk": {"k": part(b"k" * 32)}}),
    "a key file in the header": lambda good: sign(claims_of(good), b"k" * 32, headers={"kid": "/dev/null"}),
    "unknown critical header": lambda good: sign(claims_of(good), headers={"crit": ["x"], "x": 1}),
    "detached payload": lambda good: with_header(good, {"alg": "HS256", "b64": False, "crit": ["b64"]}),
    "text after it": lambda good: good + "x",
    "twice": lambda good: good + good,
}

# Signed with our own key: what a mistake of ours, or a stolen key of another service, would make.
ODD_CLAIMS = {
    "another issuer": {"iss": "other"},
    "issuer a list": {"iss": ["skillquest"]},
    "another audience": {"aud": "other"},
    "audience a number": {"aud": 1},
    "no kind we know": {"kind": "id"},
    "kind a list": {"kind": ["access", "refresh"]},
    "kind null": {"kind": None},
    "expiry text": {"exp": "soon"},
    "expiry a list": {"exp": [9_999_999_999]},
    "expiry null": {"exp": None},
    "expiry infinite": {"exp": float("inf")},
    "expiry not a number": {"exp": float("nan")},
    "unknown session": {"sid": str(uuid.UUID(int=7))},
    "session not a UUID": {"sid": "7"},
    "session a number": {"sid": 7},
    "session a list": {"sid": ["x"]},
    "session null": {"sid": None},
    "token id not a UUID": {"jti": "x"},
    "token id a number": {"jti": 7},
    "unknown person": {"sub": "999999"},
    "a person beyond any": {"sub": "9" * 40},
    "person not a number": {"sub": "ana"},
    "person a number": {"sub": 1},
    "not yet valid": {"nbf": 9_999_999_999},
}


def assert_refused(access, refresh, expected=INVALID_TOKEN):
    """Assert that neither token is accepted by any endpoint."""
    for answer in (
        call("GET", "me", token=access),
        call("PATCH", "me", {"display_name": "x"}, token=access),
        call("POST", "refresh", {"refresh_token": refresh}),
    ):
        assert (answer.status_code, problem(answer)) == (401, expected)


@pytest.mark.parametrize("token", GARBAGE.values(), ids=GARBAGE)
def test_strings_that_are_no_tokens_are_refused(token):
    assert_refused(token, token)


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")  # our key is short for HS512
@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED)
def test_forged_tokens_are_refused(pair, forge):
    assert_refused(forge(pair["access_token"]), forge(pair["refresh_token"]))


@pytest.mark.parametrize("claims", ODD_CLAIMS.values(), ids=ODD_CLAIMS)
def test_tokens_with_wrong_claims_are_refused(pair, claims):
    access, refresh = (sign(claims_of(token) | claims) for token in (pair["access_token"], pair["refresh_token"]))
    assert_refused(access, refresh)


@pytest.mark.parametrize("claim", tokens.CLAIMS)
def test_tokens_without_a_claim_are_refused(pair, claim):
    def without(token):
        return sign({name: value for name, value in claims_of(token).items() if name != claim})

    assert_refused(without(pair["access_token"]), without(pair["refresh_token"]))


@pytest.mark.parametrize("payload", [b"[]", b'"text"', b"null", b"x", b"[" * 4000, b"\xff"])
def test_signed_payloads_that_are_no_claims_are_refused(payload):
    token = jwt.api_jws.encode(payload, tokens.signing_key(), "HS256")
    assert_refused(token, token)


def test_kinds_are_not_interchangeable(pair):
    assert_refused(pair["refresh_token"], pair["access_token"])


@pytest.mark.parametrize("expiry", [0, -1, 1_000_000_000])
def test_expired_tokens_are_refused(pair, expiry):
    access, refresh = (
        sign(claims_of(token) | {"exp": expiry}) for token in (pair["access_token"], pair["refresh_token"])
    )
    assert_refused(access, refresh, TOKEN_EXPIRED)


def test_a_token_for_the_session_of_another_person_is_refused(learner, pair, tokens_of):
    other = claims_of(tokens_of(UserFactory())["access_token"])
    access, refresh = (
        sign(claims_of(token) | {"sid": other["sid"]}) for token in (pair["access_token"], pair["refresh_token"])
    )
    assert_refused(access, refresh)


def leave(user, pair):
    call("POST", "logout", {"refresh_token": pair["refresh_token"]})


def reuse(user, pair):
    for _ in range(2):
        call("POST", "refresh", {"refresh_token": pair["refresh_token"]})
    AuthSession.objects.update(rotated_at="2020-01-01T00:00Z")
    call("POST", "refresh", {"refresh_token": pair["refresh_token"]})


def change_password(user, pair):
    user.set_password("a quite different horse")
    user.save()


def deactivate(user, pair):
    user.is_active = False
    user.save()


def leave_everywhere(user, pair):
    end_sessions(user=user, at=timezone.now())


def forget_the_session(user, pair):
    AuthSession.objects.all().delete()


ENDS = [leave, reuse, change_password, deactivate, leave_everywhere, forget_the_session]


@pytest.mark.parametrize("end", ENDS, ids=[end.__name__ for end in ENDS])
def test_tokens_of_an_ended_session_are_refused(learner, pair, end):
    assert call("GET", "me", token=pair["access_token"]).status_code == 200
    end(learner, pair)
    assert_refused(pair["access_token"], pair["refresh_token"])


def test_a_token_carries_no_personal_data(learner, pair):
    claims = claims_of(pair["access_token"])
    assert set(claims) == set(tokens.CLAIMS)
    assert claims["sub"] == str(learner.pk)
    assert claims["exp"] - claims["iat"] == 30 * 60
    assert jwt.get_unverified_header(pair["access_token"]) == {"alg": "HS256", "typ": "JWT"}
