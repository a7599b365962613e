"""The history of learners, in the form that `import_history` reads.

It is read in bounded memory: a portion of learners at a time, and their rows as they come.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet

from gamification.models import (
    MAX_DELTA,
    ActivityDay,
    BadgeAward,
    BoardStanding,
    FreezeEvent,
    LearnerKind,
    LearnerProfile,
    LedgerEntry,
    TimeZoneChange,
    Unlock,
)
from levels.models import Level
from skillquest.accounts.models import User
from tracking.models import Completion, MetricEvent
from tracking.recording.completions import subject_of

LEARNERS = 500  # of a portion
ROWS = 2_000  # fetched at once

Line = dict[str, Any]


class Export:
    """`prefix` begins the external ids of learners who have none; `only` are the external ids that are wanted.

    `left_out` counts what is not exported, once the lines have been read.
    """

    def __init__(self, *, prefix: str, only: set[str] | None = None) -> None:
        self.prefix, self.only = prefix, only
        self.left_out: Counter[str] = Counter()
        self.levels = dict(Level.objects.values_list("pk", "level_id"))
        self.subjects = {subject_of(pk): level_id for pk, level_id in self.levels.items()}

    def lines(self) -> Iterator[Line]:
        """All learners first, since the other lines name them."""
        for people in self._portions():
            yield from (learner_line(person, self.external_id(person)) for person in people)
        for people in self._portions():
            names = {person.pk: self.external_id(person) for person in people}
            for kind, rows in self._parts(names):
                for learner_id, line in rows:
                    yield {"kind": kind, "external_id": names[learner_id], **compact(line)}
        self._count_left_out()

    def external_id(self, person: User) -> str:
        return person.external_id or f"{self.prefix}-{person.pk}"

    def _portions(self) -> Iterator[list[User]]:
        last = 0
        while people := list(exported_people().filter(pk__gt=last).order_by("pk")[:LEARNERS]):
            last = people[-1].pk
            yield [person for person in people if self.only is None or self.external_id(person) in self.only]

    def _parts(self, names: dict[int, str]) -> Iterator[tuple[str, Iterable[tuple[int, Line]]]]:
        ids = list(names)
        yield "time_zone_change", zone_changes(ids)
        yield "streak_day", days(ids)
        yield "opening_xp", self._entries(names)
        yield "achievement", unlocks(ids)
        yield "badge", badges(ids)
        yield "metric", metric_events(ids)
        yield "completion", self._completions(ids)

    def _entries(self, names: dict[int, str]) -> Iterator[tuple[int, Line]]:
        """Each entry by itself, so that weeks, months and what a level has paid stay what they are."""
        for entry in LedgerEntry.objects.filter(learner__in=names).order_by("learner", "sequence").iterator(ROWS):
            for part, amount in enumerate(in_parts(entry.delta)):
                yield (
                    entry.learner_id,
                    {
                        "id": f"{names[entry.learner_id]}/{entry.sequence}" + (f".{part}" if part else ""),
                        "amount": amount,
                        "date": entry.effective_at,
                        "reason": reason_of(entry),
                        "level": self.subjects.get(entry.subject),
                        "trust": entry.trust,
                        "note": entry.note,
                    },
                )

    def _completions(self, ids: list[int]) -> Iterator[tuple[int, Line]]:
        rows = Completion.objects.counted().filter(learner__in=ids).select_related("session").defer("answer")
        for row in rows.order_by("learner", "pk").iterator(ROWS):
            yield (
                row.learner_id,
                {
                    "level": self.levels[row.level_id],
                    "score": row.score,
                    "max": row.max_score,
                    "passed": row.passed,
                    "occurred_at": row.occurred_at,
                    "counts_at": row.counts_at,
                    "started_at": row.session.start_time if row.session else None,
                    "time_spent": row.time_spent,
                    "study_seconds": row.study_seconds,
                    "difficulty": row.difficulty,
                    "category": row.category,
                    "trust": row.trust,
                    "client_event_id": row.client_event_id,
                    "metadata": row.metadata,
                    "counted": row.counted,
                    "metrics": row.metrics,
                },
            )

    def _count_left_out(self) -> None:
        profiles = LearnerProfile.objects.all()
        self.left_out["erased people"] = profiles.exclude(erased_at=None).count()
        alive = profiles.filter(erased_at=None)
        self.left_out["deactivated accounts"] = alive.filter(user__is_active=False).count()
        self.left_out["guests and test learners"] = alive.exclude(kind=LearnerKind.MEMBER).count()
        self.left_out["held results"] = Completion.objects.held().filter(learner__in=exported_people()).count()


def exported_people() -> QuerySet[User]:
    people: QuerySet[User] = User.objects.filter(
        is_active=True, profile__erased_at=None, profile__kind=LearnerKind.MEMBER
    )
    return people.select_related("profile")


def learner_line(person: User, external_id: str) -> Line:
    profile = person.profile
    is_ranked = profile.board_standing == BoardStanding.RANKED
    line = {
        "email": person.email,
        "username": person.username,
        "display_name": person.display_name,
        "time_zone": profile.time_zone,
        "language": person.language,
        "created_at": person.date_joined,
        "freezes": profile.freezes_available,
        "leaderboard_opt_out": profile.leaderboard_opt_out or None,
        "board_standing": None if is_ranked else profile.board_standing,
        "board_standing_until": None if is_ranked else profile.board_standing_until,
    }
    return {"kind": "learner", "external_id": external_id, **compact(line)}


def zone_changes(ids: list[int]) -> Iterator[tuple[int, Line]]:
    rows = TimeZoneChange.objects.filter(learner__in=ids).order_by("learner", "effective_from", "pk")
    for row in rows.iterator(ROWS):
        yield row.learner_id, {"before": row.before, "time_zone": row.time_zone, "date": row.effective_from}


def days(ids: list[int]) -> Iterator[tuple[int, Line]]:
    used = defaultdict(set)
    events = FreezeEvent.objects.filter(learner__in=ids, kind=FreezeEvent.Kind.USED)
    for learner_id, day in events.values_list("learner_id", "date"):
        used[learner_id].add(day)
    for row in ActivityDay.objects.filter(learner__in=ids).order_by("learner", "date").iterator(ROWS):
        yield (
            row.learner_id,
            {
                "date": row.date,
                "state": row.kind,
                "completed": row.completed,
                "freeze_used": row.date in used[row.learner_id],
            },
        )


def unlocks(ids: list[int]) -> Iterator[tuple[int, Line]]:
    rows = Unlock.objects.filter(learner__in=ids).select_related("achievement")
    for row in rows.order_by("learner", "earned_at", "achievement__achievement_id").iterator(ROWS):
        yield (
            row.learner_id,
            {
                "achievement": row.achievement.achievement_id,
                "date": row.earned_at,
                "xp": row.xp_reward,
                "revoked_at": row.revoked_at,
            },
        )


def badges(ids: list[int]) -> Iterator[tuple[int, Line]]:
    rows = BadgeAward.objects.filter(learner__in=ids).select_related("badge")
    for row in rows.order_by("learner", "awarded_at", "badge__name").iterator(ROWS):
        yield row.learner_id, {"badge": row.badge.name, "date": row.awarded_at, "revoked_at": row.revoked_at}


def metric_events(ids: list[int]) -> Iterator[tuple[int, Line]]:
    for row in MetricEvent.objects.filter(learner__in=ids).defer("answer").order_by("learner", "pk").iterator(ROWS):
        yield (
            row.learner_id,
            {
                "metric": row.metric_id,
                "value": row.value,
                "counted": row.counted,
                "date": row.effective_at,
                "trust": row.trust,
                "client_event_id": row.client_event_id,
            },
        )


def in_parts(amount: int) -> Iterator[int]:
    """Only an archived part that was carried forward is larger than an entry may be."""
    while abs(amount) > MAX_DELTA:
        part = MAX_DELTA if amount > 0 else -MAX_DELTA
        yield part
        amount -= part
    yield amount


def reason_of(entry: LedgerEntry) -> str | None:
    """What it was first written for, also where it was imported since."""
    return entry.metadata.get("was") if entry.reason == LedgerEntry.Reason.IMPORT else entry.reason


def compact(line: Line) -> Line:
    """Without what an import would add by itself, in the types of JSON."""
    return {name: _plain(value) for name, value in line.items() if value not in (None, "", {})}


def _plain(value: Any) -> Any:
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return dict(sorted(value.items()))  # PostgreSQL keeps JSON in an order of its own
    return value if isinstance(value, str | int) else str(value)
