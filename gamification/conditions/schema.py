"""The JSON of conditions: how it is validated, read and put into words."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from .metrics import canonical, describe, describe_amount, known_names, without_alias

MAX_DEPTH = 5
MAX_LEAVES = 50
MAX_THRESHOLD = 2**53 - 1

# A condition as it is stored: parsed JSON.
Condition = dict[str, Any]

# type -> (key of the threshold, other keys with the one value they may have, its metric)
SHORTHANDS: dict[str, tuple[str, dict[str, str], str]] = {
    "xp": ("threshold", {}, "xp"),
    "level": ("level", {}, "level"),
    "consecutive_days": ("days", {}, "longest_streak"),
    "attempt_count": ("count", {"status": "passed"}, "attempts_passed"),
}
GROUPS = {"all": _("all of: %(parts)s"), "any": _("any of: %(parts)s")}


@dataclass(frozen=True)
class Leaf:
    """`metric` has reached `threshold`."""

    metric: str
    threshold: int


def validate_condition(condition: Any) -> None:
    """Raise ValidationError with a sentence that names the place and the fault."""
    count = sum(1 for _leaf in leaves(condition))
    if count > MAX_LEAVES:
        raise ValidationError(
            gettext("A condition may have at most %(most)s parts; this one has %(count)s.")
            % {"most": MAX_LEAVES, "count": count}
        )


def leaves(condition: Any) -> Iterator[Leaf]:
    """Every threshold in a condition; raise ValidationError at the first that is wrong."""
    return _read(condition, gettext("Condition"), depth=1)


def in_words(condition: Condition | None) -> str:
    """“total XP reaches 1000”, “all of: …; …”; for valid conditions only."""
    if condition is None:
        return gettext("awarded by hand")
    for group, words in GROUPS.items():
        if group in condition:
            return str(words) % {"parts": "; ".join(_part_in_words(part) for part in condition[group])}
    leaf = leaf_of(condition)
    return gettext("%(metric)s reaches %(amount)s") % {
        "metric": describe(leaf.metric),
        "amount": describe_amount(leaf.metric, leaf.threshold),
    }


def leaf_of(condition: Condition) -> Leaf:
    """The threshold of a condition that is no group. A metric that no longer exists keeps its name; its value is 0."""
    if condition["type"] == "metric":
        return Leaf(without_alias(condition["name"]), condition["threshold"])
    key, _fixed, metric = SHORTHANDS[condition["type"]]
    return Leaf(metric, condition[key])


def _part_in_words(condition: Condition) -> str:
    words = in_words(condition)
    return f"({words})" if GROUPS.keys() & condition.keys() else words


def _read(condition: Any, place: str, *, depth: int) -> Iterator[Leaf]:
    if not isinstance(condition, dict):
        raise ValidationError(
            gettext('%(place)s: give an object such as {"type": "xp", "threshold": 1000}.') % {"place": place}
        )
    if depth > MAX_DEPTH:
        raise ValidationError(
            gettext("%(place)s: nested deeper than %(most)s levels.") % {"place": place, "most": MAX_DEPTH}
        )
    group = next((group for group in GROUPS if group in condition), None)
    if group is None:
        yield _read_leaf(condition, place)
        return
    for number, part in enumerate(_parts(condition, group, place), start=1):
        yield from _read(part, _inside(place, number, group), depth=depth + 1)


def _inside(place: str, number: int, group: str) -> str:
    return gettext('%(place)s, part %(number)s of "%(group)s"') % {"place": place, "number": number, "group": group}


def _parts(condition: Condition, group: str, place: str) -> list[Any]:
    parts = condition[group]
    if len(condition) > 1:
        raise ValidationError(
            gettext('%(place)s: "%(group)s" stands alone; put everything else into its list.')
            % {"place": place, "group": group}
        )
    if not isinstance(parts, list) or not parts:
        raise ValidationError(
            gettext('%(place)s: "%(group)s" takes a list of at least one condition.') % {"place": place, "group": group}
        )
    return parts


def _read_leaf(condition: Condition, place: str) -> Leaf:
    kind = condition.get("type")
    fixed: dict[str, str] = {}
    if kind == "metric":
        threshold, keys = "threshold", {"type", "name", "threshold"}
    elif isinstance(kind, str) and kind in SHORTHANDS:
        threshold, fixed, _metric = SHORTHANDS[kind]
        keys = {"type", threshold, *fixed}
    else:
        known = ", ".join(["metric", *SHORTHANDS])
        raise ValidationError(
            gettext('%(place)s: "type" must be one of %(known)s; or use "all" or "any".')
            % {"place": place, "known": known}
        )
    _refuse_other_keys(condition, keys, place)
    _refuse_other_values(condition, fixed, place)
    if kind == "metric":
        _refuse_unknown_metric(condition["name"], place)
    _refuse_bad_threshold(condition[threshold], threshold, place)
    leaf = leaf_of(condition)
    if leaf == Leaf("level", 1):
        # Nobody crosses this threshold, so nothing would ever unlock it.
        raise ValidationError(
            gettext("%(place)s: everybody begins at player level 1; ask for 2 or more.") % {"place": place}
        )
    return leaf


def _refuse_other_keys(condition: Condition, keys: set[str], place: str) -> None:
    if missing := sorted(keys - condition.keys()):
        raise ValidationError(gettext('%(place)s: "%(key)s" is missing.') % {"place": place, "key": missing[0]})
    if unknown := sorted(condition.keys() - keys):
        raise ValidationError(
            gettext("%(place)s: %(key)s is not known here.") % {"place": place, "key": _shown(unknown[0])}
        )


def _refuse_other_values(condition: Condition, fixed: dict[str, str], place: str) -> None:
    for key, value in fixed.items():
        if condition[key] != value:
            raise ValidationError(
                gettext('%(place)s: "%(key)s" can only be "%(value)s".') % {"place": place, "key": key, "value": value}
            )


def _refuse_unknown_metric(name: Any, place: str) -> None:
    if not isinstance(name, str) or canonical(name) is None:
        raise ValidationError(
            gettext("%(place)s: there is no metric %(name)s. There are %(known)s.")
            % {"place": place, "name": _shown(name), "known": ", ".join(known_names())}
        )


def _refuse_bad_threshold(value: Any, key: str, place: str) -> None:
    # `type` instead of isinstance: True is an int in Python.
    if type(value) is not int or not 1 <= value <= MAX_THRESHOLD:
        raise ValidationError(
            gettext('%(place)s: "%(key)s" must be a whole number from 1 to %(most)s.')
            % {"place": place, "key": key, "most": MAX_THRESHOLD}
        )


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:60]}…"
