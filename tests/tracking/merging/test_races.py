"""Merging while results arrive: nothing is lost, nothing counts twice. The proof is the run on PostgreSQL."""

from uuid import uuid4

import pytest
from django.db.models import Sum
from django.utils import timezone
from rest_framework.test import APIClient

from gamification.errors import GuestEnded
from gamification.ledger.audit import find_mismatches
from gamification.models import LearnerProfile, LedgerEntry
from skillquest.accounts.guests.devices import enter_as_guest
from skillquest.accounts.models import GuestLink, User
from tests.factories import PASSWORD, LevelFactory, UserFactory
from tests.threads import at_once
from tests.tracking.review.practising import known_questions
from tracking.maintenance.rebuilding import rebuild_profiles
from tracking.models import Completion, Review
from tracking.recording.completions import Claim
from tracking.recording.services import complete_level
from tracking.sync.batch import sync
from tracking.sync.events import Event

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("unlimited")]
RESULTS = 12


@pytest.fixture
def account(transactional_db):
    LevelFactory(level_id="arena", kind="mode", xp_rule="fixed", xp_reward=10, repeat_policy="full")
    return UserFactory(username="bo")


@pytest.fixture
def guest_token(account):
    return enter_as_guest(device_id=uuid4(), time_zone="UTC", at=timezone.now()).access_token


def client_of(token):
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return client


def results(token, event_ids):
    """Sends them one after the other; returns the ids that were taken."""

    def send():
        client, taken = client_of(token), []
        for event_id in event_ids:
            body = {"level_id": "arena", "score": 900, "client_event_id": event_id}
            answer = client.post("/api/v1/levels/complete", body, format="json")
            if answer.status_code == 200:
                taken.append(event_id)
            else:
                # 401, for which a client keeps its results and signs in; not 410, for which it drops them.
                assert (answer.status_code, answer.json()["code"]) == (401, "invalid_token"), answer.content
        return taken

    return send


def link(token):
    body = {"identifier": "bo", "password": PASSWORD}
    return lambda: client_of(token).post("/api/v1/auth/link", body, format="json")


def new_ids():
    return [str(uuid4()) for _ in range(RESULTS)]


def assert_books_are_right(account, event_ids):
    """Each result is the account's, once, and paid once."""
    assert sorted(map(str, Completion.objects.filter(learner=account).values_list("client_event_id", flat=True))) == (
        sorted(event_ids)
    )
    paid = LedgerEntry.objects.filter(learner=account, reference_type="completion")
    assert paid.aggregate(net=Sum("delta"))["net"] == 10 * len(event_ids)
    assert find_mismatches() == []
    assert list(rebuild_profiles(write=False, at=timezone.now())) == []


def test_results_of_both_arrive_during_a_merge(account, guest_token, sign_in):
    mine = sign_in(account)._credentials["HTTP_AUTHORIZATION"].split()[1]
    for _ in range(2):
        results(guest_token, new_ids()[:3])()
    before = list(map(str, Completion.objects.values_list("client_event_id", flat=True)))
    *taken, answer = at_once(
        [results(guest_token, new_ids()), results(guest_token, new_ids()), results(mine, new_ids()), link(guest_token)]
    )
    if answer.status_code == 409:
        # The guest sends on and on; a client sends its queue first.
        assert answer.json()["code"] == "merge_interrupted"
        answer = link(guest_token)()
    assert answer.status_code == 200, answer.content
    assert_books_are_right(account, [*before, *(event_id for each in taken for event_id in each)])


def test_the_same_events_arrive_for_both_during_a_merge(account, guest_token, sign_in):
    mine = sign_in(account)._credentials["HTTP_AUTHORIZATION"].split()[1]
    shared = new_ids()
    *taken, answer = at_once([results(guest_token, shared), results(mine, shared[::-1]), link(guest_token)])
    while answer.status_code == 409:
        answer = link(guest_token)()
    assert answer.status_code == 200, answer.content
    assert_books_are_right(account, sorted({event_id for each in taken for event_id in each}))


@pytest.mark.usefixtures("account")
def test_a_result_that_waited_for_the_merge_is_to_be_sent_again(guest_token):
    """As if it had been authenticated before: its learner is erased when it gets the lock."""
    guest = User.objects.get(profile__kind="guest")
    assert link(guest_token)().status_code == 200
    claim = Claim("arena", 900, client_event_id=uuid4())
    with pytest.raises(GuestEnded):
        complete_level(learner=guest, claim=claim, source="api", at=timezone.now())
    with pytest.raises(GuestEnded):
        sync(learner=guest, events=[Event(claim)], at=timezone.now())
    assert not Completion.objects.exists()


def practice(token, questions):
    """Answers them one after the other; returns how many answers were taken."""

    def answer_all():
        client, statuses = client_of(token), []
        for question in questions:
            body = {"question_id": question.question_id, "answer": True}
            statuses.append(client.post("/api/v1/review/answer", body, format="json").status_code)
        # 404 for one that waited for the merge, with which the question became the account's.
        assert set(statuses) <= {200, 401, 404}
        return statuses.count(200)

    return answer_all


def test_both_practise_during_a_merge(account, guest_token, sign_in):
    guest = User.objects.get(profile__kind="guest")
    mine = sign_in(account)._credentials["HTTP_AUTHORIZATION"].split()[1]
    of_guest, of_account = known_questions(RESULTS, guest), known_questions(RESULTS, account)
    taken, taken_of_account, answer = at_once(
        [practice(guest_token, of_guest), practice(mine, of_account), link(guest_token)]
    )
    assert (answer.status_code, taken_of_account) == (200, RESULTS), answer.content
    reviews = Review.objects.filter(learner=account)
    assert reviews.count() == Review.objects.count() == taken + RESULTS
    paid = LedgerEntry.objects.filter(learner=account, reference_type="review").aggregate(net=Sum("delta"))["net"]
    assert paid == sum(reviews.values_list("awarded_xp", flat=True)) == min(20, taken + RESULTS)
    assert find_mismatches() == []
    assert list(rebuild_profiles(write=False, at=timezone.now())) == []


def test_two_calls_at_once_merge_once(account, guest_token):
    results(guest_token, new_ids())()
    answers = at_once([link(guest_token)] * 4)
    assert {answer.status_code for answer in answers} == {200}
    assert {answer.json()["user_id"] for answer in answers} == {account.pk}
    assert LearnerProfile.objects.get(pk=account.pk).total_xp >= 10 * RESULTS
    assert GuestLink.objects.count() == 1
    assert find_mismatches() == []


def test_a_guest_becomes_one_account_only(account, guest_token):
    names = [{"username": f"name{n}", "email": f"name{n}@example.test", "password": PASSWORD} for n in range(3)]
    calls = [lambda body=body: client_of(guest_token).post("/api/v1/auth/link", body, format="json") for body in names]
    answers = at_once(calls)
    assert sorted(answer.status_code for answer in answers) == [200, 401, 401]
    assert User.objects.filter(username__startswith="name").count() == 1
