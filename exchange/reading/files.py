from collections.abc import Callable, Collection, Iterator

from .csv_files import read_csv
from .json_files import read_json
from .rows import FileRow, UnreadableFileError
from .xlsx_files import read_xlsx

Reader = Callable[..., Iterator[FileRow]]
READERS: dict[str, Reader] = {"csv": read_csv, "json": read_json, "xlsx": read_xlsx}


def ending_of(file_name: str) -> str:
    """Raises UnreadableFileError."""
    ending = file_name.rpartition(".")[2].lower()
    if ending not in READERS:
        raise UnreadableFileError("The name of the file must end in .csv, .json or .xlsx.")
    return ending


def read_rows(content: bytes, ending: str, *, known: Collection[str], key: str) -> Iterator[FileRow]:
    """Raises UnreadableFileError, also while the rows are read."""
    return READERS[ending](content, known=known, key=key)
