"""A file that one process holds at a time."""

import fcntl
import os
from pathlib import Path

import pytest

from app import locked_file
from app.locked_file import HeldElsewhereError, holder, take


def test_whoever_only_asks_who_holds_it_keeps_nobody_from_taking_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`neo4j status` and what waits for another process's Neo4j ask twice a second, and lock it for as long as that takes."""
    path = tmp_path / "lock"
    path.write_text("1\n")
    with path.open("rb") as asking:
        fcntl.flock(asking, fcntl.LOCK_SH)
        monkeypatch.setattr(locked_file.time, "sleep", lambda _: fcntl.flock(asking, fcntl.LOCK_UN))
        handle = take(path)
        assert holder(path) == os.getpid()
        os.close(handle)
    assert holder(path) is None


def test_one_that_is_held_says_by_whom(tmp_path: Path) -> None:
    handle = take(tmp_path / "lock")
    with pytest.raises(HeldElsewhereError) as held:
        take(tmp_path / "lock")
    assert held.value.pid == os.getpid()
    os.close(handle)
