"""Hostile values of the headers of a key."""

from urllib.parse import quote

import pytest

from tests.factories import UserFactory

from .keys import client_with, make_key, make_pupil

pytestmark = pytest.mark.django_db

LEVEL = "/api/v1/gamification/xp/level"


def latin1(text):
    """As WSGI hands on the bytes of UTF-8."""
    return text.encode().decode("latin-1")


@pytest.mark.parametrize("external_id", ["pupil-1", "Ana Lestari", "läufer", "学生", "a%b", "x" * 128, "a,b", "a/b?c"])
def test_any_printable_id_can_be_named(external_id):
    make_pupil(external_id)
    _, token = make_key()
    assert client_with(token, quote(external_id, safe="")).get(LEVEL).status_code == 200


def test_an_id_may_be_sent_as_plain_utf_8():
    make_pupil("läufer 学生")
    assert client_with(make_key()[1], latin1("läufer 学生")).get(LEVEL).status_code == 200


@pytest.mark.parametrize(
    "header",
    [
        *("pupil-1\x00", "pupil-1%00", "%00", "pupil-1%0A", "pupil-1%0d%0aX-Admin:%201", "%E2%80%8Bpupil-1"),
        *("x" * 129, "x" * 10_000, "%", "%ff", "\xff\xfe", "pupil-1,pupil-1", "pupil-1, pupil-2"),
        *("PUPIL-1", "' OR 1=1 --", "*", "../pupil-1", "1", "null", "{}"),
    ],
)
def test_whatever_else_stands_there_names_nobody(header):
    make_pupil("pupil-1")
    answer = client_with(make_key()[1], header).get(LEVEL)
    assert (answer.status_code, answer.json()["code"]) == (404, "learner_not_found")


@pytest.mark.parametrize("rights", [{"is_staff": True}, {"is_superuser": True}])
def test_nobody_with_rights_can_be_named(rights):
    UserFactory(external_id="boss", **rights)
    answer = client_with(make_key()[1], "boss").get(LEVEL)
    assert (answer.status_code, answer.json()["code"]) == (404, "learner_not_found")


def test_a_deactivated_learner_cannot_be_named():
    make_pupil("pupil-1", is_active=False)
    answer = client_with(make_key()[1], "pupil-1").get(LEVEL)
    assert (answer.status_code, answer.json()["code"]) == (409, "learner_deactivated")


@pytest.mark.parametrize(
    "after",
    [
        " extra",
        ", Bearer other",
        "\t",
        "%0d%0aX: y",
        "\x00",
        "=",
    ],
)
def test_a_key_with_something_behind_it_is_refused(after):
    make_pupil()
    _, token = make_key()
    answer = client_with(token, "pupil-1", HTTP_AUTHORIZATION=f"Bearer {token}{after}").get(LEVEL)
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_server_key")


@pytest.mark.parametrize("scheme", ["Basic", "Token", "sq", ""])
def test_another_scheme_is_no_sign_in(scheme):
    make_pupil()
    _, token = make_key()
    answer = client_with(token, "pupil-1", HTTP_AUTHORIZATION=f"{scheme} {token}").get(LEVEL)
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")


def test_a_key_wins_over_a_cookie_even_where_it_is_refused(client, staff):
    client.force_login(staff)
    answer = client.get(LEVEL, headers={"authorization": "Bearer sq_live_wrong"})
    assert answer.status_code == 401


def test_the_header_alone_signs_nobody_in():
    make_pupil()
    client = client_with("", "pupil-1", HTTP_AUTHORIZATION="")
    assert client.get(LEVEL).status_code == 401


def test_the_header_does_not_change_whom_a_learners_token_belongs_to(sign_in):
    make_pupil("pupil-1", profile__total_xp=0)
    mine = UserFactory(username="me")
    answer = sign_in(mine).get(f"/api/v1/users/{mine.pk}/progress", headers={"SkillQuest-Learner": "pupil-1"})
    assert answer.json()["username"] == "me"
