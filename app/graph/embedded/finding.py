"""Which Neo4j serves a store: the one that its record names, else the one whose command line does.

A record can be lost (deleted, or its writer killed between the start of Neo4j and the writing); the process then still
holds the store, and every new start would fail at Neo4j's own lock after half a minute.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import psutil

from app.graph.embedded.config import Layout
from app.graph.embedded.engine import MAIN_CLASS
from app.graph.embedded.process import Record, ServerProcess

_PORT = re.compile(r"^server\.bolt\.listen_address=.*:(\d+)$", re.MULTILINE)
_HOME = "--home-dir="


@dataclass(frozen=True, slots=True)
class Neo4jStatus:
    """What is known of a home's Neo4j. `listening`: it has the port itself, and not another, which would refuse our password.
    `owner_pid` is the service that holds it; None when it runs detached."""

    running: bool
    listening: bool = False
    pid: int | None = None
    port: int | None = None
    uptime_s: float | None = None
    detached: bool = False
    owner_pid: int | None = None


def find_server(layout: Layout) -> tuple[Record, ServerProcess] | None:
    """The living Neo4j of this store and what is known of it, whoever started it; None when there is none."""
    record = Record.load(layout.record)
    process = ServerProcess.find(record)
    if record is not None and process is not None:
        return record, process
    for candidate in psutil.process_iter(["cmdline"]):
        if _serves(candidate.info["cmdline"] or [], layout.root):
            found = ServerProcess(candidate, _listening_port(candidate) or _configured_port(layout))
            if found.alive():
                return found.record(), found
    return None


def _serves(command: list[str], root: Path) -> bool:
    homes = [Path(argument.removeprefix(_HOME)) for argument in command if argument.startswith(_HOME)]
    return MAIN_CLASS in command and any(home == root or home.resolve() == root.resolve() for home in homes)


def _listening_port(process: psutil.Process) -> int | None:
    try:
        connections = process.net_connections("tcp")
    except psutil.Error:
        return None
    return next((c.laddr.port for c in connections if c.status == psutil.CONN_LISTEN and c.laddr), None)


def _configured_port(layout: Layout) -> int:
    """The port that it will listen on once it is up; 0 when even that cannot be read."""
    try:
        found = _PORT.search((layout.conf / "neo4j.conf").read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return 0
    return int(found[1]) if found else 0
