"""Files row by row: JSON Lines, CSV and Parquet, whole and damaged, from the beginning and from a place."""

import gzip
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from arro3.core import Array, DataType, Field, Table, struct_array
from arro3.io import write_parquet

from app.importing.columns import check_columns, event_of, event_of_cells, plain
from app.importing.csv_rows import Csv
from app.importing.formats import SOURCES, Format, format_of
from app.importing.records import BadRow, Record, UnreadableFile


def read(path: Path, form: Format | None = None, **place: int) -> list[Record]:
    return list(SOURCES["canonical"].reader(path, format_of(path, form)).records(place))


def csv_of(path: Path, text: str | bytes) -> Path:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


HEADER = "source,type,occurred_at,email,identifiers.loyalty_id,total,properties.order_id,attributes.city,sku,idempotency_key\n"


class TestColumns:
    def test_each_column_has_its_place(self, tmp_path: Path) -> None:
        row = "pos,purchase,2024-02-01T12:00:00Z,ann@example.com,0042,19.90,A-1,Bern,007,k-1\n"
        (found,) = read(csv_of(tmp_path / "a.csv", HEADER + row))
        assert found.content == (
            {
                "source": "pos",
                "type": "purchase",
                "occurred_at": "2024-02-01T12:00:00Z",
                "idempotency_key": "k-1",
                "identifiers": {"email": "ann@example.com", "loyalty_id": "0042"},
                "properties": {"total": 19.9, "order_id": "A-1", "sku": "007"},
                "attributes": {"city": "Bern"},
            },
        )

    def test_empty_cells_are_absent(self) -> None:
        assert event_of_cells({"type": "page_view", "email": " ", "properties.url": "", "cookie": "c1"}) == (
            {"type": "page_view", "identifiers": {"cookie": "c1"}},
        )

    @pytest.mark.parametrize(
        ("cell", "value"),
        [
            ("12", 12),
            ("-3.50", -3.5),
            ("007", "007"),
            ("1e3", "1e3"),
            ("12,50", "12,50"),
            ("1234567890123456", "1234567890123456"),
        ],
    )
    def test_numbers_are_numbers_where_nothing_is_lost(self, cell: str, value: object) -> None:
        assert event_of_cells({"type": "purchase", "total": cell})[0]["properties"] == {"total": value}

    def test_products_are_a_list(self) -> None:
        (found,) = event_of_cells({"type": "purchase", "items": '[{"product_name": "Hat", "price": "5"}]'})
        assert found["properties"] == {"items": [{"product_name": "Hat", "price": "5"}]}
        with pytest.raises(BadRow, match="items must be a JSON list"):
            event_of_cells({"type": "purchase", "items": "Hat"})

    def test_fields_and_columns_of_one_part_go_together(self) -> None:
        flat = {"type": "x", "identifiers": {"email": "a@b.ch"}, "identifiers.phone": "1", "Device_ID": "d"}
        assert event_of(flat)["identifiers"] == {"email": "a@b.ch", "phone": "1", "device_id": "d"}
        with pytest.raises(BadRow, match="properties must hold fields"):
            event_of({"type": "x", "properties": "y"})

    def test_a_header_must_name_the_type(self) -> None:
        with pytest.raises(UnreadableFile, match="no column is called `type`"):
            check_columns(["email", "total"])

    @pytest.mark.parametrize(
        ("value", "read"),
        [
            (datetime(2024, 2, 1, 12, tzinfo=UTC).replace(tzinfo=None), "2024-02-01T12:00:00+00:00"),
            (date(2024, 2, 1), "2024-02-01"),
            (Decimal("19.90"), 19.9),
            (Decimal("20.00"), 20),
            (Decimal("12345678901234567.89"), "12345678901234567.89"),
            ([("email", "a@b.ch"), ("phone", None)], {"email": "a@b.ch"}),
            (float("nan"), None),
            ([{"price": Decimal("1.5"), "name": None}], [{"price": 1.5}]),
        ],
    )
    def test_values_of_arrow_are_values_of_json(self, value: object, read: object) -> None:
        assert plain(value) == read

    @pytest.mark.parametrize("value", [b"\x89PNG", datetime.min.replace(tzinfo=timezone(timedelta(hours=2))), timedelta(1)])
    def test_what_json_has_nothing_for_is_refused(self, value: object) -> None:
        with pytest.raises(BadRow, match=r"no text|lies outside|no kind of value"):
            plain({"picture": value})


class TestCsv:
    def test_rows_that_are_none_are_told_and_the_others_read(self, tmp_path: Path) -> None:
        rows = b'a,purchase\nb\n"c""d",x\n"e"f,x\n\n"two\nlines",x\n\xff,x\ng,x\n'
        found = read(csv_of(tmp_path / "a.csv", b"note,type\n" + rows))
        assert [(one.line, one.fault[:20]) for one in found] == [
            (2, ""),
            (3, "it has 1 cells under"),
            (4, ""),
            (5, "it is no row of CSV "),
            (7, ""),
            (9, "note is no UTF-8 tex"),
            (10, ""),
        ]
        assert found[4].content[0]["properties"] == {"note": "two\nlines"}
        assert found[5].raw == "�,x"

    @pytest.mark.parametrize("stray", ['"b,x', '"b,x\nd,x\n"e,x', '"b\nd,x\ne",x,y'])
    def test_a_quote_that_is_never_closed_takes_no_other_row_along(self, tmp_path: Path, stray: str) -> None:
        after = "".join(f"n{number},x\n" for number in range(30_000))  # more than a cell may hold
        file = csv_of(tmp_path / "a.csv", f"note,type\na,x\n{stray}\n{after}")
        found = read(file)
        broken = [one for one in found if one.fault]
        assert [one.raw for one in broken] == [line for line in stray.split("\n") if line != "d,x"]
        assert broken[0].line == 3
        assert len(found) == 1 + len(stray.split("\n")) + 30_000
        assert found[-1].content[0]["properties"] == {"note": "n29999"}
        for at in (1, 2, len(found) - 2):
            assert read(file, **found[at].behind) == found[at + 1 :]

    @pytest.mark.parametrize(
        ("sent", "says"),
        [
            ("", "is empty"),
            ("type,email\n".encode("utf-16"), "no UTF-8 text"),
            ("type,h\u00e9\n".encode("latin-1"), "no UTF-8 text"),
            (b"type,email\rpage_view,a@b.ch\r", "old Macs"),
        ],
    )
    def test_a_file_of_another_kind_is_told_how_to_be_saved(self, tmp_path: Path, sent: bytes | str, says: str) -> None:
        with pytest.raises(UnreadableFile, match=says):
            read(csv_of(tmp_path / "a.csv", sent))

    @pytest.mark.parametrize("between", [",", ";", "\t", "|"])
    def test_what_stands_between_cells_is_seen(self, tmp_path: Path, between: str) -> None:
        file = csv_of(tmp_path / "a.csv", f"\ufeffType{between}email\r\npage_view{between}a@b.ch\r\n")
        (found,) = read(file)
        assert found.content == ({"type": "page_view", "identifiers": {"email": "a@b.ch"}},)

    @pytest.mark.parametrize(("top", "says"), [("type,a,a", "'a' twice"), ("type,,b", "without a name")])
    def test_a_header_names_each_column_once(self, tmp_path: Path, top: str, says: str) -> None:
        with pytest.raises(UnreadableFile, match=says):
            read(csv_of(tmp_path / "a.csv", f"{top}\n1,2,3\n"))

    def test_from_each_place_the_rest_is_read(self, tmp_path: Path) -> None:
        file = csv_of(tmp_path / "a.csv.gz", gzip.compress(b'note,type\n"a\nb",x\nc,x\nd\ne,x\n'))
        found = read(file)
        assert [one.line for one in found] == [2, 4, 5, 6]
        for at, one in enumerate(found):
            assert read(file, **one.behind) == found[at + 1 :]

    def test_the_share_grows_to_all(self, tmp_path: Path) -> None:
        reader = Csv(csv_of(tmp_path / "a.csv", "type\n" + "x\n" * 50_000), event_of_cells, check_columns)
        shares = [reader.share for _ in reader.records({})]
        assert shares == sorted(shares)
        assert (shares[0] < 0.5, shares[-1]) == (True, 1.0)


class TestJsonLines:
    def test_from_each_place_the_rest_is_read(self, tmp_path: Path) -> None:
        file = csv_of(tmp_path / "a.jsonl", '\ufeff{"type": "x"}\n\n?\n{"type": "é"}')
        found = read(file)
        assert [(one.line, bool(one.fault)) for one in found] == [(1, False), (3, True), (4, False)]
        for at, one in enumerate(found):
            assert read(file, **one.behind) == found[at + 1 :]

    def test_a_line_too_long_for_an_event_is_passed_over(self, tmp_path: Path) -> None:
        file = csv_of(tmp_path / "a.jsonl", b'{"a": "' + b"x" * 11_000_000 + b'"}\n{"type": "x"}\n')
        long, short = read(file)
        assert "longer than 5 MB" in long.fault
        assert len(str(long.raw)) <= 10_000
        assert (short.line, short.content) == (2, ({"type": "x"},))

    def test_an_array_is_told_how_to_become_lines(self, tmp_path: Path) -> None:
        file = csv_of(tmp_path / "all mine.jsonl", '[\n{"type": "x"}]')
        with pytest.raises(UnreadableFile, match=r"jq -c '\.\[\]' '.*all mine\.jsonl' > 'all mine\.lines\.jsonl'$"):
            read(file)

    def test_a_packed_file_that_ends_in_the_middle_is_told(self, tmp_path: Path) -> None:
        whole = gzip.compress(b"".join(b'{"type": "%d"}\n' % number for number in range(10_000)))
        with pytest.raises(UnreadableFile, match="no whole gzip file"):
            read(csv_of(tmp_path / "a.jsonl.gz", whole[:-2_000]))


class TestParquet:
    @staticmethod
    def file(path: Path, count: int = 5) -> Path:
        emails = struct_array(
            [Array([f"p{n}@x.ch" if n else None for n in range(count)], DataType.utf8())],
            fields=[Field("email", DataType.utf8(), nullable=True)],
        )
        times = Array([1_700_000_000_000 + n for n in range(count)], DataType.int64()).cast(DataType.timestamp("ms"))
        totals = Array(list(range(count)), DataType.int64()).cast(DataType.decimal128(10, 2))
        columns = {"type": Array(["purchase"] * count, DataType.utf8()), "identifiers": emails, "occurred_at": times}
        table = Table.from_arrays([*columns.values(), totals], names=[*columns, "properties.total"])
        write_parquet(table, path, max_row_group_size=2)
        return path

    def test_nested_columns_and_flat_ones_are_read(self, tmp_path: Path) -> None:
        found = read(self.file(tmp_path / "a.parquet"))
        at = datetime.fromtimestamp(1_700_000_000.001, UTC).isoformat()
        assert [one.line for one in found] == [1, 2, 3, 4, 5]
        assert found[0].content[0].get("identifiers") is None or found[0].content[0]["identifiers"] == {}
        assert found[1].content == (
            {"type": "purchase", "occurred_at": at, "identifiers": {"email": "p1@x.ch"}, "properties": {"total": 1}},
        )

    def test_from_each_place_the_rest_is_read(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("app.importing.parquet.AT_ONCE", 2)
        found = read(self.file(tmp_path / "a.parquet"))
        for at, one in enumerate(found):
            assert read(tmp_path / "a.parquet", **one.behind) == found[at + 1 :]

    def test_bytes_that_are_text_are_read_and_others_say_their_column(self, tmp_path: Path) -> None:
        emails = Array([b"p@x.ch", b"\xc3\xa9@x.ch", b"\xff\xfe", b"a\0b"], DataType.binary())
        table = Table.from_arrays([Array([b"page_view"] * 4, DataType.binary()), emails], names=["type", "email"])
        write_parquet(table, tmp_path / "a.parquet")
        found = read(tmp_path / "a.parquet")
        assert [one.content[0]["identifiers"]["email"] for one in found if one.content] == ["p@x.ch", "é@x.ch"]
        assert all(one.fault.startswith("email: these bytes are no text") for one in found[2:])

    def test_a_time_that_python_has_none_for_is_refused_rather_than_now(self, tmp_path: Path) -> None:
        times = Array([1_700_000_000_000_000, 1_700_000_000, None], DataType.int64()).cast(DataType.timestamp("ms"))
        kinds = Array(["page_view"] * 3, DataType.utf8())
        write_parquet(Table.from_arrays([kinds, times], names=["type", "occurred_at"]), tmp_path / "a.parquet")
        beyond, early, none = read(tmp_path / "a.parquet")
        assert (beyond.content, beyond.fault[:29]) == ((), "occurred_at: this time lies o")
        assert early.content[0]["occurred_at"].startswith("1970")
        assert "occurred_at" not in none.content[0]

    @pytest.mark.parametrize("damage", [lambda whole: b"", lambda whole: whole[:-1], lambda whole: b"PAR1" + b"x" * 99 + b"PAR1"])
    def test_a_damaged_file_is_told(self, tmp_path: Path, damage: Any) -> None:
        file = self.file(tmp_path / "a.parquet")
        file.write_bytes(damage(file.read_bytes()))
        with pytest.raises(UnreadableFile, match="write it again"):
            read(file)


@pytest.mark.parametrize(
    ("name", "form"),
    [("a.JSONL", Format.JSONL), ("a.csv.gz", Format.CSV), ("a.b.parquet", Format.PARQUET), ("a.tsv", Format.CSV)],
)
def test_a_name_tells_the_format(name: str, form: Format) -> None:
    assert format_of(Path(name), None) is form


def test_a_name_that_tells_nothing_is_asked_about() -> None:
    with pytest.raises(UnreadableFile, match="say --format"):
        format_of(Path("orders.xlsx"), None)
