"""One import of a file at once: two would write down its refused rows twice, and each remember how far the other came."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from app.domain.errors import ConstIntelError
from app.locked_file import HeldElsewhereError, take


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
        lock.parent.mkdir(parents=True, exist_ok=True)
        handle = take(lock)
        while not _is_there(lock, handle):  # its last holder took it away between our two looks
            os.close(handle)
            handle = take(lock)
    except HeldElsewhereError as error:
        busy = f"process {error.pid or 'unknown'} is importing and has {file} already"
        raise ConstIntelError(f"{busy}; wait for its end, or stop it") from error
    except OSError as error:
        raise ConstIntelError(f"an import cannot be kept alone by {lock} ({error.strerror}); name a --home") from error
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)
        os.close(handle)


def _is_there(lock: Path, handle: int) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), lock.stat())
    except FileNotFoundError:
        return False
