"""Board policies: what counts on boards of XP, over both stores; and board standings as learners are told of them."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from gamification.awards.adjustments import reverse as reverse_entry
from gamification.leaderboards import redis_board as redis
from gamification.leaderboards.base import METRICS, VERIFIED
from gamification.leaderboards.policies import ensure_board_policies, ranking_in_force
from gamification.leaderboards.presentation import show_leaderboard
from gamification.ledger.audit import find_mismatches, repair_totals
from gamification.ledger.entries import NewEntry
from gamification.models import BoardPolicy, BoardStanding, LearnerProfile, LedgerEntry, Trust
from gamification.profiles.locking import lock_profile
from gamification.staff.standings import set_board_standing
from tests.factories import StaffFactory, UserFactory, credit

pytestmark = pytest.mark.django_db(transaction=True)

XP_BOARDS = list(VERIFIED)


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to("2026-11-20T10:00:00Z", tick=False)


@pytest.fixture
def earn(db):
    """`earn(user, 10, Trust.OFFLINE)` writes one ledger entry."""

    def earn(user, delta, trust):
        at = timezone.now()
        with transaction.atomic():
            profile = lock_profile(user.pk)
            reference = str(profile.last_sequence)
            entry = NewEntry(delta, LedgerEntry.Reason.LEVEL_COMPLETION, "test", reference, at, trust)
            return credit(profile, [entry], at=at)[0]

    return earn


@pytest.fixture
def people(earn):
    """Ana earned most, Budi most of what is verified; a reversal took back something verified of Citra."""
    ana, budi, citra = UserFactory.create_batch(3)
    earn(ana, 500, Trust.REPORTED)
    earn(ana, 300, Trust.OFFLINE)
    earn(ana, 20, Trust.VERIFIED)
    earn(budi, 100, Trust.VERIFIED)
    earn(citra, 5, Trust.REPORTED)
    reverse_entry(earn(citra, 50, Trust.VERIFIED), actor=StaffFactory(), note="", reason="Wrong", at=timezone.now())
    return ana, budi, citra


def set_policy(metric, trust):
    BoardPolicy.objects.filter(metric=metric).update(trust=trust)


def shown(metric, viewer):
    """(trust, scores by learner), without waiting for what is built in the background."""
    board = show_leaderboard(METRICS[metric], viewer.pk, limit=10, around=5, at=timezone.now())
    return board.trust, {entry.user_id: entry.score for entry in board.entries}


@pytest.mark.parametrize("metric", XP_BOARDS)
def test_a_board_counts_all_results_or_verified_ones_as_its_policy_says(backend, people, metric):
    ana, budi, citra = people
    everything = ("all", {ana.pk: 820, budi.pk: 100, citra.pk: 5})
    assert shown(metric, ana) == everything
    set_policy(metric, "verified")
    assert shown(metric, ana) == ("verified", {budi.pk: 100, ana.pk: 20})
    set_policy(metric, "all")
    assert shown(metric, ana) == everything


@pytest.mark.parametrize("metric", XP_BOARDS)
def test_a_policy_changes_no_other_board(backend, people, metric):
    set_policy(metric, "verified")
    assert {name: shown(name, people[0])[0] for name in METRICS} == dict.fromkeys(METRICS, "all") | {metric: "verified"}


@pytest.mark.parametrize("metric", XP_BOARDS)
def test_redis_keeps_both_rankings_and_builds_them_for_a_new_policy(redis_backend, people, metric):
    ana, budi, citra = people
    at = timezone.now()
    for ranking, scores in [
        (METRICS[metric], {ana.pk: 820, budi.pk: 100, citra.pk: 5}),
        (VERIFIED[metric], {budi.pk: 100, ana.pk: 20}),
    ]:
        assert redis.store().build(ranking, at=at, oldest=at)
        found = redis.store().read(ranking, None, limit=10, around=0, at=at)
        assert {each.learner_id: each.score for each in found.top} == scores


def test_verified_xp_follows_every_completion_in_redis(redis_backend, people, earn):
    ana, budi, _ = people
    at, ranking = timezone.now(), VERIFIED["xp_all_time"]
    assert redis.store().build(ranking, at=at, oldest=at)
    earn(ana, 200, Trust.VERIFIED)
    earn(budi, 500, Trust.REPORTED)
    found = redis.store().read(ranking, ana.pk, limit=10, around=0, at=at)
    assert [(each.learner_id, each.score) for each in found.top] == [(ana.pk, 220), (budi.pk, 100)]


def test_verified_xp_is_the_sum_of_verified_entries(people):
    totals = LearnerProfile.objects.filter(pk__in=[user.pk for user in people]).order_by("pk")
    assert list(totals.values_list("total_xp", "verified_xp")) == [(820, 20), (100, 100), (5, 0)]


def test_reversing_everything_verified_leaves_zero_whatever_else_was_earned(earn):
    learner, staff, at = UserFactory(), StaffFactory(), timezone.now()
    earn(learner, 100, Trust.REPORTED)
    for entry in [earn(learner, 30, Trust.VERIFIED), earn(learner, 40, Trust.VERIFIED)]:
        reverse_entry(entry, actor=staff, note="", reason="Wrong", at=at)
    profile = LearnerProfile.objects.get(pk=learner.pk)
    assert (profile.total_xp, profile.verified_xp) == (100, 0)


def test_what_staff_take_counts_as_verified_even_if_less_was(earn, give, backend):
    """The penalty stays on the verified board until as much is earned again; nothing is refused because of it."""
    learner = UserFactory()
    earn(learner, 500, Trust.REPORTED)
    given = give(learner, -100)
    set_policy("xp_all_time", "verified")
    profile = LearnerProfile.objects.get(pk=learner.pk)
    assert (profile.total_xp, profile.verified_xp) == (400, -100)
    assert shown("xp_all_time", learner) == ("verified", {})
    earn(learner, 130, Trust.VERIFIED)
    assert shown("xp_all_time", learner) == ("verified", {learner.pk: 30})
    reverse_entry(given, actor=StaffFactory(), note="", reason="Wrong", at=timezone.now())
    assert shown("xp_all_time", learner) == ("verified", {learner.pk: 130})


@pytest.mark.tampers
def test_verify_ledger_finds_and_repairs_a_wrong_verified_total(people):
    _, budi, _ = people
    LearnerProfile.objects.filter(pk=budi.pk).update(verified_xp=99)
    [found] = find_mismatches()
    assert (found.learner_id, found.verified_xp, found.ledger_verified) == (budi.pk, 99, 100)
    repair_totals(budi.pk)
    assert find_mismatches() == []


def test_every_board_of_xp_has_a_policy_and_none_is_changed_by_migrating(people):
    set_policy("xp_weekly", "verified")
    BoardPolicy.objects.filter(metric="xp_monthly").delete()
    ensure_board_policies("default")
    policies = dict(BoardPolicy.objects.values_list("metric", "trust"))
    assert policies == {"xp_all_time": "all", "xp_weekly": "verified", "xp_monthly": "all"}


def test_a_board_without_a_policy_counts_everything():
    BoardPolicy.objects.all().delete()
    assert ranking_in_force(METRICS["xp_weekly"]) is METRICS["xp_weekly"]


def test_staff_change_a_policy_in_the_admin_and_its_history_keeps_it(admin_client):
    page = reverse("admin:gamification_boardpolicy_change", args=["xp_weekly"])
    assert admin_client.post(page, {"trust": "verified"}).status_code == 302
    assert ranking_in_force(METRICS["xp_weekly"]) is VERIFIED["xp_weekly"]
    newest = BoardPolicy.history.filter(metric="xp_weekly").order_by("-pk").first()
    assert newest.changes == {"trust": ["all", "verified"]}


def test_staff_without_the_permission_cannot_change_a_policy(client):
    looker = StaffFactory(is_superuser=False)
    looker.user_permissions.set(Permission.objects.filter(codename="view_boardpolicy"))
    client.force_login(looker)
    page = reverse("admin:gamification_boardpolicy_change", args=["xp_weekly"])
    assert client.post(page, {"trust": "verified"}).status_code == 403
    assert ranking_in_force(METRICS["xp_weekly"]) is METRICS["xp_weekly"]


# --- Board standing ---------------------------------------------------------------------------------------------------


def take_off(learner, *, until=None):
    set_board_standing(
        learner_id=learner.pk,
        standing=BoardStanding.UNDER_REVIEW,
        until=until,
        reason="Unusual results",
        note="A note",
        actor=StaffFactory(),
        at=timezone.now(),
    )


@pytest.mark.parametrize("metric", [name for name in METRICS if name.startswith("xp")])
def test_a_learner_under_review_is_on_no_board_and_is_told_so(backend, people, metric):
    ana, budi, citra = people
    shown(metric, budi)
    take_off(ana)
    mine = show_leaderboard(METRICS[metric], ana.pk, limit=10, around=5, at=timezone.now())
    assert (mine.standing, mine.me, mine.around) == ("under_review", None, [])
    assert shown(metric, budi)[1] == {budi.pk: 100, citra.pk: 5}


def test_a_learner_whose_time_is_over_is_listed_again_when_they_look(backend, people, time_machine):
    ana, budi, _ = people
    until = timezone.now() + timedelta(hours=1)
    take_off(ana, until=until)
    time_machine.move_to(until, tick=False)
    shown("xp_all_time", budi)
    assert ana.pk not in shown("xp_all_time", budi)[1]
    mine = show_leaderboard(METRICS["xp_all_time"], ana.pk, limit=10, around=5, at=until)
    assert (mine.standing, mine.me.rank) == ("ranked", 1)


@pytest.mark.parametrize("path", ["leaderboard", "gamification/leaderboard/xp_weekly/rank"])
def test_the_api_says_the_standing(learner, learner_api, path):
    take_off(learner)
    answer = learner_api.get(f"/api/v1/{path}").json()
    assert (answer["standing"], answer["trust"]) == ("under_review", "all")
