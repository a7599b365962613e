"""The completions of a guest and an account as the merge of their books sees them."""

from collections import defaultdict
from collections.abc import Container, Iterable
from dataclasses import dataclass, field

from django.conf import settings
from django.db.models.fields.json import KeyTransform

from gamification.awards import CustomMetric, Factor, MetricAward, ReviewAward, Timing, price, published_rules, total
from gamification.staff import Brought, MergedEvent, MergedResult, OtherResult
from levels.prerequisites import prerequisites_of
from tracking.models import Completion, MetricEvent
from tracking.recording.completions import award_of, facts_of, subject_of
from tracking.recording.limits import timing_of

from .moving import RECORDED

NEAREST = 5  # completions with the same content that are compared


@dataclass
class Pile:
    """The completions of one of the two; those are `dropped` of which the other one has an earlier copy, beside it."""

    counted: list[Completion] = field(default_factory=list)
    dropped: list[tuple[Completion, Completion]] = field(default_factory=list)

    def brought(self, events: list[MergedEvent], reviews: list[ReviewAward]) -> Brought:
        needs = _needs(self.counted)
        others = [
            OtherResult(each.payment, earlier.payment, each.effective_at, each.paid_at)
            for each, earlier in self.dropped
        ]
        counted = [each for each in self.counted if not each.held]
        results = [_result(each, needs.get(each.level_id, frozenset())) for each in counted]
        return Brought(results, others, events, reviews)


def completions_of(learner_id: int) -> list[Completion]:
    """With their level and session, and of their answer only the breakdown: `paid`."""
    found = Completion.objects.filter(learner=learner_id).select_related("level", "session").defer("answer")
    return list(found.annotate(paid=KeyTransform("xp_breakdown", "answer")).order_by(*RECORDED))


def sort_out(completions: Iterable[Completion], guest_keys: Container[int]) -> tuple[Pile, Pile]:
    """Of the account and of the guest. A completion that one account would have taken for a repeat is dropped."""
    of_account, of_guest = Pile(), Pile()
    alike: dict[tuple, list[Completion]] = defaultdict(list)
    for completion in completions:
        pile = of_guest if completion.pk in guest_keys else of_account
        earlier = alike[completion.level_id, completion.score, completion.time_spent]
        others = [each for each in earlier[-NEAREST:] if (each.pk in guest_keys) != (completion.pk in guest_keys)]
        if first := _repeated(completion, others):
            pile.dropped.append((completion, first))
        else:
            pile.counted.append(completion)
            earlier.append(completion)
    return of_account, of_guest


def events_of(learner_id: int) -> list[MetricEvent]:
    """With the breakdown of their answer: `paid`."""
    found = MetricEvent.objects.filter(learner=learner_id).defer("answer").order_by(*RECORDED)
    return list(found.annotate(paid=KeyTransform("xp_breakdown", "answer")))


def merged_event(event: MetricEvent, metric: CustomMetric) -> MergedEvent:
    factors = [Factor(**factor) for factor in event.paid or []]
    award = MetricAward(
        metric=metric,
        value=event.value,
        reference_id=str(event.pk),
        occurred_at=event.effective_at,
        trust=event.trust,
        has_limits=not event.server_key,
    )
    due = total([factor for factor in factors if factor.factor == "metric"])
    return MergedEvent(award, event.created_at, event.counted, due, total(factors))


def _repeated(completion: Completion, others: list[Completion]) -> Completion | None:
    """As in `find_duplicate`, for clients that send no event id; what one side has twice was decided long ago."""
    if completion.client_event_id is not None or completion.session_id is not None:
        return None
    near = (each for each in others if completion.created_at - each.created_at < settings.DUPLICATE_WINDOW)
    return next(near, None)


def _result(completion: Completion, needs: frozenset[str]) -> MergedResult:
    counted, completion.counted = completion.counted, None
    award = award_of(completion, timing=_timing(completion))
    completion.counted = counted
    paid = [Factor(**factor) for factor in completion.paid] if completion.paid is not None else _price(completion)
    return MergedResult(award, paid, completion.paid_at, counted, frozenset() if completion.session_id else needs)


def _timing(completion: Completion) -> Timing | None:
    """None for what no limit applies to: what staff have released, servers have reported or was brought along."""
    if completion.was_released or completion.source == Completion.Source.IMPORT:
        return None
    return timing_of(completion, completion.level, measured=completion.session_id is not None)


def _price(completion: Completion) -> list[Factor]:
    """Where the stored answer does not say."""
    return price(facts_of(completion), published_rules())


def _needs(completions: list[Completion]) -> dict[int, frozenset[str]]:
    required = prerequisites_of({completion.level for completion in completions})
    return {pk: frozenset(subject_of(level.pk) for level in levels) for pk, levels in required.items()}
