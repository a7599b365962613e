"""Lists of rows of learners: searches find the learner first, and nothing counts or skips millions of rows."""

from uuid import uuid4

import pytest
from django.utils import timezone

from gamification.models import LedgerEntry
from tests.factories import LevelFactory, StaffFactory, UserFactory, adjust
from tests.gamification.earnables.factories import UnlockFactory
from tracking.models import Completion
from tracking.recording.completions import Claim
from tracking.recording.services import complete_level

pytestmark = pytest.mark.django_db

RESULTS, LEDGER, UNLOCKS = (
    f"/admin/{name}/" for name in ("tracking/completion", "gamification/ledgerentry", "gamification/unlock")
)


@pytest.fixture
def browser(client):
    client.force_login(StaffFactory())
    return client


@pytest.fixture
def results():
    """One of Ana and one of Hana."""
    LevelFactory(level_id="maze")
    for person in (UserFactory(username="ana"), UserFactory(username="hana")):
        claim = Claim("maze", 850, 100, client_event_id=uuid4())
        complete_level(learner=person, claim=claim, source="api", at=timezone.now())
    return list(Completion.objects.order_by("pk"))


def listed(browser, path, **query):
    return list(browser.get(path, query).context["cl"].result_list)


def test_rows_are_found_by_how_the_name_of_their_learner_begins(browser, results):
    anas, hanas = results
    assert listed(browser, RESULTS, q="AN") == [anas]
    assert listed(browser, RESULTS, q="hana@") == [hanas]
    assert listed(browser, RESULTS, q="na") == []
    assert listed(browser, RESULTS, q=" ") == [hanas, anas]
    assert listed(browser, LEDGER, q="ana") == list(LedgerEntry.objects.filter(learner=anas.learner).order_by("-pk"))
    unlock = UnlockFactory(learner=anas.learner)
    assert (listed(browser, UNLOCKS, q="ana"), listed(browser, UNLOCKS, q="hana")) == ([unlock], [])


def test_rows_are_found_by_their_number_and_results_by_their_event_and_key(browser, results):
    anas, hanas = results
    Completion.objects.filter(pk=hanas.pk).update(server_key="sk_live_1")
    assert listed(browser, RESULTS, q=str(anas.client_event_id)) == [anas]
    assert listed(browser, RESULTS, q="sk_live_1") == [hanas]
    entry = adjust(learner_id=anas.learner_id, amount=5, reason="A gift", actor=StaffFactory(), at=timezone.now())
    assert entry in listed(browser, LEDGER, q=str(entry.pk))
    assert listed(browser, LEDGER, q="9" * 40) == []


def test_a_long_list_is_neither_counted_nor_skipped_through(
    browser, results, monkeypatch, django_assert_max_num_queries
):
    assert "are listed" not in browser.get(RESULTS).content.decode()
    monkeypatch.setattr("catalogues.searching.MOST_ROWS", 1)
    with django_assert_max_num_queries(12):
        answer = browser.get(RESULTS)
    assert answer.context["cl"].result_count == 1
    assert "Only the first 1 are listed." in answer.content.decode()
