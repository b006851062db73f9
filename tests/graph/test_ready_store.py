"""What a fresh home begins with: a copy, whole or none, and only where there is nothing yet. (With Neo4j: test_embedded.)"""

import shutil
from pathlib import Path

import pytest

from app.graph.embedded.config import Layout, ensure_password
from app.graph.embedded.engine import EngineLock
from app.graph.embedded.ownership import Ownership
from app.graph.embedded.prepare import PLACE, clear_away
from app.graph.embedded.ready_store import PARTS, ReadyStore
from app.graph.migration_files import FOLDER, digest

LOCK = EngineLock("5.0", ())


def home(folder: Path) -> Layout:
    layout = Layout(folder / "neo4j")
    layout.make()
    return layout


@pytest.fixture
def ready(tmp_path: Path) -> ReadyStore:
    """One that was kept, of a home that has a database of the system too."""
    return kept(tmp_path, "now")


def kept(tmp_path: Path, holds: str) -> ReadyStore:
    store, layout = ReadyStore.of(tmp_path / "engine", LOCK, holds), home(tmp_path / f"stopped-{holds}")
    for part in (*PARTS, Path("databases", "system")):
        (layout.data / part).mkdir(parents=True)
        (layout.data / part / "file").write_text(f"{part} {holds}")
    place = store.path.parent / "place"
    place.mkdir(parents=True)
    assert not store.exists
    store.keep(layout, place)
    place.rmdir()
    return store


def files(layout: Layout) -> dict[str, str]:
    return {str(path.relative_to(layout.data)): path.read_text() for path in layout.data.rglob("*") if path.is_file()}


def test_a_fresh_home_begins_with_a_copy(ready: ReadyStore, tmp_path: Path) -> None:
    for name in ("one", "two"):
        layout = home(tmp_path / name)
        assert ready.begin(layout)
        assert files(layout) == {f"{part}/file": f"{part} now" for part in PARTS}
        assert list(layout.root.glob(".data-*")) == []
        assert ensure_password(layout)  # which Neo4j is given with the system's database, and that is not there


def test_what_a_start_that_was_killed_left_is_cleared_away(ready: ReadyStore, tmp_path: Path) -> None:
    layout = home(tmp_path / "new")
    (layout.root / ".data-killed" / "data").mkdir(parents=True)
    assert ready.begin(layout)
    assert list(layout.root.glob(".data-*")) == []


def test_what_a_set_up_that_was_killed_left_is_cleared_away_and_not_what_another_is_at(tmp_path: Path) -> None:
    killed, under_way = (tmp_path / f"{PLACE}{name}" for name in ("killed", "under-way"))
    for place in (killed, under_way):
        home(place / "home").owner_lock.write_text("1\n")
    owner = Ownership(Layout(under_way / "home" / "neo4j").owner_lock)
    owner.acquire()
    clear_away(tmp_path, tmp_path / "engine")
    assert (killed.exists(), under_way.exists()) == (False, True)
    owner.release()


def test_a_home_with_data_keeps_them(ready: ReadyStore, tmp_path: Path) -> None:
    layout = home(tmp_path / "old")
    (layout.data / "databases").mkdir(parents=True)
    (layout.data / "databases" / "precious").write_text("people")
    assert not ready.begin(layout)
    assert files(layout) == {"databases/precious": "people"}


def test_without_one_a_home_begins_empty(ready: ReadyStore, tmp_path: Path) -> None:
    layout = home(tmp_path / "new")
    assert not ReadyStore.of(tmp_path / "engine", LOCK, "later").begin(layout)
    assert not layout.data.exists()


def test_interrupted_a_home_has_no_data_yet(ready: ReadyStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    layout, copied = home(tmp_path / "new"), []

    def full(source: str, target: str) -> None:
        copied.append(source)
        raise OSError(28, "No space left on device", target)

    with monkeypatch.context() as patched:
        patched.setattr(shutil, "copyfile", full)
        with pytest.raises(OSError, match="No space"):
            ready.begin(layout)
    assert copied
    assert not layout.data.exists()
    assert ready.begin(layout)


def test_one_that_goes_while_it_is_copied_is_as_none(ready: ReadyStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    layout, copy = home(tmp_path / "new"), shutil.copyfile

    def replaced(source: str, target: str) -> None:
        copy(source, target)
        if ready.exists:
            kept(tmp_path, "later")

    monkeypatch.setattr(shutil, "copyfile", replaced)
    assert not ready.begin(layout)
    assert not layout.data.exists()


def test_a_new_one_takes_the_place_of_others(ready: ReadyStore, tmp_path: Path) -> None:
    later = kept(tmp_path, "later")
    assert (later.exists, ready.exists) == (True, False)


def test_its_name_changes_with_the_migrations(tmp_path: Path) -> None:
    for path in FOLDER.glob("*.cypher"):
        shutil.copy(path, tmp_path)
    assert digest(tmp_path) == digest()
    (tmp_path / "V0001__identity.cypher").write_text("RETURN 1")
    assert digest(tmp_path) != digest()
