"""What the readers of files give: one record a row, with where the file goes on behind it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

from app.domain.errors import ConstIntelError
from app.sources.reading import JsonObject

Place = Mapping[str, int]  # where a reader goes on; what stands in it is the reader's own
BEGINNING: Place = {}


class UnreadableFile(ConstIntelError):
    """Nothing of a file can be read, or nothing more of it."""


class BadRow(ConstIntelError):
    """One row cannot be an event; the others can."""


class Record(NamedTuple):
    """One row. `line` is where it begins (of Parquet the number of the row), counted from 1, `raw` what a file of rejected rows
    shows of it, `content` its event, or events in the order they are sent; none when it cannot be read, and `fault` says why."""

    line: int
    content: tuple[JsonObject, ...]
    raw: object
    behind: Place
    fault: str = ""


class Reader(Protocol):
    """`records` are the rows behind a place; `share` is how much of the file was read so far, from 0 to 1."""

    def records(self, begin: Place) -> Iterator[Record]: ...

    @property
    def share(self) -> float: ...


@dataclass(frozen=True, slots=True)
class Row:
    """A row as it is sent: its record, and each of its events as JSON."""

    record: Record
    encoded: tuple[bytes, ...]


def must_be_file(path: Path) -> None:
    """Raises UnreadableFile for a pipe or the like, which is read once: an import looks at it twice."""
    if path.exists() and not path.is_file():
        raise UnreadableFile(f"{path} is no file but a pipe or a device, which cannot be read twice; write it into a file")


def no_file(path: Path, error: OSError) -> UnreadableFile:
    return UnreadableFile(f"{path} cannot be read ({error.strerror or error}); give the path of a file of events")
