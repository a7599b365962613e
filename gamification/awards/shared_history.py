"""What awards of several learners need to know of their histories: each question is one statement for all of them."""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cached_property
from itertools import chain

from django.db.models import Q, QuerySet, Sum
from django.db.models.functions import TruncDate

from gamification.earnables import unlocking
from gamification.earnables.unlocking import Earned, Values
from gamification.models import BadgeAward, DayUsage, FirstTime, LearnerProfile, LedgerEntry, Requirement, Unlock
from gamification.profiles.locking import dates_around
from gamification.streaks.local_dates import load_zone_changes
from gamification.streaks.pardons import load_pending
from gamification.streaks.pending_days import StoredDays
from hotsql.tables import ask_each

from .rewards import Award

Planned = Mapping[int, Sequence[Award]]


class SharedHistory:
    """Of locked learners, read when the first award asks. Awards that are not `planned` may not be added."""

    def __init__(self, profiles: Sequence[LearnerProfile], planned: Planned, moments: Iterable[datetime]) -> None:
        self.learner_ids = [profile.pk for profile in profiles]
        self.planned, self.other_moments = planned, moments
        self.days = StoredDays(profiles)
        load_pending(profiles)
        if moved := [profile for profile in profiles if profile.time_zone_since]:
            load_zone_changes(moved)

    def paid_for(self, learner_id: int, subject: str) -> int:
        return self._paid_for.get((learner_id, subject), 0)

    def paid_on(self, learner_id: int, day: date, reference_type: str) -> int:
        return self._paid_on[learner_id, day, reference_type]

    def is_known(self, learner_id: int, metric: str, value: str) -> bool:
        return (learner_id, metric, value) in self._known_firsts

    def usage_of(self, learner_id: int) -> list[DayUsage]:
        """Around the planned moments."""
        return self._usage[learner_id]

    @cached_property
    def requirements(self) -> "Requirements":
        return Requirements(self.learner_ids)

    @cached_property
    def dates(self) -> tuple[date, date]:
        """The first and the last that anything planned can be about."""
        return dates_around([*self.other_moments, *moments_of(chain.from_iterable(self.planned.values()))])

    @cached_property
    def _paid_for(self) -> dict[tuple[int, str], int]:
        # What a subject has paid that pays each time is not asked, and would take long to sum.
        pairs = {
            (learner_id, award.subject)
            for learner_id, awards in self.planned.items()
            for award in awards
            if award.facts.repeat_policy != "full"
        }
        return {(pair[0], pair[1]): int(paid or 0) for pair, (paid,) in ask_each(pairs, _paid_for).items()}

    @cached_property
    def _paid_on(self) -> Counter[tuple[int, date, str]]:
        days = [award.occurred_at.astimezone(UTC).date() for awards in self.planned.values() for award in awards]
        entries = LedgerEntry.objects.filter(
            learner_id__in=self.learner_ids, effective_at__date__range=(min(days), max(days))
        )
        groups = entries.order_by().values_list("learner_id", TruncDate("effective_at"), "reference_type")
        return Counter({(group[0], group[1], group[2]): group[3] for group in groups.annotate(Sum("delta"))})

    @cached_property
    def _known_firsts(self) -> set[tuple[int, str, str]]:
        asked = {
            (learner_id, *first)
            for learner_id, awards in self.planned.items()
            for award in awards
            for first in award.firsts
        }
        return {(key[0], key[1], key[2]) for key, (found,) in ask_each(asked, _find_first).items() if found}

    @cached_property
    def _usage(self) -> dict[int, list[DayUsage]]:
        found: dict[int, list[DayUsage]] = defaultdict(list)
        for row in DayUsage.objects.filter(learner_id__in=self.learner_ids).between(*self.dates):
            found[row.learner_id].append(row)
        return found


Owner = tuple[int | None, int | None]  # primary keys of an achievement or a badge


class Requirements:
    """Those of everything published, by metric and threshold, and the owners that each learner had already."""

    def __init__(self, learner_ids: Sequence[int]) -> None:
        self.rows: dict[str, list[Requirement]] = defaultdict(list)
        self.had: dict[int, set[Owner]] = defaultdict(set)
        if len(learner_ids) == 1:
            found = unlocking.missing(learner_ids[0], Q())
        else:
            found = unlocking.published_requirements(Q())
            self._read_had(learner_ids)
        for row in found.order_by("threshold"):
            self.rows[row.metric].append(row)
        self.thresholds = {metric: [row.threshold for row in rows] for metric, rows in self.rows.items()}

    def between(self, metric: str, above: int, at_most: int | None = None) -> list[Requirement]:
        thresholds = self.thresholds.get(metric, [])
        last = len(thresholds) if at_most is None else bisect_right(thresholds, at_most)
        return self.rows[metric][bisect_right(thresholds, above) : last] if thresholds else []

    def _read_had(self, learner_ids: Sequence[int]) -> None:
        unlocked = Unlock.objects.filter(learner_id__in=learner_ids).values_list("learner_id", "achievement_id")
        for learner_id, achievement_id in unlocked:
            self.had[learner_id].add((achievement_id, None))
        for learner_id, badge_id in BadgeAward.objects.filter(learner_id__in=learner_ids).values_list(
            "learner_id", "badge_id"
        ):
            self.had[learner_id].add((None, badge_id))


class UnearnedInMemory:
    """`Unearned` of one of several learners."""

    def __init__(self, requirements: Requirements, learner_id: int) -> None:
        self.requirements = requirements
        self.had = requirements.had[learner_id]

    def crossed(self, before: Values, after: Values) -> list[Requirement]:
        grown = (metric for metric in self.requirements.rows if after.get(metric, 0) > before.get(metric, 0))
        return self._not_had(
            self.requirements.between(metric, before.get(metric, 0), after[metric]) for metric in grown
        )

    def reachable(self, reached: Values) -> list[Requirement]:
        return self._not_had(self.requirements.between(metric, value) for metric, value in reached.items())

    def take(self, earned: Earned) -> None:
        self.had.update((achievement.pk, None) for achievement in earned.achievements)
        self.had.update((None, badge.pk) for badge in earned.badges)

    def _not_had(self, groups: Iterable[list[Requirement]]) -> list[Requirement]:
        rows = chain.from_iterable(groups)
        return [row for row in rows if (row.achievement_id, row.badge_id) not in self.had]


def moments_of(awards: Iterable[Award]) -> Iterable[datetime]:
    for award in awards:
        yield award.occurred_at
        if award.timing:
            yield award.timing.ended_at


def _paid_for(learner_id: int, subject: str) -> QuerySet[LedgerEntry]:
    entries = LedgerEntry.objects.filter(learner_id=learner_id, subject=subject).order_by()
    return entries.values("learner_id").annotate(paid=Sum("delta")).values("paid")


def _find_first(learner_id: int, metric: str, value: str) -> QuerySet[FirstTime]:
    return FirstTime.objects.filter(learner_id=learner_id, metric=metric, value=value).values("learner_id")
