"""Strict parsers for request bodies, which are checked against the serializer of the view."""

import codecs
import json
import math
from decimal import Decimal, InvalidOperation
from typing import NoReturn
from urllib.parse import parse_qsl

from django.conf import settings
from django.utils.http import parse_header_parameters
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later
from rest_framework import status
from rest_framework.exceptions import APIException, ParseError, UnsupportedMediaType, ValidationError
from rest_framework.parsers import BaseParser

from catalogues.strict_json import UNSTORABLE_TEXT, unique_pairs

from .shapes import find_errors, shape_of_class

MAX_DEPTH = 8
MAX_INTEGER = 2**53  # larger integers are not exact in every JSON library
MAX_FORM_FIELDS = 100
SOMEBODY_ELSE = later("This is not the person who is signed in. Send it again when that person is.")


class BodyTooLarge(APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "body_too_large"
    default_detail = later("The request body is too large.")


class StrictJSONParser(BaseParser):
    """Refuses whatever is ambiguous in JSON. A view may raise the size limit with `body_limit` (bytes)."""

    media_type = "application/json"

    def parse(self, stream, media_type=None, parser_context=None) -> dict:  # noqa: ARG002 (DRF's signature)
        view, request = parser_context["view"], parser_context["request"]
        check_media_type(media_type, self.media_type)
        data = read_json(read_body(request, view))
        return check_body(data, view.get_serializer_class(), request.user)


class StrictFormParser(BaseParser):
    """The same strictness for `application/x-www-form-urlencoded`; every value is text."""

    media_type = "application/x-www-form-urlencoded"

    def parse(self, stream, media_type=None, parser_context=None) -> dict:  # noqa: ARG002 (DRF's signature)
        view, request = parser_context["view"], parser_context["request"]
        check_media_type(media_type, self.media_type)
        data = read_form(read_body(request, view))
        return check_body(data, view.get_serializer_class(), request.user)


def check_media_type(header, expected) -> None:
    # DRF also accepts `*/*` and every charset.
    media_type, parameters = parse_header_parameters(header)
    charset = parameters.get("charset", "utf-8").lower()
    if media_type != expected or charset not in {"utf-8", "utf8"}:
        raise UnsupportedMediaType(header, _("Send %(expected)s in UTF-8.") % {"expected": expected})


def limit_of(view) -> int:
    return getattr(view, "body_limit", settings.API_BODY_LIMIT)


def read_body(request, view) -> bytes:
    limit = limit_of(view)
    too_large = BodyTooLarge(_("The request body may have at most %(limit)s bytes.") % {"limit": limit})
    if declared_length(request) > limit:
        raise too_large  # without reading it
    body = request.body
    if len(body) > limit:
        raise too_large
    return body


def declared_length(request) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


def read_json(body) -> dict:
    """Raises ParseError with the problem and, for malformed JSON, its position."""
    if body.startswith(codecs.BOM_UTF8):
        raise ParseError(_("The body must not begin with a byte order mark."))
    try:
        data = DECODER.decode(body.decode())
    except UnicodeDecodeError:
        raise ParseError(_("The body is not valid UTF-8.")) from None
    except RecursionError:
        raise too_deep() from None
    except json.JSONDecodeError as error:
        raise ParseError(
            _("The body is not valid JSON (line %(line)s, column %(column)s).")
            % {"line": error.lineno, "column": error.colno}
        ) from None
    if not isinstance(data, dict):
        raise ParseError(_("The body must be a JSON object."))
    check_values(data)
    return data


def read_form(body) -> dict:
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=MAX_FORM_FIELDS)
    except ValueError:  # includes UnicodeDecodeError
        raise ParseError(_("The form is not valid.")) from None
    data = without_duplicates(pairs)
    check_values(data)
    return data


def check_body(data, serializer_class, user) -> dict:
    """Raises ValidationError by field for names and JSON types that are not those of the serializer."""
    shape = shape_of_class(serializer_class)
    wrong_person = take_user_id(data, shape, user)
    if errors := wrong_person | (find_errors(shape, data) or {}):
        raise ValidationError(errors)
    return data


def take_user_id(data, shape, user) -> dict[str, list[str]]:
    """Remove the client's own user id from the body; returns errors by field for any other one."""
    if "user_id" not in data or "user_id" in shape.fields or not user.is_authenticated:
        return {}
    user_id = data.pop("user_id")
    if type(user_id) is not int:
        return {"user_id": [_("Expected a whole number.")]}
    return {} if user_id == user.pk else {"user_id": [SOMEBODY_ELSE]}


def check_values(value, depth=1) -> None:
    if isinstance(value, str):
        check_text(value)
    elif isinstance(value, dict | list):
        if depth > MAX_DEPTH:
            raise too_deep()
        for item in value:  # of an object: its keys
            check_values(item, depth + 1)
        for item in value.values() if isinstance(value, dict) else ():
            check_values(item, depth + 1)


def check_text(text) -> None:
    if UNSTORABLE_TEXT.search(text):
        raise ParseError(_("Text must not contain NUL characters or lone surrogates."))


def too_deep() -> ParseError:
    return ParseError(_("The body is nested more than %(most)s levels deep.") % {"most": MAX_DEPTH})


def without_duplicates(pairs) -> dict:
    try:
        return unique_pairs(pairs)
    except ValueError:
        raise ParseError(_("A key is given twice.")) from None


def bounded_integer(digits) -> int:
    # The length first, since int() refuses more than 4300 digits with another error.
    if len(digits) > 17 or abs(int(digits)) > MAX_INTEGER:
        raise ParseError(_("Integers must lie within ±2^53."))
    return int(digits)


def finite_number(text) -> int | float:
    """Many clients know floats only, so a number without a fraction is an integer."""
    number = float(text)
    if not math.isfinite(number):
        raise ParseError(_("A number is too large."))
    return int(number) if is_whole(text, number) else number


def is_whole(text, number) -> bool:
    """Whether a number written with a point or an exponent is an integer: 85.0 and 1e2 are, 85.5 and -0.0 are not."""
    if not number.is_integer() or abs(number) > MAX_INTEGER or (number == 0 and text.startswith("-")):
        return False
    try:
        return Decimal(text) == number  # 1.00000000000000000001 is not 1, though its float is
    except InvalidOperation:  # an exponent of many digits
        return False


def refuse_constant(name) -> NoReturn:
    raise ParseError(_("%(name)s is not JSON.") % {"name": name})


DECODER = json.JSONDecoder(
    object_pairs_hook=without_duplicates,
    parse_int=bounded_integer,
    parse_float=finite_number,
    parse_constant=refuse_constant,
)
