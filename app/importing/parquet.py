"""Parquet, read by batches. Places count rows."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from app.importing.columns import BeyondPython, check_columns
from app.importing.records import BadRow, Place, Record, UnreadableFile, no_file
from app.sources.reading import JsonObject

if TYPE_CHECKING:
    from arro3.core import RecordBatch, RecordBatchReader, Scalar

AT_ONCE = 1_000  # rows of a batch
MARK = b"PAR1"


class Parquet:
    """Rows of typed columns, nested ones among them. `read` makes the events of each."""

    def __init__(self, path: Path, read: Callable[[Mapping[str, object]], tuple[JsonObject, ...]]) -> None:
        self._path, self._read = path, read
        self._size = path.stat().st_size
        self._share = 0.0

    @property
    def share(self) -> float:
        return self._share

    def records(self, begin: Place) -> Iterator[Record]:
        skipped, number = begin.get("rows", 0), 0
        with self._understood():
            for batch in self._batches():
                if number + batch.num_rows <= skipped:
                    number += batch.num_rows
                    continue
                for values in _rows(batch):
                    number += 1
                    if number > skipped:
                        yield self._record(number, values)

    def _record(self, number: int, values: Mapping[str, object]) -> Record:
        behind = {"rows": number}
        try:
            content = self._read(values)
            return Record(number, content, content[0], behind)
        except BadRow as error:
            return Record(number, (), {name: str(value)[:500] for name, value in values.items()}, behind, error.detail)

    def _batches(self) -> "Iterator[RecordBatch]":
        from arro3.io import read_parquet  # noqa: PLC0415 - for those who use it

        with self._path.open("rb") as file:
            ends = file.read(len(MARK))
            file.seek(max(0, self._size - len(MARK)))
            if (ends, file.read()) != (MARK, MARK):
                raise UnreadableFile(f"{self._path} is no whole Parquet file; write it again, or name its --format")
            reader: RecordBatchReader = read_parquet(file, batch_size=AT_ONCE)
            check_columns(reader.schema.names)
            for batch in _each(reader):
                self._share = max(self._share, file.tell() / self._size)
                yield batch

    @contextmanager
    def _understood(self) -> Iterator[None]:
        """Whatever the reader says of a damaged file becomes words; it panics, which is no Exception."""
        try:
            yield
        except OSError as error:
            raise no_file(self._path, error) from error
        except BaseException as error:
            if type(error).__module__ not in ("pyo3_runtime", "arro3.io.exceptions"):
                raise
            raise UnreadableFile(f"{self._path} is damaged: {error}; write it again") from error


def _each(reader: "RecordBatchReader") -> "Iterator[RecordBatch]":
    while True:
        try:
            yield reader.read_next_batch()
        except StopIteration:
            return


def _rows(batch: "RecordBatch") -> Iterator[dict[str, object]]:
    names, columns = batch.column_names, batch.columns
    return ({name: _value(column[at]) for name, column in zip(names, columns, strict=True)} for at in range(batch.num_rows))


def _value(cell: "Scalar") -> object:
    """As Python has it. Of a time that it cannot convert Arrow raises, or says None as if nothing stood there."""
    try:
        value = cell.as_py()
    except (ValueError, OverflowError):
        return BeyondPython()
    return BeyondPython() if value is None and cell.is_valid else value
