"""POST gamification/xp/award: XP by hand, with the permission, once for each reference."""

import pytest
from django.contrib.auth.models import Permission

from gamification.models import Achievement, LearnerProfile, LedgerEntry, Unlock
from tests.factories import StaffFactory, UserFactory

pytestmark = pytest.mark.django_db

AWARD = "/api/v1/gamification/xp/award"


@pytest.fixture(autouse=True)
def _frozen_clock(time_machine):
    time_machine.move_to("2026-11-20T10:00:00Z", tick=False)


@pytest.fixture
def award(staff_api, learner):
    def award(client=staff_api, headers=None, **changes):
        body = {"user_id": learner.pk, "xp_amount": 150, "reason": "Won the fair", **changes}
        return client.post(AWARD, body, headers=headers)

    return award


@pytest.fixture
def xp_staff():
    """No superuser: the permission alone."""
    user = UserFactory()
    user.user_permissions.set(Permission.objects.filter(codename="award_xp"))
    return user


def total_of(learner):
    return LearnerProfile.objects.get(pk=learner.pk).total_xp


def problem(answer):
    return answer.status_code, answer.json()["code"]


def test_an_award_pays_and_answers_with_its_effects(award, learner, staff):
    answer = award(note="Asked for by the school.", reference_id="fair-1", metadata={"place": 1})
    entry = LedgerEntry.objects.get()
    assert (answer.status_code, answer.json()) == (
        200,
        {
            "success": True,
            "is_new_award": True,
            "entry_id": entry.pk,
            "reference_id": "fair-1",
            "xp_awarded": 150,
            "previous_xp": 0,
            "total_xp": 150,
            "current_level": 2,
            "title": "Novice",
            "level_up": True,
            "unlocked_achievements": [],
            "unlocked_badges": [],
            "entries": [{"reason": "manual_adjustment", "delta": 150, "balance_after": 150}],
            "trust": "verified",
        },
    )
    assert (entry.learner, entry.actor, entry.note, entry.metadata) == (
        learner,
        staff,
        "Won the fair\nAsked for by the school.",
        {"place": 1},
    )


def test_an_award_may_unlock_and_its_answer_says_so(award, learner):
    Achievement.objects.create(
        achievement_id="hundred",
        name="Hundred",
        category="xp",
        rarity="rare",
        xp_reward=50,
        condition={"type": "xp", "threshold": 100},
    )
    body = award().json()
    assert (body["xp_awarded"], body["previous_xp"], body["total_xp"]) == (150, 0, 200)
    assert body["entries"] == [
        {"reason": "manual_adjustment", "delta": 150, "balance_after": 150},
        {"reason": "achievement", "delta": 50, "balance_after": 200},
    ]
    assert [unlocked["achievement_id"] for unlocked in body["unlocked_achievements"]] == ["hundred"]
    assert Unlock.objects.get().learner == learner


def test_xp_can_be_taken(award, learner):
    award()
    body = award(xp_amount=-60).json()
    assert (body["xp_awarded"], body["previous_xp"], body["total_xp"], body["current_level"], body["level_up"]) == (
        -60,
        150,
        90,
        1,
        False,
    )


def test_without_a_reference_each_award_is_another(award, learner):
    assert award().json()["reference_id"] != award().json()["reference_id"]
    assert total_of(learner) == 300


def test_a_known_reference_is_paid_once_and_answered_again(award, learner):
    first = award(reference_id="fair-1").json()
    award(xp_amount=7)
    again = award(reference_id="fair-1", reason="Told otherwise")
    assert (again.status_code, again.json()) == (
        200,
        {**first, "is_new_award": False, "total_xp": 157, "level_up": False},
    )
    assert total_of(learner) == 157


def test_a_reference_is_paid_once_for_each_learner(award, learner):
    other = UserFactory()
    assert [award(reference_id="fair", user_id=who.pk).json()["is_new_award"] for who in [learner, other]] == [True] * 2


def test_a_reference_with_another_amount_is_refused(award, learner):
    award(reference_id="fair-1")
    assert problem(award(reference_id="fair-1", xp_amount=151)) == (409, "reference_reused")
    assert total_of(learner) == 150


def test_an_idempotency_key_pays_once_and_answers_byte_for_byte(award, learner):
    first, again = (award(headers={"Idempotency-Key": "k"}) for _ in range(2))
    assert (again.content, again.headers["Idempotent-Replayed"]) == (first.content, "true")
    assert problem(award(headers={"Idempotency-Key": "k"}, xp_amount=1)) == (422, "idempotency_key_reused")
    assert total_of(learner) == 150


def test_the_permission_alone_is_enough(award, sign_in, xp_staff, learner):
    assert award(sign_in(xp_staff)).status_code == 200
    assert LedgerEntry.objects.get().actor == xp_staff


def test_nobody_awards_themselves(award, staff, sign_in, xp_staff):
    assert problem(award(user_id=staff.pk)) == (403, "own_xp")
    assert problem(award(sign_in(xp_staff), user_id=xp_staff.pk, xp_amount=-5)) == (403, "own_xp")
    assert LedgerEntry.objects.count() == 0


def test_a_learner_cannot_award_whatever_the_body(award, learner_api, learner):
    other = UserFactory()
    for body in [{}, {"user_id": other.pk}, {"xp_amount": 0}, {"xp_amount": "x"}, {"user_id": 10**9}]:
        assert problem(award(learner_api, **body)) == (403, "permission_denied")
    assert LedgerEntry.objects.count() == 0


def test_staff_without_the_permission_cannot_award(award, sign_in):
    assert problem(award(sign_in(StaffFactory(is_superuser=False)))) == (403, "permission_denied")


def test_an_anonymous_award_is_refused(award, api):
    assert problem(award(api)) == (401, "not_authenticated")


@pytest.mark.parametrize("user_id", [10**9, 2**53])
def test_an_unknown_learner_is_not_found(award, user_id):
    assert problem(award(user_id=user_id)) == (404, "learner_not_found")


def test_an_impossible_balance_is_refused(award, learner):
    award()
    assert problem(award(xp_amount=-151)) == (400, "balance_below_zero")
    assert total_of(learner) == 150


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"xp_amount": 0}, "xp_amount"),
        ({"xp_amount": 10_001}, "xp_amount"),
        ({"xp_amount": -10_001}, "xp_amount"),
        ({"xp_amount": "150"}, "xp_amount"),
        ({"xp_amount": 1.5}, "xp_amount"),
        ({"xp_amount": True}, "xp_amount"),
        ({"xp_amount": None}, "xp_amount"),
        ({"user_id": 0}, "user_id"),
        ({"user_id": "1"}, "user_id"),
        ({"reason": "ab"}, "reason"),
        ({"reason": "   ab   "}, "reason"),
        ({"reason": "x" * 101}, "reason"),
        ({"reason": "Two\nlines"}, "reason"),
        ({"reason": 5}, "reason"),
        ({"note": "x" * 2_001}, "note"),
        ({"reference_id": ""}, "reference_id"),
        ({"reference_id": "x" * 101}, "reference_id"),
        ({"metadata": []}, "metadata"),
        ({"metadata": {"breakdown": []}}, "metadata.breakdown"),
        ({"metadata": {"text": "x" * 2_000}}, "metadata"),
        ({"total_xp": 5}, "total_xp"),
        ({"actor": 1}, "actor"),
    ],
)
def test_a_bad_field_is_refused_by_name(award, change, field):
    answer = award(**change)
    assert problem(answer) == (400, "invalid")
    assert list(answer.json()["errors"]) == [field]
    assert LedgerEntry.objects.count() == 0


@pytest.mark.parametrize("field", ["user_id", "xp_amount", "reason"])
def test_a_missing_field_is_named(staff_api, learner, field):
    body = {"user_id": learner.pk, "xp_amount": 150, "reason": "Won the fair"}
    del body[field]
    answer = staff_api.post(AWARD, body)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])


@pytest.mark.parametrize("amount", [10_000, -10_000, 1])
def test_the_bounds_themselves_are_allowed(award, settings, amount):
    settings.XP_APPROVAL_ABOVE = 100_000
    for _ in range(1 if amount > 0 else 2):
        award(xp_amount=10_000)
    assert award(xp_amount=amount).status_code == 200


def test_an_award_costs_the_same_whatever_the_history(award, learner, django_assert_num_queries):
    award()
    with django_assert_num_queries(12):
        award()
    for _ in range(3):
        award()
    with django_assert_num_queries(12):
        award()
