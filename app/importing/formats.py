"""Which reader a file needs, by whose form its rows have and by how they are written."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from app.importing.columns import check_columns, event_of_cells, event_of_values
from app.importing.csv_rows import Csv
from app.importing.grouping import Grouped
from app.importing.parquet import Parquet
from app.importing.records import Reader, UnreadableFile
from app.importing.shopify_orders import bodies_of_export, bodies_of_order, cells, check_export, child_of_order, same_order
from app.importing.text import JsonLines
from app.sources import canonical, shopify
from app.sources.base import Defaults, Delivery, Parsed
from app.sources.reading import JsonObject
from app.sources.signatures import as_shopify


class Format(StrEnum):
    JSONL = "jsonl"
    CSV = "csv"
    PARQUET = "parquet"


_SUFFIXES = {
    ".jsonl": Format.JSONL, ".ndjson": Format.JSONL, ".json": Format.JSONL, ".csv": Format.CSV, ".tsv": Format.CSV,
    ".txt": Format.CSV, ".parquet": Format.PARQUET, ".pq": Format.PARQUET,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Importable:
    """Whose form rows may have: the door that takes them and how it reads them, the reader of a file in each format, and the
    headers that sign a body with a secret (and a shop's name); None where nobody signs. `reader` raises UnreadableFile."""

    path: str
    parse: Callable[[Delivery, Defaults], Parsed]
    reader: Callable[[Path, Format], Reader]
    sign: Callable[[str, str | None, bytes], Mapping[str, str]] | None = None


def format_of(path: Path, told: Format | None) -> Format:
    """Raises UnreadableFile when neither the command line nor the file's name tells."""
    plain = path.with_suffix("") if path.suffix == ".gz" else path
    found = told or _SUFFIXES.get(plain.suffix.lower())
    if found is None:
        raise UnreadableFile(f"{path.name} does not tell by its name what it is; say --format jsonl, csv or parquet")
    return found


def _canonical(path: Path, form: Format) -> Reader:
    if form is Format.PARQUET:
        return Parquet(path, event_of_values)
    return JsonLines(path, _as_it_is) if form is Format.JSONL else Csv(path, event_of_cells, check_columns)


def _as_it_is(row: JsonObject) -> tuple[JsonObject]:
    return (row,)


def _shopify(path: Path, form: Format) -> Reader:
    if form is Format.PARQUET:
        raise UnreadableFile(f"{path}: Shopify's orders come as JSON Lines or CSV; make one of them")
    if form is Format.CSV:
        return Grouped(Csv(path, cells, check_export), same_order, bodies_of_export)
    return Grouped(JsonLines(path, _as_it_is), child_of_order, bodies_of_order)


SOURCES: dict[str, Importable] = {
    canonical.NAME: Importable(canonical.SOURCE.path, canonical.parse, _canonical),
    shopify.NAME: Importable(shopify.SOURCE.path, shopify.parse, _shopify, as_shopify),
}
