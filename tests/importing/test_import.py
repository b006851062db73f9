"""`constintel import` into a running service: what is taken, what is refused, and how it goes on where it was stopped."""

import asyncio
import os
import threading
from pathlib import Path
from typing import Any

import orjson
import pytest

from app.importing import importing as chunked
from app.importing.alone import alone
from app.importing.memory import Memory
from app.importing.sending import Door, Taken
from tests.importing.conftest import Importing


def event(number: int, **more: Any) -> dict[str, Any]:
    return {
        "source": "web",
        "type": "purchase",
        "occurred_at": f"2024-02-01T12:{number % 60:02}:00Z",
        "identifiers": {"email": f"p{number % 7}@import.example"},
        "properties": {"order_id": f"A-{number}", "total": 10},
        **more,
    }


def lines(path: Path, *rows: object) -> Path:
    path.write_bytes(b"\n".join(row if isinstance(row, bytes) else orjson.dumps(row) for row in rows) + b"\n")
    return path


def rejected(path: Path) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in path.with_name(f"{path.name}.rejected.jsonl").read_bytes().splitlines()]


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks of ten."""
    monkeypatch.setattr(chunked, "MOST_EVENTS", 10)


async def test_good_rows_are_taken_and_bad_ones_written_down(importing: Importing, tmp_path: Path) -> None:
    rows = [event(1), b"{broken", b"", event(2, type=""), b"[1]", event(3, identifiers={"email": "no address"}), event(4)]
    file = lines(tmp_path / "orders.jsonl", *rows)
    done = await importing(file)
    assert (done.exit_code, "6 rows: 2 created, 4 refused" in done.output) == (1, True), done.output
    found = rejected(file)
    assert [one["line"] for one in found] == [2, 4, 5, 6]
    assert [one["row"] for one in found] == ["{broken", event(2, type=""), "[1]", rows[5]]
    reasons = ("not valid JSON", "must name the event", "must hold a JSON object", "not a valid address")
    for one, says in zip(found, reasons, strict=True):
        assert says in one["reason"], one


async def test_the_same_file_again_is_all_duplicates(importing: Importing, tmp_path: Path) -> None:
    file = lines(tmp_path / "orders.jsonl", *map(event, range(20)))
    first, again = await importing(file), await importing(file)
    assert (first.exit_code, "13 attached, 7 created" in first.output) == (0, True), first.output
    assert (again.exit_code, "20 rows: 20 duplicate" in again.output) == (0, True), again.output
    assert not list((tmp_path / "home").glob("imports/*"))
    assert not file.with_name("orders.jsonl.rejected.jsonl").exists()


@pytest.mark.parametrize("apart", [False, True])
async def test_a_file_is_imported_once_at_a_time(
    importing: Importing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, apart: bool
) -> None:
    """Also one that says no word of the first but where its refused rows go."""
    file, other = (lines(tmp_path / name, event(1), b"nonsense") for name in ("orders.jsonl", "others.jsonl"))
    rejects = file.with_name("orders.jsonl.rejected.jsonl")
    begun, go_on, take = threading.Event(), threading.Event(), Door.take

    def waiting(self: Door, events: Any) -> Taken:
        begun.set()
        assert go_on.wait(60)
        return take(self, events)

    monkeypatch.setattr(Door, "take", waiting)
    first = asyncio.create_task(importing(file))
    assert await asyncio.to_thread(begun.wait, 60)
    try:
        second = await importing(other if apart else file, *(["--rejects", rejects] if apart else []))
    finally:
        go_on.set()
    assert second.exit_code == 2, second.output
    assert f"process {os.getpid()} is importing and has {rejects if apart else file} already" in second.output
    assert (await first).exit_code == 1
    assert [one["line"] for one in rejected(file)] == [2]
    assert not list((tmp_path / "home").glob("imports/*"))


async def test_an_import_that_was_killed_keeps_nobody_away(importing: Importing, tmp_path: Path) -> None:
    file = lines(tmp_path / "orders.jsonl", event(1))
    rejects = file.with_name("orders.jsonl.rejected.jsonl")
    with alone(tmp_path / "home" / "imports", rejects):
        (lock,) = (tmp_path / "home" / "imports").iterdir()
        left = lock.read_bytes()
    lock.write_bytes(left)
    done = await importing(file)
    assert done.exit_code == 0, done.output
    assert not lock.exists()


@pytest.mark.usefixtures("small")
async def test_a_stopped_import_goes_on_behind_what_was_taken(
    importing: Importing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows: list[object] = [*map(event, range(35))]
    rows[4] = rows[33] = b"nonsense"
    file = lines(tmp_path / "orders.jsonl", *rows)
    sent = 0
    take = Door.take

    def interrupted(self: Door, events: Any) -> Taken:
        nonlocal sent
        sent += 1
        if sent == 3:
            raise KeyboardInterrupt
        return take(self, events)

    monkeypatch.setattr(Door, "take", interrupted)
    stopped = await importing(file)
    assert (stopped.exit_code, "20 rows are done, and the same command goes on behind them" in stopped.output) == (2, True)
    done = await importing(file)
    assert "going on behind row 20" in done.output
    assert (done.exit_code, "35 rows: 26 attached, 7 created, 2 refused" in done.output) == (1, True), done.output
    assert [one["line"] for one in rejected(file)] == [5, 34]


@pytest.mark.usefixtures("small")
async def test_killed_between_the_answer_and_the_note_it_repeats_one_chunk(
    importing: Importing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whose rows are duplicates, and whose refused ones are written down once."""
    file = lines(tmp_path / "orders.jsonl", *map(event, range(12)), b"nonsense", *map(event, range(13, 25)))
    kept = 0
    keep = Memory.keep

    def killed(self: Memory, came: Any) -> None:
        nonlocal kept
        kept += 1
        if kept == 2:
            raise KeyboardInterrupt
        keep(self, came)

    monkeypatch.setattr(Memory, "keep", killed)
    await importing(file)
    assert len(rejected(file)) == 1
    done = await importing(file)
    assert "going on behind row 10" in done.output
    assert "25 rows: 9 duplicate, 8 attached, 7 created, 1 refused" in done.output, done.output
    assert [one["line"] for one in rejected(file)] == [13]


@pytest.mark.usefixtures("small")
async def test_again_begins_anew(importing: Importing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = lines(tmp_path / "orders.jsonl", *map(event, range(25)))
    with monkeypatch.context() as patched:
        patched.setattr(Memory, "forget", lambda _: (_ for _ in ()).throw(KeyboardInterrupt))
        await importing(file)
    again = await importing(file, "--again")
    assert "25 rows: 25 duplicate" in again.output, again.output


async def test_another_file_under_the_same_name_begins_anew(
    importing: Importing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = lines(tmp_path / "orders.jsonl", *map(event, range(5)))
    with monkeypatch.context() as patched:
        patched.setattr(Memory, "forget", lambda _: (_ for _ in ()).throw(KeyboardInterrupt))
        await importing(file)
    done = await importing(lines(file, *map(event, range(5, 11))))
    assert "6 rows: 4 attached, 2 created" in done.output, done.output


async def test_a_dry_run_sends_and_writes_nothing(importing: Importing, tmp_path: Path) -> None:
    file = lines(tmp_path / "orders.jsonl", event(1), event(2, type=7), b"?")
    done = await importing(file, "--dry-run", "--url", "http://127.0.0.1:9")
    assert (done.exit_code, "3 rows: 1 readable, 2 refused; nothing was sent" in done.output) == (1, True), done.output
    assert "line 2: type must" in done.output
    assert not (tmp_path / "home").exists()
    assert not file.with_name("orders.jsonl.rejected.jsonl").exists()
    assert "1 created" in (await importing(file)).output


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--brand", "A B"], "400 "),
        (["--url", "http://127.0.0.1:9"], "make serve"),
        (["--format", "parquet"], "is no whole Parquet file"),
        (["--format", "csv"], "is no header of CSV"),
    ],
)
async def test_what_stops_all_of_it_is_told(importing: Importing, tmp_path: Path, arguments: list[str], says: str) -> None:
    done = await importing(lines(tmp_path / "orders.jsonl", event(1)), *arguments)
    assert (done.exit_code, says in done.output) == (2, True), done.output
    assert "Traceback" not in done.output


@pytest.mark.parametrize("dry_run", [[], ["--dry-run"]])
async def test_a_pipe_is_refused_and_not_waited_for(importing: Importing, tmp_path: Path, dry_run: list[str]) -> None:
    os.mkfifo(tmp_path / "orders.jsonl")
    async with asyncio.timeout(20):
        done = await importing(tmp_path / "orders.jsonl", *dry_run)
    assert (done.exit_code, "write it into a file" in done.output) == (2, True), done.output


@pytest.mark.parametrize("held", [b"", b" \n", b"\xff\xfe"])
async def test_a_file_that_holds_no_secret_is_told(importing: Importing, tmp_path: Path, held: bytes) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(held)
    done = await importing(lines(tmp_path / "a.jsonl", event(1)), "--source", "shopify", "--secret-file", secret)
    assert (done.exit_code, "name the file that holds the secret" in done.output) == (2, True), done.output


async def test_a_file_of_something_else_is_not_written_over(importing: Importing, tmp_path: Path) -> None:
    file = lines(tmp_path / "orders.jsonl", event(1), b"?")
    kept = file.read_bytes()
    done = await importing(file, "--rejects", file)
    assert (done.exit_code, "holds something else than refused rows" in done.output, file.read_bytes()) == (2, True, kept)
    assert (await importing(file, "--rejects", tmp_path / "bad")).exit_code == 1
    again = await importing(file, "--rejects", tmp_path / "bad")
    assert (again.exit_code, (tmp_path / "bad").read_bytes().count(b"\n")) == (1, 1)


async def test_what_was_mended_comes_in_by_another_import(importing: Importing, tmp_path: Path) -> None:
    """As the README says, with jq."""
    file = lines(tmp_path / "visits.csv", b"type,email,total", b"purchase,ann@import.example,10", b"purchase,nobody,20")
    assert "2 rows: 1 created, 1 refused" in (await importing(file)).output
    (bad,) = rejected(file)
    assert bad["row"] == {"type": "purchase", "identifiers": {"email": "nobody"}, "properties": {"total": 20}}
    mended = {**bad["row"], "identifiers": {"email": "ann@import.example"}}
    assert "1 rows: 1 attached" in (await importing(lines(tmp_path / "mended.jsonl", mended))).output


async def test_rows_of_two_files_are_told_each(importing: Importing, tmp_path: Path) -> None:
    one, two = lines(tmp_path / "one.jsonl", event(1)), lines(tmp_path / "two.ndjson", event(1), event(2))
    done = await importing(one, two)
    assert (done.exit_code, "1 rows: 1 created" in done.output, "2 rows: 1 duplicate, 1 created" in done.output) == (
        0,
        True,
        True,
    )
