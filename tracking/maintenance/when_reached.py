"""When a learner reached a threshold of what completions and events of metrics count.

See `gamification.earnables.when_reached`.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from heapq import merge

from django.db.models.functions import Coalesce

from gamification.awards import Reached, Rules, counts_of_hour
from gamification.conditions import Leaf, counted_metadata, is_built_in
from gamification.models import LearnerProfile
from gamification.streaks import load_zone_changes, local_time
from tracking.models import Completion, MetricEvent
from tracking.recording.counting import counts_of, firsts_of

BATCH = 2000  # completions in memory at once
IN_ORDER = ("learner", Coalesce("counts_at", "occurred_at"), "pk")
# The metrics that `counts_of`, `counts_of_hour` and `firsts_of` know, beside the whitelisted metadata.
COUNTED = {
    "completions",
    "levels_completed",
    "attempts_passed",
    "sessions_completed",
    "study_seconds",
    "perfect_scores",
    "early_completions",
    "late_completions",
    "languages",
    "categories_completed",
}


def of_tracking(profiles: list[LearnerProfile], asked: Iterable[Leaf], _rules: Rules) -> Reached:
    """By the order in which things happened, whenever they were reported.

    Three statements, however many the learners.
    """
    wanted = defaultdict(list)
    for leaf in asked:
        if leaf.metric in {*COUNTED, *counted_metadata()} or not is_built_in(leaf.metric):
            wanted[leaf.metric].append(leaf)
    if not wanted:
        return {}
    known = {profile.pk: profile for profile in profiles}
    load_zone_changes(profiles)
    reached: Reached = {}
    totals: dict[int, Counter] = defaultdict(Counter)
    seen: dict[int, set] = defaultdict(set)
    for row in merge(_completions(known), _events(known, wanted), key=lambda row: (row.learner_id, row.effective_at)):
        learner_id = row.learner_id
        grown = _growth(row, known[learner_id], seen[learner_id])
        totals[learner_id].update(grown)
        for metric in grown.keys() & wanted.keys():
            _note(reached, wanted[metric], learner_id, totals[learner_id][metric], row.effective_at)
    return reached


def _growth(row: Completion | MetricEvent, profile: LearnerProfile, seen: set[tuple[str, str]]) -> Counter:
    """What it adds to each metric; `seen` are the learner's first times so far, to which its own are added."""
    if isinstance(row, MetricEvent):
        return Counter({row.metric_id: row.counted})
    firsts = set(firsts_of(row)) - seen
    seen |= firsts
    counts = Counter(counts_of(row)) + Counter(counts_of_hour(local_time(profile, row.effective_at).hour))
    return counts + Counter(metric for metric, _ in firsts)


def _completions(learner_ids: Iterable[int]) -> Iterator[Completion]:
    rows = Completion.objects.counted().filter(learner__in=list(learner_ids), passed=True).defer("answer")
    return rows.order_by(*IN_ORDER).iterator(chunk_size=BATCH)


def _events(learner_ids: Iterable[int], metrics: Iterable[str]) -> Iterator[MetricEvent]:
    custom = [metric for metric in metrics if not is_built_in(metric)]
    rows = MetricEvent.objects.filter(learner__in=list(learner_ids), metric__in=custom).defer("answer")
    return rows.order_by(*IN_ORDER).iterator(chunk_size=BATCH)


def _note(reached: Reached, leaves: list[Leaf], learner_id: int, total: int, moment: datetime) -> None:
    for leaf in leaves:
        if total >= leaf.threshold:
            reached.setdefault((learner_id, leaf), moment)
