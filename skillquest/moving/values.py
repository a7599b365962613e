"""Single values of a row, from text or from JSON, to what the models store. Each raises BadValueError."""

import json
import re
import unicodedata
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.dateparse import parse_datetime

from .errors import BadValueError

# Spreadsheets write whole numbers as 12.0 or 12,00 once the column was a decimal one.
WHOLE = re.compile(r"([+-]?\d{1,15})(?:[.,]0{1,10})?")
FIRST_YEAR = 1970
WORDS = {"true": True, "yes": True, "1": True, "x": True, "false": False, "no": False, "0": False}
LONGEST_JSON = 20_000


def is_blank(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def whole(value: Any, least: int, most: int) -> int:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, str) and (match := WHOLE.fullmatch(value.strip())):
        value = int(match[1])
    if type(value) is not int or not least <= value <= most:
        raise BadValueError(f"must be a whole number from {least} to {most}, not {shown(value)}")
    return value


def text(value: Any, most: int) -> str:
    """One line, or several, of characters that both databases store."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        raise BadValueError(f"must be text, not {shown(value)}")
    plain = unicodedata.normalize("NFC", value.strip())
    if len(plain) > most:
        raise BadValueError(f"must have at most {most} characters, not {len(plain)}")
    if any(unicodedata.category(character) in {"Cc", "Cs"} and character not in "\n\t" for character in plain):
        raise BadValueError("contains control characters")
    return plain


def identifier(value: Any, most: int) -> str:
    """An id of another system: as `text`, without line breaks. 17.0 of a spreadsheet is 17."""
    plain = text(int(value) if isinstance(value, float) and value.is_integer() else value, most)
    if not plain.isprintable():
        raise BadValueError("must consist of printable characters")
    return plain


def truth(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    known = WORDS.get(str(value).strip().lower())
    if known is None:
        raise BadValueError(f"must be true or false, not {shown(value)}")
    return known


def one_of(value: Any, choices: list[str]) -> str:
    name = str(value).strip().lower()
    if name not in choices:
        raise BadValueError(f"must be one of {', '.join(choices)}, not {shown(value)}")
    return name


def uuid(value: Any) -> UUID:
    try:
        return UUID(str(value).strip())
    except ValueError:
        raise BadValueError(f"must be a UUID, not {shown(value)}") from None


def json_object(value: Any) -> dict[str, Any]:
    if isinstance(value, str):
        if len(value) > LONGEST_JSON:
            raise BadValueError(f"must have at most {LONGEST_JSON} characters")
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            value = None
    if not isinstance(value, dict):
        raise BadValueError("must be a JSON object")
    return value


def day(value: Any, zone: ZoneInfo, form: str = "") -> date:
    """A date; of a time its date in its own offset, or in `zone` for seconds since 1970."""
    found = _parsed(value, form)
    if isinstance(found, datetime):
        found = found.astimezone(zone).date() if form == "epoch" else found.date()
    if not FIRST_YEAR <= found.year <= date.max.year:
        raise BadValueError(f"must be a date from {FIRST_YEAR} on, not {shown(value)}")
    return found


def moment(value: Any, zone: ZoneInfo, form: str = "") -> datetime:
    """A moment in UTC. One without an offset is a local time of `zone`; a date alone is its noon there."""
    found = _parsed(value, form)
    if not isinstance(found, datetime):
        found = datetime.combine(found, time(12))
    if not FIRST_YEAR <= found.year < date.max.year:
        raise BadValueError(f"must be a time from {FIRST_YEAR} on, not {shown(value)}")
    return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)


def _parsed(value: Any, form: str) -> date | datetime:
    """`form` as in strptime, "epoch" for seconds since 1970, or "" for ISO 8601."""
    found: date | datetime | None = None
    try:
        if form == "epoch":
            found = datetime.fromtimestamp(whole(value, 0, 10**11), UTC)
        elif form:
            found = _by_format(str(value).strip(), form)
        elif isinstance(value, str):
            found = _iso(value.strip())
    except (ValueError, OverflowError, OSError):
        found = None
    if found is None:
        wanted = {"": "ISO 8601 such as 2024-05-31T17:45:00+02:00", "epoch": "seconds since 1970"}.get(form, form)
        raise BadValueError(f"must be a date or time ({wanted}), not {shown(value)}")
    return found


def _by_format(value: str, form: str) -> date | datetime:
    found = datetime.strptime(value, form)  # noqa: DTZ007 - the caller adds the time zone
    return found if any(part in form for part in ("%H", "%I", "%X", "%c")) else found.date()


def _iso(value: str) -> date | datetime | None:
    if len(value) == len("2024-05-31"):
        return date.fromisoformat(value)
    return parse_datetime(value)


def shown(value: Any) -> str:
    """A value for a message: short, on one line."""
    plain = " ".join(str(value).split())
    return f"“{plain[:40]}{'…' if len(plain) > 40 else ''}”"
