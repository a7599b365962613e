"""What remains of completions when a learner is erased: levels, scores and dates, without free texts.

Of plays their completions remain, without the questions and answers.
"""

from collections import Counter
from datetime import datetime
from typing import Any

from django.db.models import F, QuerySet

from gamification.models import LearnerProfile
from gamification.streaks import load_zone_changes
from hotsql.writes import update_rows
from tracking.models import (
    CheckIn,
    Completion,
    IdempotencyKey,
    LearningSession,
    MetricEvent,
    Play,
    PlayQuestion,
    QuestionMemory,
    Review,
    TriedLearner,
)
from tracking.recording.metadata import without_words

from .rebuilding import Done, rebuild_profile

PORTION = 1_000  # completions
KEYS = 1_000  # kept answers, check-ins, or questions of plays, in a portion; each may have hundreds of kilobytes


def leave_sessions(learner_id: int) -> None:
    """Before the profile is locked, as everywhere: no session stays open."""
    mine = LearningSession.objects.locked().open().filter(learner=learner_id).order_by("pk")
    opened = [session.pk for session in mine]
    LearningSession.objects.filter(pk__in=opened).update(status=LearningSession.Status.ABANDONED)


def forget_memories(learner_id: int) -> None:
    """Before the profile is locked, as reviews do: without them nothing is reviewed any more."""
    QuestionMemory.objects.filter(learner=learner_id).delete()


def has_more_than(rows: int, learner_id: int) -> bool:
    """Whether the learner has more completions, events of metrics, kept answers, or questions asked, than that."""
    completions = Completion.objects.filter(learner=learner_id).order_by()
    keys = IdempotencyKey.objects.filter(user=learner_id).order_by()
    events = MetricEvent.objects.filter(learner=learner_id).order_by()
    asked = PlayQuestion.objects.filter(play__session__learner=learner_id).order_by()
    reviews = Review.objects.filter(learner=learner_id).order_by()
    many = (completions, events, keys, asked, reviews)
    return any(mine.values_list("pk")[rows : rows + 1] for mine in many)


def scrub_portion(learner_id: int, cursor: dict[str, Any], *, at: datetime) -> bool:
    """Scrub the next rows of an erased learner, in whose name nothing is recorded any more; True when none is left.

    Clients may have put anything into keys, event ids and free texts. At last the derived totals are computed again,
    since hours of the day are in UTC from now on. `cursor` is a JSON object, empty at first: where to go on.
    """
    cursor.setdefault("scrubbed", 0)
    if _delete_some(IdempotencyKey.objects.filter(user=learner_id)):
        return False
    if _delete_some(CheckIn.objects.filter(learner=learner_id)):
        return False
    if _delete_some(PlayQuestion.objects.filter(play__session__learner=learner_id)):
        return False
    if _delete_some(Play.objects.filter(session__learner=learner_id)):
        return False
    if _delete_some(Review.objects.filter(learner=learner_id)):
        return False
    if _delete_some(TriedLearner.objects.filter(learner=learner_id)):
        return False
    if _forget_event_ids(learner_id):
        return False
    portion = _next_completions(learner_id, after=cursor.get("after", 0))
    _scrub(portion)
    cursor["scrubbed"] += len(portion)
    done = _add_up(learner_id, portion, cursor)
    if len(portion) == PORTION:
        cursor["after"] = portion[-1].pk
        cursor["counts"], cursor["firsts"], cursor["verified"] = done.counts, sorted(done.firsts), done.verified
        return False
    rebuild_profile(learner_id, at=at, done=done)
    return True


def _next_completions(learner_id: int, *, after: int) -> list[Completion]:
    """The keys first, since the whole history is sorted for each portion."""
    # The sum keeps PostgreSQL from walking through the primary keys of all learners.
    mine = Completion.objects.filter(learner=learner_id, pk__gt=after).alias(number=F("pk") + 0)
    keys = list(mine.order_by("number").values_list("pk", flat=True)[:PORTION])
    return list(Completion.objects.filter(pk__in=keys).defer("answer").order_by("pk"))


def _delete_some(rows: QuerySet[Any]) -> bool:
    """Whether there may be more of them."""
    some = rows.order_by("pk").values_list("pk", flat=True)[:KEYS]
    deleted, _ = rows.filter(pk__in=list(some)).delete()
    return deleted == KEYS


def _forget_event_ids(learner_id: int) -> bool:
    """Of events of metrics; whether there may be more of them."""
    named = MetricEvent.objects.filter(learner=learner_id, client_event_id__isnull=False)
    keys = list(named.order_by("pk").values_list("pk", flat=True)[:KEYS])
    MetricEvent.objects.filter(pk__in=keys).update(client_event_id=None)
    return len(keys) == KEYS


def _scrub(completions: list[Completion]) -> None:
    changed = []
    for completion in completions:
        before = completion.client_event_id, completion.metadata
        completion.client_event_id, completion.metadata = None, without_words(completion.metadata)
        if before != (None, completion.metadata):
            changed.append(completion)
    update_rows(changed, ["client_event_id", "metadata"])


def _add_up(learner_id: int, completions: list[Completion], cursor: dict[str, Any]) -> Done:
    profile = LearnerProfile.objects.get(pk=learner_id)
    load_zone_changes([profile])
    firsts = {(metric, value) for metric, value in cursor.get("firsts", [])}
    done = Done(Counter(cursor.get("counts", {})), firsts, Counter(cursor.get("verified", {})))
    for completion in completions:
        if not completion.held:
            done.add(completion, profile)
    return done
