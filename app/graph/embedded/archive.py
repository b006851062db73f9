"""Java's class data archive of the embedded Neo4j: 18,000 classes read and verified once, so that a start takes 7 s, not 12.

Two files beside the jars: Java's own classes, and Neo4j's on top. Java maps them when the class path and itself are what they
were made for, and otherwise starts as if they were not there; so nothing here can be wrong but slow. Made by `prepare`.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.graph.embedded.engine import EngineLock

# Its manifest names other jars of the lock as its own class path. Java would move them up behind it, and then find that the
# class path is not the one that the archive was made for.
NAMES_OTHERS = "jaxb-runtime-"


@dataclass(frozen=True, slots=True)
class ClassArchive:
    """Where the two files are, which need not exist."""

    java: Path
    base: Path
    top: Path

    @classmethod
    def of(cls, engine_dir: Path, lock: EngineLock, java: Path) -> "ClassArchive":
        """The archive of this engine in this folder for this Java; another Java or folder has other files."""
        release = (java.parent.parent / "release").read_bytes()
        folder = lock.folder(engine_dir.absolute())
        parts = (release, str(folder).encode(), str(java.resolve()).encode(), lock.version.encode())
        name = hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]
        return cls(java, folder / f"java-{name}.jsa", folder / f"neo4j-{name}.jsa")

    @property
    def exists(self) -> bool:
        return self.base.is_file() and self.top.is_file()

    def use(self) -> list[str]:
        """Java's options that use it; none when it does not exist."""
        return [f"-XX:SharedArchiveFile={self.base}:{self.top}"] if self.exists else []

    def make_base(self, into: Path) -> list[str]:
        """The command that writes Java's own part."""
        return [str(self.java), "-Xshare:dump", f"-XX:SharedArchiveFile={into}"]

    def make_top(self, into: Path) -> list[str]:
        """Java's options with which Neo4j writes its part when it ends."""
        return [f"-XX:SharedArchiveFile={self.base}", f"-XX:ArchiveClassesAtExit={into}"]


def in_archive_order(class_path: Sequence[Path]) -> list[Path]:
    """The class path with what Java would reorder at its end."""
    return sorted(class_path, key=lambda jar: jar.name.startswith(NAMES_OTHERS))
