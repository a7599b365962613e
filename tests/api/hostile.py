"""Bodies that a writing endpoint must refuse, each derived from a valid body.

`Hostile.make` turns a valid body (a dict) into a hostile one (bytes), or returns None where that is not possible.
`requests_for(valid)` returns all that are possible.
"""

import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass

JSON = "application/json"
FORM = "the content type of a form"  # endpoints that accept forms (signing in) refuse it with 400
REFUSED = 400
TOO_LARGE = 413
WRONG_TYPE = 415
LIMIT = 64 * 1024  # bytes


@dataclass(frozen=True)
class Hostile:
    """`verdict` is the only right status."""

    name: str
    make: Callable[[dict], bytes | None]
    verdict: int = REFUSED
    content_type: str = JSON


def requests_for(valid, limit=LIMIT):
    """`limit` is the size in bytes of the largest body that the endpoint accepts."""
    for hostile in [*READABLE, *too_large(limit)]:
        body = hostile.make(valid)
        if body is not None:
            yield hostile, body


def raw(body):
    return lambda _valid: body


def text_of(valid):
    return json.dumps(valid)


def encoded(encoding):
    return lambda valid: text_of(valid).encode(encoding)


def around(before, after):
    return lambda valid: before + text_of(valid).encode() + after


def with_member(member):
    """The valid body with one more member, which is given as (possibly invalid) JSON."""
    return lambda valid: f"{text_of(valid)[:-1]}{', ' if valid else ''}{member}}}".encode()


def twice(spell=str):
    """The valid body with its first member repeated; `spell` writes the key of the copy."""

    def make(valid):
        if not valid:
            return None
        key, value = next(iter(valid.items()))
        return with_member(f'"{spell(key)}": {json.dumps(value)}')(valid)

    return make


def escaped(text):
    return "".join(f"\\u{ord(character):04x}" for character in text)


def instead_of(kind, fragment):
    """The valid body with `fragment` as the value of the first member whose value has the type `kind`."""

    def make(valid):
        key = next((key for key, value in valid.items() if type(value) is kind), None)
        if key is None:
            return None
        rest = {name: value for name, value in valid.items() if name != key}
        return with_member(f"{json.dumps(key)}: {fragment}")(rest)

    return make


def nested(opening, closing, depth):
    return with_member(f'"unknown": {opening * depth}1{closing * depth}')


MALFORMED = {
    "only spaces": b"   \n ",
    "a lone brace": b"{",
    "a closing brace": b"}",
    "brace and bracket": b"{]",
    "null": b"null",
    "true": b"true",
    "a number": b"42",
    "a text": b'"score"',
    "a list": b"[]",
    "a list of objects": b'[{"score": 1}]',
    "single quotes": b"{'score': 1}",
    "bare keys": b"{score: 1}",
    "a comment": b'{"score": 1 /* best */}',
    "no colon": b'{"score" 1}',
    "a trailing comma": b'{"score": 1,}',
    "an open text": b'{"score": "1}',
    "an unknown escape": b'{"name": "\\x41"}',
    "half an escape": b'{"name": "\\u00"}',
    "a raw newline": b'{"name": "a\nb"}',
    "a raw tab": b'{"name": "a\tb"}',
    "a raw NUL": b'{"name": "a\0b"}',
    "NUL alone": b"\0",
    "Python constants": b'{"fair": True, "note": None}',
    "a hexadecimal number": b'{"score": 0x10}',
    "an octal number": b'{"score": 010}',
    "a plus sign": b'{"score": +1}',
    "no digit before the point": b'{"score": .5}',
    "no digit after the point": b'{"score": 5.}',
    "no exponent": b'{"score": 1e}',
    "two minus signs": b'{"score": --1}',
    "underscores": b'{"score": 1_000}',
    "Arabic digits": '{"score": ١٢}'.encode(),
    "full-width digits": '{"score": １２}'.encode(),
    "a bare word": b"undefined",
    "XML": b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><x>&e;</x>",
    "a form": b"score=1&name=x",
    "YAML": b"score: 1\nname: x\n",
    "gzip": gzip.compress(b'{"score": 1}', mtime=0),
    "bytes that are not text": bytes(range(256)),
    "Latin-1": '{"name": "é"}'.encode("latin-1"),
    "half a character": '{"name": "é'.encode()[:-1] + b'"}',
    "an overlong NUL": b'{"name": "\xc0\x80"}',
    "a surrogate in UTF-8": b'{"name": "\xed\xa0\x80"}',
    "beyond Unicode": b'{"name": "\xf5\x80\x80\x80"}',
    "brackets without end": b"[" * 20_000,
    "braces without end": b'{"a":' * 10_000,
}

MEMBERS = {
    "an unknown field": '"unknown": 1',
    "an unknown null": '"unknown": null',
    "an empty key": '"": 1',
    "a prototype": '"__proto__": {"admin": true}',
    "a dunder": '"__class__": "User"',
    "a lookup": '"learner__is_staff": true',
    "XP": '"awarded_xp": 1000000',
    "a total": '"total_xp": 1000000',
    "an id": '"id": 1',
    "a primary key": '"pk": 1',
    "staff": '"is_staff": true',
    "somebody else's user_id": '"user_id": 987654321',
    "user_id as text": '"user_id": "1"',
    "user_id true": '"user_id": true',
    "user_id null": '"user_id": null',
    "user_id with a fraction": '"user_id": 1.5',
    "NaN": '"unknown": NaN',
    "Infinity": '"unknown": Infinity',
    "minus Infinity": '"unknown": -Infinity',
    "an infinite float": '"unknown": 1e999',
    "a negative infinite float": '"unknown": -1e999',
    "5000 digits": f'"unknown": {"9" * 5000}',
    "2^53 + 1": f'"unknown": {2**53 + 1}',
    "-2^53 - 1": f'"unknown": {-(2**53) - 1}',
    "2^63": f'"unknown": {2**63}',
    "NUL in a value": '"unknown": "a\\u0000b"',
    "NUL in a key": '"a\\u0000b": 1',
    "a lone high surrogate": '"unknown": "\\ud800"',
    "a lone low surrogate": '"unknown": "\\udfff"',
    "surrogates in the wrong order": '"unknown": "\\udc00\\ud800"',
    "a lone surrogate in a key": '"\\ud800": 1',
    "duplicates further in": '"unknown": {"a": 1, "a": 2}',
    "thousands of unknown fields": ", ".join(f'"unknown{number}": 1' for number in range(2500)),
    "an unknown field with a very long name": f'"{"x" * 60_000}": 1',
    "ten unknown fields with long names": ", ".join(f'"{number}{"ü" * 2000}": 1' for number in range(10)),
}

WRONG_VALUES = {
    int: [
        '"85"',
        "1.5",
        "1.00000000000000000000001",
        "-0.0",
        "1e300",
        "1e-400",
        "true",
        "null",
        "[]",
        "[1]",
        "{}",
        '""',
        '"٣"',
        "-9007199254740992",
    ],
    str: ["85", "1.5", "true", "null", "[]", '["x"]', "{}", '"a\\u0000"', '"\\ud83d"'],
    bool: ['"true"', "1", "0", '"yes"', "null", "[]"],
    list: ['"x"', "1", "{}", "true"],
    dict: ['"x"', "1", "[]", "true", '[["a", 1]]'],
}

CONTENT_TYPES = {
    "no content type": "",
    "plain text": "text/plain",
    "text/json": "text/json",
    "the content type of XML": "application/xml",
    FORM: "application/x-www-form-urlencoded",
    "multipart": "multipart/form-data; boundary=x",
    "multipart without boundary": "multipart/form-data",
    "anything": "*/*",
    "anything of an application": "application/*",
    "nearly JSON": "application/jsonx",
    "JSON with a suffix": "application/merge-patch+json",
    "UTF-16 in the content type": "application/json; charset=utf-16",
    "Latin-1 in the content type": "application/json; charset=iso-8859-1",
    "an unknown charset": "application/json; charset=klingon",
    "a very long content type": "application/json; x=" + "y" * 1000,
}

READABLE = [
    *(Hostile(name, raw(body)) for name, body in MALFORMED.items()),
    *(Hostile(name, with_member(member)) for name, member in MEMBERS.items()),
    *(
        Hostile(f"{fragment} instead of {kind.__name__}", instead_of(kind, fragment))
        for kind, fragments in WRONG_VALUES.items()
        for fragment in fragments
    ),
    *(Hostile(name, encoded("utf-8"), WRONG_TYPE, content_type) for name, content_type in CONTENT_TYPES.items()),
    Hostile("a byte order mark", encoded("utf-8-sig")),
    Hostile("UTF-16", encoded("utf-16")),
    Hostile("UTF-16 without a mark", encoded("utf-16-le")),
    Hostile("UTF-32", encoded("utf-32")),
    Hostile("two documents", around(b"", b"{}")),
    Hostile("two lines", around(b"", b"\n{}")),
    Hostile("something before", around(b")]}',\n", b"")),
    Hostile("something after", around(b"", b"\0")),
    Hostile("in a list", around(b"[", b"]")),
    Hostile("a key twice", twice()),
    Hostile("a key twice, escaped", twice(escaped)),
    Hostile("9 lists deep", nested("[", "]", 9)),
    Hostile("9 objects deep", nested('{"a": ', "}", 9)),
    Hostile("5000 lists deep", nested("[", "]", 5000)),
]


def too_large(limit):
    return [
        Hostile("one byte too many", lambda valid: text_of(valid).encode().ljust(limit + 1), TOO_LARGE),
        Hostile("much too much text", with_member(f'"unknown": "{"x" * 3 * limit}"'), TOO_LARGE),
        Hostile("much too many brackets", raw(b"[" * 3 * limit), TOO_LARGE),
    ]


CORPUS = [*READABLE, *too_large(LIMIT)]
