"""Who does not want messages. What nobody has said is unknown; an explicit no is never overridden."""

import unicodedata
from collections.abc import Iterable, Mapping

import orjson

from app.domain.consent import GENERAL, meant

STOP = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"})  # as Twilio understands them
START = frozenset({"START", "UNSTOP", "YES"})
CHANNEL_OF = {"whatsapp_message": "whatsapp", "sms_message": "sms", "rcs_message": "sms"}

# What the stored properties of such a message look like, for the graph to choose by; `said_in` then reads them. Phones write
# spaces of every kind, some of no width; a line's end and the like stand in JSON as escapes. The loops are possessive, since
# Java runs those and calls itself for each round of others: a thousand spaces were the end of its stack, and of the connection.
_BLANK = r"(?:[\s\p{Z}\p{Cf}\x{85}]|\\[bfnrt]|\\u00[01][0-9a-f])"
MAY_SAY = rf'(?is).*("OptOutType"|"body":"{_BLANK}*+(?:{"|".join(sorted(STOP | START))})(?:{_BLANK}|[.!])*+").*'

Message = tuple[str, int, str]
"""An inbound message: its event's type, when (epoch milliseconds), its properties as JSON text."""


def consent(channel: str, attributes: Mapping[str, str], messages: Iterable[Message]) -> bool | None:
    """False for an explicit no, True for an explicit yes and no no, None when nothing was said of this channel.

    A no is an attribute that says so (of the channel, or of marketing at large), or a STOP without a later START.
    """
    said = [meant(attributes.get(name)) for name in (*GENERAL, f"{channel}_consent")]
    last: tuple[int, bool] | None = None
    for kind, at, properties in messages:
        told = said_in(properties) if CHANNEL_OF.get(kind) == channel else None
        # Of two at one moment the no counts.
        if told is not None and (last is None or (at, not told) > (last[0], not last[1])):
            last = (at, told)
    if last is not None:
        said.append(last[1])
    if False in said:
        return False
    return True if True in said else None


def said_in(properties: str) -> bool | None:
    """Whether a message says stop (False) or start (True): by Twilio's word for it, else by being that word alone."""
    try:
        data = orjson.loads(properties)
    except orjson.JSONDecodeError:
        return None
    body, kind = data.get("body"), data.get("OptOutType")
    words = [kind, body] if isinstance(kind, str) else [body]
    for word in words:
        plain = _plain(word) if isinstance(word, str) else ""
        if plain in STOP:
            return False
        if plain in START:
            return True
    return None


def _plain(word: str) -> str:
    """The word without what is blank around it and the stops behind it, in capitals."""
    begin, end = 0, len(word)
    while begin < end and _is_blank(word[begin]):
        begin += 1
    while begin < end and (_is_blank(word[end - 1]) or word[end - 1] in ".!"):
        end -= 1
    return word[begin:end].upper()


def _is_blank(character: str) -> bool:
    return character.isspace() or unicodedata.category(character) in ("Zs", "Zl", "Zp", "Cf")
