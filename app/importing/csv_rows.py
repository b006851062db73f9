"""CSV: rows of cells under a header. A row that cannot be read takes no other along."""

import csv
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from pathlib import Path

from app.importing.records import BEGINNING, BadRow, Place, Record, UnreadableFile
from app.importing.text import Events, LinedFile, shown

_DELIMITERS = ",;\t|"


class NoRow(BadRow):
    """Lines that are together no row."""


class Csv:
    """Rows of cells under a header. `read` makes the events of what stands under each name; `check` refuses a header.

    Of several lines that are together no row, such as behind a quote that is never closed, the first is refused, and the next
    row begins with the second.
    """

    def __init__(self, path: Path, read: Callable[[dict[str, str]], Events], check: Callable[[Sequence[str]], None]) -> None:
        self._file, self._path, self._read, self._check = LinedFile(path), path, read, check

    @property
    def share(self) -> float:
        return self._file.share

    def records(self, begin: Place) -> Iterator[Record]:
        header, delimiter, first = self._header()
        lines = _Lines(self._file, begin if begin.get("offset", 0) else first)
        rows = csv.reader(lines, delimiter=delimiter, strict=True)
        while True:
            lines.taken.clear()
            line = lines.place["line"] + 1
            try:
                cells = _cells(rows, header)
                if cells is None:
                    return
                if not cells:
                    continue
                content = self._read(cells)
                yield Record(line, content, content[0], lines.place)
            except NoRow as error:
                lines.give_back_all_but_the_first()
                yield lines.faulty(line, error)
            except BadRow as error:
                yield lines.faulty(line, error)

    def _header(self) -> tuple[list[str], str, Place]:
        """The names of the columns, what stands between cells, and where the rows begin. Raises UnreadableFile."""
        lines = _Lines(self._file, BEGINNING)
        top = next(lines, "")
        if not _is_text(top):
            raise UnreadableFile(f"the first line of {self._path} is no UTF-8 text; save the file as CSV in UTF-8")
        if not top.strip():
            raise UnreadableFile(f"the first line of {self._path} is empty; it must name the columns")
        if "\r" in top.rstrip("\r\n"):
            raise UnreadableFile(f"the lines of {self._path} end as on very old Macs; save the file as CSV in UTF-8")
        delimiter = max(_DELIMITERS, key=top.count)
        try:
            first = next(csv.reader(chain([top], lines), delimiter=delimiter, strict=True), [])
        except csv.Error as error:
            raise UnreadableFile(f"the first line of {self._path} is no header of CSV: {error}") from error
        header = [name.strip() for name in first]
        twice = sorted({name for name in header if header.count(name) > 1})
        if twice or "" in header:
            wrong = f"names {twice[0]!r} twice" if any(twice) else "has a column without a name"
            raise UnreadableFile(f"the first line of {self._path} {wrong}; it must name each column, and each once")
        self._check(header)
        return header, delimiter, lines.place


class _Lines:
    """Lines as text, those of a row noted in `taken`, each with the place behind it.

    What is no UTF-8 is kept apart from all text, and found in the cells.
    """

    def __init__(self, file: LinedFile, begin: Place) -> None:
        self._lines, self._file = file.lines(begin), file
        self._again: deque[tuple[str, Place]] = deque()
        self.taken: list[tuple[str, Place]] = []
        self.place = file.place  # behind the line that was given last

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        self.taken.append(self._again.popleft() if self._again else self._next())
        text, self.place = self.taken[-1]
        return text

    def _next(self) -> tuple[str, Place]:
        return next(self._lines).decode(errors="surrogateescape"), self._file.place

    def give_back_all_but_the_first(self) -> None:
        self._again.extendleft(reversed(self.taken[1:]))
        del self.taken[1:]
        self.place = self.taken[0][1]

    def faulty(self, line: int, error: BadRow) -> Record:
        """What was taken, as a row that is none."""
        text = "".join(text for text, _ in self.taken).strip()
        return Record(line, (), shown(text.encode(errors="surrogateescape")), self.place, error.detail)


def _cells(rows: Iterator[list[str]], header: Sequence[str]) -> dict[str, str] | None:
    """The next row by the names of its columns, empty for a blank line; None behind the last. Raises NoRow, BadRow."""
    try:
        row = next(rows, None)
    except csv.Error as error:
        raise NoRow(f"it is no row of CSV ({error}); look for a quote that is not closed") from error
    if not row:
        return None if row is None else {}
    if len(row) != len(header):
        raise NoRow(f"it has {len(row)} cells under a header of {len(header)} columns; quote cells that hold a delimiter")
    for name, cell in zip(header, row, strict=True):
        if not _is_text(cell):
            raise BadRow(f"{name} is no UTF-8 text; save the file as UTF-8")
    return dict(zip(header, row, strict=True))


def _is_text(cell: str) -> bool:
    return cell.isprintable() or not any("\ud800" <= one <= "\udfff" for one in cell)
