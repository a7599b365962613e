"""Moving completions and sessions from one learner to another, under their ids."""

from collections.abc import Sequence
from uuid import UUID

from tracking.models import CheckIn, Completion, LearningSession

PORTION = 500  # rows in a statement
RECORDED = ("created_at", "occurred_at", "pk")  # the order in which the server learned of results


def move_sessions(guest_id: int, account_id: int) -> None:
    """Of two open sessions on one level the older one is abandoned, as if the newer one had been started after it."""
    both = LearningSession.objects.locked().open().filter(learner__in=[guest_id, account_id])
    newest: dict[int, LearningSession] = {}
    for session in both.order_by("pk"):
        older = newest.get(session.level_id)
        if older and older.start_time > session.start_time:
            older, session = session, older
        newest[session.level_id] = session
        if older:
            older.abandon()
    LearningSession.objects.filter(learner=guest_id).update(learner=account_id)


def keys_of(learner_id: int) -> list[int]:
    return list(Completion.objects.filter(learner=learner_id).order_by("pk").values_list("pk", flat=True))


def move_completions(keys: Sequence[int], *, to: int) -> None:
    """Waits for whoever records a completion with the same event id; so it comes before the locks of profiles."""
    for start in range(0, len(keys), PORTION):
        Completion.objects.filter(pk__in=keys[start : start + PORTION]).update(learner=to)


def put_aside(completions: Sequence[Completion], *, learner_id: int) -> None:
    """Completions that do not count go to the learner who is erased, with their sessions and without their ids."""
    keys = [completion.pk for completion in completions]
    sessions = [completion.session_id for completion in completions if completion.session_id]
    Completion.objects.filter(pk__in=keys).update(learner=learner_id, client_event_id=None)
    LearningSession.objects.filter(pk__in=sessions).update(learner=learner_id)


def move_check_ins(guest_id: int, account_id: int) -> None:
    """One that both have sent stays with the guest; the account has the same."""
    known = CheckIn.objects.filter(learner=account_id).values("client_event_id")
    CheckIn.objects.filter(learner=guest_id).exclude(client_event_id__in=known).update(learner=account_id)


def later_copies(guest_id: int, account_id: int) -> list[tuple[Completion, Completion]]:
    """Where both have a completion with the same event id: the one that was recorded later, with the earlier one."""
    both = [guest_id, account_id]
    ids_of_account = Completion.objects.filter(learner=account_id).values("client_event_id")
    shared = Completion.objects.filter(learner=guest_id, client_event_id__in=ids_of_account).values("client_event_id")
    first: dict[UUID, Completion] = {}
    copies: list[tuple[Completion, Completion]] = []
    for completion in Completion.objects.filter(learner__in=both, client_event_id__in=shared).order_by(*RECORDED):
        earlier = first.setdefault(completion.client_event_id, completion)
        if earlier is not completion:
            copies.append((completion, earlier))
    return copies
