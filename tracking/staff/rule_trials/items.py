"""What a learner's results pay now and by other rules: computed in memory, one result after the other."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from gamification.awards import Factor, PaidInMemory, Rules, price, streak_bonus, total
from gamification.models import LedgerEntry, Trust
from tracking.models import Completion
from tracking.recording.completions import REFERENCE, facts_of, reason_of, subject_of

Reason = LedgerEntry.Reason


@dataclass(frozen=True)
class Sides:
    """What is compared. `now` has the rules of each moment.

    Where `is_paid`, what results pay now is what the ledger says, so what earlier recalculations added belongs to it.
    """

    now: Callable[[datetime], Rules]
    tried: Rules
    is_paid: bool = False


@dataclass(frozen=True)
class Bonus:
    """A streak bonus that was paid."""

    day: str
    run: int
    trust: str
    effective_at: datetime
    created_at: datetime


@dataclass(frozen=True)
class ReviewedDate:
    """The right answers of a date of practice, and what they have paid."""

    day: date
    right: int
    paid: int
    last: datetime


@dataclass(frozen=True)
class Correction:
    """What a recalculation has added to one item."""

    key: str
    subject: str
    delta: int


@dataclass
class History:
    """Of one learner: what they did in the period, and what was paid for the same levels and dates before it."""

    completions: list[Completion] = field(default_factory=list)
    paid_for: Counter[str] = field(default_factory=Counter)
    paid_on: Counter[tuple[date, str]] = field(default_factory=Counter)
    reversed: set[str] = field(default_factory=set)  # payments of completions that staff took back
    bonuses: list[Bonus] = field(default_factory=list)
    reviews: list[ReviewedDate] = field(default_factory=list)
    corrections: list[Correction] = field(default_factory=list)


@dataclass(frozen=True)
class Item:
    """A completion, the streak bonus of a date, or a date's practice: what it pays now, and by the tried rules."""

    key: str
    source: str
    subject: str  # as of ledger entries; empty where it is no level
    level_id: int | None
    trust: str
    effective_at: datetime
    now: int
    tried: int

    @property
    def change(self) -> int:
        return self.tried - self.now


def compare(history: History, sides: Sides) -> list[Item]:
    return [*_completions(history, sides), *_bonuses(history, sides), *_reviews(history, sides)]


def _completions(history: History, sides: Sides) -> Iterator[Item]:
    inside = {str(completion.pk) for completion in history.completions}
    corrected = Counter[str]()
    for correction in history.corrections:
        if correction.key not in inside:
            corrected[correction.subject] += correction.delta
    before = history.paid_for + corrected
    now = PaidInMemory(history.paid_for if sides.is_paid else before, history.paid_on)
    tried = PaidInMemory(before, history.paid_on)
    added = _added(history, sides)
    for completion in history.completions:
        paid = _pays(completion, history, now, sides.now(completion.paid_at))
        key = str(completion.pk)
        yield Item(
            key=key,
            source=reason_of(completion),
            subject=subject_of(completion.level_id),
            level_id=completion.level_id,
            trust=completion.trust,
            effective_at=completion.effective_at,
            now=paid + added[key],
            tried=_pays(completion, history, tried, sides.tried),
        )


def _pays(completion: Completion, history: History, paid: PaidInMemory, rules: Rules) -> int:
    if completion.payment in history.reversed or _is_above_repeat_limit(completion):
        return 0
    facts, subject = facts_of(completion), subject_of(completion.level_id)
    day = completion.effective_at.astimezone(UTC).date()
    breakdown = paid.limit_repeat(price(facts, rules), facts.repeat_policy, subject)
    amount = total(paid.limit_day(breakdown, rules.daily_xp_cap, day, REFERENCE))
    paid.note(amount, subject, day, REFERENCE)
    return amount


def _is_above_repeat_limit(completion: Completion) -> bool:
    """The limits of plausibility paid nothing for it; they are not tried."""
    paid: list[dict] = getattr(completion, "paid", None) or []
    return any(Factor(**factor).factor == "repeat_limit" for factor in paid)


def _bonuses(history: History, sides: Sides) -> Iterator[Item]:
    added = _added(history, sides)
    for bonus in history.bonuses:
        key = f"{Reason.STREAK_BONUS}/{bonus.day}"
        now = streak_bonus(bonus.run, sides.now(bonus.created_at)) + added[key]
        tried = streak_bonus(bonus.run, sides.tried)
        yield Item(key, Reason.STREAK_BONUS, "", None, bonus.trust, bonus.effective_at, now, tried)


def _reviews(history: History, sides: Sides) -> Iterator[Item]:
    added = _added(history, sides)
    for reviewed in history.reviews:
        key = f"{Reason.REVIEW}/{reviewed.day.isoformat()}"
        paid = reviewed.paid if sides.is_paid else _practice(reviewed, sides.now(reviewed.last))
        tried = _practice(reviewed, sides.tried)
        yield Item(key, Reason.REVIEW, "", None, Trust.VERIFIED, reviewed.last, paid + added[key], tried)


def _practice(reviewed: ReviewedDate, rules: Rules) -> int:
    """Each right answer pays the same, as far as the most of its date allows."""
    return min(reviewed.right * rules.review_xp, rules.review_xp_per_day)


def _added(history: History, sides: Sides) -> Counter[str]:
    """By item: what earlier recalculations added to what it paid."""
    added = Counter[str]()
    for correction in history.corrections if sides.is_paid else []:
        added[correction.key] += correction.delta
    return added
