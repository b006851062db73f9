"""Answers as files: CSV for spreadsheets, Parquet for everything else."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

import orjson

from app.console.answers import Answer, text_of

# A spreadsheet takes a text that begins so for a formula (OWASP, "CSV Injection"; the last four are the full-width forms).
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
ROWS_AT_ONCE = 500
EXACT = 2**53  # above it not every integer is a float


def neutral(text: str) -> str:
    """The text as one that no spreadsheet calculates."""
    return f"'{text}" if text.startswith(FORMULA) else text


def csv_of(answer: Answer) -> Iterator[bytes]:
    """RFC 4180, UTF-8, piece by piece. Texts are neutral; numbers are numbers, also below zero."""
    yield _lines([[neutral(name) for name in answer.columns]])
    for at in range(0, len(answer.rows), ROWS_AT_ONCE):
        yield _lines([_csv(value) for value in row] for row in answer.rows[at : at + ROWS_AT_ONCE])


def _csv(value: object) -> str:
    return neutral(value) if isinstance(value, str) else text_of(value)


def _lines(rows: Iterable[Sequence[str]]) -> bytes:
    piece = io.StringIO(newline="")
    csv.writer(piece, lineterminator="\r\n").writerows(rows)
    return piece.getvalue().encode()


def parquet_of(answer: Answer) -> bytes:
    """A file with a type for each column: `kind_of` says which."""
    from arro3.core import Array, DataType, Table  # noqa: PLC0415 - for those who use it
    from arro3.io import write_parquet  # noqa: PLC0415

    types = {"int": DataType.int64(), "float": DataType.float64(), "bool": DataType.bool(), "text": DataType.utf8()}
    columns = [_column([row[at] for row in answer.rows]) for at in range(len(answer.columns))]
    arrays = [Array(values, types[kind]) for kind, values in columns]
    file = io.BytesIO()
    write_parquet(Table.from_arrays(arrays, names=answer.columns), file, compression="zstd(3)")
    return file.getvalue()


def _column(values: list[object]) -> tuple[str, list[object]]:
    """A column's type, and its values as ones of it."""
    kind = kind_of(values)
    if kind == "json":
        return "text", [None if value is None else orjson.dumps(value).decode() for value in values]
    if kind == "float":
        return kind, [float(value) if isinstance(value, int) else value for value in values]
    return kind, values


def kind_of(values: Iterable[object]) -> str:
    """`int`, `float`, `bool` or `text`, when all values are of it (integers among floats count, while each is exact), else
    `json`: their JSON as text."""
    kinds, widest = set(), 0
    for value in values:
        if value is None:
            continue
        kinds.add(type(value))
        if type(value) is int:
            widest = max(widest, abs(value))
    if kinds == {int}:
        return "int"
    if kinds in ({float}, {int, float}) and widest <= EXACT:
        return "float"
    if kinds == {bool}:
        return "bool"
    return "text" if kinds <= {str} else "json"
