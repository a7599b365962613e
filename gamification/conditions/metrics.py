"""The registry: every number about a learner that a condition may name.

Those that staff make are rows, which this package does not know: `learn_from` is given the function that reads them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from types import MappingProxyType

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from . import wording


@dataclass(frozen=True)
class Metric:
    """How people read it: “{subject} reaches 7 days”. `unit` is day or second, or as staff wrote it."""

    subject: str | Promise
    unit: str = ""
    is_custom: bool = False


# The names are part of stored conditions: never rename one.
METRICS = {
    "xp": Metric(_("total XP")),
    "level": Metric(_("player level")),
    "completions": Metric(_("number of completions")),
    "levels_completed": Metric(_("number of different levels passed")),
    "attempts_passed": Metric(_("number of challenge attempts passed")),
    "sessions_completed": Metric(_("number of sessions completed")),
    "study_seconds": Metric(_("time spent learning"), "second"),
    "perfect_scores": Metric(_("number of perfect scores")),
    "active_days": Metric(_("number of active days")),
    "current_streak": Metric(_("current streak"), "day"),
    "longest_streak": Metric(_("longest streak"), "day"),
    "freezes_used": Metric(_("number of streak freezes used")),
    "achievements_unlocked": Metric(_("number of achievements unlocked")),
    "early_completions": Metric(_("number of completions before 8 in the morning")),
    "late_completions": Metric(_("number of completions from 10 at night on")),
    "languages": Metric(_("number of different languages practised")),
    "categories_completed": Metric(_("number of different categories with a passed level")),
}
# Of metadata that is counted, where the shipped settings name it.
TOTALS = {"words_learned": _("total of words learned"), "conversations": _("total of conversations")}
ALIASES = {"scenarios_completed": "levels_completed"}
PATHS = {"me"}  # of the API, beside the ids of metrics

# With True it has to be as the rows are now, else it may be some seconds old.
Reader = Callable[[bool], Mapping[str, Metric]]
_readers: list[Reader] = []
_announced: ContextVar[Mapping[str, Metric]] = ContextVar("announced", default=MappingProxyType({}))
_reads_rows: ContextVar[bool] = ContextVar("reads_rows", default=True)


def learn_from(reader: Reader) -> None:
    """From now on the metrics that `reader` returns are known too, by name."""
    _readers[:] = [reader]


@contextmanager
def announced(names: Iterable[str], *, with_rows: bool = True) -> Iterator[None]:
    """Within the block these names are known too: a file may define a metric and a condition that needs it.

    Without `with_rows` nothing else is, but what is built in: for checks that do not need a database.
    """
    known = {**_announced.get(), **{name: Metric(name, is_custom=True) for name in names}}
    tokens = _announced.set(known), _reads_rows.set(with_rows and _reads_rows.get())
    try:
        yield
    finally:
        _announced.reset(tokens[0])
        _reads_rows.reset(tokens[1])


def counted_metadata() -> list[str]:
    """Whitelisted numeric keys of a completion's metadata; each adds to the metric of its name."""
    return [key for key, (kind, _most) in settings.COMPLETION_METADATA.items() if kind == "whole_number"]


def is_built_in(name: str) -> bool:
    """Known without a row that staff made."""
    return name in METRICS or name in counted_metadata()


def reserved_names() -> set[str]:
    """What staff cannot call a metric."""
    return {*METRICS, *ALIASES, *settings.COMPLETION_METADATA, *PATHS}


def built_in_names() -> list[str]:
    """What a condition may call a metric without a row that staff made, other names included."""
    return sorted({*METRICS, *ALIASES, *counted_metadata()})


def known_names(*, fresh: bool = True) -> list[str]:
    """Everything that a condition may call a metric, other names included."""
    return sorted({*built_in_names(), *_custom(fresh=fresh)})


def custom_names(*, fresh: bool = True) -> list[str]:
    """Of the metrics that staff made."""
    return list(_custom(fresh=fresh))


def canonical(name: str) -> str | None:
    """The metric that `name` means, or None."""
    name = without_alias(name)
    return name if is_built_in(name) or name in _custom(fresh=True) else None


def without_alias(name: str) -> str:
    return ALIASES.get(name, name)


def describe(metric: str) -> str:
    return str(_metric(metric).subject)


def label_of(metric: str) -> str:
    """“current streak (days)”: what it is called beside a field for the amount."""
    known = _metric(metric)
    units = {"day": gettext("days"), "second": gettext("seconds")}
    unit = known.unit if known.is_custom else units.get(known.unit, "")
    return f"{known.subject} ({unit})" if unit else str(known.subject)


def describe_amount(metric: str, amount: int) -> str:
    """“7 days”, “1 h 30 min”, “1000”."""
    known = _metric(metric)
    if known.is_custom:
        return f"{amount} {known.unit}".rstrip()
    if known.unit == "second":
        return wording.duration(amount)
    return wording.days(amount) if known.unit == "day" else str(amount)


def _metric(name: str) -> Metric:
    known = METRICS.get(name) or (None if is_built_in(name) else _custom(fresh=False).get(name))
    return known or Metric(TOTALS.get(name) or gettext("total of %(name)s") % {"name": name.replace("_", " ")})


def _custom(*, fresh: bool) -> dict[str, Metric]:
    found = dict(_announced.get())
    for reader in _readers if _reads_rows.get() else []:
        found |= reader(fresh)
    return found
