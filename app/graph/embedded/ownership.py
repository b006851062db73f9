"""One store, one owner: an operating-system lock on a file, freed by the kernel however its holder ends."""

import fcntl
import os
from pathlib import Path

from app.graph.embedded.errors import HomeInUseError


class Ownership:
    """The right to start and stop the Neo4j of one home. Held by a process; not inherited by its children."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._handle: int | None = None

    @property
    def held(self) -> bool:
        """Whether this object holds the lock."""
        return self._handle is not None

    def acquire(self) -> None:
        """Take the lock, or raise HomeInUseError naming the process that has it."""
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(handle)
            holder = _read_pid(self._path)
            raise HomeInUseError(
                f"the store in {self._path.parent} is in use by process {holder or 'unknown'}; stop that process "
                "(Ctrl-C, or `kill` with its number), or give this one a home of its own with --home"
            ) from error
        os.truncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
        self._handle = handle

    def release(self) -> None:
        """Give the lock up; harmless when it is not held."""
        if self._handle is not None:
            os.truncate(self._handle, 0)
            os.close(self._handle)
            self._handle = None


def owner_pid(path: Path) -> int | None:
    """The process that owns the store, or None when nobody does."""
    if not path.exists():
        return None
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return _read_pid(path)
    return None


def _read_pid(path: Path) -> int | None:
    text = path.read_text(encoding="utf-8").strip()
    return int(text) if text.isdigit() else None
