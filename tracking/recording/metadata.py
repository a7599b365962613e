"""What a client may say about a completion beside score and time: a whitelist, each key with its type and bound."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError

from .metrics import as_entry, candidates

# The shape of a BCP 47 language tag (RFC 5646 section 2.1), not its registry.
LANGUAGE_CODE = 3  # letters, at most; longer subtags are reserved, so whoever sends one has made it up
LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")


@dataclass(frozen=True)
class ValueWarning:
    """A value that was not taken as it was sent, and what was done instead."""

    field: str
    detail: str


def whole_number(value: Any, most: int) -> str | None:
    if type(value) is not int or not 0 <= value <= most:
        return _("Must be a whole number from 0 to %(most)s.") % {"most": most}
    return None


def language_tag(value: Any, most: int) -> str | None:
    if not isinstance(value, str) or len(value) > most or not LANGUAGE_TAG.fullmatch(value):
        return _('Must be a language tag such as "en" or "id-ID", at most %(most)s characters.') % {"most": most}
    return None


def text(value: Any, most: int) -> str | None:
    if not isinstance(value, str) or len(value) > most:
        return _("Must be text of at most %(most)s characters.") % {"most": most}
    return None


KINDS: dict[str, Callable[[Any, int], str | None]] = {
    "whole_number": whole_number,
    "language_tag": language_tag,
    "text": text,
}


def clean_metadata(values: dict[str, Any]) -> dict[str, Any]:
    """Keep the keys of settings.COMPLETION_METADATA, and numbers that may be amounts of metrics; drop others silently.

    Raise ValidationError for a wrong value.
    """
    kept = _known(values)
    problems = {key: problem for key, value in kept.items() if (problem := _problem(key, value))}
    if problems:
        raise ValidationError(problems)
    return kept | as_entry(candidates(values))


def repair_metadata(values: dict[str, Any]) -> tuple[dict[str, Any], list[ValueWarning]]:
    """Keep the keys of settings.COMPLETION_METADATA; a wrong value is cut to its bound or left out, with a warning."""
    kept, warnings = _known(values), []
    for key, value in list(kept.items()):
        if problem := _problem(key, value):
            cut = _cut(key, value)
            if cut is None:
                del kept[key]
            else:
                kept[key] = cut
            done = _("left out") if cut is None else _("cut to %(cut)s") % {"cut": cut}
            warnings.append(
                ValueWarning(
                    f"metadata.{key}",
                    _("%(problem)s It was %(done)s.") % {"problem": problem, "done": done},
                )
            )
    return kept, warnings


def without_words(metadata: dict[str, Any]) -> dict[str, Any]:
    """What may be kept after an erasure: numbers, and language tags that are only a language code."""
    kinds = {key: settings.COMPLETION_METADATA.get(key, ("text", 0))[0] for key in metadata}
    plain = {key: value.partition("-")[0] if kinds[key] == "language_tag" else value for key, value in metadata.items()}
    return {
        key: value
        for key, value in plain.items()
        if kinds[key] == "whole_number" or (kinds[key] == "language_tag" and len(value) <= LANGUAGE_CODE)
    }


def _known(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if key in settings.COMPLETION_METADATA}


def _problem(key: str, value: Any) -> str | None:
    kind, most = settings.COMPLETION_METADATA[key]
    return KINDS[kind](value, most)


def _cut(key: str, value: Any) -> int | str | None:
    """The nearest value that is allowed, of a number or a text that is too large; None where there is none."""
    kind, most = settings.COMPLETION_METADATA[key]
    if kind == "whole_number":
        return most if type(value) is int and value > most else None
    return value[:most] if kind == "text" and isinstance(value, str) else None
