"""What every body must be before anybody reads it, whichever door it comes to."""

from app.domain.errors import UnsupportedEncoding

BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def check_encoding(content_encoding: str | None) -> None:
    """Lets a body pass that is sent as it is. Raises UnsupportedEncoding for a compressed one."""
    given = {part.strip().lower() for part in (content_encoding or "").split(",")} - {"", "identity"}
    if given:
        raise UnsupportedEncoding(f"content-encoding {', '.join(sorted(given))[:80]!r} is not read; send the body uncompressed")


def without_mark(body: bytes) -> bytes:
    """The body without the byte order mark that some editors and tills write before UTF-8."""
    return body.removeprefix(BYTE_ORDER_MARK)
