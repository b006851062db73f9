"""Files that are read by lines, as they are or packed with gzip, and JSON Lines. Places are offsets in what was unpacked."""

import gzip
import io
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from shlex import quote
from typing import BinaryIO, cast

import orjson

from app.domain.bodies import BYTE_ORDER_MARK, MAX_BODY_BYTES
from app.importing.records import BadRow, Place, Record, UnreadableFile, no_file
from app.sources.reading import JsonObject, kind

Events = tuple[JsonObject, ...]

MOST_SHOWN = 10_000  # characters of a row that cannot be read


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
                    f"jq -c '.[]' {quote(str(self._path))} > {quote(f'{self._path.stem}.lines.jsonl')}"
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


def shown(text: bytes) -> str:
    return io.TextIOWrapper(io.BytesIO(text[:MOST_SHOWN]), encoding="utf-8", errors="replace").read()
