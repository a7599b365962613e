"""The other tabs: each block has the learner's own rows, with the values of these."""

from datetime import UTC, datetime, timedelta

import pytest

from gamification.awards.adjustments import reverse
from gamification.models import DayRepair, LedgerEntry
from gamification.staff.approvals import request_adjustment
from gamification.staff.awards import award_badge, revoke_badge
from skillquest.accounts.sessions import open_session
from tests.factories import LevelFactory, QuestionFactory, UserFactory, adjust
from tests.gamification.earnables.factories import AchievementFactory, BadgeFactory, UnlockFactory
from tests.machines.keys import make_key
from tests.tracking.review.practising import known_question
from tracking.recording.completions import Claim
from tracking.recording.services import complete_level, start_session

from .conftest import address, block, facts
from .histories import note_in_log

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def maze(db):
    return LevelFactory(level_id="maze", name="The Maze", category="caves", metadata={"min_seconds": 60})


def play(learner, seconds=100, at=NOW, score=850):
    complete_level(learner=learner, claim=Claim("maze", score, seconds), source="api", at=at)


def test_the_ledger_says_why_each_line_has_its_amount(boss, tab, learner, maze):
    play(learner)
    gift = adjust(learner_id=learner.pk, amount=50, reason="Prize", note="Fair.", actor=boss, at=NOW)
    reverse(gift, actor=boss, reason="Typed twice", note="Seen.", at=NOW)
    newest, given, *_, first = block(tab(learner, "xp"), "Ledger")
    assert newest[1:6] == [
        "2026-11-20 12:00",
        "-50",
        LedgerEntry.objects.get(sequence=1).balance_after,
        "Verified",
        "boss",
    ]
    assert newest[6].endswith("were taken back: Typed twice. Note: Seen.")
    assert given[6:] == [
        "Manual Adjustment: Our staff gave you 50 XP: Prize; taken back on 20 November 2026. Note: Fair.",
        "Reversed",
    ]
    assert first[0] == "1"
    assert "“The Maze”" in first[6]
    assert first[7] == "Reverse…"


def test_results_sessions_and_held_results(boss, tab, learner, maze):
    play(learner, at=NOW - timedelta(hours=2))
    play(learner, seconds=1, at=NOW - timedelta(hours=1))
    start_session(learner=learner, level="maze", resume=False, at=NOW)
    page = tab(learner, "results")
    assert block(page, "Results") == [
        ["2026-11-20 11:00", "The Maze", "850 of 1000", 1, "Held", "Reported", "Api"],
        ["2026-11-20 10:00", "The Maze", "850 of 1000", 100, "Passed", "Reported", "Api"],
    ]
    assert [row[:4] for row in block(page, "Held results")] == [
        ["2026-11-20 11:00", "The Maze", "850 of 1000", "Waiting"]
    ]
    assert block(page, "Sessions")[0] == ["2026-11-20 12:00", "The Maze", "Open", "Reported", "-", "-"]


def test_progress_by_section_and_skill(boss, tab, learner, maze):
    LevelFactory(category="caves")
    LevelFactory(category="woods")
    LevelFactory(category="woods", published=False)
    play(learner)
    known_question(learner, skill="reading", correct=False, level=maze)
    QuestionFactory(skill="reading", level=maze)
    page = tab(learner, "progress")
    assert block(page, "Levels by section") == [["caves", "1/2"], ["woods", "0/1"]]
    assert block(page, "Skills") == [["reading", 1, "0/2"]]


def test_achievements_and_badges_with_their_dates(boss, tab, learner):
    UnlockFactory(learner=learner, achievement=AchievementFactory(name="First", xp_reward=5), earned_at=NOW)
    medal, ribbon = BadgeFactory(name="Medal"), BadgeFactory(name="Ribbon")
    for badge in (medal, ribbon):
        award_badge(learner_id=learner.pk, badge=badge, actor=boss, note="Helped.", at=NOW)
    revoke_badge(learner_id=learner.pk, badge=ribbon, actor=boss, note="Mixed up.", at=NOW)
    BadgeFactory(name="Unpublished", published=False)
    page = tab(learner, "progress")
    assert block(page, "Achievements") == [["First", "2026-11-20 12:00", 5, "Held", "Take back…"]]
    assert block(page, "Badges") == [
        ["Ribbon", "2026-11-20 12:00", "boss", "Taken back 2026-11-20 12:00", "-"],
        ["Medal", "2026-11-20 12:00", "boss", "Held", "Take back…"],
    ]
    assert [row for row in block(page, "Award a badge") if row[0] in ("Medal", "Ribbon", "Unpublished")] == [
        ["Ribbon", "Award…"]
    ]


def test_a_badge_is_awarded_from_the_page_with_the_learner_filled_in(client, boss, tab):
    learner = UserFactory(username="a+b")
    badge = BadgeFactory(name="Medal")
    link = next(row[1] for row in tab(learner, "progress")["blocks"][-1].rows if row[0] == "Medal")
    form = client.get(link.url).context["form"]
    assert (form["learner"].value(), form["action"].value()) == ("a+b", "award")
    client.post(link.url, {"learner": "a+b", "action": "award", "note": "Helped."})
    assert [row[0] for row in block(tab(learner, "progress"), "Badges")] == [badge.name]


def test_the_account_lists_what_identifies_it_and_where_it_is_signed_in(boss, tab, settings):
    learner = UserFactory(email="ana@example.test", external_id="pupil-7")
    open_session(user=learner, at=NOW)
    page = tab(learner, "account")
    assert facts(page, "Sign-in")["E-mail address"] == "ana@example.test"
    assert facts(page, "Other systems")["External id"] == "pupil-7"
    expires = f"{NOW + settings.REFRESH_TOKEN_LIFETIME:%Y-%m-%d %H:%M}"
    assert block(page, "Devices") == [["2026-11-20 12:00", "2026-11-20 12:00", expires, "The person", "Signed in"]]
    assert block(page, "Browsers") == []


def test_the_device_of_a_key_names_the_key(boss, tab, learner):
    key, _ = make_key(name="School")
    learner.auth_sessions.create(
        password_stamp="x", server_key=key, created_at=NOW, rotated_at=NOW, expires_at=NOW, ended_at=NOW
    )
    assert block(tab(learner, "account"), "Devices")[0][3:] == [f"Short token of {key}", "Ended 2026-11-20 12:00"]


def test_the_history_says_who_did_what_when_and_why(boss, tab, learner):
    adjust(learner_id=learner.pk, amount=50, reason="Prize", note="Fair.", actor=boss, at=NOW)
    asker = UserFactory(username="asker", is_staff=True)
    asked = {"amount": 2_000, "reason": "Big prize", "note": "Won.", "reference_id": "x"}
    request_adjustment(learner_id=learner.pk, actor=asker, at=NOW, **asked)
    why = {"reason": "Ill", "note": "Seen.", "actor": boss, "created_at": NOW}
    DayRepair.objects.create(learner=learner, date="2026-11-18", kind="repaired", **why)
    note_in_log(learner, boss)
    note_in_log(UserFactory(), boss, "Of somebody else.")
    page = tab(learner, "history")
    assert block(page, "Log") == [["2026-11-20 12:00", "boss", "Changed by hand."]]
    assert block(page, "XP given, taken and reversed") == [
        ["1", "2026-11-20 12:00", "boss", "Manual Adjustment", "+50", "Prize", "Fair."]
    ]
    assert [row[1:] for row in block(page, "Approvals")] == [["2026-11-20 12:00", "asker", "Big prize", "Waiting", "-"]]
    assert block(page, "Repaired days") == [["2026-11-20 12:00", "boss", "2026-11-18", "Repaired", "Ill", "Seen."]]
    assert block(page, "Changes of board standing") == []


def test_the_log_goes_on_with_older_entries(boss, tab, learner):
    for number in range(12):
        note_in_log(learner, boss, f"Deed {number}")
    newest = tab(learner, "history")["blocks"][0]
    assert [row[2] for row in newest.rows] == [f"Deed {number}" for number in range(11, 1, -1)]
    older = tab(learner, "history", newest.older)["blocks"][0]
    assert [row[2] for row in older.rows] == ["Deed 1", "Deed 0"]
    assert older.older == ""
    assert len(tab(learner, "history", "?before=x")["blocks"][0].rows) == 10


def test_the_tab_of_the_page_is_marked(client, boss, learner):
    page = client.get(address(learner, "results")).content.decode()
    assert f'<a href="{address(learner, "results")}" aria-current="page">Results</a>' in page
