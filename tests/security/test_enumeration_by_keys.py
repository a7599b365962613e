"""P17 for server keys: an id of a learner whom a key may not touch is answered like one that nobody has.

Creating a learner is the exception: an id is unique on the server, so 409 says that it is in use, but not by whom.
"""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from gamification.models import LearnerKind
from skillquest.machines.external_ids import close_external_id
from tests.factories import StaffFactory
from tests.machines.keys import client_with, make_key, make_pupil

pytestmark = pytest.mark.django_db

PATH = "/api/v1/learners/{}"
CALLS = {
    "read": ("get", PATH, {}),
    "erase": ("delete", PATH, {}),
    "token": ("post", PATH + "/token", {}),
    "claim link": ("post", PATH + "/claim-link", {}),
}
VALUES = r"""'[^']*'|\b\d+\b|"s\d+_x\d+\""""
EVENT = {"type": "check_in", "client_event_id": "00000000-0000-4000-8000-000000000001"}


def somebody_else(external_id, mode):
    """An account whose id the key of this mode may neither use nor know of, by what it is."""
    other = LearnerKind.MEMBER if mode == "test" else LearnerKind.TEST
    yield make_pupil(f"{external_id}-mode", kind=other)
    yield make_pupil(f"{external_id}-gone", kind=other, is_active=False)
    yield StaffFactory(external_id=f"{external_id}-boss")


@pytest.fixture(params=["live", "test"])
def mode(request):
    return request.param


@pytest.fixture
def foreign_ids(mode):
    return [person.external_id for person in somebody_else("pupil", mode)]


@pytest.fixture
def observe(mode):
    """(status, body, statements) without what differs between any two requests."""
    _, token = make_key(mode=mode, last_used_at=timezone.now() + timedelta(hours=1))

    def observe(method, path, body, learner=None):
        with CaptureQueriesContext(connection) as queries:
            answer = getattr(client_with(token, learner), method)(path, body, format="json")
        text = re.sub(r'"request_id":"\w+"|"server_time":"[^"]+"', "", answer.content.decode())
        return answer.status_code, text, [re.sub(VALUES, "?", query["sql"]) for query in queries]

    return observe


@pytest.mark.parametrize("call", CALLS)
def test_a_learner_of_others_is_answered_like_one_who_does_not_exist(call, observe, foreign_ids):
    method, path, body = CALLS[call]
    nobody, *others = (observe(method, path.format(name), body) for name in ["nobody", *foreign_ids])
    assert (nobody[0], '"code":"learner_not_found"' in nobody[1]) == (404, True)
    assert others == [nobody] * len(foreign_ids)


def test_the_header_that_names_a_learner_tells_nothing_either(observe, foreign_ids):
    nobody, *others = (observe("get", "/api/v1/gamification/xp/level", {}, name) for name in ["nobody", *foreign_ids])
    assert (nobody[0], '"code":"learner_not_found"' in nobody[1]) == (404, True)
    assert others == [nobody] * len(foreign_ids)


def test_an_event_of_a_learner_of_others_is_rejected_like_one_of_nobody(observe, foreign_ids):
    events = [[EVENT | {"learner": {"external_id": name}}] for name in ["nobody", *foreign_ids]]
    nobody, *others = (observe("post", "/api/v1/events", {"events": each}) for each in events)
    assert (nobody[0], '"code":"learner_not_found"' in nobody[1]) == (200, True)
    assert others == [nobody] * len(foreign_ids)


@pytest.mark.parametrize("call", CALLS)
def test_an_id_erased_by_this_key_is_answered_alike_whoever_has_it_now(call, observe, mode, foreign_ids):
    method, path, body = CALLS[call]
    for name in ["nobody", *foreign_ids]:
        close_external_id(name, is_test=mode == "test", at=timezone.now())
    nobody, *others = (observe(method, path.format(name), body) for name in ["nobody", *foreign_ids])
    assert nobody[0] in {204, 410}
    assert others == [nobody] * len(foreign_ids)


def test_creating_a_learner_tells_at_most_that_the_id_is_in_use(observe, foreign_ids):
    first, *others = (observe("put", PATH.format(name), {}) for name in foreign_ids)
    assert (first[0], '"code":"external_id_taken"' in first[1]) == (409, True)
    assert others == [first] * len(others)


def test_an_unknown_key_learns_nothing_about_learners(foreign_ids):
    own = make_pupil("own")
    client = client_with("sq_live_" + "x" * 40)
    answers = [client.get(PATH.format(name)) for name in ["nobody", own.external_id, *foreign_ids]]
    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(401, "invalid_server_key")}
