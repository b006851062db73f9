"""A file that one process holds at a time and writes its number into: locked by the system, so freed however it ends."""

import fcntl
import os
import time
from pathlib import Path

from app.domain.errors import ConstIntelError

# Who only asks for the holder holds it as well, for the blink of an eye.
TRIES, AGAIN_S = 4, 0.02


class HeldElsewhereError(ConstIntelError):
    """Another process holds the file; `pid` is its number, or None before it has written it. Who asked says what that means."""

    def __init__(self, path: Path, pid: int | None) -> None:
        super().__init__(f"{path} is held by process {pid or 'unknown'}")
        self.pid = pid


def take(path: Path) -> int:
    """The open file, ours until it is closed and no child's. Raises HeldElsewhereError, and OSError where no such file can be."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    for left in reversed(range(TRIES)):
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError as error:
            if not left:
                pid = _pid(handle)
                os.close(handle)
                raise HeldElsewhereError(path, pid) from error
        time.sleep(AGAIN_S)
    os.truncate(handle, 0)
    os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
    return handle


def holder(path: Path) -> int | None:
    """The number of the process that holds it now; None when nobody does, or whoever does has not written it yet."""
    if not path.exists():
        return None
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return _pid(file.fileno())
    return None


def _pid(handle: int) -> int | None:
    text = os.pread(handle, 32, 0).strip()
    return int(text) if text.isdigit() else None
