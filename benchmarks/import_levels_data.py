"""The files of `import_levels`, what the import says of them, and what is stored: inside of the product."""

import json
import sys
from pathlib import Path
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from benchmarks.import_levels_rows import stored_rows
from benchmarks.killed_jobs import run_jobs
from exchange.models import FileImport
from exchange.services import NotImportedError, apply_or_request, discard, upload
from levels.admin.level_resource import LevelResource
from levels.models import Level
from skillquest.accounts.models import User
from tests.exchange.faulty_levels import good_rows, with_faults
from tests.exchange.importing import WRITERS


def make(folder: str, count: int, faults: int, ending: str) -> None:
    """Write the files, import the levels that are stored before, and print what is stored."""
    User.objects.create(username="editor", is_staff=True, is_superuser=True)
    rows = good_rows(count)
    files = {"stored": stored_rows(rows), "faulty": with_faults(rows, faults, ending)[0], "mended": rows}
    for name, content in files.items():
        (Path(folder) / f"{name}.{ending}").write_bytes(WRITERS[ending](content))
    for act in (lambda: upload_file(f"{folder}/stored.{ending}"), _apply):
        act()
        run_jobs()
    _print(_stored())


def upload_file(path: str) -> None:
    at = timezone.now()
    resource = LevelResource(actor=_editor(), at=at)
    upload(resource=resource, file_name=Path(path).name, content=Path(path).read_bytes(), at=at)


def _apply() -> None:
    """As the button does. Raises NotImportedError."""
    source = _newest()
    apply_or_request(source.pk, actor=_editor(), at=timezone.now(), shown=source.fingerprint, leave_out=False)


def work() -> None:
    _print(run_jobs())


def told() -> None:
    """What is told of the faulty file, why it is not imported, and what is stored."""
    source, refusal = _newest(), ""
    found = [[row.number, *fault] for row in source.rows.order_by("number") for fault in row.faults]
    try:
        _apply()
    except NotImportedError as error:
        refusal = str(error)
    discard(source.pk, actor=_editor(), at=timezone.now())
    _print({"told": found, "refusal": refusal, "stored": _stored()})


def apply() -> None:
    """Begin to import what was compared: key, verdict and changes of each row; of new ones the columns of the file."""
    columns, rows = good_rows(1)[0], _newest().rows.order_by("number")
    found = [
        [row.key, row.verdict, {name: row.changes[name] for name in row.changes if name in columns}] for row in rows
    ]
    _apply()
    _print(found)


def stored() -> None:
    _print(_stored())


def _stored() -> dict[str, Any]:
    """All levels with the columns of the file, and how many rows imports have written: each is in the admin's log."""
    resource, columns = LevelResource(), [*good_rows(1)[0]]
    values = [resource.values_of(level) for level in resource.prefetched(Level.objects.order_by("pk"))]
    logged = LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(Level))
    levels = {each["level_id"]: {name: each[name] for name in columns} for each in values}
    return {"levels": levels, "written": logged.count()}


def _newest() -> FileImport:
    return FileImport.objects.latest("pk")


def _editor() -> User:
    return User.objects.get(username="editor")


def _print(answer: Any) -> None:
    sys.stdout.write(f"{json.dumps(answer)}\n")
