"""JSON that every reader understands in the same way, in files and in bodies of requests."""

import json
import re
from collections import Counter
from typing import Any, NoReturn

# PostgreSQL stores neither NUL nor halves of surrogate pairs.
UNSTORABLE_TEXT = re.compile("[\0\ud800-\udfff]")


def unique_pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """For `object_pairs_hook`. Raises ValueError for a key that is given twice: readers disagree about which counts."""
    data = dict(pairs)
    if len(data) < len(pairs):
        counts = Counter(name for name, _ in pairs)
        raise ValueError(f"a key is given twice: {counts.most_common(1)[0][0]}")
    return data


def refuse_constant(name: str) -> NoReturn:
    """For `parse_constant`. Raises ValueError: Python reads NaN and Infinity, others do not."""
    raise ValueError(f"{name} is not JSON")


def loads(text: bytes) -> Any:
    """Raises ValueError (UnicodeDecodeError included) or RecursionError."""
    return json.loads(text, object_pairs_hook=unique_pairs, parse_constant=refuse_constant)


def is_storable(value: Any) -> bool:
    """Whether every text inside can be stored in every database."""
    if isinstance(value, str):
        return UNSTORABLE_TEXT.search(value) is None
    if isinstance(value, dict):
        return all(is_storable(name) and is_storable(item) for name, item in value.items())
    return all(map(is_storable, value)) if isinstance(value, list) else True
