"""The days, freezes, unlocks, badges and the usage of limits that one account would have."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from gamification.awards.one_account import OneAccount
from gamification.models import (
    ActivityDay,
    AppliedAmnesty,
    BadgeAward,
    DayRepair,
    DayUsage,
    FirstTime,
    FreezeEvent,
    TimeZoneChange,
    Unlock,
)
from hotsql.writes import insert_rows

from .books import Books

ONE_ROW_A_DATE = "(learner_id, date)"  # conflict target


def write(
    one: OneAccount,
    account: Books,
    guest: Books,
    *,
    shared_dates: Iterable[date],
    repairs: Iterable[DayRepair],
    at: datetime,
) -> None:
    """Write them for the account, and delete those of the guest. `repairs` of the guest's days become the account's."""
    _write_days(one, account)
    _write_freezes(one, account)
    DayRepair.objects.filter(pk__in=[repair.pk for repair in repairs]).update(learner=account.profile.pk)
    _write_usage(one, account, guest, shared_dates)
    _write_unlocks(one, account, guest, at)
    _write_badges(one, account, guest)
    _close_amnesties(account.profile.pk, guest.profile.pk)
    for model in (
        ActivityDay,
        FreezeEvent,
        AppliedAmnesty,
        DayRepair,
        DayUsage,
        Unlock,
        BadgeAward,
        FirstTime,
        TimeZoneChange,
    ):
        rows: Any = model._default_manager
        rows.filter(learner=guest.profile.pk).delete()


def _write_days(one: OneAccount, account: Books) -> None:
    new = one.days.new
    gone = [row.pk for row in account.days if row.date not in new]
    ActivityDay.objects.filter(pk__in=gone).delete()
    had = {row.date: (row.kind, row.completed, row.recorded_at) for row in account.days}
    changed = [row for day, row in new.items() if had.get(day) != (row.kind, row.completed, row.recorded_at)]
    if changed:
        insert_rows(changed, conflict=ONE_ROW_A_DATE, changes=["kind", "completed", "recorded_at"])


def _write_freezes(one: OneAccount, account: Books) -> None:
    """As a whole, since each follows from those before it."""
    if list(map(_content, one.days.events)) == list(map(_content, account.freezes)):
        return
    FreezeEvent.objects.filter(pk__in=[event.pk for event in account.freezes]).delete()
    insert_rows(one.days.events)


def _content(event: FreezeEvent) -> tuple:
    return event.kind, event.date, event.created_at


def _close_amnesties(account_id: int, guest_id: int) -> None:
    """What both earned was computed anew with their amnesties, so these are not undone any more."""
    applied = AppliedAmnesty.objects.filter(learner=account_id)
    known = list(applied.values_list("amnesty", flat=True))
    AppliedAmnesty.objects.filter(learner=guest_id).exclude(amnesty__in=known).update(learner=account_id)
    applied.update(behind="")


def _write_usage(one: OneAccount, account: Books, guest: Books, shared_dates: Iterable[date]) -> None:
    """On dates on which both were active, what both have used; the other dates of the guest as they are."""
    learner_id = account.profile.pk
    usage, shared = one.usage, set(shared_dates)
    used = [
        DayUsage(learner_id=learner_id, date=day, by_hour=usage.hours.get(day, {}), by_day=usage.days.get(day, {}))
        for day in sorted(shared)
    ]
    known = DayUsage.objects.filter(learner=learner_id).values("date")
    DayUsage.objects.filter(learner=guest.profile.pk).exclude(date__in=[*shared]).exclude(date__in=known).update(
        learner=learner_id
    )
    if used:
        insert_rows(used, conflict=ONE_ROW_A_DATE, changes=["by_hour", "by_day"])


def _write_unlocks(one: OneAccount, account: Books, guest: Books, at: datetime) -> None:
    """Each once, as of the earliest date; what one of the two had keeps its condition."""
    had = {unlock.achievement_id: unlock for unlock in account.unlocks}
    guests = {unlock.achievement_id: unlock for unlock in guest.unlocks}
    new = []
    for achievement, earned in one.unlocks.items():
        kept = [each[achievement.pk] for each in (had, guests) if achievement.pk in each]
        first = min([earned.earned_at, *(unlock.earned_at for unlock in kept)])
        if achievement.pk in had:
            _date(had[achievement.pk], "earned_at", first)
            continue
        unlock = kept[0] if kept else Unlock(created_at=at, condition=achievement.condition)
        unlock.achievement, unlock.earned_at, unlock.xp_reward = achievement, first, achievement.xp_reward
        unlock.pk, unlock.learner_id = None, account.profile.pk
        new.append(unlock)
    insert_rows(new)


def _write_badges(one: OneAccount, account: Books, guest: Books) -> None:
    """As unlocks. What the account's owner awarded to the guest by hand stays there, as they may not award it to
    themselves."""
    owner = account.profile.pk
    had = {award.badge_id: award for award in account.badges}
    guests = {award.badge_id: award for award in guest.badges if award.actor_id != owner}
    earned = {badge.pk: (badge, had_at.earned_at) for badge, had_at in one.badges.items()}
    new = []
    for badge_id in dict.fromkeys([*guests, *earned]):
        dates = [each[badge_id].awarded_at for each in (had, guests) if badge_id in each]
        first = min([*dates, *([earned[badge_id][1]] if badge_id in earned else [])])
        if badge_id in had:
            _date(had[badge_id], "awarded_at", first)
            continue
        award = guests.get(badge_id) or BadgeAward(badge=earned[badge_id][0], condition=earned[badge_id][0].condition)
        award.awarded_at, award.pk, award.learner_id = first, None, owner
        new.append(award)
    insert_rows(new)


def _date(row: Any, field: str, moment: datetime) -> None:
    if moment < getattr(row, field):
        setattr(row, field, moment)
        row.save(update_fields=[field])
