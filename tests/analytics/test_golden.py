"""Every figure is what a computation that shares no code finds in the rows of what happened."""

import random

import pytest
from django.utils import timezone

from analytics.models import ActivePeriod, Analytics, CohortWeek, FreezeDay, LevelReach, QuestionDay, XPDay
from analytics.rolling.jobs import start_rolling_up
from analytics.today import today
from gamification.awards.activity import check_in
from gamification.awards.adjustments import reverse
from gamification.models import LearnerProfile, LedgerEntry
from skillquest.accounts.erasing import erase_person
from skillquest.accounts.guests.linking import merge_guest
from tests.factories import StaffFactory

from .conftest import HOUR, run
from .expected import Expected
from .shown import shown
from .world import DAY, NOW, add_history, learn

CASES = [(4, ""), (52, ""), (12, "section-1")]


def check():
    date = timezone.now().date()
    for weeks, section in CASES:
        assert shown(date, weeks, section) == Expected(date, weeks, section).figures()


def members():
    return LearnerProfile.objects.filter(kind="member", erased_at=None).order_by("pk")


def reverse_some(chance):
    """Of the results of a member, whose balance stays above zero."""
    entries = LedgerEntry.objects.filter(learner__in=members().values("pk"), reason="session_completion")
    for entry in chance.sample(list(entries.order_by("pk")), 3):
        reverse(entry, actor=StaffFactory(), note="", at=timezone.now())


def add_late_results(chance):
    for profile in chance.sample(list(members()), 3):
        add_history(chance, profile.user, profile.user.date_joined, deeds=3)


def check_some_in(chance):
    for profile in chance.sample(list(members()), 3):
        check_in(profile.pk, at=timezone.now())


def merge_some(chance):
    guest = learn(chance, NOW - 30 * DAY, kind="guest", deeds=8)
    merge_guest(guest_id=guest.pk, account_id=chance.choice(members()).pk, at=timezone.now(), at_most=None)


def erase_some(chance):
    erase_person(user_id=chance.choice(members()).pk, at=timezone.now())


CHANGES = [add_late_results, reverse_some, check_some_in, merge_some, erase_some]


def test_every_figure_is_right(history):
    check()
    figures = shown(NOW.date(), 12)
    assert [name for name, rows in figures.items() if not rows] == []


@pytest.mark.parametrize("change", CHANGES)
def test_the_next_roll_up_has_what_changed(history, roll_up, change):
    """Late results, and what reversals, merges and erasures do to days that were rolled up long ago."""
    history(DAY)
    change(random.Random(1))
    roll_up()
    check()


def test_roll_ups_in_portions_while_everything_changes(history):
    chance = random.Random(2)
    for change in [*CHANGES, *CHANGES]:
        start_rolling_up(at=timezone.now())
        run(chance.randrange(1, 15))
        change(chance)
        history(chance.choice([HOUR / 10, 3 * HOUR]))
    history(DAY)
    run()
    start_rolling_up(at=timezone.now())
    run()
    check()


def test_a_rebuild_corrects_every_table(history, roll_up):
    roll_up()
    for model in (ActivePeriod, CohortWeek, FreezeDay, LevelReach, QuestionDay, XPDay):
        model.objects.filter(pk__in=list(model.objects.values_list("pk", flat=True)[::2])).delete()
    XPDay.objects.update(xp=7)
    XPDay.objects.create(date=NOW.date() - 300 * DAY, reason="review", trust="verified", xp=9, entries=1)
    ActivePeriod.objects.update(learners=7)
    Analytics.objects.update(holders={}, players=0)
    roll_up(everything=True)
    check()
    assert XPDay.objects.filter(date=NOW.date() - 300 * DAY).count() == 0


def test_the_last_days_on_the_home_page_as_far_as_they_were_rolled_up(history, django_assert_num_queries):
    with django_assert_num_queries(2):
        shown = today(NOW)
    expected = Expected(NOW.date(), 4)
    assert shown.days[-1] == NOW.date()
    assert shown.active == expected.daily()[-14:]
    assert sum(shown.xp) == sum(expected.xp_since(shown.days[0]))
