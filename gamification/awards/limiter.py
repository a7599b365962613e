"""What the limits do to an award: hold it, pay nothing for it, or cut its metrics. The profile is locked."""

from collections.abc import Mapping
from datetime import date

from gamification.metrics import CustomMetric
from gamification.pricing import xp
from gamification.pricing.limits import NO_LIMITS, Limits, Timing, hour_of, hours_covered

from .rewards import Award
from .usage import Usage


class Limiter:
    """Judges awards by `limits`, and notes in `usage` what they use up.

    What staff said of their own `metrics` holds whoever reports them, and whether or not there are limits.
    """

    def __init__(self, limits: Limits, usage: Usage, metrics: Mapping[str, CustomMetric]) -> None:
        self.limits, self.usage, self.metrics = limits, usage, metrics

    def held_reason(self, award: Award, day: date, amount: int) -> str:
        """Why an award of `amount` XP on the local date `day` is held; empty if it is not."""
        if award.held_reason or award.timing is None:
            return award.held_reason
        return (
            award.timing.why_implausible(self.limits)
            or self._why_hour_is_full(award.timing)
            or self.why_day_is_full(day, amount)
        )

    def limit_repeats(self, award: Award, day: date, breakdown: xp.Breakdown) -> xp.Breakdown:
        """Nothing, where a level with the repeat policy `full` has paid as often as it may on that day."""
        at_most = self.limits.full_repeats_per_day
        if at_most is None or award.timing is None or award.facts.repeat_policy != "full":
            return breakdown
        paid = self.usage.day(day).get("repeats", {}).get(award.subject, 0)
        return breakdown if paid < at_most else xp.without_pay(breakdown, "repeat_limit")

    def cut_metrics(self, award: Award, day: date) -> dict[str, int]:
        """Metric -> what counts of it, of those of which not everything counts."""
        per_day = self.limits.metric_per_day if award.timing else {}
        used = self.usage.day(day).get("metrics", {}) if per_day else {}
        left = {name: max(0, limit - used.get(name, 0)) for name, limit in per_day.items() if name in award.counts}
        left |= {name: self.left_of(name, award.counts[name], day) for name in award.counts if name in self.metrics}
        return {name: amount for name, amount in left.items() if amount < award.counts[name]}

    def left_of(self, name: str, amount: int, day: date) -> int:
        """How much of `amount` counts on that local date, of a metric that staff made."""
        metric = self.metrics[name]
        amount = min(amount, metric.per_event_max)
        if metric.per_day_max is None:
            return amount
        used: int = self.usage.day(day).get("metrics", {}).get(name, 0)
        return min(amount, max(0, metric.per_day_max - used))

    def use_metrics(self, day: date, counts: Mapping[str, int]) -> None:
        """Note what counted of metrics that staff made, where they set a limit for each date."""
        limited = [name for name in counts if name in self.metrics and self.metrics[name].per_day_max is not None]
        if used := {name: counts[name] for name in limited if counts[name]}:
            _add(self.usage.use_day(day), "metrics", used)

    def use_xp(self, day: date, amount: int) -> None:
        """Note what an event of a metric has paid."""
        if amount and self.limits is not NO_LIMITS:
            used = self.usage.use_day(day)
            used["xp"] = used.get("xp", 0) + amount

    def why_day_is_full(self, day: date, amount: int) -> str:
        """The first result of a day may pay more than the limit: one level can be worth that much."""
        if self.limits.xp_per_day is None or not amount:
            return ""
        used = self.usage.day(day)
        has_paid = used.get("results") or used.get("xp")
        return "too_much_xp" if has_paid and used.get("xp", 0) + amount > self.limits.xp_per_day else ""

    def use(self, award: Award, day: date, amount: int, counts: Mapping[str, int]) -> None:
        """Note an award that was not held. `counts` is what counted of its metrics."""
        if award.timing is None or self.limits is NO_LIMITS:
            return
        self.usage.use_hour(hour_of(award.timing.ended_at), results=1)
        for hour, seconds in self._hours(award.timing).items():
            self.usage.use_hour(hour, seconds=seconds)
        used = self.usage.use_day(day)
        used["results"] = used.get("results", 0) + 1
        used["xp"] = used.get("xp", 0) + amount
        if amount and award.facts.repeat_policy == "full":
            _add(used, "repeats", {award.subject: 1})
        _add(used, "metrics", {name: counts[name] for name in self.limits.metric_per_day if counts.get(name)})

    def _why_hour_is_full(self, timing: Timing) -> str:
        most_results, most_seconds = self.limits.completions_per_hour, self.limits.seconds_per_hour
        if most_results is not None and self.usage.hour(hour_of(timing.ended_at))[0] >= most_results:
            return "too_many"
        if most_seconds is None:
            return ""
        over = (self.usage.hour(hour)[1] + seconds > most_seconds for hour, seconds in self._hours(timing).items())
        return "overlapping_time" if any(over) else ""

    def _hours(self, timing: Timing) -> dict[int, int]:
        seconds = timing.least_expected(self.limits) if timing.seconds is None else timing.studied
        return hours_covered(timing.ended_at, seconds)


def _add(used: dict, name: str, amounts: Mapping[str, int]) -> None:
    if amounts:
        before = used.setdefault(name, {})
        before.update({key: before.get(key, 0) + amount for key, amount in amounts.items()})
