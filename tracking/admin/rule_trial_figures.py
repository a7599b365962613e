"""The figures of a trial as its page shows them."""

from typing import Any

from charts import Series, row_chart
from gamification.models import LedgerEntry
from tracking.models import RuleTrial
from tracking.staff.rule_trials.figures import by_level, by_source, inflation, most_changed

LEVELS = 12  # in the chart


def figures_context(trial: RuleTrial, *, with_learners: bool) -> dict[str, Any]:
    figures = trial.figures or {}
    gain, lose = most_changed(trial) if with_learners else ([], [])
    levels = by_level(trial, LEVELS)
    return {
        "figures": figures,
        "same": figures["learners"] - figures["gain"] - figures["lose"],
        "difference": figures["tried_xp"] - figures["now_xp"],
        "percent": inflation(figures["now_xp"], figures["tried_xp"]),
        "sources": [{**each, "source": LedgerEntry.Reason(each["source"]).label} for each in by_source(trial)],
        "levels": levels,
        "level_chart": _chart([each for each in levels if each["difference"]]),
        "gain": gain,
        "lose": lose,
    }


def _chart(levels: list[dict[str, Any]]) -> Any:
    return row_chart(
        [str(each["level"]) for each in levels],
        [Series("Now", [each["now_xp"] for each in levels]), Series("Tried", [each["tried_xp"] for each in levels])],
        title="The levels that change most",
        unit="XP",
        axis="Level",
    )
