"""Which requests the present work belongs to. A request is one; a batch, all those that share its transaction."""

import re
import uuid
from contextvars import ContextVar

request_ids: ContextVar[tuple[str, ...]] = ContextVar("request_ids", default=())

_CLEAN = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def request_id_of(given: str | None) -> str:
    """The sender's own id when it is short and clean, else a new one.

    It is written to logs as it is, so nothing that could be an address or a phone number (no letter in it) is taken.
    """
    return given if given is not None and _CLEAN.fullmatch(given) else uuid.uuid4().hex
