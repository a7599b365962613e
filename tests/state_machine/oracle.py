"""Who should have been paid what: the product's rules once more, in plain Python that shares no line with it.

Nothing is imported from the product, so that no mistake is made in both places by making it once. Learners, actors and
levels are names; `Deed`, `Sitting` and `Line` stand for a completion, a session and a line of the ledger.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from .prices import LevelFacts, RuleSet, price

TWIN_WINDOW = timedelta(seconds=10)
RESTART_WINDOW = timedelta(seconds=5)
SITTING_MAX_AGE = timedelta(hours=24)
CLOCK_BACK, CLOCK_AHEAD = timedelta(days=30), timedelta(minutes=5)


@dataclass(frozen=True)
class Claim:
    """What a client says it did."""

    level: str
    score: int
    time_spent: int | None = None
    difficulty: str = ""
    hints: int | None = None
    event_id: str | None = None
    occurred_at: datetime | None = None

    @property
    def content(self):
        return self.level, self.score, self.time_spent, self.difficulty, self.hints


@dataclass(eq=False)
class Deed:
    who: str
    claim: Claim
    passed: bool
    held: bool
    occurred_at: datetime
    created_at: datetime
    sitting: "Sitting | None" = None
    awarded: int = 0
    answer: dict = field(default_factory=dict)  # what the product told first; the machine keeps it here


@dataclass(eq=False)
class Sitting:
    who: str
    level: str
    start: datetime
    status: str = "open"
    score: int | None = None
    deed: Deed | None = None
    pk: int = 0  # the product's; the machine keeps it here


@dataclass(eq=False)
class Line:
    who: str
    delta: int
    reason: str
    version: int
    effective_at: datetime
    created_at: datetime
    deed: Deed | None = None
    reference: str = ""
    takes_back: "Line | None" = None


class RefusedError(Exception):
    """The deed must be refused with this code."""


class Oracle:
    """Everything that has happened. Each deed answers with what it made, or raises RefusedError."""

    def __init__(self, levels: list[LevelFacts], *, now: datetime, ceiling: int | None):
        self.levels = {level.level_id: level for level in levels}
        self.now, self.ceiling = now, ceiling
        self.rules, self.tracking, self.shut = RuleSet(1), True, set()
        self.deeds: list[Deed] = []
        self.sittings: list[Sitting] = []
        self.lines: list[Line] = []

    # What is known about a learner

    def lines_of(self, who):
        return [line for line in self.lines if line.who == who]

    def total(self, who):
        return sum(line.delta for line in self.lines_of(who))

    def has_passed(self, who, level):
        return any(deed.passed and not deed.held for deed in self.deeds_on(who, level))

    def deeds_on(self, who, level):
        return [deed for deed in self.deeds if (deed.who, deed.claim.level) == (who, level)]

    def paid_by(self, who, level):
        return sum(line.delta for line in self.lines_of(who) if line.deed and line.deed.claim.level == level)

    def find_event(self, who, event_id):
        return next(
            (deed for deed in self.deeds if event_id and (deed.who, deed.claim.event_id) == (who, event_id)), None
        )

    # Deeds of a learner

    def complete(self, who, claim: Claim) -> tuple[Deed, bool]:
        """The deed, and whether it is a new one."""
        if known := self.find_event(who, claim.event_id):
            if known.claim.content != claim.content:
                raise RefusedError("event_id_reused")
            return known, False
        self._refuse(who, claim.level)
        occurred_at = claim.occurred_at or self.now
        if not self.now - CLOCK_BACK <= occurred_at <= self.now + CLOCK_AHEAD:
            raise RefusedError("clock_out_of_range")
        self._refuse_score(claim)
        if not claim.event_id and (twin := self._twin(who, claim)):
            return twin, False
        return self._record(who, claim, occurred_at), True

    def start(self, who, level, *, resume: bool) -> tuple[Sitting, bool]:
        self._refuse(who, level)
        for sitting in self.sittings:
            if (sitting.who, sitting.level, sitting.status) == (who, level, "open"):
                if resume and abs(self.now - sitting.start) < RESTART_WINDOW:
                    return sitting, False
                sitting.status = "abandoned"
        self.sittings.append(Sitting(who, level, self.now))
        return self.sittings[-1], True

    def end(self, who, sitting: Sitting, *, score: int | None, hints: int | None) -> tuple[Deed, bool]:
        if sitting.who != who:
            raise RefusedError("session_not_found")
        if sitting.deed:
            if score not in (None, sitting.score or 0):
                raise RefusedError("session_already_ended")
            return sitting.deed, False
        self._refuse_untracked()
        if sitting.status == "abandoned" or self._is_stale(sitting):
            raise RefusedError("session_abandoned")
        seconds = max(0, int((self.now - sitting.start).total_seconds()))
        claim = Claim(sitting.level, score or 0, seconds, hints=hints)
        self._refuse_score(claim)
        sitting.status, sitting.score = "ended", score
        sitting.deed = self._record(who, claim, self.now, sitting)
        return sitting.deed, True

    def sweep(self):
        for sitting in self.sittings:
            if sitting.status == "open" and self._is_stale(sitting):
                sitting.status = "abandoned"

    # Deeds of staff

    def release(self, deed: Deed):
        if deed.held:
            deed.held = False
            self._pay(deed)

    def adjust(self, actor, who, amount, reference) -> Line:
        if actor == who:
            raise RefusedError("own_xp")
        for known in self.lines_of(who):
            if reference and known.reference == reference and not known.takes_back:
                if known.delta != amount:
                    raise RefusedError("reference_reused")
                return known
        return self._write(who, amount, "manual_adjustment", self.now, reference=reference)

    def reverse(self, actor, line: Line) -> Line:
        if actor == line.who:
            raise RefusedError("own_xp")
        if line.takes_back or any(other.takes_back is line for other in self.lines):
            raise RefusedError("not_reversible")
        return self._write(line.who, -line.delta, "reversal", line.effective_at, deed=line.deed, takes_back=line)

    def publish(self, **numbers):
        self.rules = replace(RuleSet(self.rules.version + 1), **numbers)

    # How

    def _refuse(self, who, level):
        self._refuse_untracked()
        if level not in self.levels:
            raise RefusedError("unknown_level")
        if level in self.shut or not all(self.has_passed(who, needed) for needed in self.levels[level].needs):
            raise RefusedError("level_locked")

    def _refuse_untracked(self):
        if not self.tracking:
            raise RefusedError("tracking_disabled")

    def _refuse_score(self, claim):
        if claim.score > self.levels[claim.level].max_score:
            raise RefusedError("invalid")

    def _is_stale(self, sitting):
        return self.now - sitting.start > SITTING_MAX_AGE

    def _twin(self, who, claim):
        alike = [d for d in self.deeds_on(who, claim.level) if d.claim.content[:3] == claim.content[:3]]
        near = [deed for deed in alike if abs(self.now - deed.created_at) < TWIN_WINDOW]
        return min(near, key=lambda deed: deed.created_at, default=None)

    def _record(self, who, claim, occurred_at, sitting=None):
        level = self.levels[claim.level]
        in_a_hurry = claim.time_spent is not None and claim.time_spent < level.min_seconds
        held = in_a_hurry or self._earns_too_fast(who, occurred_at)
        deed = Deed(who, claim, level.passes(claim.score), held, occurred_at, self.now, sitting)
        self.deeds.append(deed)
        if not held:
            self._pay(deed)
        return deed

    def _earns_too_fast(self, who, moment):
        """In the hour before it or in the hour after it."""
        if self.ceiling is None:
            return False
        lines = [(line.effective_at, line.delta) for line in self.lines_of(who)]
        before = sum(delta for at, delta in lines if timedelta(0) <= moment - at <= timedelta(hours=1))
        after = sum(delta for at, delta in lines if timedelta(0) <= at - moment <= timedelta(hours=1))
        return before >= self.ceiling or after >= self.ceiling

    def _pay(self, deed):
        claim, level = deed.claim, self.levels[deed.claim.level]
        amount = price(level, self.rules, claim.score, claim.time_spent, claim.hints) if deed.passed else 0
        before = self.paid_by(deed.who, claim.level)
        if level.repeat == "improvement":
            amount = max(0, amount - before)
        if level.repeat == "none" and before > 0:
            amount = 0
        if self.rules.cap is not None:
            amount = min(amount, max(0, self.rules.cap - self._paid_on_day(deed)))
        deed.awarded = amount
        if amount:
            reason = "session_completion" if deed.sitting else "level_completion"
            self._write(deed.who, amount, reason, deed.occurred_at, deed=deed)

    def _paid_on_day(self, deed):
        day = deed.occurred_at.date()
        return sum(line.delta for line in self.lines_of(deed.who) if line.deed and line.effective_at.date() == day)

    def _write(self, who, delta, reason, effective_at, **about):
        if self.total(who) + delta < 0:
            raise RefusedError("balance_below_zero")
        self.lines.append(Line(who, delta, reason, self.rules.version, effective_at, self.now, **about))
        return self.lines[-1]
