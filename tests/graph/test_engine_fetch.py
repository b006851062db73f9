"""Fetching the engine: only what the lock promises gets in, and what has arrived is kept. No network is used."""

import hashlib
from pathlib import Path

import pytest

from app.graph.embedded import EngineError
from app.graph.embedded.engine import LOCK_FILE, EngineLock, Jar, read_lock, render_lock
from app.graph.embedded.fetch import ATTEMPTS, install_engine

CONTENT = {name: f"bytes of {name}".encode() * 100 for name in ("one", "two", "three")}
LOCK = EngineLock(
    "5.26.0",
    tuple(
        Jar("org.example", name, "1.0", "linux" if name == "two" else "", hashlib.sha256(data).hexdigest(), len(data))
        for name, data in CONTENT.items()
    ),
)


class Shelf:
    """A source with these contents; a name that is absent cannot be had, a number of faults come first."""

    def __init__(self, contents: dict[str, bytes], faults: int = 0) -> None:
        self.contents, self.faults = contents, faults
        self.asked: list[str] = []

    def __call__(self, staging: Path) -> "Shelf":
        self.staging = staging
        staging.mkdir(parents=True)
        return self

    def download(self, group: str, artifact: str, version: str, classifier: str) -> Path:
        self.asked.append(artifact)
        if len(self.asked) <= self.faults:
            raise ConnectionError("the line was cut")
        if artifact not in self.contents:
            raise OSError(f"{artifact} not found")
        path = self.staging / artifact
        path.write_bytes(self.contents[artifact])
        return path


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.graph.embedded.fetch.time.sleep", lambda _s: None)


def on_disk(engine_dir: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in LOCK.folder(engine_dir).iterdir()}


def test_everything_arrives_and_a_second_time_asks_for_nothing(tmp_path: Path) -> None:
    shelf = Shelf(CONTENT)
    assert install_engine(tmp_path, LOCK, shelf) == 3
    assert on_disk(tmp_path) == {
        "one-1.0.jar": CONTENT["one"],
        "two-1.0-linux.jar": CONTENT["two"],
        "three-1.0.jar": CONTENT["three"],
    }
    again = Shelf(CONTENT)
    assert install_engine(tmp_path, LOCK, again) == 0
    assert again.asked == []


def test_a_wrong_hash_never_gets_in(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=r"org\.example:one:1\.0 arrived with SHA-256 .* promises .*make setup"):
        install_engine(tmp_path, LOCK, Shelf({**CONTENT, "one": b"evil"}))
    assert "one-1.0.jar" not in on_disk(tmp_path)


def test_an_interrupted_fetch_resumes(tmp_path: Path) -> None:
    shelf = Shelf({name: data for name, data in CONTENT.items() if name != "three"})
    with pytest.raises(EngineError, match=rf"three.* could not be fetched: three not found \(tried {ATTEMPTS} times\)"):
        install_engine(tmp_path, LOCK, shelf)
    kept = set(on_disk(tmp_path))
    later = Shelf(CONTENT)
    assert install_engine(tmp_path, LOCK, later) == 3 - len(kept)
    assert len(on_disk(tmp_path)) == 3


def test_a_passing_fault_is_survived(tmp_path: Path) -> None:
    shelf = Shelf(CONTENT, faults=2)
    assert install_engine(tmp_path, LOCK, shelf) == 3
    assert len(shelf.asked) == 5


def test_a_changed_jar_is_fetched_anew(tmp_path: Path) -> None:
    install_engine(tmp_path, LOCK, Shelf(CONTENT))
    (LOCK.folder(tmp_path) / "one-1.0.jar").write_bytes(b"evil")
    shelf = Shelf(CONTENT)
    assert install_engine(tmp_path, LOCK, shelf) == 1
    assert shelf.asked == ["one"]
    assert on_disk(tmp_path)["one-1.0.jar"] == CONTENT["one"]


def test_the_lock_survives_a_round_trip_and_names_no_host(tmp_path: Path) -> None:
    path = tmp_path / "lock.toml"
    path.write_text(render_lock(LOCK))
    assert read_lock(path) == LOCK
    committed = LOCK_FILE.read_text()
    assert render_lock(read_lock()) == committed
    assert "://" not in committed


@pytest.mark.parametrize("text", ["neo4j = ", 'neo4j = "5"', 'neo4j = "5"\njars = [{ jar = "a" }]'])
def test_a_broken_lock_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "lock.toml"
    path.write_text(text)
    with pytest.raises(EngineError, match=r"lock\.toml cannot be read .* restore it with git"):
        read_lock(path)


def test_a_folder_at_a_jar_s_place_is_named(tmp_path: Path) -> None:
    (LOCK.folder(tmp_path) / "one-1.0.jar").mkdir(parents=True)
    with pytest.raises(EngineError, match=r"one-1\.0\.jar cannot be written \(Is a directory\); remove it"):
        install_engine(tmp_path, LOCK, Shelf(CONTENT))
