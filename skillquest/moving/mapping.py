"""How the columns of a file become records: by their names, or by a small YAML file."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import yaml

from gamification.models import find_zone

from .errors import BadValueError, InputError
from .records import FIELD_NAMES, KINDS, Record, make_record
from .tables import Row
from .values import is_blank, shown

LARGEST_MAPPING = 256 * 1024
DEEPEST_NESTING = 20
VALUE_KEYS = {"column", "columns", "constant", "prefix", "values", "format", "default"}
CONDITION_KEYS = {"column", "is", "filled"}
MAPPING_KEYS = {"time_zone", "skip_lines", "records"}
RECORD_KEYS = {"kind", "only_if", "fields"}


@dataclass(frozen=True)
class Source:
    """Where a field takes its value from: columns (joined by a space), or a constant.

    `values` translates what stands there; what it does not name is a problem.
    """

    columns: tuple[str, ...] = ()
    constant: Any = None
    prefix: str = ""
    values: dict[str, Any] | None = None
    form: str = ""
    default: Any = None

    def value_of(self, row: dict[str, Any]) -> Any:
        value = self.constant
        if self.columns:
            found = [row.get(column) for column in self.columns]
            value = found[0] if len(found) == 1 else " ".join(str(part).strip() for part in found if not is_blank(part))
        if is_blank(value):
            return self.default
        if self.values is not None:
            value = self._translated(str(value).strip())
        return f"{self.prefix}{str(value).strip()}" if self.prefix else value

    def _translated(self, value: str) -> Any:
        if value not in self.values:  # type: ignore[operator] # the caller has looked
            raise BadValueError(f"{shown(value)} has no translation in the mapping")
        return self.values[value]  # type: ignore[index]


@dataclass(frozen=True)
class Condition:
    """Whether a row becomes a record: one column is filled, or has one of these values."""

    column: str
    among: frozenset[str] | None = None

    def holds(self, row: dict[str, Any]) -> bool:
        value = row.get(self.column)
        if self.among is None:
            return not is_blank(value)
        return ("" if value is None else str(value).strip()) in self.among


@dataclass(frozen=True)
class RecordRule:
    kind: str
    fields: dict[str, Source]
    only_if: Condition | None = None

    def record_of(self, row: Row, zone: ZoneInfo) -> Record:
        raw, problems = {}, []
        for name, source in self.fields.items():
            try:
                raw[name] = source.value_of(row.values)
            except BadValueError as problem:
                problems.append(f"{name}: {problem}")
        forms = {name: source.form for name, source in self.fields.items() if source.form}
        record = make_record(row.line, self.kind, raw, zone=zone, forms=forms)
        record.problem = "; ".join(filter(None, [*problems, "" if problems else record.problem]))
        return record


@dataclass(frozen=True)
class Mapping:
    """What a YAML file says. One row may become several records, in the order of `rules`."""

    rules: list[RecordRule]
    zone: ZoneInfo
    skip_lines: int = 0
    text: str = field(default="", repr=False)  # for the fingerprint of a run

    def check_columns(self, columns: list[str] | None) -> None:
        """Raise InputError where the file has no column that the mapping names."""
        if columns is None:
            return
        named = {column for rule in self.rules for source in rule.fields.values() for column in source.columns}
        named |= {rule.only_if.column for rule in self.rules if rule.only_if}
        if missing := sorted(named - set(columns)):
            raise InputError(f"The file has no column {', '.join(map(shown, missing))}. It has: {', '.join(columns)}.")

    def records_of(self, row: Row) -> Iterator[Record]:
        for rule in self.rules:
            if rule.only_if is None or rule.only_if.holds(row.values):
                yield rule.record_of(row, self.zone)


@dataclass(frozen=True)
class HeaderMapping:
    """Columns that bear the names of the fields; `kind` says what each row is."""

    zone: ZoneInfo
    kind: str = ""
    # As of a Mapping that says nothing about them.
    skip_lines: ClassVar[int] = 0
    text: ClassVar[str] = ""

    def check_columns(self, columns: list[str] | None) -> None:
        if columns is None:
            return
        names = [canonical(column) for column in columns if column]
        if unknown := [column for column in columns if column and canonical(column) not in FIELD_NAMES]:
            raise InputError(
                f"Unknown columns: {', '.join(map(shown, unknown))}. Rename or remove them, or describe the file with "
                "--mapping. See docs/moving-in.md."
            )
        if "kind" not in names and not self.kind:
            raise InputError("The file has no column “kind”. Say with --kind what each row is, or use --mapping.")

    def records_of(self, row: Row) -> Iterator[Record]:
        raw = {canonical(name): value for name, value in row.values.items()}
        kind = str(raw.pop("kind", "") or self.kind).strip()
        if kind not in KINDS:
            yield Record(row.line, "", problem=f"kind must be one of {', '.join(KINDS)}, not {shown(kind)}")
            return
        filled = {name for name, value in raw.items() if name and not is_blank(value)}
        record = make_record(row.line, kind, raw, zone=self.zone)
        if unknown := sorted(filled - KINDS[kind].fields.keys()):
            record.problem = f"a row of this kind has no {', '.join(unknown)}"
        yield record


def canonical(column: str) -> str:
    return "_".join(column.lower().replace("-", " ").split())


def load_mapping(path: Path) -> Mapping:
    """Raise InputError, which names the place in the file."""
    try:
        text = path.read_bytes()[: LARGEST_MAPPING + 1]
        if len(text) > LARGEST_MAPPING:
            raise InputError(f"{path} is larger than {LARGEST_MAPPING // 1024} KiB.")
        return _mapping(_document(text.decode("utf-8-sig")), text.decode("utf-8-sig"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError, RecursionError) as problem:
        raise InputError(f"{path} cannot be read: {' '.join(str(problem).split())}") from None
    except BadValueError as problem:
        raise InputError(f"{path}: {problem}") from None


def _document(text: str) -> Any:
    depth = 0
    for event in yaml.parse(text, yaml.SafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST_NESTING:  # PyYAML takes hours for 256 KiB of brackets
            raise yaml.YAMLError(f"nested deeper than {DEEPEST_NESTING} levels")
        if isinstance(event, yaml.AliasEvent):  # a few can stand for billions of values
            raise BadValueError("aliases (*name) are not allowed")
    return yaml.safe_load(text)


def _mapping(document: Any, text: str) -> Mapping:
    _refuse_unknown(document, MAPPING_KEYS, "the mapping")
    rules = document.get("records")
    if not isinstance(rules, list) or not rules:
        raise BadValueError("“records” must be a list of what a row becomes")
    skip_lines = document.get("skip_lines", 0)
    if type(skip_lines) is not int or not 0 <= skip_lines <= 1000:
        raise BadValueError("“skip_lines” must be a whole number from 0 to 1000")
    return Mapping([_rule(rule, f"record {n}") for n, rule in enumerate(rules, 1)], zone_of(document), skip_lines, text)


def zone_of(document: dict[str, Any]) -> ZoneInfo:
    zone = find_zone(str(document.get("time_zone", "UTC")))
    if zone is None:
        raise BadValueError(f"unknown time zone {shown(document['time_zone'])}")
    return zone


def _rule(rule: Any, place: str) -> RecordRule:
    _refuse_unknown(rule, RECORD_KEYS, place)
    kind, fields = rule.get("kind"), rule.get("fields")
    if kind not in KINDS:
        raise BadValueError(f"{place}: kind must be one of {', '.join(KINDS)}, not {shown(kind)}")
    _refuse_unknown(fields, set(KINDS[kind].fields), f"{place} ({kind})")
    required = {name for name, spec in KINDS[kind].fields.items() if spec.required}
    if missing := sorted(required - fields.keys()):
        raise BadValueError(f"{place} ({kind}): no value for {', '.join(missing)}")
    only_if = _condition(rule["only_if"], f"{place}, only_if") if "only_if" in rule else None
    return RecordRule(kind, {name: _source(value, f"{place}, {name}") for name, value in fields.items()}, only_if)


def _source(value: Any, place: str) -> Source:
    """A name alone is that of a column."""
    if isinstance(value, str):
        return Source((value,))
    _refuse_unknown(value, VALUE_KEYS, place)
    columns = value.get("columns", [value["column"]] if "column" in value else [])
    if not isinstance(columns, list) or bool(columns) == ("constant" in value):
        raise BadValueError(f"{place}: give either a column, a list of columns, or a constant")
    translations = value.get("values")
    if translations is not None and not isinstance(translations, dict):
        raise BadValueError(f"{place}: “values” must be a table of old and new values")
    return Source(
        tuple(map(str, columns)),
        _plain(value.get("constant")),
        str(value.get("prefix", "")),
        None if translations is None else {str(old): _plain(new) for old, new in translations.items()},
        str(value.get("format", "")),
        _plain(value.get("default")),
    )


def _plain(value: Any) -> Any:
    """YAML reads 2024-05-31 as a date."""
    return value.isoformat() if hasattr(value, "isoformat") else value


def _condition(value: Any, place: str) -> Condition:
    _refuse_unknown(value, CONDITION_KEYS, place)
    if "column" not in value or ("is" in value) == ("filled" in value):
        raise BadValueError(f"{place}: give a column, and either “is” with values or “filled: true”")
    if "filled" in value:
        return Condition(str(value["column"]))
    among = value["is"] if isinstance(value["is"], list) else [value["is"]]
    return Condition(str(value["column"]), frozenset(map(str, among)))


def _refuse_unknown(value: Any, known: set[str], place: str) -> None:
    if not isinstance(value, dict):
        raise BadValueError(f"{place} must be a table of names and values")
    if unknown := sorted(str(key) for key in value if key not in known):
        raise BadValueError(f"{place}: unknown {', '.join(map(shown, unknown))}; known are {', '.join(sorted(known))}")
