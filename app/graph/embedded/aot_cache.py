"""Java's ahead-of-time cache of the embedded Neo4j: what it loaded, linked and found often used in a rehearsal.

One file beside the jars, made by `prepare` (JEP 483 and 515). Java maps it when the class path and itself are what it was made
for, and otherwise starts as if it were not there; so nothing here can be wrong but slow.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.graph.embedded.config import JVM_OPTIONS
from app.graph.embedded.engine import EngineLock

# Its manifest names other jars of the lock as its own class path. Java would move them up behind it, and then find that the
# class path is not the one that the cache was made for.
NAMES_OTHERS = "jaxb-runtime-"


@dataclass(frozen=True, slots=True)
class AotCache:
    """Where the file is, which need not exist."""

    path: Path

    @classmethod
    def of(cls, engine_dir: Path, lock: EngineLock, java: Path) -> "AotCache":
        """The cache of this engine in this folder for this Java and its options; another Java or folder has another."""
        release = (java.parent.parent / "release").read_bytes()
        folder = lock.folder(engine_dir.absolute())
        parts = (
            release,
            str(folder).encode(),
            str(java.resolve()).encode(),
            lock.version.encode(),
            *(option.encode() for option in JVM_OPTIONS),
        )
        name = hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]
        return cls(folder / f"neo4j-{name}.aot")

    @property
    def exists(self) -> bool:
        return self.path.is_file()

    def use(self) -> list[str]:
        """Java's options that use it; none when it does not exist."""
        return [f"-XX:AOTCache={self.path}"] if self.exists else []

    @staticmethod
    def make(into: Path) -> list[str]:
        """Java's options with which it writes one when it ends, which takes another 10 to 20 s then."""
        return [f"-XX:AOTCacheOutput={into}"]


def in_cache_order(class_path: Sequence[Path]) -> list[Path]:
    """The class path with what Java would reorder at its end."""
    return sorted(class_path, key=lambda jar: jar.name.startswith(NAMES_OTHERS))
