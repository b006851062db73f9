"""One import of a file at once: two would write down its refused rows twice, and each remember how far the other came."""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from app.domain.errors import ConstIntelError


@contextmanager
def alone(folder: Path, *files: Path) -> Iterator[None]:
    """Keeps other imports of this home from these files, until it ends or its process does. Raises ConstIntelError, which names
    the process that is at one of them."""
    with ExitStack() as held:
        for file in sorted({file.resolve() for file in files}):
            name = hashlib.sha256(os.fsencode(file)).hexdigest()[:32]
            held.enter_context(_held(folder / f"{name}.lock", file))
        yield


@contextmanager
def _held(lock: Path, file: Path) -> Iterator[None]:
    try:
        handle = _taken(lock)
    except OSError as error:
        raise ConstIntelError(f"an import cannot be kept alone by {lock} ({error.strerror}); name a --home") from error
    if isinstance(handle, str):
        raise ConstIntelError(f"process {handle} is importing and has {file} already; wait for its end, or stop it")
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)
        os.close(handle)


def _taken(lock: Path) -> int | str:
    """The handle that holds it; or the number of the process that does."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    while True:
        handle = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            who = os.pread(handle, 32, 0).decode()
            os.close(handle)
            return who.strip() or "unknown"
        if _is_there(lock, handle):
            os.truncate(handle, 0)
            os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
            return handle
        os.close(handle)  # its last holder took it away between our two looks


def _is_there(lock: Path, handle: int) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), lock.stat())
    except FileNotFoundError:
        return False
