"""Texts of cells that no spreadsheet takes for a formula, and the texts as they were."""

import re

# What a spreadsheet takes for the beginning of a formula, also in full width or behind blanks that it removes. Texts
# that begin so are written with an apostrophe in front; those with apostrophes before it get one more, so that
# reading gives back what was written.
_FORMULA = re.compile("'*(?:[\t\r\n]|[\\s\ufeff\u200b]*[=+\\-@\uff1d\uff0b\uff0d\uff20])")


def guarded(text: str) -> str:
    return f"'{text}" if _FORMULA.match(text) else text


def restored(text: str) -> str:
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text
