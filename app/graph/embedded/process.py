"""The Neo4j process itself: start it, find it again, see whether it lives, end it.

A process is known by its number *and* its creation time, since numbers are used again.
"""

import json
import os
import re
import socket
import subprocess
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from app.graph.embedded.config import HOST, write_private

DEFAULT_PORT = 7687
_INHERITED = ("PATH", "TZ", "JDK_JAVA_OPTIONS")
# Java takes from it how file names are written, its own among them: with LANG=C it finds nothing below a folder called `é`.
_LOCALE = {"LC_ALL": "C.UTF-8"}

_CALLS = re.compile(r"\sat [\w.$@/]+\(|^\s*\.\.\. \d+ more|\]\[warning\]\[aot")  # and what its cache could not use


@dataclass(frozen=True, slots=True)
class Record:
    """What the next process needs to know of a running Neo4j. `detached`: it was started to outlive its starter."""

    pid: int
    create_time: float
    port: int
    detached: bool = False

    def save(self, path: Path) -> None:
        """Write the record, replacing the one before."""
        write_private(path, json.dumps(asdict(self)) + "\n")

    @staticmethod
    def load(path: Path) -> "Record | None":
        """The record, or None when there is none or it is not one of ours."""
        try:
            record = Record(**json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError, RecursionError):
            return None
        return record if record._plausible() else None

    def _plausible(self) -> bool:
        """Whether the values are of the kind that `save` writes: what a person or a broken disk left there is no record."""
        return (
            type(self.pid) is int
            and 0 < self.pid < 2**31
            and type(self.create_time) in (int, float)
            and type(self.port) is int
            and 0 < self.port < 2**16
            and type(self.detached) is bool
        )


class ServerProcess:
    """A running Neo4j: our own child, or one that an earlier process left behind."""

    def __init__(self, process: psutil.Process, port: int, child: "subprocess.Popen[bytes] | None" = None) -> None:
        self._process = process
        self._child = child
        self.port = port

    @classmethod
    def spawn(cls, command: Sequence[str], port: int, folder: Path, console: Path) -> "ServerProcess":
        """Start Neo4j in a session of its own, so that the terminal's Ctrl-C is the service's to handle.

        Its environment is minimal: no JAVA_TOOL_OPTIONS, HOME or language of the starter changes how it behaves.
        JDK_JAVA_OPTIONS does, which somebody sets to change how programs of Java behave.
        """
        environment = {name: os.environ[name] for name in _INHERITED if name in os.environ} | _LOCALE
        with console.open("wb") as output:
            child = subprocess.Popen(
                command,
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return cls(psutil.Process(child.pid), port, child)

    @classmethod
    def find(cls, record: Record | None) -> "ServerProcess | None":
        """The living process that the record speaks of, or None."""
        if record is None:
            return None
        try:
            process = psutil.Process(record.pid)
            if abs(process.create_time() - record.create_time) > 0.5:
                return None
        except psutil.NoSuchProcess:
            return None
        found = cls(process, record.port)
        return found if found.alive() else None

    @property
    def pid(self) -> int:
        """The process number."""
        return self._process.pid

    @property
    def uptime_s(self) -> float:
        """Seconds since the process was created."""
        return max(0.0, time.time() - self._process.create_time())

    @property
    def exit_code(self) -> int | None:
        """How our own child ended; None while it runs, and for a process that is not our child."""
        return self._child.poll() if self._child else None

    def record(self, *, detached: bool = False) -> Record:
        """What to keep, so that a later process can find this one."""
        return Record(self.pid, self._process.create_time(), self.port, detached)

    def alive(self) -> bool:
        """Whether it still runs. Reaps our own child; a zombie that somebody else must reap counts as dead."""
        if self._child is not None:
            return self._child.poll() is None
        try:
            return bool(self._process.is_running()) and self._process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False

    def listening(self) -> bool:
        """Whether it is this very process that listens on the port, and not a stranger."""
        try:
            connections = self._process.net_connections("tcp")
        except (psutil.NoSuchProcess, psutil.AccessDenied):  # who is not root is refused to look at one that has just ended
            return False
        return any(c.status == psutil.CONN_LISTEN and c.laddr and c.laddr.port == self.port for c in connections)

    def wait(self, timeout_s: float) -> bool:
        """Wait for it to end; True when it did."""
        deadline = time.monotonic() + timeout_s
        while self.alive():
            if time.monotonic() >= deadline:
                return False
            time.sleep(0.05)
        return True

    def end(self, patience_s: float) -> bool:
        """SIGTERM, then SIGKILL when it has not ended in time. True when it ended of its own accord."""
        try:
            if self.alive():
                self._process.terminate()
            if self.wait(patience_s):
                return True
            self._process.kill()
        except psutil.NoSuchProcess:
            return True
        self.wait(10)
        return False

    def disown(self) -> None:
        """Leave it running when this interpreter ends, without a complaint about an unfinished child."""
        if self._child is not None:
            self._child.returncode = 0
            self._child = None


def port_is_free(port: int) -> bool:
    """Whether a server could listen on this loopback port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def free_port() -> int:
    """A loopback port that the system says is free."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def last_lines(path: Path, count: int = 15) -> str:
    """The end of a log, indented, for an error message: what was said, without the calls of Java that led there."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return "  (there is no log)"
    said = [line for line in lines if not _CALLS.search(line)]
    return "\n".join(f"  {line}" for line in said[-count:]) or "  (the log is empty)"
