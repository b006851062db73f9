"""What every body must be before anybody reads it, whichever door it comes to."""

import zlib
from collections.abc import AsyncIterable, Mapping

from app.domain.errors import BadInput, TooLarge, UnsupportedEncoding

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
MAX_BODY_BYTES = 5 * 1024 * 1024
MOST_DISCARDED_BYTES = 64 * 1024 * 1024
MOST_IDENTIFIERS = 10_000  # of one call: it is one transaction, which has to end within the deadline


def check_encoding(content_encoding: str | None) -> None:
    """Lets a body pass that is sent as it is. Raises UnsupportedEncoding for a compressed one."""
    given = {part.strip().lower() for part in (content_encoding or "").split(",")} - {"", "identity"}
    if given:
        raise UnsupportedEncoding(f"content-encoding {', '.join(sorted(given))[:80]!r} is not read; send the body uncompressed")


def unpacked(body: bytes, content_encoding: str | None, most: int = MAX_BODY_BYTES) -> bytes:
    """A body as it was before its sender packed it with gzip, if it did. Raises UnsupportedEncoding, TooLarge, BadInput."""
    if (content_encoding or "").strip().lower() != "gzip":
        check_encoding(content_encoding)
        return body
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        found = unpacker.decompress(body, most + 1)
    except zlib.error as error:
        raise BadInput(f"the body is not packed with gzip, as content-encoding says: {error}") from error
    if len(found) > most:
        raise _too_large(most)
    if not unpacker.eof or unpacker.unused_data:
        raise BadInput("the packed body ends in the middle, or something stands behind it; send one body, and all of it")
    return found


def without_mark(body: bytes) -> bytes:
    """The body without the byte order mark that some editors and tills write before UTF-8."""
    return body.removeprefix(BYTE_ORDER_MARK)


async def whole(chunks: AsyncIterable[bytes], headers: Mapping[str, str], most: int = MAX_BODY_BYTES) -> bytes:
    """The body as it was sent, of at most so many bytes. Raises TooLarge.

    One that is too large is heard to its end and thrown away: whoever still sends when the connection closes never reads why.
    Not so when its sender waits to be asked for it, or when there is no reasonable end.
    """
    declared = headers.get("content-length", "")
    announced = int(declared) if declared.isdigit() else 0
    if announced > most and (announced > MOST_DISCARDED_BYTES or "expect" in headers):
        raise _too_large(most)
    kept: list[bytes] = []
    size = 0
    async for chunk in chunks:
        size += len(chunk)
        if size > MOST_DISCARDED_BYTES:
            break
        if size > most:
            kept.clear()
        else:
            kept.append(chunk)
    if size > most:
        raise _too_large(most)
    return b"".join(kept)


def check_named(identifiers: int) -> None:
    """Lets a call pass that names so many. Raises TooLarge."""
    if identifiers > MOST_IDENTIFIERS:
        raise TooLarge(f"this call names more than {MOST_IDENTIFIERS:,} identifiers, the most that fit; send fewer events a call")


def _too_large(most: int) -> TooLarge:
    size = f"{most // 1024 // 1024} MB" if most >= 1024 * 1024 else f"{most // 1024} kB"
    return TooLarge(f"the body is larger than {size}, the most that is read here; send less at once")
