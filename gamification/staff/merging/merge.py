"""The merge itself: what one account would have is computed, and the differences are written."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q

from gamification.awards.one_account import Judged, OneAccount
from gamification.earnables import unlocking
from gamification.ledger.entries import append_entries
from gamification.models import LearnerProfile, Requirement
from gamification.profiles.totals import save_totals
from gamification.streaks.local_dates import load_zone_changes
from hotsql.writes import insert_rows

from . import rows
from .books import Books, read_books
from .brought import Brought, Side
from .deeds import Deeds, run
from .ledger import emptying_entries, new_entries


@dataclass(frozen=True)
class Merged:
    """By `reference_id`: what became of each completion, how much counts of each event of a metric, and of each review
    the date and what it pays."""

    judged: dict[str, Judged]
    counted: dict[str, int]
    reviewed: dict[str, tuple[date, int]]


def merge_books(
    guest: LearnerProfile, account: LearnerProfile, *, of_guest: Brought, of_account: Brought, at: datetime
) -> Merged:
    """Give the account what one account would have earned, and leave the guest with nothing.

    Both profiles are locked, and each completion belongs to the account already. Totals that follow from rows are not
    written; `rebuild_profile` computes them.
    """
    load_zone_changes([guest, account])
    books_of_guest, books = read_books(guest), read_books(account)
    deeds = Deeds(Side(books, of_account), Side(books_of_guest, of_guest))
    one = OneAccount(account, _requirements(books_of_guest, books))
    run(deeds.in_order(), one)
    carried = deeds.carried_repairs()
    rows.write(one, books, books_of_guest, shared_dates=deeds.shared_dates, repairs=carried, at=at)
    _write_entries(account, new_entries(one, deeds), at)
    _write_entries(guest, emptying_entries(guest, account, at), at)
    account.dated_until = max(filter(None, [account.dated_until, guest.dated_until]), default=None)
    account.amnesties_applied = account.newest_amnesty
    save_totals([account], [*LearnerProfile.TOTALS_OF_LEDGER, "dated_until", "amnesties_applied"], at=at)
    save_totals([guest], LearnerProfile.TOTALS_OF_LEDGER, at=at)
    return Merged(deeds.judged, deeds.counted, deeds.reviewed)


def _requirements(*sides: Books) -> list[Requirement]:
    """All published ones. What one of the two had keeps the XP that it paid."""
    paid = {unlock.achievement_id: unlock.xp_reward for books in sides for unlock in books.unlocks}
    found = list(unlocking.published_requirements(Q()))
    owners = [row.achievement for row in found if row.achievement]
    for achievement in [*owners, *(unlock.achievement for books in sides for unlock in books.unlocks)]:
        achievement.xp_reward = paid.get(achievement.pk, achievement.xp_reward)
    return found


def _write_entries(profile: LearnerProfile, entries: list, at: datetime) -> None:
    insert_rows(append_entries(profile, entries, at))
