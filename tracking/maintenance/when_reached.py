"""When a learner reached a threshold of what completions count; see `gamification.earnables.when_reached`."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime

from django.db.models.functions import Coalesce

from gamification.awards import Reached, Rules, counts_of_hour
from gamification.conditions import Leaf, counted_metadata
from gamification.models import LearnerProfile
from gamification.streaks import load_zone_changes, local_time
from tracking.models import Completion
from tracking.recording.counting import counts_of, firsts_of

BATCH = 2000  # completions in memory at once
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
    """By the order in which things happened, whenever they were reported; two statements, however many the learners."""
    wanted = defaultdict(list)
    for leaf in asked:
        if leaf.metric in {*COUNTED, *counted_metadata()}:
            wanted[leaf.metric].append(leaf)
    if not wanted:
        return {}
    known = {profile.pk: profile for profile in profiles}
    load_zone_changes(profiles)
    reached: Reached = {}
    totals: dict[int, Counter] = defaultdict(Counter)
    seen: dict[int, set] = defaultdict(set)
    for completion in _completions(known):
        learner_id = completion.learner_id
        local = local_time(known[learner_id], completion.effective_at)
        firsts = set(firsts_of(completion)) - seen[learner_id]
        seen[learner_id] |= firsts
        counts = Counter(counts_of(completion)) + Counter(counts_of_hour(local.hour))
        grown = counts + Counter(metric for metric, _ in firsts)
        totals[learner_id].update(grown)
        for metric in grown.keys() & wanted.keys():
            _note(reached, wanted[metric], learner_id, totals[learner_id][metric], completion.effective_at)
    return reached


def _completions(learner_ids: Iterable[int]) -> Iterator[Completion]:
    rows = Completion.objects.counted().filter(learner__in=list(learner_ids), passed=True).defer("answer")
    return rows.order_by("learner", Coalesce("counts_at", "occurred_at"), "pk").iterator(chunk_size=BATCH)


def _note(reached: Reached, leaves: list[Leaf], learner_id: int, total: int, moment: datetime) -> None:
    for leaf in leaves:
        if total >= leaf.threshold:
            reached.setdefault((learner_id, leaf), moment)
