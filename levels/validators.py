"""Validators of a level's fields, for the admin, the API and the catalogue loader."""

import json
import re
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from catalogues.strict_json import is_storable

MAX_INTEGER = 2**31 - 1  # PostgreSQL's integer; SQLite would take more
RESERVED_LEVEL_IDS = ["complete", "progress"]
MAX_LIST_ITEMS = 30
MAX_ITEM_LENGTH = 60
MAX_JSON_LENGTH = 10_000
METADATA_COUNTS = ["min_seconds", "min_correct", "total_questions"]
MAX_COUNT = 1_000_000

_PICTURE = (
    "[\u00a9\u00ae\u203c\u2049\u2122\u2139\u2194-\u21aa\u231a-\u23ff\u24c2\u25aa-\u25fe\u2600-\u27bf\u2934\u2935"
    "\u2b05-\u2b55\u3030\u303d\u3297\u3299\U0001f000-\U0001faff]"
)
_DECORATED = f"{_PICTURE}[\ufe0f\U0001f3fb-\U0001f3ff]?[\U000e0020-\U000e007f]*"
_FLAG = "[\U0001f1e6-\U0001f1ff]{2}"
_KEYCAP = "[0-9#*]\ufe0f?\u20e3"

_ICON = re.compile(rf"bi(-[a-z0-9]+)+|{_FLAG}|{_KEYCAP}|{_DECORATED}(\u200d{_DECORATED})*")


def validate_icon(value: Any) -> None:
    if not _ICON.fullmatch(value):
        raise ValidationError(_("Give the name of a Bootstrap icon (bi-…) or one emoji."), "icon")


def validate_not_reserved(value: Any) -> None:
    if value in RESERVED_LEVEL_IDS:
        raise ValidationError(_("“%(value)s” is a path of the API."), "reserved", {"value": value})


def validate_not_all_digits(value: Any) -> None:
    # A reference of digits is a level's number.
    if re.fullmatch(r"\d+", value):
        raise ValidationError(_("Must not consist of digits only."), "all_digits")


def validate_plain_json(value: Any) -> None:
    """JSON that every database and every reader keeps unchanged."""
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    except ValueError as error:
        raise ValidationError(_("Numbers must be finite."), "invalid_json") from error
    if not is_storable(value):
        raise ValidationError(_("Text must not contain NUL characters or lone surrogates."), "unstorable")
    if len(text) > MAX_JSON_LENGTH:
        raise ValidationError(_("Longer than %(limit)s characters."), "too_long", {"limit": MAX_JSON_LENGTH})


def validate_texts(value: Any) -> None:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ValidationError(_("Give a list of texts."), "not_texts")
    if len(value) > MAX_LIST_ITEMS:
        raise ValidationError(_("At most %(limit)s entries."), "too_many", {"limit": MAX_LIST_ITEMS})
    if len(set(value)) < len(value):
        raise ValidationError(_("An entry is given twice."), "twice")
    if not all(item.strip() and len(item) <= MAX_ITEM_LENGTH for item in value):
        raise ValidationError(_("Each entry has 1 to %(limit)s characters."), "length", {"limit": MAX_ITEM_LENGTH})
    validate_plain_json(value)


def validate_metadata(value: Any) -> None:
    if not isinstance(value, dict):
        raise ValidationError(_("Give a JSON object."), "not_an_object")
    validate_plain_json(value)
    for name in METADATA_COUNTS:
        # `type` instead of isinstance, since True is an int to Python.
        if name in value and not (type(value[name]) is int and 0 <= value[name] <= MAX_COUNT):
            raise ValidationError(
                _("“%(name)s” must be an integer from 0 to %(limit)s."), "count", {"name": name, "limit": MAX_COUNT}
            )
    if value.get("min_correct", 0) > value.get("total_questions", MAX_COUNT):
        raise ValidationError(_("“min_correct” must not exceed “total_questions”."), "min_correct")
