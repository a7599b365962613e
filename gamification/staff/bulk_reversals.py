"""Reverse since: all entries of a learner that meet some criteria, planned first and then reversed by a job."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db.models import F, TextField
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce

from gamification.awards.bulk_reversals import within_balance
from gamification.models import Achievement, LearnerProfile, LedgerEntry, Unlock
from gamification.pricing.progression import player_level_at
from gamification.rule_sets.publishing import published_rules

from .merging.books import CORRECTS
from .reversal_plans import Standing

Reason = LedgerEntry.Reason
# What a completion pays beside itself. These entries follow its own, with the same times.
CONSEQUENCES = {Reason.STREAK_BONUS, Reason.ACHIEVEMENT}
NEVER = {Reason.REVERSAL, Reason.CARRIED_FORWARD}


@dataclass(frozen=True)
class Criteria:
    """Which entries of a learner are meant: those written from `since` to `until`, narrowed by the other fields.

    With a `subject` or `references`, entries of other results are not meant; `references` are pairs of `reference_type`
    and `reference_id`. Entries that staff wrote are meant only with `adjustments`.
    """

    learner_id: int
    until: datetime
    since: datetime | None = None
    trust: str = ""
    subject: str = ""
    references: Collection[tuple[str, str]] | None = None
    adjustments: bool = False

    @property
    def names_results(self) -> bool:
        return bool(self.subject) or self.references is not None


class Line(NamedTuple):
    """What a plan needs to know of a ledger entry."""

    sequence: int
    delta: int
    reason: str
    reference_type: str
    reference_id: str
    pays_for: str  # that `reference_id`, or of a correction the one of what it corrects
    subject: str
    trust: str
    created_at: datetime
    effective_at: datetime

    @property
    def moment(self) -> tuple[datetime, datetime]:
        return self.created_at, self.effective_at


@dataclass(frozen=True)
class BulkPlan:
    """`lines` in the order in which they are reversed; `kept` ones would take the balance below zero.

    `unlocks` are achievements that paid nothing and are taken back too.
    """

    lines: list[Line]
    kept: list[Line]
    before: Standing
    after: Standing
    achievements: list[Achievement]
    unlocks: list[Achievement]

    @property
    def xp(self) -> int:
        """How much XP the learner loses; negative if they gain some."""
        return sum(line.delta for line in self.lines)

    @property
    def moved(self) -> int:
        """XP taken plus XP given back, by which the need for a second person is judged."""
        return sum(abs(line.delta) for line in self.lines)

    @property
    def subjects(self) -> set[str]:
        return {line.subject for line in self.lines} - {""}


def plan_bulk_reversal(criteria: Criteria) -> BulkPlan:
    chosen = _in_order(_chosen(criteria))
    profile, rules = LearnerProfile.objects.of(criteria.learner_id), published_rules()
    lines = within_balance(chosen, profile.total_xp)
    reversed_ones = {line.sequence for line in lines}
    after = profile.total_xp - sum(line.delta for line in lines)
    return BulkPlan(
        lines=lines,
        kept=[line for line in chosen if line.sequence not in reversed_ones],
        before=Standing(profile.total_xp, player_level_at(profile.total_xp, rules)),
        after=Standing(after, player_level_at(after, rules)),
        achievements=_achievements_paid_by(lines),
        unlocks=_unlocks_without_pay(criteria, chosen),
    )


def _in_order(lines: Iterable[Line]) -> list[Line]:
    """What gives XP back comes first, so that the balance never falls below its final value; then the newest first."""
    return sorted(lines, key=lambda line: (line.delta > 0, -line.sequence))


def _chosen(criteria: Criteria) -> Iterator[Line]:
    """The entries that are meant, and the bonuses and achievements that were paid together with them."""
    cause = None  # the moment of the last result that is meant
    for line in _lines(criteria):
        if line.reason in CONSEQUENCES:
            is_meant = line.moment == cause if criteria.names_results else _has_trust(line, criteria)
        elif line.reason == Reason.MANUAL_ADJUSTMENT:
            is_meant = criteria.adjustments and not criteria.names_results
        else:
            is_meant = _is_result_meant(line, criteria)
            cause = line.moment if is_meant else None
        if is_meant:
            yield line


def _lines(criteria: Criteria) -> Iterator[Line]:
    """What could be reversed within the times, oldest first."""
    entries = LedgerEntry.objects.filter(
        learner=criteria.learner_id, created_at__lte=criteria.until, reversed_by=None
    ).exclude(reason__in=NEVER)
    if criteria.since:
        entries = entries.filter(created_at__gte=criteria.since)
    corrected = KT(f"metadata__{CORRECTS}")
    entries = entries.annotate(pays_for=Coalesce(corrected, F("reference_id"), output_field=TextField()))
    return (Line(*row) for row in entries.order_by("sequence").values_list(*Line._fields).iterator())


def _is_result_meant(line: Line, criteria: Criteria) -> bool:
    return (
        _has_trust(line, criteria)
        and (not criteria.subject or line.subject == criteria.subject)
        and (criteria.references is None or (line.reference_type, line.pays_for) in criteria.references)
    )


def _has_trust(line: Line, criteria: Criteria) -> bool:
    return not criteria.trust or line.trust == criteria.trust


def _achievements_paid_by(lines: list[Line]) -> list[Achievement]:
    ids = {line.reference_id for line in lines if line.reason == Reason.ACHIEVEMENT}
    return list(Achievement.objects.filter(achievement_id__in=ids).order_by("position", "pk"))


def _unlocks_without_pay(criteria: Criteria, chosen: list[Line]) -> list[Achievement]:
    """Held achievements that paid nothing, and were unlocked by a result that is meant."""
    held = Unlock.objects.held().filter(learner=criteria.learner_id, xp_reward=0, created_at__lte=criteria.until)
    if criteria.since:
        held = held.filter(created_at__gte=criteria.since)
    moments = {line.moment for line in chosen if line.reason not in CONSEQUENCES | {Reason.MANUAL_ADJUSTMENT}}
    return [
        unlock.achievement
        for unlock in held.select_related("achievement").order_by("achievement__position", "achievement_id")
        if (unlock.created_at, unlock.earned_at) in moments
    ]
