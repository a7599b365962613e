"""What the file of `import_levels` changes, computed from its rows without the product."""

import json
from typing import Any

Row = dict[str, Any]

STORED_SHARE = 0.3
# Of fifty stored levels, five differ from the file.
BEFORE: dict[int, Row] = {
    7: {"xp_reward": 5},
    14: {"description": "", "skills": "reading"},
    21: {"pass_score": 500, "metadata": "{}"},
    28: {"category": "elsewhere", "position": 0},
    35: {"prerequisites": ""},
}


def stored_rows(rows: list[Row]) -> list[Row]:
    """The levels that are stored before the file is imported."""
    return [row | BEFORE.get(number % 50, {}) for number, row in enumerate(rows[: int(len(rows) * STORED_SHARE)])]


def meaning(row: Row) -> Row:
    """The values of a level with these cells."""
    lists = {name: str(row[name]).split() for name in ("skills", "prerequisites")}
    return {**row, **lists, "metadata": json.loads(row["metadata"]), "published": row["published"] == "yes"}


def differences_of(rows: list[Row], stored: list[Row]) -> list[list[Any]]:
    """[level_id, verdict, {column: [before, after]}] of each row; of new ones the columns of the file."""
    before = {row["level_id"]: meaning(row) for row in stored}
    return [_difference(meaning(row), before.get(row["level_id"])) for row in rows]


def _difference(after: Row, before: Row | None) -> list[Any]:
    if before is None:
        return [after["level_id"], "new", {name: [None, value] for name, value in after.items()}]
    changes = {name: [before[name], value] for name, value in after.items() if before[name] != value}
    return [after["level_id"], "changed" if changes else "unchanged", changes]
