"""Whether a condition holds, and how far a learner is from it. Pure: a condition and the learner's metrics."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from .schema import Condition, leaf_of


@dataclass(frozen=True)
class Progress:
    """`current` of `target`, never above it; `percent` is rounded down, so it is 100 only if the condition holds."""

    current: int
    target: int

    @property
    def share(self) -> Fraction:
        return Fraction(self.current, self.target)

    @property
    def percent(self) -> int:
        return self.current * 100 // self.target


def holds(condition: Condition, values: Mapping[str, int]) -> bool:
    if "all" in condition:
        return all(holds(part, values) for part in condition["all"])
    if "any" in condition:
        return any(holds(part, values) for part in condition["any"])
    leaf = leaf_of(condition)
    return values.get(leaf.metric, 0) >= leaf.threshold


def progress(condition: Condition, values: Mapping[str, int]) -> Progress:
    """Of one threshold: the metric; of `all`: the number of parts that hold; of `any`: the nearest part."""
    if "all" in condition:
        parts = condition["all"]
        return Progress(sum(holds(part, values) for part in parts), len(parts))
    if "any" in condition:
        return max((progress(part, values) for part in condition["any"]), key=lambda part: part.share)
    leaf = leaf_of(condition)
    return Progress(max(0, min(values.get(leaf.metric, 0), leaf.threshold)), leaf.threshold)
