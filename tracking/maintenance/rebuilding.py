"""Every derived number on learners' profiles, computed anew from the rows that it is derived from.

Total XP is not among them: `verify_ledger` owns it.
"""

import copy
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Sum

from gamification.awards import counts_of_hour, save_totals
from gamification.models import ActivityDay, FirstTime, FreezeEvent, LearnerProfile, Trust, Unlock
from gamification.streaks import load_zone_changes, local_time, refresh_streak
from tracking.models import Completion
from tracking.recording.counting import counts_of, firsts_of

from .metric_totals import MetricTotals, metric_events_of

BATCH = 100  # learners a transaction
Firsts = set[tuple[str, str]]  # metric, value


@dataclass(frozen=True)
class Difference:
    """`field` of a learner's profile (or "first_times", the rows) was `found`, and the rows say `derived`."""

    learner_id: int
    field: str
    found: object
    derived: object


@dataclass
class Done:
    """What a learner's completions and events of metrics add up to."""

    counts: Counter = field(default_factory=Counter)
    firsts: set[tuple[str, str]] = field(default_factory=set)
    verified: Counter = field(default_factory=Counter)  # of metrics that staff made

    def add(self, completion: Completion, profile: LearnerProfile) -> None:
        """`profile` has its zone changes. What was not passed adds to no metric."""
        if not completion.passed:
            return
        hour, counts = local_time(profile, completion.effective_at).hour, counts_of(completion)
        self.counts.update(counts)
        if completion.trust == Trust.VERIFIED:
            self.verified.update({name: counts[name] for name in completion.metrics or {}})
        self.counts.update(counts_of_hour(hour))
        self.firsts.update(firsts_of(completion))

    def add_events(self, metric: str, trust: str, counted: int) -> None:
        self.counts.update({metric: counted})
        if trust == Trust.VERIFIED:
            self.verified.update({metric: counted})


def rebuild_profiles(*, write: bool, at: datetime) -> Iterator[Difference]:
    """All learners, in batches that each lock theirs; with `write` the derived numbers are saved."""
    learner_ids = list(LearnerProfile.objects.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(learner_ids), BATCH):
        yield from _rebuild(learner_ids[start : start + BATCH], write, at)


def rebuild_profile(learner_id: int, *, at: datetime, done: Done | None = None) -> list[Difference]:
    """`done` where somebody has already read the completions."""
    return _rebuild([learner_id], True, at, {learner_id: done} if done else None)


def rebuild_learners(learner_ids: list[int], *, at: datetime) -> list[Difference]:
    """At most BATCH of them, in one transaction and few statements."""
    return _rebuild(learner_ids, True, at)


@transaction.atomic
def _rebuild(
    learner_ids: list[int], write: bool, at: datetime, done: dict[int, Done] | None = None
) -> list[Difference]:
    # Locked, so that no completion is half counted meanwhile.
    locked = LearnerProfile.objects.select_for_update(no_key=True).filter(pk__in=learner_ids)
    profiles = list(locked.order_by("pk"))
    kept = _firsts_kept(learner_ids)
    load_zone_changes(profiles)
    done = done or _completions_of(profiles)
    _add_metric_events(done)
    rebuilt = _rebuilt(profiles, learner_ids, done)
    totals = MetricTotals(rebuilt)
    differences = []
    for was, now in zip(profiles, rebuilt, strict=True):
        differences += _differences(was, now)
        if (firsts := done[was.pk].firsts) != kept[was.pk]:
            differences.append(Difference(was.pk, "first_times", sorted(kept[was.pk]), sorted(firsts)))
        if totals.differ(was.pk):
            differences.append(Difference(was.pk, "metric_totals", totals.kept[was.pk], totals.derived[was.pk]))
    if write and differences:
        changed = {difference.learner_id for difference in differences}
        totals.write(changed)
        save_totals([now for now in rebuilt if now.pk in changed], LearnerProfile.DERIVED_TOTALS, at=at)
        _write_firsts({learner_id: (kept[learner_id], done[learner_id].firsts) for learner_id in changed})
    return differences


def _rebuilt(profiles: list[LearnerProfile], learner_ids: list[int], done: dict[int, Done]) -> list[LearnerProfile]:
    days, completed = _days_of(learner_ids)
    freezes, unlocks = _freezes_of(learner_ids), _unlocks_of(learner_ids)
    rebuilt = [copy.copy(profile) for profile in profiles]
    for profile in rebuilt:
        earned, used = freezes[profile.pk]
        profile.freezes_available = profile.first_freezes + earned
        refresh_streak(profile, days[profile.pk])
        profile.last_completed_day = max(completed[profile.pk], default=None)
        counts = done[profile.pk].counts + Counter({"freezes_used": used})
        counts.update(metric for metric, _ in done[profile.pk].firsts)
        profile.levels_completed = counts.pop("levels_completed", 0)
        profile.counters, profile.verified_counters = dict(counts), dict(+done[profile.pk].verified)
        profile.achievements_unlocked = unlocks.get(profile.pk, 0)
    return rebuilt


def _completions_of(profiles: list[LearnerProfile]) -> dict[int, Done]:
    by_id = {profile.pk: profile for profile in profiles}
    done = {learner_id: Done() for learner_id in by_id}
    completions = Completion.objects.counted().filter(learner_id__in=by_id).defer("answer")
    for completion in completions.iterator():
        done[completion.learner_id].add(completion, by_id[completion.learner_id])
    return done


def _add_metric_events(done: dict[int, Done]) -> None:
    for learner_id, metric, trust, counted in metric_events_of(done):
        done[learner_id].add_events(metric, trust, counted)


def _days_of(learner_ids: list[int]) -> tuple[dict, dict]:
    days, completed = defaultdict(dict), defaultdict(list)
    rows = ActivityDay.objects.filter(learner_id__in=learner_ids)
    for learner_id, day, kind, is_completed in rows.values_list("learner_id", "date", "kind", "completed"):
        days[learner_id][day] = kind
        if is_completed:
            completed[learner_id].append(day)
    return days, completed


def _freezes_of(learner_ids: list[int]) -> dict[int, tuple[int, int]]:
    """Learner -> the sum of all changes, and how many were used."""
    freezes = defaultdict(lambda: (0, 0))
    events = FreezeEvent.objects.filter(learner_id__in=learner_ids).order_by()
    for learner_id, kind, delta in events.values_list("learner_id", "kind").annotate(Sum("delta")):
        total, used = freezes[learner_id]
        freezes[learner_id] = (total + delta, used - delta if kind == FreezeEvent.Kind.USED else used)
    return freezes


def _unlocks_of(learner_ids: list[int]) -> dict[int, int]:
    unlocks = Unlock.objects.held().filter(learner_id__in=learner_ids).order_by()
    return dict(unlocks.values_list("learner_id").annotate(Count("pk")))


def _firsts_kept(learner_ids: list[int]) -> dict[int, set[tuple[str, str]]]:
    kept = defaultdict(set)
    rows = FirstTime.objects.filter(learner_id__in=learner_ids)
    for learner_id, metric, value in rows.values_list("learner_id", "metric", "value"):
        kept[learner_id].add((metric, value))
    return kept


def _differences(was: LearnerProfile, now: LearnerProfile) -> list[Difference]:
    return [
        Difference(was.pk, field, getattr(was, field), getattr(now, field))
        for field in LearnerProfile.DERIVED_TOTALS
        if getattr(was, field) != getattr(now, field)
    ]


def _write_firsts(changed: dict[int, tuple[Firsts, Firsts]]) -> None:
    """`changed` has for each learner what is stored, and what the rows say."""
    for learner_id, (kept, derived) in changed.items():
        for metric, value in kept - derived:
            FirstTime.objects.filter(learner_id=learner_id, metric=metric, value=value).delete()
    FirstTime.objects.bulk_create(
        FirstTime(learner_id=learner_id, metric=metric, value=value)
        for learner_id, (kept, derived) in sorted(changed.items())
        for metric, value in sorted(derived - kept)
    )
