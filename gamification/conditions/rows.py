"""A condition as lines of a form: what each asks for, and how they belong together. Pure.

The lines can show groups inside of one group, and no deeper nesting.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from .metrics import built_in_names, custom_names, is_built_in, label_of, without_alias
from .schema import GROUPS, SHORTHANDS, Condition

ONE, ALL, ANY, INSIDE = "one", "all", "any", "inside"
PLACES = [ONE, ALL, ANY, INSIDE]  # a line alone, the first of a group, or one more of the group above
METRIC = "metric:"  # before the name of a metric, where no type of its own asks for it


@dataclass(frozen=True)
class Row:
    """`what` is a type of SHORTHANDS, or METRIC and a name."""

    what: str
    amount: int
    place: str = ONE


@dataclass(frozen=True)
class Rows:
    """`joined` is ONE for a single line, or the group that all lines are in."""

    joined: str
    rows: list[Row]


class UnclearRowsError(ValueError):
    """The lines are no condition; the message says why."""


def to_rows(condition: Any) -> Rows | None:
    """None where lines cannot show all of it."""
    try:
        rows = _rows_of(condition)
        return rows if to_condition(rows) == condition else None
    except (KeyError, TypeError, AttributeError, ValueError):
        return None


def to_condition(rows: Rows) -> Condition:
    """Raise UnclearRowsError. Whether the thresholds are allowed is for `validate_condition` to say."""
    parts = list(_parts_of(rows.rows))
    if not parts:
        raise UnclearRowsError("Give at least one line.")
    if rows.joined != ONE:
        return {rows.joined: parts}
    if len(parts) > 1:
        raise UnclearRowsError("There are several lines: choose whether all or any of them are asked for.")
    return parts[0]


def option_groups() -> list[tuple[str, list[tuple[str, str]]]]:
    """(group, [(what, in words)]): what staff choose from, then other names of the same, which conditions may have."""
    types = [(what, metric) for what, (_key, _fixed, metric) in SHORTHANDS.items()]
    asked = {metric for _what, metric in types}
    plain = [name for name in built_in_names() if is_built_in(name) and name not in asked]
    others = [name for name in built_in_names() if name not in plain]
    return [
        ("What SkillQuest counts", [(what, label_of(name)) for what, name in [*types, *map(_as_option, plain)]]),
        ("Metrics of your own", [(METRIC + name, label_of(name)) for name in sorted(custom_names(fresh=False))]),
        ("Other names of these", [(METRIC + name, f"{label_of(without_alias(name))}: {name}") for name in others]),
    ]


def known_options() -> set[str]:
    return {what for _group, options in option_groups() for what, _words in options}


def _as_option(name: str) -> tuple[str, str]:
    return METRIC + name, name


def _rows_of(condition: Condition) -> Rows:
    for joined in GROUPS:
        if joined in condition:
            return Rows(joined, [row for part in condition[joined] for row in _rows_of_part(part)])
    return Rows(ONE, [_row(condition, ONE)])


def _rows_of_part(part: Condition) -> list[Row]:
    for group in GROUPS:
        if group in part:
            first, *others = part[group]
            return [_row(first, group), *(_row(other, INSIDE) for other in others)]
    return [_row(part, ONE)]


def _row(leaf: Condition, place: str) -> Row:
    if leaf["type"] == "metric":
        return Row(METRIC + leaf["name"], _whole(leaf["threshold"]), place)
    return Row(leaf["type"], _whole(leaf[SHORTHANDS[leaf["type"]][0]]), place)


def _whole(amount: Any) -> int:
    # `type` instead of isinstance: True is an int in Python.
    if type(amount) is not int:
        raise TypeError
    return amount


def _parts_of(rows: Sequence[Row]) -> Iterator[Condition]:
    group: list[Condition] | None = None
    for row in rows:
        if row.place == INSIDE:
            if group is None:
                raise UnclearRowsError("A line belongs to the group above it, but there is none.")
            group.append(_leaf(row))
        elif row.place == ONE:
            group = None
            yield _leaf(row)
        else:
            group = [_leaf(row)]
            yield {row.place: group}


def _leaf(row: Row) -> Condition:
    if row.what.startswith(METRIC):
        return {"type": "metric", "name": row.what.removeprefix(METRIC), "threshold": row.amount}
    key, fixed, _metric = SHORTHANDS[row.what]
    return {"type": row.what, key: row.amount, **fixed}
