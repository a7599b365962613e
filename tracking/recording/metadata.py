"""What a client may say about a completion beside score and time: a whitelist, each key with its type and bound."""

import re
from collections.abc import Callable

from django.conf import settings
from rest_framework.exceptions import ValidationError

# The shape of a BCP 47 language tag (RFC 5646 section 2.1), not its registry.
LANGUAGE_CODE = 3  # letters, at most; longer subtags are reserved, so whoever sends one has made it up
LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")


def whole_number(value, most: int) -> str | None:
    if type(value) is not int or not 0 <= value <= most:
        return f"Must be a whole number from 0 to {most}."
    return None


def language_tag(value, most: int) -> str | None:
    if not isinstance(value, str) or len(value) > most or not LANGUAGE_TAG.fullmatch(value):
        return f'Must be a language tag such as "en" or "id-ID", at most {most} characters.'
    return None


def text(value, most: int) -> str | None:
    if not isinstance(value, str) or len(value) > most:
        return f"Must be text of at most {most} characters."
    return None


KINDS: dict[str, Callable] = {"whole_number": whole_number, "language_tag": language_tag, "text": text}


def clean_metadata(sent: dict) -> dict:
    """Keep the keys of settings.COMPLETION_METADATA, drop others silently; raise ValidationError for a wrong value."""
    kept = {key: value for key, value in sent.items() if key in settings.COMPLETION_METADATA}
    problems = {key: problem for key, value in kept.items() if (problem := _problem(key, value))}
    if problems:
        raise ValidationError(problems)
    return kept


def without_words(metadata: dict) -> dict:
    """What is left once nobody's words may be: numbers, and languages where the tag is no more than their code."""
    kinds = {key: settings.COMPLETION_METADATA.get(key, ("text", 0))[0] for key in metadata}
    plain = {key: value.partition("-")[0] if kinds[key] == "language_tag" else value for key, value in metadata.items()}
    return {
        key: value
        for key, value in plain.items()
        if kinds[key] == "whole_number" or (kinds[key] == "language_tag" and len(value) <= LANGUAGE_CODE)
    }


def _problem(key: str, value) -> str | None:
    kind, most = settings.COMPLETION_METADATA[key]
    return KINDS[kind](value, most)
