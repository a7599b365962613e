"""Learners without a connection: their completions are sent later, once, for the right learner and day."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from conformance.unreliable_proxy import unreliable_proxy
from gamification.models import ActivityDay, LearnerProfile, LedgerEntry
from tests.factories import UserFactory
from tracking.models import Completion
from tracking.recording.services import Claim, complete_level

from .fake_server import BOARD, COMPLETE, HURRY, until

SAVED = "Saved on this device; it will be sent when you are online."
SENT = "What was saved on this device has been sent."
LEVEL_3 = {"levelId": "level-3", "score": 850, "timeSpent": 120, "metadata": {"hints_used": 0}}

# In Jakarta three evenings and mornings in a row; in UTC only two dates.
JAKARTA = "Asia/Jakarta"
SET_OUT = datetime(2026, 3, 4, 16, 0, tzinfo=UTC)
FIRST, SECOND, THIRD = SET_OUT + timedelta(minutes=30), SET_OUT + timedelta(hours=7), SET_OUT + timedelta(hours=25.5)
BACK = SET_OUT + timedelta(hours=34)


def board(page, person):
    page.goto("/profile")  # which has no tracker of its own
    page.evaluate(BOARD, {"person": person.pk})


def test_the_journey_into_the_mountains(open_browser, sign_in_page, time_machine):
    time_machine.move_to(SET_OUT)
    hiker = UserFactory(profile__time_zone=JAKARTA)
    page = open_browser()
    page.context.clock.install(time=SET_OUT)
    sign_in_page(page, hiker)
    board(page, hiker)
    page.context.set_offline(True)

    for moment, level in [(FIRST, "level-1"), (SECOND, "level-2"), (THIRD, "level-3")]:
        page.context.clock.set_system_time(moment)
        assert page.evaluate(COMPLETE, LEVEL_3 | {"levelId": level})["queued"]
    assert page.evaluate("tracker.waiting()") == 3
    page.close()
    assert not Completion.objects.exists()

    time_machine.move_to(BACK)
    page = page.context.new_page()
    page.clock.set_system_time(BACK)
    page.context.set_offline(False)
    page.goto("/dashboard")
    expect(page.get_by_text(SENT)).to_be_visible()
    page.get_by_role("link", name="Show me").click()
    expect(page.get_by_role("status")).to_be_hidden()

    stored = Completion.objects.order_by("occurred_at").values_list("level__level_id", "source", "score")
    assert list(stored) == [("level-1", "sync", 850), ("level-2", "sync", 850), ("level-3", "sync", 850)]
    days = ActivityDay.objects.filter(learner_id=hiker.pk, kind="active").order_by("date")
    assert [f"{day:%d %b}" for day in days.values_list("date", flat=True)] == ["04 Mar", "05 Mar", "06 Mar"]
    twin = play_online(UserFactory(profile__time_zone=JAKARTA))
    assert totals_of(hiker) == totals_of(twin)
    assert totals_of(hiker)["streak"] == (3, 3)


def play_online(learner):
    """The same three days with a good line."""
    for at, level in [(FIRST, "level-1"), (SECOND, "level-2"), (THIRD, "level-3")]:
        claim = Claim(level=level, score=850, time_spent=120, metadata={"hints_used": 0})
        complete_level(learner=learner, claim=claim, source="web", at=at)
    return learner


def totals_of(learner):
    profile = LearnerProfile.objects.get(pk=learner.pk)
    lines = LedgerEntry.objects.filter(learner_id=learner.pk)
    return {
        "total": profile.total_xp,
        "streak": (profile.current_streak(BACK.astimezone(ZoneInfo(JAKARTA)).date()), profile.longest_streak),
        "lines": sorted(lines.values_list("reason", "delta")),
    }


@pytest.mark.parametrize("fault", ["answer lost", "cut short"])
def test_a_server_that_dies_in_the_middle_of_its_answer_has_paid_once(
    open_browser, sign_in_page, live_server, learner, fault
):
    """Every answer is lost after the commit, all five tries long; then the line is good."""
    with unreliable_proxy(live_server.url, lambda: "") as (proxy, address):
        page = open_browser(base_url=address)
        page.context.add_init_script(HURRY)
        sign_in_page(page, learner)
        board(page, learner)
        proxy.faults = lambda: fault
        assert page.evaluate(COMPLETE, LEVEL_3)["queued"]
        assert proxy.faults_so_far == [fault] * 5
        assert Completion.objects.count() == 1
        proxy.faults = lambda: ""
        assert page.evaluate("tracker.flush()") == 0
    (verdict,) = page.evaluate("verdicts")
    assert (verdict["status"], verdict["awarded_xp"]) == ("replayed", 170)
    assert LedgerEntry.objects.filter(reason="level_completion").count() == 1


def test_a_page_that_is_left_while_it_tells_loses_nothing(player):
    board(player, player.learner)
    player.evaluate("() => { tracker.complete({ levelId: 'level-3', score: 850 }); location.href = '/dashboard'; }")
    player.wait_for_url("**/dashboard")
    board(player, player.learner)
    until(player, "tracker.waiting().then((left) => left === 0)")
    assert Completion.objects.count() == 1


def test_with_two_tabs_each_completion_is_paid_once(player):
    other = player.context.new_page()
    for tab in (player, other):
        board(tab, player.learner)
    player.context.set_offline(True)
    for tab, score in [(player, 100), (other, 200), (player, 300)]:
        assert tab.evaluate(COMPLETE, LEVEL_3 | {"score": score})["queued"]
    sent = []
    player.context.on("request", lambda request: sent.append(request) if request.url.endswith("/sync") else None)
    player.context.set_offline(False)
    for tab in (player, other):
        until(tab, "verdicts.length === 3")
    assert len(sent) == 1
    assert sorted(Completion.objects.values_list("score", flat=True)) == [100, 200, 300]


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_clock_an_hour_off_tells_the_right_time(player, hours):
    player.context.clock.install(time=datetime.now(UTC) + timedelta(hours=hours))
    board(player, player.learner)
    player.context.set_offline(True)
    assert player.evaluate(COMPLETE, LEVEL_3)["queued"]
    player.context.set_offline(False)
    until(player, "verdicts.length === 1")
    assert abs(Completion.objects.get().occurred_at - datetime.now(UTC)) < timedelta(minutes=2)


def test_another_person_in_the_same_browser_neither_sends_nor_sees_it(player, sign_in_page):
    ana, ben = player.learner, UserFactory()
    board(player, ana)
    player.context.set_offline(True)
    assert player.evaluate(COMPLETE, LEVEL_3)["queued"]
    player.context.clear_cookies(name="sessionid")  # before the connection is back, at which the tracker sends
    player.context.set_offline(False)

    tab = sign_in_page(player.context.new_page(), ben)
    assert player.evaluate("tracker.flush()") == 1, "Ana's tab meets Ben's cookie"
    expect(tab.get_by_text(SENT)).to_be_hidden()
    assert not Completion.objects.exists()
    tab.get_by_role("button", name="Sign out").click()
    tab.wait_for_url("**/sign-in")

    sign_in_page(tab, ana)
    expect(tab.get_by_text(SENT)).to_be_visible()
    assert Completion.objects.get().learner == ana


def test_signed_out_it_waits_for_the_sign_in(player):
    board(player, player.learner)
    player.context.clear_cookies(name="sessionid")
    answer = player.evaluate(COMPLETE, LEVEL_3)
    assert (answer["queued"], player.evaluate("tracker.flush()")) == (True, 1)


def test_a_limit_is_waited_for(player, settings):
    settings.RATELIMIT_ENABLE = True
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "write": "2/s"}
    board(player, player.learner)
    rewards = [player.evaluate(COMPLETE, LEVEL_3 | {"score": score}) for score in range(100, 600, 100)]
    assert [reward["is_new_completion"] for reward in rewards] == [True] * 5


def test_the_dashboard_shows_what_the_server_refused_later(player):
    board(player, player.learner)
    player.context.set_offline(True)
    assert player.evaluate(COMPLETE, LEVEL_3 | {"levelId": "no-such-level"})["queued"]
    player.evaluate("tracker.close()")
    player.context.set_offline(False)
    player.goto("/dashboard")
    expect(player.get_by_text("Not all of it was accepted:")).to_be_visible()
    expect(player.get_by_text(SENT)).to_be_hidden()
