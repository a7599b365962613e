"""New events: recorded, entered one after the other into one book, and written together.

The rules are those of single events (`completions`, `gamification.awards.batch.Book`); only the road to the database is
another. See docs/decisions/0007.
"""

from datetime import datetime
from itertools import chain

from gamification.awards.batch import Book, rules_of
from gamification.awards.history import PastOfMany
from gamification.awards.services import lock_profile
from hotsql.writes import Write, insert_new, insert_rows, send, updating
from levels.errors import LevelLocked
from levels.models import Level
from levels.prerequisites import prerequisites_of
from tracking.models import Completion, LearningSession
from tracking.recording.answers import first_answer
from tracking.recording.completions import enter, record, subject_of
from tracking.recording.counting import firsts_of
from tracking.recording.limits import Pace

from .events import Item, Status, Verdict


def insert(learner, items: list[Item], at: datetime) -> list[Item]:
    """Give each its saved completion; those that somebody else has saved at this moment are returned."""
    for item in items:
        item.completion = record(
            learner, item.level, item.claim, source=Completion.Source.SYNC, at=at, session=item.session
        )
    if items:
        # In one order everywhere, or two batches would wait for each other.
        completions = sorted((item.completion for item in items), key=lambda completion: completion.client_event_id)
        insert_new(completions, conflict="(learner_id, client_event_id)", key="client_event_id")
    return [item for item in items if item.completion.pk is None]


def pay(learner, items: list[Item], at: datetime) -> None:
    """Pay what was inserted, take out again whose level stays locked, and keep the answers."""
    _insert_sessions(learner, [item for item in items if item.sitting and not item.session])
    profile = lock_profile(learner.pk)
    book = Book(profile, rules_of(profile), at=at, past=_past_of(learner, items))
    _enter_all(items, book, Doors(learner, items))
    _take_out([item for item in items if not item.earned])
    entered = [item for item in items if item.earned]
    earned = book.writes() if any(not item.completion.held for item in entered) else []
    send([*earned, *_answers(entered)])


class Doors:
    """Which levels are open to the learner; what is passed opens more."""

    def __init__(self, learner, items: list[Item]):
        self.needed = prerequisites_of({item.level for item in items if not item.names_session})
        keys = {level.pk for levels in self.needed.values() for level in levels}
        inserted = [item.completion.pk for item in items]
        before = Completion.objects.passed_levels(learner).filter(level__in=keys).exclude(pk__in=inserted)
        self.passed = {row["level_id"] for row in before.distinct()}

    def missing(self, level: Level) -> list[Level]:
        return [needed for needed in self.needed[level.pk] if needed.pk not in self.passed]

    def are_open_to(self, item: Item) -> bool:
        """Whoever ends a session has been let in already."""
        return item.names_session or (item.level.is_open and not self.missing(item.level))

    def note(self, completion: Completion) -> None:
        if completion.passed and not completion.held:
            self.passed.add(completion.level_id)


def _enter_all(items: list[Item], book: Book, doors: Doors) -> None:
    """In the order in which they happened; what is locked then is tried again for as long as others open something."""
    waiting = sorted(items, key=lambda item: item.completion.occurred_at)
    pace = Pace(book.profile.pk, [item.completion.occurred_at for item in items])
    while waiting:
        locked = []
        for item in waiting:
            if doors.are_open_to(item):
                item.earned = enter(item.completion, book, pace)
                doors.note(item.completion)
            else:
                locked.append(item)
        if len(locked) == len(waiting):
            break
        waiting = locked
    for item in waiting:
        item.reject(LevelLocked(item.level, doors.missing(item.level)))


def _past_of(learner, items: list[Item]) -> PastOfMany:
    completions = [item.completion for item in items]
    return PastOfMany(
        learner.pk,
        subjects={subject_of(completion.level_id) for completion in completions},
        moments=[completion.occurred_at for completion in completions],
        firsts=chain.from_iterable(map(firsts_of, completions)),
    )


def _insert_sessions(learner, items: list[Item]) -> None:
    """Those that took place offline."""
    for item in items:
        item.session = LearningSession(learner=learner, level=item.level, start_time=item.sitting.start_time)
        item.session.end(score=item.sitting.score, at=item.claim.occurred_at)
    insert_rows([item.session for item in items])
    for item in items:
        item.completion.session = item.session


def _take_out(items: list[Item]) -> None:
    """Nothing may stand under the id of a rejected event: once its level is open, it may be sent again."""
    if items:
        Completion.objects.filter(pk__in=[item.completion.pk for item in items]).delete()
        LearningSession.objects.filter(pk__in=[item.session.pk for item in items if item.session]).delete()


def _answers(items: list[Item]) -> list[Write]:
    begun_here = [item for item in items if item.names_session]
    for item in begun_here:
        item.session.end(score=item.sitting.score, at=item.claim.occurred_at)
    for item in items:
        item.completion.answer = first_answer(item.completion, item.earned)
        status = Status.HELD if item.completion.held else Status.CREATED
        item.verdict = Verdict(status, item.completion.answer)
    return [
        *updating([item.session for item in begun_here], LearningSession.END),
        *updating([item.completion for item in items], ["answer", "held", "session"]),
    ]
