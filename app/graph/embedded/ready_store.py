"""An empty store with all migrations in it, kept beside the engine: a fresh home begins with a copy and saves 8 s of Java's work.

It is what `prepare`'s rehearsal left behind, so a home that begins with it is one that was started and stopped before. The system
database is not part of it: each home makes its own, and with it its own password.
"""

import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from app.graph.embedded.config import Layout
from app.graph.embedded.engine import EngineLock

PARTS = (Path("databases", "neo4j"), Path("transactions", "neo4j"))
_PREFIX = "ready-"
_COPYING = ".data-"


@dataclass(frozen=True, slots=True)
class ReadyStore:
    """Where it is, which need not exist."""

    path: Path

    @classmethod
    def of(cls, engine_dir: Path, lock: EngineLock, holds: str) -> "ReadyStore":
        """The store of this engine that holds these migrations, by their digest; others have another."""
        return cls(lock.folder(engine_dir.absolute()) / f"{_PREFIX}{holds}")

    @property
    def exists(self) -> bool:
        return self.path.is_dir()

    def keep(self, layout: Layout, place: Path) -> None:
        """Takes the store of a home that has stopped cleanly, in place of all others. `place` is a folder on the same disk."""
        whole = place / self.path.name
        for part in PARTS:
            (whole / part).parent.mkdir(parents=True)
            (layout.data / part).rename(whole / part)
        for old in self.path.parent.glob(f"{_PREFIX}*"):
            shutil.rmtree(old)
        whole.rename(self.path)

    def begin(self, layout: Layout) -> bool:
        """Puts a copy into a home that has no data yet; False when it has some, or there is nothing to copy.

        All at once: killed in between, the home still has no data.
        """
        if layout.data.exists() or not self.exists:
            return False
        for left in layout.root.glob(f"{_COPYING}*"):  # of one that was killed: the home is ours alone
            shutil.rmtree(left)
        with tempfile.TemporaryDirectory(dir=layout.root, prefix=_COPYING) as place:
            copy = Path(place) / layout.data.name
            try:
                shutil.copytree(self.path, copy, copy_function=_copied)
            except OSError:
                if self.path.is_dir():
                    raise
                return False  # another set-up of this engine put its own in place of this one meanwhile
            copy.rename(layout.data)
        return True


def _copied(source: str, target: str) -> None:
    """A copy that outlives a power cut: Neo4j would rely on it and not write it again."""
    shutil.copyfile(source, target)
    handle = os.open(target, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
