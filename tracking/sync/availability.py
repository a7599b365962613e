"""Which levels are available to the learners of a batch, and under which category a level counts for them."""

from collections import defaultdict

from hotsql.tables import ask_each
from levels.history import LevelHistory
from levels.models import Level
from levels.prerequisites import prerequisites_of
from tracking.models import Completion, CompletionQuerySet
from tracking.recording.categories import counted_category

from .events import ResultItem


class Standing:
    """What the learners have passed of the levels that a batch needs. Read it after the profiles are locked.

    It gives the completions their categories.
    """

    def __init__(self, items: list[ResultItem], history: LevelHistory) -> None:
        self.history = history
        self.required = prerequisites_of({item.level for item in items if not item.names_session})
        inserted = [item.completion.pk for item in items]
        self.before = Completion.objects.exclude(pk__in=inserted)
        asked = {pair for item in items for pair in self._pairs(item)}
        rows = ask_each(asked, self._passed, self._passed_or_held, _category)
        self.passed: dict[int, set[int]] = defaultdict(set)
        self.passed_or_held: dict[int, set[int]] = defaultdict(set)
        for (learner_id, level_id), (is_passed, is_passed_or_held, _) in rows.items():
            if is_passed:
                self.passed[learner_id].add(level_id)
            if is_passed_or_held:
                self.passed_or_held[learner_id].add(level_id)
        for item in items:
            *_, item.completion.category = rows[item.learner.pk, item.level.pk]

    def of(self, learner_id: int) -> "Availability":
        return Availability(self, self.passed[learner_id], self.passed_or_held[learner_id])

    def _pairs(self, item: ResultItem) -> list[tuple[int, int]]:
        levels = [item.level] if item.names_session else [item.level, *self.required[item.level.pk]]
        return [(item.learner.pk, level.pk) for level in levels]

    # The first completion found decides, however many there are.

    def _passed(self, learner_id: int, level_id: int) -> CompletionQuerySet:
        return self.before.filter(level=level_id).passed_levels(learner_id)[:1]

    def _passed_or_held(self, learner_id: int, level_id: int) -> CompletionQuerySet:
        return self.before.filter(level=level_id).passed_or_held_levels(learner_id)[:1]


class Availability:
    """Which levels are available to one learner; passing one may make others available."""

    def __init__(self, standing: Standing, passed: set[int], passed_or_held: set[int]) -> None:
        self.required, self.history = standing.required, standing.history
        self.passed, self.passed_or_held = passed, passed_or_held

    def missing(self, level: Level) -> list[Level]:
        return [required for required in self.required[level.pk] if required.pk not in self.passed]

    def includes(self, item: ResultItem) -> bool:
        """Ending a session needs no check: it was made when the session started."""
        return item.names_session or self._is_open(item, self.passed)

    def is_opened_by_held(self, item: ResultItem) -> bool:
        """Only results that wait for staff make its level available."""
        return self._is_open(item, self.passed_or_held)

    def _is_open(self, item: ResultItem, passed: set[int]) -> bool:
        return self._is_available(item.level, passed) or self._was_available(item, passed)

    def _is_available(self, level: Level, passed: set[int]) -> bool:
        has_missing = any(required.pk not in passed for required in self.required[level.pk])
        return level.is_available(has_passed=level.pk in self.passed, has_missing=has_missing)

    def _was_available(self, item: ResultItem, passed: set[int]) -> bool:
        """A result counts if its level was available when it was played, even if staff have closed it since."""
        if item.played_at is None:
            return False
        missing = self.history.missing_as_of(item.level, item.played_at, passed=passed)
        return item.earlier.is_available(has_passed=item.level.pk in self.passed, has_missing=bool(missing))

    def note(self, completion: Completion) -> None:
        if completion.passed:
            self.passed_or_held.add(completion.level_id)
        if completion.passed and not completion.held:
            self.passed.add(completion.level_id)


def _category(learner_id: int, level_id: int):
    return Level.objects.filter(pk=level_id).order_by().values_list(counted_category(learner_id))
