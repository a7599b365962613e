"""The kinds of records that an import knows, their fields, and the record that a row becomes."""

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from gamification.models import MAX_DELTA, BoardStanding, DayKind, Trust
from levels.choices import Difficulty
from levels.models.level import MAX_SCORE

from . import values
from .errors import BadValueError

DAY_SECONDS = 86_400
NO_KEY = UUID(int=0)
MAX_NOTE = 2_500  # a ledger entry's: a reason, the server key, and a note of 2 000 characters
MAX_ID = 128
MAX_METRIC_VALUE = 2**31 - 1
MAX_FREEZES = 32_767


@dataclass(frozen=True)
class Field:
    """`parse` makes of a value that is not blank what is stored; dates also take a time zone and a format."""

    parse: Callable[..., Any]
    required: bool = False
    is_date: bool = False


@dataclass(frozen=True)
class Kind:
    """`identity` are the fields that name a record where the row has no id; without them its whole content does."""

    fields: dict[str, Field]
    identity: tuple[str, ...] = ()


def _text(most: int, **options: Any) -> Field:
    return Field(partial(values.text, most=most), **options)


def _id(most: int = MAX_ID, **options: Any) -> Field:
    return Field(partial(values.identifier, most=most), **options)


def _whole(least: int, most: int, **options: Any) -> Field:
    return Field(partial(values.whole, least=least, most=most), **options)


def _choice(choices: list[str], **options: Any) -> Field:
    return Field(partial(values.one_of, choices=choices), **options)


def _moment(**options: Any) -> Field:
    return Field(values.moment, is_date=True, **options)


WHO = {"external_id": _id(required=True)}
ROW = {"id": _id(200)}
TRUST = {"trust": _choice(Trust.values)}
TRUTH = Field(values.truth)
JSON_OBJECT = Field(values.json_object)

KINDS = {
    "learner": Kind(
        {
            **WHO,
            "email": _text(254),
            "username": _text(200),
            "display_name": _text(200),
            "time_zone": _text(64),
            "language": _text(20),
            "created_at": _moment(),
            "freezes": _whole(0, MAX_FREEZES),
            "leaderboard_opt_out": TRUTH,
            "board_standing": _choice(BoardStanding.values),
            "board_standing_until": _moment(),
        },
        identity=("external_id",),
    ),
    "opening_xp": Kind(
        {
            **WHO,
            **ROW,
            **TRUST,
            "amount": _whole(-MAX_DELTA, MAX_DELTA, required=True),
            "date": _moment(required=True),
            "note": _text(MAX_NOTE),
            "level": _id(200),
            "reason": _id(40),
        }
    ),
    "completion": Kind(
        {
            **WHO,
            **ROW,
            **TRUST,
            "level": _id(200, required=True),
            "score": _whole(0, MAX_SCORE),
            "max": _whole(1, MAX_SCORE),
            "occurred_at": _moment(required=True),
            "passed": TRUTH,
            "time_spent": _whole(0, 366 * DAY_SECONDS),
            "study_seconds": _whole(0, 366 * DAY_SECONDS),
            "started_at": _moment(),
            "counts_at": _moment(),
            "difficulty": _choice(Difficulty.values),
            "category": _text(100),
            "client_event_id": Field(values.uuid),
            "metadata": JSON_OBJECT,
            "counted": JSON_OBJECT,
            "metrics": JSON_OBJECT,
        }
    ),
    "metric": Kind(
        {
            **WHO,
            **ROW,
            **TRUST,
            "metric": _id(40, required=True),
            "value": _whole(1, MAX_METRIC_VALUE, required=True),
            "counted": _whole(0, MAX_METRIC_VALUE),
            "date": _moment(required=True),
            "client_event_id": Field(values.uuid),
        }
    ),
    "achievement": Kind(
        {
            **WHO,
            "achievement": _id(100, required=True),
            "date": _moment(required=True),
            "xp": _whole(0, MAX_DELTA),
            "revoked_at": _moment(),
        },
        identity=("external_id", "achievement"),
    ),
    "badge": Kind(
        {**WHO, "badge": _text(100, required=True), "date": _moment(required=True), "revoked_at": _moment()},
        identity=("external_id", "badge"),
    ),
    "streak_day": Kind(
        {
            **WHO,
            "date": Field(values.day, required=True, is_date=True),
            "state": _choice(DayKind.values),
            "completed": TRUTH,
            "freeze_used": TRUTH,
        },
        identity=("external_id", "date"),
    ),
    "time_zone_change": Kind(
        {
            **WHO,
            "before": _text(64, required=True),
            "time_zone": _text(64, required=True),
            "date": _moment(required=True),
        },
        identity=("external_id", "date"),
    ),
}
FIELD_NAMES = {name for kind in KINDS.values() for name in kind.fields} | {"kind"}


@dataclass
class Record:
    """`values` has only what the row said, parsed. With a `problem` it was not stamped and has no key."""

    line: int
    kind: str
    values: dict[str, Any] = field(default_factory=dict)
    problem: str = ""
    key: UUID = NO_KEY
    content: UUID = NO_KEY

    @property
    def external_id(self) -> str:
        return str(self.values["external_id"])


@dataclass(frozen=True)
class Hashing:
    """The keys by which rows are recognised, with the salt of their source."""

    salt: bytes

    def stamp(self, record: Record) -> None:
        content = _canonical(record.kind, sorted(record.values.items()))
        record.content = self._hash(content)
        record.key = self.key_of(record.kind, self._identity(record)) if self._identity(record) else record.content

    def key_of(self, kind: str, identity: Iterable[Any]) -> UUID:
        return self._hash(_canonical(kind, [*identity]))

    @staticmethod
    def _identity(record: Record) -> list[Any]:
        if "id" in record.values:
            return [record.values["id"]]
        return [record.values[name] for name in KINDS[record.kind].identity]

    def _hash(self, text: str) -> UUID:
        return UUID(bytes=hashlib.blake2b(text.encode(), key=self.salt, digest_size=16).digest())


def make_record(
    line: int, kind: str, raw: dict[str, Any], *, zone: ZoneInfo, forms: dict[str, str] | None = None
) -> Record:
    """Parse the values of a row; what is wrong is named in `problem`. `forms` are formats of dates by field."""
    record, problems = Record(line, kind), []
    for name, spec in KINDS[kind].fields.items():
        value = raw.get(name)
        if values.is_blank(value):
            problems += [f"{name} is missing"] if spec.required else []
            continue
        try:
            record.values[name] = _parsed(spec, value, zone, (forms or {}).get(name, ""))
        except BadValueError as problem:
            problems.append(f"{name} {problem}")
    record.problem = "; ".join(problems)
    return record


def _parsed(spec: Field, value: Any, zone: ZoneInfo, form: str) -> Any:
    return spec.parse(value, zone, form) if spec.is_date else spec.parse(value)


def _canonical(kind: str, parts: list[Any]) -> str:
    return json.dumps([kind, parts], default=_as_text, ensure_ascii=False, sort_keys=True)


def _as_text(value: Any) -> str:
    return value.isoformat() if isinstance(value, date | datetime) else str(value)
