"""Guests and merging them. See `seeded_bugs`."""

from .seeding import bug

LIMITS = "tests/tracking/merging/test_limits.py"
REVIEWS = "tests/tracking/merging/test_reviews.py"
RACES = "tests/tracking/merging/test_races.py"
LINK = "tests/accounts/guests/test_link.py"

MERGES = [
    bug(
        "a merge judges no limit again",
        "gamification/staff/merging/deeds.py",
        "is_judged = bool(self._touched(award, version.limits) & self.shared_dates)",
        "is_judged = False",
        tests=[f"{LIMITS}::test_xp_of_a_date_is_limited_for_both_together"],
    ),
    bug(
        "what the owner of an account gave to their guest is carried over",
        "gamification/staff/merging/deeds.py",
        " and line.actor_id != owner]",
        "]",
        tests=[LIMITS],
    ),
    bug(
        "a result that a merge held is paid again under its old reference",
        "tracking/merging/services.py",
        "        completion.paid_before += 1\n",
        "",
        tests=[f"{LIMITS}::test_a_result_that_the_merge_held_is_released_and_paid_again"],
    ),
    bug(
        "a merge leaves what reviews paid as it was",
        "gamification/staff/merging/books.py",
        '"metric_event", "review", "streak_bonus"',
        '"metric_event", "streak_bonus"',
        tests=[f"{REVIEWS}::test_at_most_twenty_xp_a_date_for_both_together"],
    ),
    bug(
        "a merge leaves on each review what it has paid before",
        "tracking/merging/services.py",
        "    store_reviews(reviews, merged.reviewed)\n",
        "",
        tests=[f"{REVIEWS}::test_at_most_twenty_xp_a_date_for_both_together"],
    ),
    bug(
        "results that come in between are left behind",
        "tracking/merging/services.py",
        "        if set(keys_of(model, guest_id)) - moved.copied_keys:\n            raise MergeInterrupted\n",
        "        keys_of(model, guest_id)\n",
        tests=[f"{RACES}::test_results_of_both_arrive_during_a_merge"],
        on_servers=True,
    ),
    bug(
        "many guests have many budgets to guess passwords",
        "skillquest/accounts/guests/views.py",
        "        charge_address(request, self.rate_limit)\n",
        "",
        tests=[LINK],
    ),
    bug(
        "the device of a linked guest enters the account",
        "skillquest/accounts/guests/linking.py",
        "    GuestDevice.objects.filter(user=guest).delete()\n",
        "",
        tests=[LINK],
    ),
]
