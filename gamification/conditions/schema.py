"""What a condition may say, in JSON, and what is wrong with one that says something else."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from django.core.exceptions import ValidationError

from .metrics import canonical, describe, describe_amount, known_names

MAX_DEPTH = 5
MAX_LEAVES = 50
MAX_THRESHOLD = 2**53 - 1

# type -> (key of the threshold, other keys with the one value they may have, the metric it asks for)
SHORTHANDS = {
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


def validate_condition(condition) -> None:
    """Raise ValidationError with a sentence that says where and what."""
    count = sum(1 for _ in leaves(condition))
    if count > MAX_LEAVES:
        raise ValidationError(f"A condition may have at most {MAX_LEAVES} parts; this one has {count}.")


def leaves(condition) -> Iterator[Leaf]:
    """Every threshold in it; raise ValidationError at the first that is wrong."""
    return _read(condition, "Condition", depth=1)


def in_words(condition: dict | None) -> str:
    """For staff, of a valid condition: “total XP reaches 1000”, “all of: …; …”."""
    if condition is None:
        return "awarded by hand"
    for group, words in GROUPS.items():
        if group in condition:
            return f"{words}: {'; '.join(_part_in_words(part) for part in condition[group])}"
    leaf = leaf_of(condition)
    return f"{describe(leaf.metric)} reaches {describe_amount(leaf.metric, leaf.threshold)}"


def leaf_of(condition: dict) -> Leaf:
    """A metric that has left the registry since keeps its name; nobody has any of it."""
    if condition["type"] == "metric":
        name = condition["name"]
        return Leaf(canonical(name) or name, condition["threshold"])
    key, _, metric = SHORTHANDS[condition["type"]]
    return Leaf(metric, condition[key])


def _part_in_words(condition: dict) -> str:
    words = in_words(condition)
    return f"({words})" if GROUPS.keys() & condition.keys() else words


def _read(condition, place: str, *, depth: int) -> Iterator[Leaf]:
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


def _parts(condition: dict, group: str, place: str) -> list:
    parts = condition[group]
    if len(condition) > 1:
        raise ValidationError(f'{place}: "{group}" stands alone; put everything else into its list.')
    if not isinstance(parts, list) or not parts:
        raise ValidationError(f'{place}: "{group}" takes a list of at least one condition.')
    return parts


def _read_leaf(condition: dict, place: str) -> Leaf:
    kind = condition.get("type")
    if kind == "metric":
        threshold, fixed, keys = "threshold", {}, {"type", "name", "threshold"}
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
        # Nobody ever comes to reach it, so no deed would look for it.
        raise ValidationError(f"{place}: everybody begins at player level 1; ask for 2 or more.")
    return leaf


def _refuse_other_keys(condition: dict, keys: set[str], place: str) -> None:
    if missing := sorted(keys - condition.keys()):
        raise ValidationError(f'{place}: "{missing[0]}" is missing.')
    if unknown := sorted(condition.keys() - keys):
        raise ValidationError(f"{place}: {_shown(unknown[0])} is not known here.")


def _refuse_other_values(condition: dict, fixed: dict, place: str) -> None:
    for key, value in fixed.items():
        if condition[key] != value:
            raise ValidationError(f'{place}: "{key}" can only be "{value}".')


def _refuse_unknown_metric(name, place: str) -> None:
    if not isinstance(name, str) or canonical(name) is None:
        raise ValidationError(f"{place}: there is no metric {_shown(name)}. There are {', '.join(known_names())}.")


def _refuse_bad_threshold(value, key: str, place: str) -> None:
    # `type` instead of isinstance: True is an int to Python.
    if type(value) is not int or not 1 <= value <= MAX_THRESHOLD:
        raise ValidationError(f'{place}: "{key}" must be a whole number from 1 to {MAX_THRESHOLD}.')


def _shown(value) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:60]}…"
