"""One store, one owner: a locked file beside the store."""

import os
from pathlib import Path

from app.graph.embedded.errors import HomeInUseError
from app.locked_file import HeldElsewhereError, take


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
        try:
            self._handle = take(self._path)
        except HeldElsewhereError as error:
            raise HomeInUseError(
                f"the store in {self._path.parent} is in use by process {error.pid or 'unknown'}; stop that process "
                "(Ctrl-C, or `kill` with its number), or give this one a home of its own with --home"
            ) from error

    def release(self) -> None:
        """Give the lock up; harmless when it is not held."""
        if self._handle is not None:
            os.truncate(self._handle, 0)
            os.close(self._handle)
            self._handle = None
