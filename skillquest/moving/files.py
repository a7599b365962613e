"""The text of an import file, whatever program wrote it: gzip or not, UTF-8, UTF-16 or Windows-1252."""

import codecs
import gzip
import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from .errors import InputError

CHUNK = 1 << 20
LONGEST_LINE = 1 << 20  # characters
GZIP_MAGIC = b"\x1f\x8b"
MARKS = [(codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")]
# What reading a damaged gzip file raises.
DAMAGED = (EOFError, OSError, gzip.BadGzipFile)


@dataclass(frozen=True)
class InputFile:
    """A file that was looked through once. `digest` is the SHA-256 of its content, unpacked."""

    path: Path
    encoding: str
    digest: str

    @contextmanager
    def lines(self) -> Iterator[Iterator[str]]:
        # Five of the 256 bytes of Windows-1252 mean nothing; they become "\ufffd".
        with (
            _opened(self.path) as raw,
            io.TextIOWrapper(raw, self.encoding, errors="replace", newline="") as text,
        ):
            yield _bounded(text)


def look_through(path: Path) -> InputFile:
    """Read the file once, in bounded memory. Raise InputError."""
    digest, first, is_utf8 = hashlib.sha256(), b"", True
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with _opened(path) as raw:
            while chunk := raw.read(CHUNK):
                first = first or chunk[:4096]
                digest.update(chunk)
                is_utf8 = is_utf8 and _decodes(decoder, chunk)
    except DAMAGED as problem:
        raise InputError(f"{path} cannot be read: {problem}") from None
    is_utf8 = is_utf8 and _decodes(decoder, b"", final=True)
    return InputFile(path, _encoding(first, is_utf8=is_utf8), digest.hexdigest())


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    try:
        with path.open("rb") as file:
            is_packed = file.read(len(GZIP_MAGIC)) == GZIP_MAGIC
    except OSError as problem:
        raise InputError(f"{path} cannot be read: {problem.strerror}") from None
    with gzip.open(path) if is_packed else path.open("rb") as raw:
        yield raw  # type: ignore[misc] # typeshed gives gzip.open the type of its text mode too


def _decodes(decoder: codecs.IncrementalDecoder, chunk: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(chunk, final)
    except UnicodeDecodeError:
        return False
    return True


def _encoding(first: bytes, *, is_utf8: bool) -> str:
    for mark, encoding in MARKS:
        if first.startswith(mark):
            return encoding
    # Text has no NUL; in UTF-16 every ASCII letter brings one.
    if b"\x00" in first:
        return "utf-16-be" if first[:1] == b"\x00" else "utf-16-le"
    # What is not UTF-8 comes from Excel on Windows..
    return "utf-8" if is_utf8 else "cp1252"


def _bounded(file: io.TextIOWrapper) -> Iterator[str]:
    """Lines; one that is longer than LONGEST_LINE ends the import, since it is no table."""
    while True:
        try:
            line = file.readline(LONGEST_LINE)
        except DAMAGED as problem:
            raise InputError(f"The file ends with an error: {problem}") from None
        if not line:
            return
        if len(line) >= LONGEST_LINE:
            raise InputError(f"A line is longer than {LONGEST_LINE} characters.")
        yield line
