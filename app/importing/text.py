"""Files that are read by lines: JSON Lines and CSV, as they are or packed with gzip. Places are offsets in what was unpacked."""

import csv
import gzip
import io
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import BinaryIO, cast

import orjson

from app.domain.bodies import BYTE_ORDER_MARK, MAX_BODY_BYTES
from app.importing.records import BEGINNING, BadRow, Place, Record, UnreadableFile, no_file
from app.sources.reading import JsonObject, kind

Events = tuple[JsonObject, ...]

MOST_SHOWN = 10_000  # characters of a row that cannot be read
_DELIMITERS = ",;\t|"


class LinedFile:
    """The lines of a file from an offset on, and how far they were read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._size = path.stat().st_size
        self._share = 0.0
        self.offset = 0  # behind the last line that was given
        self.line = 0  # its number

    @property
    def share(self) -> float:
        return self._share

    @property
    def place(self) -> Place:
        return {"offset": self.offset, "line": self.line}

    def lines(self, begin: Place) -> Iterator[bytes]:
        """Each line with its end; of one that is longer than any event so much as shows that. Raises UnreadableFile."""
        self.offset, self.line = begin.get("offset", 0), begin.get("line", 0)
        return self._lines()

    def _lines(self) -> Iterator[bytes]:
        with self._opened() as (packed, file):
            file.seek(self.offset)
            while line := file.readline(MAX_BODY_BYTES + 1):
                size = len(line)
                while not line.endswith(b"\n") and (more := file.readline(MAX_BODY_BYTES)):
                    size += len(more)
                    if more.endswith(b"\n"):
                        break
                self.offset += size
                self.line += 1
                self._share = packed.tell() / max(1, self._size)
                yield line.removeprefix(BYTE_ORDER_MARK) if self.line == 1 else line

    @contextmanager
    def _opened(self) -> Iterator[tuple[BinaryIO, BinaryIO]]:
        """The file, and what it holds."""
        try:
            with self._path.open("rb") as packed:
                yield packed, cast(BinaryIO, gzip.GzipFile(fileobj=packed)) if self._path.suffix == ".gz" else packed
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise UnreadableFile(
                f"{self._path} is no whole gzip file ({error}); make it again, or unpack what there is"
            ) from error
        except OSError as error:
            raise no_file(self._path, error) from error


class JsonLines:
    """A JSON object a line. `read` makes the events of each; blank lines are none."""

    def __init__(self, path: Path, read: Callable[[JsonObject], Events]) -> None:
        self._file, self._path, self._read = LinedFile(path), path, read

    @property
    def share(self) -> float:
        return self._file.share

    def records(self, begin: Place) -> Iterator[Record]:
        for line in self._file.lines(begin):
            text = line.strip()
            if self._file.line == 1 and text.startswith(b"["):
                raise UnreadableFile(
                    f"{self._path} is one JSON array, which must be read whole; make a line of each element: "
                    f"jq -c '.[]' {self._path} > {self._path.stem}.jsonl"
                )
            if text:
                yield self._record(text)

    def _record(self, text: bytes) -> Record:
        number, behind = self._file.line, self._file.place
        raw: object = shown(text)
        try:
            raw = value = _value(text)
            return Record(number, self._read(value), raw, behind)
        except BadRow as error:
            return Record(number, (), raw, behind, error.detail)


class Csv:
    """Rows of cells under a header. `read` makes the events of what stands under each name; `check` refuses a header."""

    def __init__(self, path: Path, read: Callable[[dict[str, str]], Events], check: Callable[[Sequence[str]], None]) -> None:
        self._file, self._path, self._read, self._check = LinedFile(path), path, read, check

    @property
    def share(self) -> float:
        return self._file.share

    def records(self, begin: Place) -> Iterator[Record]:
        header, delimiter, first = self._header()
        taken: list[str] = []
        lines = self._texts(begin if begin.get("offset", 0) else first, taken)
        cells = csv.reader(lines, delimiter=delimiter, strict=True)
        while True:
            taken.clear()
            line = self._file.line + 1
            try:
                row = next(cells)
                if not row:
                    continue
                content = self._read(_named(header, row))
                yield Record(line, content, content[0], self._file.place)
            except StopIteration:
                return
            except csv.Error as error:
                yield self._faulty(line, taken, f"it is no row of CSV ({error}); look for a quote that is not closed")
            except BadRow as error:
                yield self._faulty(line, taken, error.detail)

    def _faulty(self, line: int, taken: Sequence[str], why: str) -> Record:
        return Record(line, (), shown("".join(taken).strip().encode(errors="surrogateescape")), self._file.place, why)

    def _header(self) -> tuple[list[str], str, Place]:
        """The names of the columns, what stands between cells, and where the rows begin. Raises UnreadableFile."""
        texts = self._texts(BEGINNING, [])
        top = next(texts, "")
        delimiter = max(_DELIMITERS, key=top.count)
        try:
            first = next(csv.reader(chain([top], texts), delimiter=delimiter, strict=True), [])
        except csv.Error as error:
            raise UnreadableFile(f"the first line of {self._path} is no header of CSV: {error}") from error
        header = [name.strip() for name in first]
        twice = sorted({name for name in header if header.count(name) > 1})
        if twice or "" in header or not header:
            wrong = f"names {twice[0]!r} twice" if any(twice) else "has a column without a name"
            raise UnreadableFile(f"the first line of {self._path} {wrong}; it must name each column, and each once")
        self._check(header)
        return header, delimiter, self._file.place

    def _texts(self, begin: Place, taken: list[str]) -> Iterator[str]:
        """Lines as text, noted in `taken`. What is no UTF-8 is kept apart from all text, and found in the cells."""

        def noted(line: bytes) -> str:
            taken.append(line.decode(errors="surrogateescape"))
            return taken[-1]

        return map(noted, self._file.lines(begin))


def _value(text: bytes) -> JsonObject:
    """Raises BadRow."""
    if len(text) > MAX_BODY_BYTES:
        raise BadRow(f"the line is longer than {MAX_BODY_BYTES // 1024 // 1024} MB; is it one event?")
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise BadRow(f"the line is not valid JSON: {error}") from error
    if not isinstance(value, dict):
        raise BadRow(f"a line must hold a JSON object, not {kind(value)}")
    return value


def _named(header: Sequence[str], row: Sequence[str]) -> dict[str, str]:
    """Raises BadRow."""
    if len(row) != len(header):
        raise BadRow(f"it has {len(row)} cells under a header of {len(header)} columns; quote cells that hold a delimiter")
    for name, cell in zip(header, row, strict=True):
        if not cell.isprintable() and any("\ud800" <= one <= "\udfff" for one in cell):
            raise BadRow(f"{name} is no UTF-8 text; save the file as UTF-8")
    return dict(zip(header, row, strict=True))


def shown(text: bytes) -> str:
    return io.TextIOWrapper(io.BytesIO(text[:MOST_SHOWN]), encoding="utf-8", errors="replace").read()
