"""A metric that may pay more on one date than one person may give takes two people."""

import pytest
from django.test import Client
from django.utils import timezone

from approvals.errors import OwnRequest, RequestOutdated
from approvals.models import ApprovalRequest
from approvals.services import approve
from gamification.models import Metric
from gamification.staff.metric_approvals import most_on_a_date, needs_approval
from tests.factories import StaffFactory

pytestmark = pytest.mark.django_db

CHEAP = {"xp_per_unit": "1/10", "per_day_max": 100}
UNLIMITED = {"xp_per_unit": "1/1000", "per_day_max": None}
DEAR = {"xp_per_unit": "100", "per_day_max": 1000}


def pages_read(**fields):
    return Metric(**({"metric_id": "pages_read", "name": "Pages read"} | CHEAP | fields))


@pytest.mark.parametrize(
    ("fields", "most"),
    [
        ({"xp_per_unit": "0", "per_day_max": None}, 0),
        ({"xp_per_unit": "1/10", "per_day_max": 109}, 10),
        ({"xp_per_unit": "2", "per_day_max": 500}, 1000),
        ({"xp_per_unit": "1/1000", "per_day_max": None}, 1_000_000),
    ],
)
def test_what_a_metric_pays_at_most_on_one_date(fields, most):
    assert most_on_a_date(pages_read(**fields)) == most


@pytest.mark.parametrize(
    ("before", "after", "is_needed"),
    [
        (None, CHEAP, False),
        (None, DEAR, True),
        (None, DEAR | {"published": False}, False),
        (None, {"xp_per_unit": "1/1000", "per_day_max": None}, True),
        (CHEAP, DEAR, True),
        (DEAR | {"published": False}, DEAR, True),
        (DEAR, DEAR | {"reported_by": "learner"}, True),
        (DEAR, DEAR | {"name": "Pages"}, False),
        (UNLIMITED, UNLIMITED | {"xp_per_unit": "1000"}, True),
        (UNLIMITED, UNLIMITED | {"per_event_max": 900_000}, True),
        (UNLIMITED, UNLIMITED | {"unit": "pages"}, False),
        (DEAR, DEAR | {"per_day_max": 900}, False),
    ],
)
def test_which_edits_take_two_people(before, after, is_needed):
    before = before and pages_read(**before)
    assert needs_approval(before, pages_read(**after)) == is_needed


# --- The admin --------------------------------------------------------------------------------------------------------

FORM = {"metric_id": "pages_read", "name": "Pages read", "unit": "pages", "reported_by": "key", "published": "on"}
FORM |= {"per_event_max": 500} | CHEAP


def save(person, metric=None, **fields):
    browser = Client()
    browser.force_login(person)
    page = f"{metric.pk}/change/" if metric else "add/"
    answer = browser.post(f"/admin/gamification/metric/{page}", FORM | fields, follow=True)
    assert "adminform" not in answer.context, answer.context["errors"]
    return answer.content.decode()


def stored():
    return Metric.objects.custom().values_list("metric_id", "xp_per_unit", "per_day_max").first()


def test_one_person_may_make_a_metric_that_pays_little(staff):
    save(staff)
    assert (stored(), ApprovalRequest.objects.count()) == (("pages_read", "1/10", 100), 0)


def test_a_new_metric_that_pays_much_waits_for_a_colleague(staff):
    assert "a colleague has to approve it first" in save(staff, **DEAR)
    assert stored() is None
    request, at = ApprovalRequest.objects.get(), timezone.now()
    with pytest.raises(OwnRequest):
        approve(request.pk, actor=staff, at=at)
    approve(request.pk, actor=StaffFactory(), at=at)
    assert stored() == ("pages_read", "100", 1000)


def test_raising_a_price_waits_for_a_colleague_who_sees_what_it_pays(staff):
    save(staff)
    metric = Metric.objects.custom().get()
    save(staff, metric, **DEAR)
    assert stored() == ("pages_read", "1/10", 100)
    browser = Client()
    browser.force_login(StaffFactory())
    address = f"/admin/approvals/approvalrequest/{ApprovalRequest.objects.get().pk}/decide/"
    page = browser.get(address).content.decode()
    assert "It pays 100 XP for one unit, and counts at most 1000 units on one date." in page
    approve(ApprovalRequest.objects.get().pk, actor=StaffFactory(), at=timezone.now())
    assert stored() == ("pages_read", "100", 1000)


def test_a_request_for_a_metric_that_was_changed_since_is_outdated(staff):
    save(staff)
    metric = Metric.objects.custom().get()
    save(staff, metric, **DEAR)
    save(staff, metric, per_day_max=50)
    with pytest.raises(RequestOutdated):
        approve(ApprovalRequest.objects.get().pk, actor=StaffFactory(), at=timezone.now())
    assert stored() == ("pages_read", "1/10", 50)
