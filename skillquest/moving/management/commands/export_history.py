import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from skillquest.database.snapshots import snapshot
from skillquest.moving.exporting import Export


class Command(BaseCommand):
    help = (
        "Write the history of all learners, or of some, as JSON Lines that `import_history` reads. Passwords, the "
        "rights of staff, guests and held results are not exported. It may run while people play: the file shows one "
        "moment of the database. See docs/moving-in.md."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="where it is written, compressed if the name ends with .gz")
        parser.add_argument("--learners", type=Path, metavar="FILE", help="only these external ids, one a line")
        parser.add_argument(
            "--id-prefix",
            default="skillquest",
            help="begins the external id of learners who have none; choose another one to merge two installations",
        )

    def handle(self, *, file: Path, learners: Path | None, id_prefix: str, **options: Any) -> None:
        export = Export(prefix=id_prefix, only=_wanted(learners))
        lines = 0
        try:
            with _opened(file) as out, snapshot():
                for lines, line in enumerate(export.lines(), start=1):  # noqa: B007 - counted
                    out.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
        except OSError as problem:
            raise CommandError(f"{file} cannot be written: {problem.strerror}") from problem
        self.stdout.write(f"{lines} lines written.")
        for what, number in export.left_out.items():
            if number:
                self.stdout.write(f"{number} {what} were not exported.")


def _wanted(path: Path | None) -> set[str] | None:
    if path is None:
        return None
    try:
        return {line.strip() for line in path.read_text(encoding="utf-8-sig").splitlines()} - {""}
    except (OSError, UnicodeDecodeError) as problem:
        raise CommandError(f"{path} cannot be read: {problem}") from problem


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    with path.open("wb") as file:
        if path.suffix != ".gz":
            yield file
            return
        # Without name and time, so that the same history makes the same file.
        with gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as packed:
            yield packed  # type: ignore[misc] # typeshed does not count it as IO[bytes]
