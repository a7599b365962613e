"""The JSON of conditions: how it is validated, read and put into words."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError

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
GROUPS = {"all": "all of", "any": "any of"}


@dataclass(frozen=True)
class Leaf:
    """`metric` has reached `threshold`."""

    metric: str
    threshold: int


def validate_condition(condition: Any) -> None:
    """Raise ValidationError with a sentence that names the place and the fault."""
    count = sum(1 for _ in leaves(condition))
    if count > MAX_LEAVES:
        raise ValidationError(f"A condition may have at most {MAX_LEAVES} parts; this one has {count}.")


def leaves(condition: Any) -> Iterator[Leaf]:
    """Every threshold in a condition; raise ValidationError at the first that is wrong."""
    return _read(condition, "Condition", depth=1)


def in_words(condition: Condition | None) -> str:
    """“total XP reaches 1000”, “all of: …; …”; for valid conditions only."""
    if condition is None:
        return "awarded by hand"
    for group, words in GROUPS.items():
        if group in condition:
            return f"{words}: {'; '.join(_part_in_words(part) for part in condition[group])}"
    leaf = leaf_of(condition)
    return f"{describe(leaf.metric)} reaches {describe_amount(leaf.metric, leaf.threshold)}"


def leaf_of(condition: Condition) -> Leaf:
    """The threshold of a condition that is no group. A metric that no longer exists keeps its name; its value is 0."""
    if condition["type"] == "metric":
        return Leaf(without_alias(condition["name"]), condition["threshold"])
    key, _, metric = SHORTHANDS[condition["type"]]
    return Leaf(metric, condition[key])


def _part_in_words(condition: Condition) -> str:
    words = in_words(condition)
    return f"({words})" if GROUPS.keys() & condition.keys() else words


def _read(condition: Any, place: str, *, depth: int) -> Iterator[Leaf]:
    if not isinstance(condition, dict):
        raise ValidationError(f'{place}: give an object such as {{"type": "xp", "threshold": 1000}}.')
    if depth > MAX_DEPTH:
        raise ValidationError(f"{place}: nested deeper than {MAX_DEPTH} levels.")
    group = next((group for group in GROUPS if group in condition), None)
    if group is None:
        yield _read_leaf(condition, place)
        return
    for number, part in enumerate(_parts(condition, group, place), start=1):
        yield from _read(part, f'{place}, part {number} of "{group}"', depth=depth + 1)


def _parts(condition: Condition, group: str, place: str) -> list[Any]:
    parts = condition[group]
    if len(condition) > 1:
        raise ValidationError(f'{place}: "{group}" stands alone; put everything else into its list.')
    if not isinstance(parts, list) or not parts:
        raise ValidationError(f'{place}: "{group}" takes a list of at least one condition.')
    return parts


def _read_leaf(condition: Condition, place: str) -> Leaf:
    kind = condition.get("type")
    fixed: dict[str, str] = {}
    if kind == "metric":
        threshold, keys = "threshold", {"type", "name", "threshold"}
    elif isinstance(kind, str) and kind in SHORTHANDS:
        threshold, fixed, _ = SHORTHANDS[kind]
        keys = {"type", threshold, *fixed}
    else:
        known = ", ".join(["metric", *SHORTHANDS])
        raise ValidationError(f'{place}: "type" must be one of {known}; or use "all" or "any".')
    _refuse_other_keys(condition, keys, place)
    _refuse_other_values(condition, fixed, place)
    if kind == "metric":
        _refuse_unknown_metric(condition["name"], place)
    _refuse_bad_threshold(condition[threshold], threshold, place)
    leaf = leaf_of(condition)
    if leaf == Leaf("level", 1):
        # Nobody crosses this threshold, so nothing would ever unlock it.
        raise ValidationError(f"{place}: everybody begins at player level 1; ask for 2 or more.")
    return leaf


def _refuse_other_keys(condition: Condition, keys: set[str], place: str) -> None:
    if missing := sorted(keys - condition.keys()):
        raise ValidationError(f'{place}: "{missing[0]}" is missing.')
    if unknown := sorted(condition.keys() - keys):
        raise ValidationError(f"{place}: {_shown(unknown[0])} is not known here.")


def _refuse_other_values(condition: Condition, fixed: dict[str, str], place: str) -> None:
    for key, value in fixed.items():
        if condition[key] != value:
            raise ValidationError(f'{place}: "{key}" can only be "{value}".')


def _refuse_unknown_metric(name: Any, place: str) -> None:
    if not isinstance(name, str) or canonical(name) is None:
        raise ValidationError(f"{place}: there is no metric {_shown(name)}. There are {', '.join(known_names())}.")


def _refuse_bad_threshold(value: Any, key: str, place: str) -> None:
    # `type` instead of isinstance: True is an int in Python.
    if type(value) is not int or not 1 <= value <= MAX_THRESHOLD:
        raise ValidationError(f'{place}: "{key}" must be a whole number from 1 to {MAX_THRESHOLD}.')


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:60]}…"
