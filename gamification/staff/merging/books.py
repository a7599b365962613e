"""The rows of one learner, as they are before a merge."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from gamification.awards.one_account import Reference
from gamification.models import (
    ActivityDay,
    BadgeAward,
    DayRepair,
    FreezeEvent,
    LearnerProfile,
    LedgerEntry,
    Trust,
    Unlock,
)

# What is computed anew; other entries, such as adjustments, stay as they are.
DERIVED = {"completion", "metric_event", "review", "streak_bonus", LedgerEntry.ACHIEVEMENT_REFERENCE}
CORRECTS = "corrects"  # in the metadata of a correction: the `reference_id` of what it corrects


@dataclass(frozen=True)
class Books:
    profile: LearnerProfile
    lines: list[LedgerEntry]
    days: list[ActivityDay]
    freezes: list[FreezeEvent]
    repairs: list[DayRepair]
    unlocks: list[Unlock]
    badges: list[BadgeAward]

    @cached_property
    def originals(self) -> dict[Reference, LedgerEntry]:
        """What was paid under each reference, without corrections by earlier merges."""
        return {reference_of(line): line for line in self.lines if not line.reversal_of_id and not corrects(line)}

    @cached_property
    def reversed_at(self) -> dict[int, datetime]:
        """Key of an entry -> when it was reversed."""
        return {line.reversal_of_id: line.created_at for line in self.lines if line.reversal_of_id}

    @cached_property
    def net(self) -> dict[tuple[Reference, str], int]:
        """What each derived reference has paid, net of reversals and corrections, by trust."""
        by_key = {line.pk: line for line in self.lines}
        paid: dict[tuple[Reference, str], int] = {}
        for line in self.lines:
            paying = by_key.get(line.reversal_of_id, line)
            reference = (paying.reference_type, corrects(paying) or paying.reference_id)
            if reference[0] in DERIVED:
                paid[reference, line.trust] = paid.get((reference, line.trust), 0) + line.delta
        return paid

    def trust_of(self, unlock: Unlock) -> Trust:
        """That of the entry which the achievement paid; reported where it pays nothing."""
        line = self.originals.get((LedgerEntry.ACHIEVEMENT_REFERENCE, unlock.achievement.achievement_id))
        return Trust(line.trust) if line else Trust.REPORTED

    def other_lines(self) -> Iterator[LedgerEntry]:
        """What was paid for something that is not derived."""
        return (line for reference, line in self.originals.items() if reference[0] not in DERIVED)


def read_books(profile: LearnerProfile) -> Books:
    mine = {"learner": profile.pk}
    return Books(
        profile=profile,
        lines=list(LedgerEntry.objects.filter(**mine).order_by("sequence")),
        days=list(ActivityDay.objects.filter(**mine)),
        freezes=list(FreezeEvent.objects.filter(**mine).order_by("pk")),
        repairs=list(DayRepair.objects.filter(**mine).order_by("pk")),
        unlocks=list(Unlock.objects.filter(**mine).select_related("achievement").order_by("pk")),
        badges=list(BadgeAward.objects.filter(**mine).select_related("badge").order_by("pk")),
    )


def reference_of(line: LedgerEntry) -> Reference:
    return line.reference_type, line.reference_id


def corrects(line: LedgerEntry) -> str | None:
    is_correction = line.reason == LedgerEntry.Reason.RECALCULATION
    return line.metadata.get(CORRECTS) if is_correction else None
