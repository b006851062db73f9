"""What the service and a reader process say to each other: a kind, a length, and that many bytes of JSON."""

import struct
from typing import BinaryIO

import orjson

HEADER = struct.Struct(">cI")
READY, ASK, ROWS, ERROR = b"!", b"?", b"R", b"E"

ENVELOPE_ROOM = 64 * 1024
"""Bytes that an answer may have beyond its rows: columns, messages."""


def framed(kind: bytes, body: bytes) -> bytes:
    return HEADER.pack(kind, len(body)) + body


def read_json(stream: BinaryIO) -> dict[str, object] | None:
    """The next frame's JSON; None when the other side has closed."""
    header = stream.read(HEADER.size)
    if len(header) < HEADER.size:
        return None
    _, size = HEADER.unpack(header)
    body = stream.read(size)
    return dict(orjson.loads(body)) if len(body) == size else None
