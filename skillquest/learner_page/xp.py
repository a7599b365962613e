"""The XP of a learner: by day as a chart, and the newest ledger entries with why they have their amount."""

from datetime import date, datetime, time, timedelta

from django.db.models import Sum
from django.db.models.functions import TruncDate
from django.urls import reverse

from charts import Chart, Series, bar_chart
from gamification.models import LearnerProfile, LedgerEntry
from gamification.streaks import local_date
from tracking.explanations.ledger_entries import EntryExplanation, explain_entries

from .blocks import SHOWN, Block, Cell, Link, Opens, all_of, link_to, moment
from .visits import Visit

PERIODS = (30, 90)  # days
MOST_ENTRIES = 5_000  # newest ones, which the chart sums at most, however long the history
AWARD_XP = "gamification.award_xp"


def chart_of(visit: Visit, period: int) -> Chart:
    """The last dates of the learner's zone; what was taken back is off the day that had earned it. One statement."""
    today = local_date(visit.profile, visit.at)
    days = [today - timedelta(days=ago) for ago in reversed(range(period))]
    xp = _xp_by_day(visit.profile, days[0])
    return bar_chart(
        [f"{day:%d %b}" for day in days],
        [Series("XP", [xp.get(day, 0) for day in days])],
        title=f"XP of the last {period} days",
        unit="XP",
    )


def _xp_by_day(profile: LearnerProfile, first: date) -> dict[date, int]:
    newest = LedgerEntry.objects.filter(learner=profile.pk).newest_first()[:MOST_ENTRIES]
    began = datetime.combine(first, time.min, profile.zone)
    entries = LedgerEntry.objects.filter(pk__in=newest.values("pk"), effective_at__gte=began).order_by()
    entries = entries.exclude(reason=LedgerEntry.Reason.CARRIED_FORWARD)
    return dict(entries.values_list(TruncDate("effective_at", tzinfo=profile.zone)).annotate(Sum("delta")))


def is_cut(profile: LearnerProfile) -> bool:
    """Whether there are entries that the chart does not look at."""
    return profile.last_sequence > MOST_ENTRIES


def ledger(visit: Visit) -> Block:
    """Four statements at most."""
    entries = LedgerEntry.objects.filter(learner=visit.learner_id).newest_first()
    read = entries.select_related("rule_set", "reversal_of__rule_set", "reversed_by", "actor")[:SHOWN]
    return Block(
        "Ledger",
        ["Line", "When (UTC)", "XP", "Balance", "Trust", "By", "Why", "Act"],
        [_line(visit, explained) for explained in explain_entries(visit.profile, list(read))],
        "Nothing has changed the XP yet.",
        all_of(LedgerEntry, visit.learner_id),
    )


def _line(visit: Visit, explained: EntryExplanation) -> list[Cell]:
    entry = explained.entry
    return [
        link_to(entry, entry.sequence),
        moment(entry.created_at),
        f"{entry.delta:+d}",
        entry.balance_after,
        entry.get_trust_display(),
        str(entry.actor or "-"),
        Opens(entry.get_reason_display(), _why(explained)),
        _act(visit, explained),
    ]


def _why(explained: EntryExplanation) -> str:
    """What the learner reads, and what staff wrote for each other."""
    _, _, note = explained.entry.note.partition("\n")
    return f"{explained.why} Note: {note}" if note else explained.why


def _act(visit: Visit, explained: EntryExplanation) -> Cell:
    entry = explained.entry
    is_final = entry.reversal_of_id or explained.reversed_by or entry.reason == LedgerEntry.Reason.CARRIED_FORWARD
    if is_final or not visit.may_act(AWARD_XP):
        return "Reversed" if explained.reversed_by else "-"
    return Link("Reverse…", reverse("admin:gamification_ledgerentry_reverse", args=[entry.pk]))
