"""What a strategy gains with and without the limits, compared with the honest maximum."""

from django.test import override_settings

from benchmarks.in_process import rolled_back
from gamification.models import LimitSet
from gamification.pricing.limits import read_limits
from gamification.rule_sets.publishing import published_rules

from .maximum import honest_maximum
from .world import Strategy, World, new_world

TARGET = 1.0


def judge(strategy: Strategy, *, limited: bool) -> dict:
    """What the accounts of a strategy gained on average, the honest maximum, and the highest share of it."""
    with rolled_back(), new_world() as world:
        most = most_of(strategy, world)
        unlimited = {} if limited else {"TRUST_LIMITS": False, "XP_APPROVAL_ABOVE": 10**9}
        with override_settings(**unlimited):
            cheats = strategy.play(world)
        gains = [cheat.gained() for cheat in cheats]
    gained = {name: sum(gain[name] for gain in gains) // len(gains) for name in most}
    share, number = max((gained[name] / max(most[name], 1), name) for name in most)
    return {"gained": gained, "most": most, "share": round(share, 3), "by": number}


def most_of(strategy: Strategy, world: World) -> dict[str, int]:
    """By the rules, levels and limits before the strategy is played, since staff might change them."""
    if strategy.allowed is not None:
        return {"xp": strategy.allowed}
    published = LimitSet.objects.published().get()
    limits = read_limits(published.version, published.limits)
    return honest_maximum(world.path, published_rules(), limits, dates=strategy.dates, hours=strategy.hours)


def line_of(strategy: Strategy) -> dict:
    before, after = judge(strategy, limited=False), judge(strategy, limited=True)
    return {
        "name": f"dishonest: {strategy.name}",
        "seed": None,
        "figure": after["share"],
        "target": f"<= {TARGET}",
        "pass": after["share"] <= TARGET,
        "by": after["by"],
        "before": before["share"],
        "before_by": before["by"],
        "gained_before": before["gained"],
        "gained": after["gained"],
        "honest_maximum": after["most"],
    }


def summary(lines: list[dict]) -> dict:
    above = [line["name"] for line in lines if not line["pass"]]
    return {
        "name": "dishonest strategies above the honest maximum",
        "seed": None,
        "figure": len(above),
        "target": 0,
        "pass": not above and len(lines) > 0,
        "strategies": len(lines),
        "before": sum(line["before"] > TARGET for line in lines),
        "above": above,
    }
