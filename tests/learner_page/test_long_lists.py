"""Lists with millions of rows: what a filter looks through, in which order few rows are read, which indexes serve."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalogues import searching
from skillquest.accounts.models import User
from tests.factories import StaffFactory, UserFactory, adjust

LEDGER = "/admin/gamification/ledgerentry/"


@pytest.fixture
def learners(db):
    """Three with an entry each, the oldest first."""
    learners = UserFactory.create_batch(3)
    for learner in learners:
        adjust(learner_id=learner.pk, amount=5, reason="A gift", actor=StaffFactory(), at=timezone.now())
    return learners


@pytest.fixture
def newest_two(monkeypatch):
    monkeypatch.setattr(searching, "RECENT_ROWS", 2)


def listed(client, **query):
    answer = client.get(LEDGER, query)
    return [entry.learner for entry in answer.context["cl"].result_list], answer.content.decode()


def test_a_filter_without_an_index_looks_through_the_newest_rows_and_says_so(client, boss, learners, newest_two):
    found, page = listed(client, reason__exact="manual_adjustment")
    assert found == [learners[2], learners[1]]
    assert "The filter looks through the newest 2 rows." in page


def test_a_list_without_a_filter_shows_all(client, boss, learners, newest_two):
    found, page = listed(client)
    assert found == learners[::-1]
    assert "looks through" not in page


@pytest.mark.parametrize("of", ["q", "learner__id__exact"])
def test_the_rows_of_one_learner_are_all_filtered(client, boss, learners, newest_two, of):
    value = learners[0].username if of == "q" else learners[0].pk
    found, _ = listed(client, reason__exact="manual_adjustment", **{of: value})
    assert found == [learners[0]]


def test_an_export_of_a_filtered_list_has_all(client, boss, learners, newest_two):
    answer = client.get("/admin/export/gamification/ledgerentry/list.csv?reason__exact=manual_adjustment")
    assert len(b"".join(answer.streaming_content).splitlines()) == 1 + len(learners)


def test_rows_of_one_learner_are_not_read_in_the_order_of_all_rows(client, boss, learners):
    with CaptureQueriesContext(connection) as statements:
        listed(client, q=learners[0].username)
    [read] = [each["sql"] for each in statements if '"xp_history"."balance_after"' in each["sql"]]
    assert 'ORDER BY ("xp_history"."id" + 0) DESC' in read


def test_pages_are_skipped_by_keys_alone(client, boss, learners):
    first, second, *_ = listed(client)[0]
    paginator = searching.BoundedPaginator(User.objects.order_by("-pk").filter(pk__in=[first.pk, second.pk]), 1)
    with CaptureQueriesContext(connection) as statements:
        assert list(paginator.page(2)) == [second]
    assert [each["sql"].count("username") > 0 for each in statements] == [False, False, True]


def test_people_on_staff_are_found_by_an_index_and_nobody_is_asked_for_without_groups(client, boss):
    page = client.get("/admin/accounts/user/?is_staff__exact=1")
    assert [person.is_staff for person in page.context["cl"].result_list] == [True]
    assert "groups__isnull" not in page.content.decode()
    assert {"people_by_joining", "people_on_staff", "superusers", "people_deactivated"} <= {
        index.name for index in User._meta.indexes
    }
