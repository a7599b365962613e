"""What depends on levels: what staff read before they unpublish or delete them.

Who plays is known above this package: `tracking` registers what it knows.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from .errors import warn_required
from .models import Level


@dataclass(frozen=True)
class Dependant:
    """A sentence. `is_open`: unpublishing affects somebody now; `keeps`: the levels cannot be deleted."""

    words: str
    is_open: bool = False
    keeps: bool = False


Lookup = Callable[[Sequence[int]], Iterable[Dependant]]
_lookups: list[Lookup] = []


def register_dependants(lookup: Lookup) -> Lookup:
    """A decorator of the function that says what depends on the levels with these keys, in a few statements."""
    _lookups.append(lookup)
    return lookup


def dependants_of(levels: Sequence[Level]) -> list[Dependant]:
    """In a few statements, however many levels there are."""
    keys = [level.pk for level in levels]
    others = Level.objects.filter(prerequisites__in=keys).exclude(pk__in=keys).order_by("level_id").distinct()
    found = [Dependant(words, is_open=True) for words in _required_words(levels, list(others))]
    return [*found, *(dependant for lookup in _lookups for dependant in lookup(keys))]


def _required_words(levels: Sequence[Level], required_by: Sequence[Level]) -> list[str]:
    if not required_by:
        return []
    if len(levels) == 1:
        return [str(warn_required(required_by))]
    names = ", ".join(f"“{level.name}”" for level in required_by[:5])
    more = f" and {len(required_by) - 5} more" if len(required_by) > 5 else ""
    return [f"Levels that require one of these and will open without it: {names}{more}."]
