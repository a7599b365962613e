"""A stored time zone that the time zone database does not know: UTC is used, and a log entry and a check report it."""

import logging
from datetime import UTC, datetime

import pytest
from django.core.management import call_command

from gamification.models import LearnerProfile, TimeZoneChange
from gamification.models.time_zones import find_zone, zone_named
from gamification.streaks.changing_zones import change_time_zone
from gamification.streaks.checks import check_time_zones
from gamification.streaks.local_dates import local_date

from .day_patterns import day, noon, pattern_of, profile_of

pytestmark = pytest.mark.django_db

GONE = "Atlantis/Old_Capital"


@pytest.fixture
def stranded(learner):
    """A learner whose zone was removed from the time zone database."""
    LearnerProfile.objects.filter(pk=learner.pk).update(time_zone=GONE)
    zone_named.cache_clear()
    return learner


def test_every_endpoint_about_days_uses_utc_dates(stranded, play, ask):
    played = play(1, at=datetime(2026, 3, 1, 23, 30, tzinfo=UTC))
    assert played["streak"]["action"] == "started"
    assert pattern_of(stranded) == "A"
    status, answer = ask("GET", "status", 2)
    assert (status, answer["today"], answer["current_streak"]) == (200, "2026-03-02", 1)
    assert ask("POST", "update", 2)[1]["current_streak"] == 2
    assert ask("POST", "freeze", 3)[0] == 200
    assert profile_of(stranded).streak_expires_at == datetime(2026, 3, 7, tzinfo=UTC)


@pytest.mark.parametrize("path", ["/dashboard", "/profile", "/history", "/leaderboards", "/achievements"])
def test_pages_are_shown(stranded, client, path):
    client.force_login(stranded)
    assert client.get(path, follow=True).status_code == 200


def test_the_profile_page_offers_the_zone_in_force(stranded, client):
    client.force_login(stranded)
    assert client.get("/profile").context["form"]["time_zone"].value() == "UTC"


def test_the_unknown_zone_is_logged_once(stranded, caplog):
    with caplog.at_level(logging.ERROR):
        for number in [1, 2, 3]:
            assert local_date(profile_of(stranded), noon(number)) == day(number)
    [record] = [record for record in caplog.records if record.name == "gamification.models.time_zones"]
    assert GONE in record.getMessage()


def test_a_learner_may_leave_an_unknown_zone(stranded):
    change_time_zone(stranded.pk, "Asia/Jakarta", at=noon(2))
    profile = profile_of(stranded)
    assert local_date(profile, datetime(2026, 3, 1, 23, tzinfo=UTC)) == day(1)
    assert local_date(profile, datetime(2026, 3, 2, 23, tzinfo=UTC)) == day(3)


def test_the_check_names_unknown_zones_of_now_and_of_before(stranded, learner):
    TimeZoneChange.objects.create(learner=learner, before="Atlantis/Harbour", time_zone=GONE, effective_from=noon(1))
    found = check_time_zones(databases=["default"])
    assert [warning.id for warning in found] == ["gamification.W001"] * 2
    assert ["Atlantis/Harbour" in found[0].msg, GONE in found[1].msg] == [True, True]


def test_the_check_reports_nothing_while_every_zone_is_known(learner):
    change_time_zone(learner.pk, "Asia/Jakarta", at=noon(1))
    assert check_time_zones(databases=["default"]) == []


def test_manage_check_with_database_reports_unknown_zones(stranded, capsys):
    call_command("check", databases=["default"])
    assert GONE in capsys.readouterr().err


@pytest.mark.parametrize("name", ["", "America", "../etc/passwd", "Mars/Olympus", "UTC\x00"])
def test_a_name_that_is_no_time_zone_is_unknown(name):
    assert find_zone(name) is None
