"""Moving what was recorded from one learner to another, under their ids."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from tracking.models import CheckIn, LearningSession, QuestionMemory, Review

PORTION = 500  # rows in a statement
RECORDED = ("created_at", "occurred_at", "pk")  # the order in which the server learned of results


def move_sessions(guest_id: int, account_id: int) -> None:
    """Of two open sessions on one level the older one is abandoned, as if the newer one had been started after it.

    So it is with two open plays. Questions and answers go with their play.
    """
    both = LearningSession.objects.locked().open().filter(learner__in=[guest_id, account_id])
    newest: dict[tuple[int, bool], LearningSession] = {}
    for session in both.order_by("pk"):
        place = session.level_id, session.is_play
        older = newest.get(place)
        if older and older.start_time > session.start_time:
            older, session = session, older
        newest[place] = session
        if older:
            older.abandon()
    LearningSession.objects.filter(learner=guest_id).update(learner=account_id)


def keys_of(model: Any, learner_id: int) -> list[int]:
    return list(model.objects.filter(learner=learner_id).order_by("pk").values_list("pk", flat=True))


def move_rows(model: Any, keys: Sequence[int], *, to: int) -> None:
    """Waits for whoever records a row with the same event id; so it comes before the locks of profiles."""
    for start in range(0, len(keys), PORTION):
        model.objects.filter(pk__in=keys[start : start + PORTION]).update(learner=to)


def put_aside(copies: Sequence[Any], *, learner_id: int) -> None:
    """What does not count goes to the learner who is erased, with its session and without its id."""
    sessions = [copy.session_id for copy in copies if getattr(copy, "session_id", None)]
    for model in {type(copy) for copy in copies}:
        keys = [copy.pk for copy in copies if type(copy) is model]
        model.objects.filter(pk__in=keys).update(learner=learner_id, client_event_id=None)
    LearningSession.objects.filter(pk__in=sessions).update(learner=learner_id)


def move_check_ins(guest_id: int, account_id: int) -> None:
    """One that both have sent stays with the guest; the account has the same."""
    known = CheckIn.objects.filter(learner=account_id).values("client_event_id")
    CheckIn.objects.filter(learner=guest_id).exclude(client_event_id__in=known).update(learner=account_id)


def move_reviews(guest_id: int, account_id: int) -> set[int]:
    """Return the keys of the guest's reviews. Of two memories of a question the later one stays."""
    both = QuestionMemory.objects.select_for_update(no_key=True).filter(learner__in=[guest_id, account_id])
    latest: dict[int, QuestionMemory] = {}
    older = []
    for memory in both.order_by("question", "last_review", "pk"):
        if memory.question_id in latest:
            older.append(latest[memory.question_id].pk)
        latest[memory.question_id] = memory
    QuestionMemory.objects.filter(pk__in=older).delete()
    guest_keys = set(keys_of(Review, guest_id))
    for model in (QuestionMemory, Review):
        model.objects.filter(learner=guest_id).update(learner=account_id)
    return guest_keys


def later_copies(model: Any, guest_id: int, account_id: int) -> list[tuple[Any, Any]]:
    """Where both have a row with the same event id: the one that was recorded later, with the earlier one."""
    both = [guest_id, account_id]
    ids_of_account = model.objects.filter(learner=account_id).values("client_event_id")
    shared = model.objects.filter(learner=guest_id, client_event_id__in=ids_of_account).values("client_event_id")
    first: dict[UUID, Any] = {}
    copies = []
    for row in model.objects.filter(learner__in=both, client_event_id__in=shared).order_by(*RECORDED):
        earlier = first.setdefault(row.client_event_id, row)
        if earlier is not row:
            copies.append((row, earlier))
    return copies
