"""docs/api-changelog.json: what each version of the API has added, changed, deprecated and removed, by operation."""

import gzip
import json
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

from .differences import Difference, Kind

ROOT = Path(__file__).resolve().parents[3]
CHANGELOG = ROOT / "docs" / "api-changelog.json"
NAMED = (Kind.ADDITION, Kind.CHANGE, Kind.DEPRECATION, Kind.REMOVAL)


def read_changelog() -> dict[str, Any]:
    return json.loads(CHANGELOG.read_text())


def unreleased(changelog: dict[str, Any]) -> dict[str, Any]:
    """The first version, which has no date yet."""
    return changelog["versions"][0]


def read_released_schema(changelog: dict[str, Any]) -> dict[str, Any]:
    """Of the latest version that was released."""
    latest = next(version for version in changelog["versions"] if version["date"])
    return json.loads(gzip.decompress((CHANGELOG.parent / latest["schema"]).read_bytes()))


def entries_of(version: dict[str, Any]) -> Iterator[Difference]:
    for kind in NAMED:
        for subject, whats in version[kind].items():
            yield from (Difference(kind, subject, what) for what in whats)


def with_entries(version: dict[str, Any], differences: Iterable[Difference]) -> dict[str, Any]:
    """The version with entries for exactly these differences; a break has no place in a version."""
    named: dict[Kind, dict[str, list[str]]] = {kind: {} for kind in NAMED}
    for each in sorted(differences):
        if each.kind in named:
            named[each.kind].setdefault(each.subject, []).append(each.what)
    return version | {kind.value: subjects for kind, subjects in named.items()}


def write_changelog(changelog: dict[str, Any]) -> None:
    CHANGELOG.write_text(json.dumps(changelog, indent=2, ensure_ascii=False) + "\n")


def released(changelog: dict[str, Any], number: str, day: date, schema: dict[str, Any]) -> dict[str, Any]:
    """The changelog once the unreleased version is released as `number`; its schema is saved beside it."""
    file = Path("api-schemas") / f"{number}.json.gz"
    content = json.dumps(schema, separators=(",", ":"), ensure_ascii=False).encode()
    (CHANGELOG.parent / file).write_bytes(gzip.compress(content, mtime=0))
    first, *others = changelog["versions"]
    first |= {"version": number, "date": day.isoformat(), "schema": str(file)}
    return changelog | {"versions": [new_version(), first, *others]}


def new_version() -> dict[str, Any]:
    return {"version": "unreleased", "date": None, "schema": None, **{kind.value: {} for kind in NAMED}}
