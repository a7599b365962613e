"""Reversing a ledger entry in the admin: the consequences are shown first, and it happens once."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.urls import reverse

from gamification.awards import activity, adjustments
from gamification.models import Achievement, ActivityDay, LearnerProfile, LedgerEntry, Unlock
from gamification.staff.reversal_plans import BoardChange, plan_reversal
from tests.factories import LevelFactory, StaffFactory, UserFactory, adjust
from tracking.recording.completions import Claim
from tracking.recording.services import complete_level

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
WHY = {"reason": "Not their score", "note": "Seen by two colleagues."}


@pytest.fixture(autouse=True)
def _frozen_clock(time_machine):
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def xp_staff(client):
    """Staff with the permissions to adjust XP and to view the ledger."""
    user = StaffFactory(is_superuser=False)
    user.user_permissions.set(Permission.objects.filter(codename__in=["award_xp", "view_ledgerentry"]))
    client.force_login(user)
    return user


def give(learner, amount, **options):
    options = {"reason": "A gift", "actor": StaffFactory(), "at": NOON, **options}
    return adjust(learner_id=learner.pk, amount=amount, **options)


def achievement(achievement_id, condition, xp_reward=50):
    return Achievement.objects.create(
        achievement_id=achievement_id,
        name=achievement_id.capitalize(),
        category="xp",
        xp_reward=xp_reward,
        condition=condition,
    )


def plan(entry, actor=None):
    return plan_reversal(entry, actor=actor or StaffFactory(), at=NOON)


def url(entry):
    return reverse("admin:gamification_ledgerentry_reverse", args=[entry.pk])


def total_of(learner):
    return LearnerProfile.objects.get(pk=learner.pk).total_xp


def state_of(learner):
    return (
        list(LedgerEntry.objects.order_by("pk").values()),
        list(Unlock.objects.order_by("pk").values()),
        LearnerProfile.objects.filter(pk=learner.pk).values().get(),
        LogEntry.objects.count(),
    )


def test_the_plan_shows_xp_level_and_title_before_and_after(learner):
    entry = give(learner, 150)
    planned = plan(entry)
    assert planned.refusal is None
    assert (planned.before.total_xp, planned.before.level.level, planned.before.level.title) == (150, 2, "Novice")
    assert (planned.after.total_xp, planned.after.level.level, planned.after.level.title) == (0, 1, "Novice")


def test_the_plan_shows_boards_with_ranks(learner):
    for amount in [120, 60]:
        give(UserFactory(), amount)
    entry = give(learner, 100)
    give(learner, 30)
    assert plan(entry).boards == [
        BoardChange("xp_all_time", 130, 30, 1, 3),
        BoardChange("xp_weekly", 130, 30),
        BoardChange("xp_monthly", 130, 30),
    ]


def test_a_window_that_the_entry_has_left_does_not_change(learner):
    entries = {days: give(learner, 10, at=NOON - timedelta(days=days)) for days in [40, 29, 6]}
    boards = {days: [board.metric for board in plan(entry).boards] for days, entry in entries.items()}
    assert boards == {
        40: ["xp_all_time"],
        29: ["xp_all_time", "xp_monthly"],
        6: ["xp_all_time", "xp_weekly", "xp_monthly"],
    }


def test_a_learner_who_is_not_listed_has_no_ranks_in_the_plan(learner):
    entry = give(learner, 100)
    LearnerProfile.objects.filter(pk=learner.pk).update(listed=False)
    assert plan(entry).boards == []


def test_a_learner_without_xp_has_no_rank(learner):
    assert plan(give(learner, 100)).boards[0] == BoardChange("xp_all_time", 100, 0, 1, None)


def test_reversing_the_entry_of_an_achievement_revokes_it(learner):
    hundred = achievement("hundred", {"type": "xp", "threshold": 100})
    give(learner, 100)
    entry = LedgerEntry.objects.get(reason="achievement")
    planned = plan(entry)
    assert (planned.revoked, planned.kept, planned.after.total_xp) == (hundred, [], 100)
    assert planned.boards[-1] == BoardChange("achievements_unlocked", 1, 0, 1, None)
    adjustments.reverse(entry, actor=StaffFactory(), at=NOON, **WHY)
    profile = LearnerProfile.objects.get(pk=learner.pk)
    assert (profile.total_xp, profile.achievements_unlocked) == (100, 0)
    assert Unlock.objects.get().revoked_at == NOON
    give(learner, 1)
    activity.check_achievements(learner.pk, at=NOON)
    assert not Unlock.objects.held().exists()


def test_other_achievements_stay_and_those_that_would_not_be_earned_now_are_listed(learner):
    achievement("hundred", {"type": "xp", "threshold": 100}, xp_reward=0)
    achievement("one", {"type": "xp", "threshold": 1}, xp_reward=0)
    achievement("second", {"type": "level", "level": 2}, xp_reward=0)
    give(learner, 60)
    planned = plan(give(learner, 50))
    assert [(kept.achievement.achievement_id, kept.words) for kept in planned.kept] == [
        ("hundred", "total XP reaches 100"),
        ("second", "player level reaches 2"),
    ]
    assert planned.revoked is None
    adjustments.reverse(planned.entry, actor=StaffFactory(), at=NOON, **WHY)
    assert Unlock.objects.held().count() == 3


def test_an_achievement_that_was_reached_by_the_xp_of_another_is_listed(learner):
    achievement("hundred", {"type": "xp", "threshold": 100})
    achievement("collector", {"type": "xp", "threshold": 150}, xp_reward=0)
    give(learner, 100)
    planned = plan(LedgerEntry.objects.get(reason="achievement"))
    assert [kept.achievement.achievement_id for kept in planned.kept] == ["collector"]


def test_returned_xp_unlocks_what_the_plan_shows(learner):
    give(learner, 120)
    fine = give(learner, -60)
    achievement("hundred", {"type": "xp", "threshold": 100})
    planned = plan(fine)
    assert ([found.achievement_id for found in planned.earned.achievements], planned.after.total_xp) == (
        ["hundred"],
        170,
    )
    assert planned.boards == [
        BoardChange("xp_all_time", 60, 170, 1, 1),
        BoardChange("xp_weekly", 60, 170),
        BoardChange("xp_monthly", 60, 170),
        BoardChange("achievements_unlocked", 0, 1, None, 1),
    ]
    adjustments.reverse(fine, actor=StaffFactory(), at=NOON, **WHY)
    assert Unlock.objects.get().learner == learner
    assert total_of(learner) == 170


def test_the_streak_day_stays(learner):
    LevelFactory(level_id="arena", kind="mode")
    for days_ago in [1, 0]:
        claim = Claim("arena", 1 + days_ago, occurred_at=NOON - timedelta(days=days_ago))
        complete_level(learner=learner, claim=claim, source="api", at=NOON)
    bonus = LedgerEntry.objects.get(reason="streak_bonus")
    completion = LedgerEntry.objects.filter(reason="level_completion").last()
    assert [plan(entry).streak_day for entry in [bonus, completion, give(learner, 1)]] == [
        date(2026, 3, 10),
        date(2026, 3, 10),
        None,
    ]
    for entry in [bonus, completion]:
        adjustments.reverse(entry, actor=StaffFactory(), at=NOON, **WHY)
    assert ActivityDay.objects.filter(kind="active").count() == 2
    assert LearnerProfile.objects.get(pk=learner.pk).streak_run == 2


def test_planning_writes_nothing(learner, xp_staff, client):
    achievement("hundred", {"type": "xp", "threshold": 100})
    give(learner, 100)
    fine = give(learner, -60)
    entries = list(LedgerEntry.objects.all())
    adjustments.reverse(fine, actor=StaffFactory(), at=NOON, **WHY)
    before = state_of(learner)
    for entry in entries:
        assert client.get(url(entry)).status_code == 200
    assert state_of(learner) == before


@pytest.mark.parametrize(
    ("policy", "sentence"),
    [
        (
            "improvement",
            "would pay 18 XP instead of 0: its repeat policy is “improvement”, and it would then have paid 0",
        ),
        ("none", "would pay 18 XP instead of 0: its repeat policy is “none”, and it would then have paid 0 XP."),
        ("full", "would pay 18 XP instead of 18: its repeat policy is “full”, and it would then have paid 0 XP."),
    ],
)
def test_the_page_shows_what_the_level_then_pays_next_time(client, xp_staff, learner, policy, sentence):
    LevelFactory(level_id="maze", name="Maze", repeat_policy=policy)
    complete_level(learner=learner, claim=Claim("maze", 850, time_spent=1), source="api", at=NOON)
    entry = LedgerEntry.objects.get()
    page = client.get(url(entry)).content.decode()
    assert f"Played again with the same result, “Maze” {sentence}" in page
    assert "The completion stays: “Maze” counts as played with 850 of 1000 points." in page
    adjustments.reverse(entry, actor=StaffFactory(), at=NOON, **WHY)
    again = complete_level(learner=learner, claim=Claim("maze", 850, time_spent=2), source="api", at=NOON)
    assert again.answer["awarded_xp"] == 18


def test_the_page_shows_the_whole_plan(client, xp_staff, learner):
    achievement("hundred", {"type": "xp", "threshold": 100})
    achievement("collector", {"type": "xp", "threshold": 150}, xp_reward=0)
    give(learner, 100)
    page = client.get(url(LedgerEntry.objects.get(reason="achievement")))
    words = " ".join(page.content.decode().split())
    for sentence in [
        "<td>150</td><td>100</td>",
        "<td>2 (Novice)</td><td>2 (Novice)</td>",
        "The achievement “Hundred” is taken back with its XP, and it is not earned a second time.",
        "The achievement “Collector” stays, although its condition will hold no longer: total XP reaches 150.",
    ]:
        assert sentence in words, sentence


def test_reversing_writes_the_opposite_entry_with_reason_and_note_and_an_entry_in_the_log(client, xp_staff, learner):
    entry = give(learner, 100)
    answer = client.post(url(entry), WHY)
    assert (answer.status_code, total_of(learner)) == (302, 0)
    reversal = LedgerEntry.objects.get(reversal_of=entry)
    assert (reversal.delta, reversal.actor, reversal.note) == (
        -100,
        xp_staff,
        "Not their score\nSeen by two colleagues.",
    )
    log = LogEntry.objects.get()
    assert (log.user, log.object_id, log.get_change_message()) == (
        xp_staff,
        str(entry.pk),
        (
            f"Reversed by entry {reversal.pk}: -100 XP, the balance is 0. "
            "Reason: Not their score Note: Seen by two colleagues."
        ),
    )
    shown = client.get(reverse("admin:gamification_ledgerentry_change", args=[entry.pk])).content.decode()
    assert f">entry {reversal.pk}</a>" in shown


@pytest.mark.parametrize("change", [{"note": ""}, {"reason": ""}, {"reason": "ab"}, {"note": " "}])
def test_without_a_reason_or_note_nothing_happens(client, xp_staff, learner, change):
    entry = give(learner, 100)
    before = state_of(learner)
    answer = client.post(url(entry), WHY | change)
    assert "errorlist" in answer.content.decode()
    assert state_of(learner) == before


def test_a_double_click_reverses_once_and_shows_a_warning(client, xp_staff, learner):
    entry = give(learner, 100)
    answers = [client.post(url(entry), WHY, follow=True) for _ in range(2)]
    assert total_of(learner) == 0
    reversal = LedgerEntry.objects.get(reversal_of=entry)
    assert f"This entry has been reversed already, by entry {reversal.pk}." in answers[1].content.decode()
    assert LogEntry.objects.count() == 1


def test_a_reversal_and_a_reversed_entry_are_refused_with_the_reason(client, xp_staff, learner):
    entry = give(learner, 100)
    reversal = adjustments.reverse(entry, actor=StaffFactory(), at=NOON, **WHY)
    before = state_of(learner)
    for target, sentence in [
        (entry, "This entry has been reversed already."),
        (reversal, "A reversal cannot be reversed."),
    ]:
        page = client.get(url(target)).content.decode()
        assert sentence in page
        assert "Reverse this entry" not in page
        assert "What a reversal does" not in page
        client.post(url(target), WHY)
    assert state_of(learner) == before


def test_a_balance_below_zero_is_refused_with_the_reason(client, xp_staff, learner):
    entry = give(learner, 100)
    give(learner, -60)
    before = state_of(learner)
    sentence = "This would take the learner&#x27;s XP below zero."
    assert sentence in client.get(url(entry)).content.decode()
    assert sentence in client.post(url(entry), WHY).content.decode()
    assert state_of(learner) == before


def test_nobody_reverses_their_own_entry(client, xp_staff):
    entry = give(xp_staff, 100)
    assert "Nobody adjusts or reverses their own XP." in client.get(url(entry)).content.decode()
    client.post(url(entry), WHY)
    assert total_of(xp_staff) == 100


def test_reversing_requires_the_permission(client, learner):
    entry = give(learner, 100)
    looker = StaffFactory(is_superuser=False)
    looker.user_permissions.set(Permission.objects.filter(codename="view_ledgerentry"))
    client.force_login(looker)
    assert [client.get(url(entry)).status_code, client.post(url(entry), WHY).status_code] == [403, 403]
    page = client.get(reverse("admin:gamification_ledgerentry_change", args=[entry.pk])).content.decode()
    assert url(entry) not in page
    client.force_login(UserFactory())
    assert client.get(url(entry)).status_code == 302
    assert total_of(learner) == 100


def test_the_page_of_an_entry_links_to_its_reversal(client, xp_staff, learner):
    entry = give(learner, 100)
    page = client.get(reverse("admin:gamification_ledgerentry_change", args=[entry.pk])).content.decode()
    assert url(entry) in page


def test_an_unknown_entry_is_not_found(client, xp_staff):
    assert client.get(reverse("admin:gamification_ledgerentry_reverse", args=[10**9])).status_code == 404
