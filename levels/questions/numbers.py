"""Numbers of answers, exactly: what a client sends and what an editor wrote."""

import re
import unicodedata
from decimal import Context, Decimal
from typing import Any

LIMIT = 10**15
# What is left is the same in every JSON reader: a double keeps 15 digits.
_PRECISION = Context(prec=15)
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(([.,])\d{3}(\2\d{3})*)")
_NUMBER = re.compile(r"[+-]?(\d{1,15}([.,]\d{1,15})?|[.,]\d{1,15})")
MAX_LENGTH = 40


def as_decimal(value: Any) -> Decimal | None:
    """Of a number, or of a text that is one: “3.5”, “3,5”, “-2”, “1 000”. None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        return _of_text(value)
    if not isinstance(value, int | float) or not -LIMIT <= value <= LIMIT:
        return None
    return _PRECISION.create_decimal(repr(value))


def as_number(value: Decimal) -> int | float:
    """As JSON writes it."""
    return int(value) if value == value.to_integral_value() else float(value)


def without_thousands(value: Any) -> Any:
    """A text such as “1,000” or “1.000.000” without its separators, for where a large number is asked for.

    Elsewhere “1,125” is a little more than one. Anything else is returned unchanged.
    """
    if isinstance(value, str) and len(value) <= MAX_LENGTH and _THOUSANDS.fullmatch(value.strip()):
        return re.sub("[.,]", "", value)
    return value


def _of_text(text: str) -> Decimal | None:
    if len(text) > MAX_LENGTH:
        return None
    folded = re.sub(r"(?<=\d)\s(?=\d)", "", unicodedata.normalize("NFKC", text).replace("\N{MINUS SIGN}", "-").strip())
    return _PRECISION.create_decimal(folded.replace(",", ".")) if _NUMBER.fullmatch(folded) else None
