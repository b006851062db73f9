"""Secrets as the graph keeps them: sealed, since whoever queries the graph may read all of it."""

import base64
import hashlib
import hmac
import os
import secrets
from contextlib import suppress
from functools import cached_property
from pathlib import Path

import orjson
from cryptography.fernet import Fernet, InvalidToken

from app.domain.errors import SetUpError

FILE = "secrets.key"
LEAST = 16  # characters, as of the setting
PUT_BACK = "put it back from the backup, or remove it and put the secrets of all senders anew"


def digest_of(key: str) -> str:
    """What is kept of a key that callers show: enough to know it again. Plain SHA-256 will do: our own are 256 random bits, which
    nobody tries out."""
    return hashlib.sha256(key.encode()).hexdigest()


class Seal:
    """Closes and opens with one key: that of the settings, else one in the home, made when first needed.

    Replicas have homes of their own, so they must be given the same key.
    """

    def __init__(self, key: str | None, home: Path, purpose: str = "") -> None:
        """What one purpose sealed opens for no other: whoever can have something sealed (a sender's secret) and read it in the
        graph could else hand it in as something else (a session)."""
        self._key = key
        self._purpose = purpose
        self._file = home / FILE
        if key is None and self._file.exists():
            self._read()  # one that is damaged is told at the start, not to the first sender

    def close(self, values: tuple[str, ...]) -> str:
        return self._fernet.encrypt(orjson.dumps(values)).decode()

    def open(self, sealed: str) -> tuple[str, ...] | None:
        """None when they were sealed with another key."""
        try:
            return tuple(orjson.loads(self._fernet.decrypt(sealed.encode())))
        except InvalidToken:
            return None

    @cached_property
    def _fernet(self) -> Fernet:
        key = self._key if self._key is not None else self._kept()
        own = hashlib.sha256(key.encode()).digest()
        if self._purpose:
            own = hmac.digest(own, self._purpose.encode(), "sha256")
        return Fernet(base64.urlsafe_b64encode(own))

    def _kept(self) -> str:
        """The home's own key. Whoever comes second takes the first one's: a file appears under its name when it is whole."""
        if not self._file.exists():
            self._file.parent.mkdir(parents=True, exist_ok=True)
            new = self._file.with_name(f"{FILE}.{secrets.token_hex(8)}")
            with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(32))
                file.flush()
                os.fsync(file.fileno())  # what it seals outlives a power cut as well
            with suppress(FileExistsError):
                os.link(new, self._file)
            new.unlink()
        return self._read()

    def _read(self) -> str:
        """Raises SetUpError for a file that holds no key: with what is left of one, anybody could seal and open."""
        try:
            key = self._file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise SetUpError(f"{self._file} cannot be read ({error}); {PUT_BACK}") from error
        if len(key) < LEAST:
            raise SetUpError(f"{self._file} holds {len(key)} characters, and a key has {LEAST} at least; {PUT_BACK}")
        return key
