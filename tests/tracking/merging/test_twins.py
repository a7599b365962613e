"""A guest merged into an account: the books are those of somebody who did everything with one account."""

import pytest
from django.utils import timezone

from gamification.ledger.audit import find_mismatches
from tests.shipped_catalogue import load_whole_catalogue
from tracking.maintenance.rebuilding import rebuild_profiles

from .histories import Histories, books, catalogue, dates, differences

pytestmark = pytest.mark.django_db

HISTORIES = 30
OF_EARNED = {"unlocks", "badges", "achievements_unlocked", "total_xp", "paid"}


@pytest.fixture(autouse=True)
def _catalogue(db):
    load_whole_catalogue()
    catalogue()


@pytest.mark.parametrize("zone", ["UTC", "Asia/Jakarta"])
@pytest.mark.parametrize("seed", range(HISTORIES // 2))
@pytest.mark.usefixtures("unlimited")
def test_books_after_a_merge_are_those_of_a_twin(seed, zone):
    histories = Histories(seed * 2 + (zone != "UTC"), zone)
    histories.play()
    before = dates(histories.guest) | dates(histories.account)
    histories.merge()
    of_twin = dates(histories.twin)
    different = differences(books(histories.account), books(histories.twin))
    if before.keys() <= of_twin.keys():
        assert different == {}
    else:
        # What one of the two had earned stays, although the twin has used up freezes on other days.
        assert different.keys() <= OF_EARNED
        assert different["unlocks"][1] == different["badges"][1] == []
        assert different["total_xp"][0] > different["total_xp"][1]
    # What one of the two had earned earlier, by results that were reported later, keeps its date.
    of_account = dates(histories.account)
    assert all(of_account[name] <= of_twin[name] for name in of_twin)
    assert_nothing_is_left(histories)


def assert_nothing_is_left(histories):
    guest = books(histories.guest)
    assert (guest["total_xp"], guest["verified_xp"], guest["days"], guest["unlocks"]) == (0, 0, [], [])
    assert find_mismatches() == []
    assert list(rebuild_profiles(write=False, at=timezone.now())) == []
