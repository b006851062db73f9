"""What an import remembers of a file while it is under way: how far all is taken, and what became of it so far."""

import hashlib
import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from app.domain.errors import ConstIntelError
from app.importing.records import BEGINNING, Place, no_file

HEAD = 1 << 16  # bytes of a file that tell it from others


@dataclass(slots=True)
class Came:
    """How far an import came: the place behind the last row that was taken or refused, rows so far and what became of them, and
    how long the file of refused ones is."""

    place: Place = field(default_factory=lambda: BEGINNING)
    rows: int = 0
    rejected: int = 0
    rejected_bytes: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)


class Memory:
    """Of one file, into one brand of one service. Stands in the home, beside nothing of the user's."""

    def __init__(self, folder: Path, path: Path, *into: str) -> None:
        self._file = folder / f"{_digest(path, into)}.json"
        self._about = str(path.resolve())

    def recall(self) -> Came:
        """How far it came; the beginning when nothing is under way. Raises ConstIntelError for a memory that is damaged."""
        try:
            known = orjson.loads(self._file.read_bytes())
            known["outcomes"] = Counter(known["outcomes"])
            del known["file"]
            return Came(**known)
        except FileNotFoundError:
            return Came()
        except (OSError, ValueError, LookupError, TypeError) as error:
            raise ConstIntelError(
                f"how far the import came cannot be read from {self._file} ({error}); begin anew with --again"
            ) from error

    def keep(self, came: Came) -> None:
        """Whole or not at all: whoever is killed meanwhile sends one chunk again, whose rows are duplicates."""
        said: Mapping[str, object] = {
            "file": self._about,
            "place": came.place,
            "rows": came.rows,
            "rejected": came.rejected,
            "rejected_bytes": came.rejected_bytes,
            "outcomes": came.outcomes,
        }
        beside = self._file.with_suffix(f".{os.getpid()}")
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            beside.write_bytes(orjson.dumps(said))
            beside.replace(self._file)
        except OSError as error:
            raise ConstIntelError(
                f"how far the import came cannot be kept in {self._file.parent} ({error}); name a --home"
            ) from error

    def forget(self) -> None:
        self._file.unlink(missing_ok=True)


def _digest(path: Path, into: tuple[str, ...]) -> str:
    """A file is the same by where it is, how long it is, and how it begins. Raises UnreadableFile."""
    try:
        with path.open("rb") as file:
            head = file.read(HEAD)
        known = (*into, str(path.resolve()), str(path.stat().st_size), hashlib.sha256(head).hexdigest())
    except OSError as error:
        raise no_file(path, error) from error
    return hashlib.sha256("\0".join(known).encode(errors="surrogateescape")).hexdigest()[:32]


def _refused(line: int, reason: str, row: object) -> bytes:
    return orjson.dumps({"line": line, "reason": reason, "row": row}, option=orjson.OPT_APPEND_NEWLINE)


class Rejects:
    """The file of refused rows beside the one that is read: made with the first of them."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def go_on(self, size: int) -> None:
        """Leaves what stood there when an import came so far, which is nothing at its beginning.

        Raises ConstIntelError, also when that is no file of refused rows: nobody loses another one by a slip of the hand.
        """
        try:
            if not self._is_ours():
                raise ConstIntelError(f"{self.path} holds something else than refused rows; name another file with --rejects")
            if size == 0:
                self.path.unlink(missing_ok=True)
            elif self.path.exists():
                os.truncate(self.path, min(size, self.path.stat().st_size))
        except OSError as error:
            raise self._unwritable(error) from error

    def add(self, line: int, reason: str, row: object) -> int:
        """Its size with one more. Raises ConstIntelError."""
        try:
            said = _refused(line, reason, row)
        except orjson.JSONEncodeError:  # a row that is nested as deeply as can be written, and stands one deeper here
            said = _refused(line, reason, None)
        try:
            with self.path.open("ab") as file:
                file.write(said)
                return file.tell()
        except OSError as error:
            raise self._unwritable(error) from error

    def _is_ours(self) -> bool:
        """Whether it is not there, is empty, or begins with a refused row."""
        if not self.path.exists():
            return True
        with self.path.open("rb") as file:
            first = file.readline(1 << 20)
        return not first or first.startswith(b'{"line":')

    def _unwritable(self, error: OSError) -> ConstIntelError:
        return ConstIntelError(
            f"refused rows cannot be written to {self.path} ({error.strerror}); name another file with --rejects"
        )
