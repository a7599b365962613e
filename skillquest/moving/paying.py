"""With --pay-completions: imported completions are paid as if they had been reported, in the order of their dates."""

from collections import defaultdict
from datetime import datetime

from gamification.awards import award_batches, lock_profiles
from hotsql.writes import insert_rows, update_rows
from tracking.models import Completion
from tracking.recording.answers import first_answer
from tracking.recording.completions import add_to, award_of

from .finishing import refresh_totals_of


def pay(completions: list[Completion], *, at: datetime) -> int:
    """Insert and pay these completions of locked learners, without the limits of plausibility; return the XP.

    What the learners have besides is written already, and is brought up to date first: a streak decides its bonus.
    """
    learner_ids = sorted({completion.learner_id for completion in completions})
    refresh_totals_of(learner_ids, at=at)
    insert_rows(completions)
    planned = defaultdict(list)
    for completion in sorted(completions, key=lambda completion: completion.effective_at):
        planned[completion.learner_id].append(completion)
    awards = {learner_id: [award_of(each) for each in own] for learner_id, own in planned.items()}
    with award_batches(lock_profiles(learner_ids), awards, at=at) as batches:
        for learner_id, own in planned.items():
            for completion in own:
                completion.answer = first_answer(completion, add_to(batches[learner_id], completion, timing=None))
        paid = sum(entry.delta for batch in batches.values() for entry in batch.entries)
    update_rows(completions, Completion.DECISION)
    return paid
