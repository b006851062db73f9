"""Who does not want messages. What nobody has said is unknown; an explicit no is never overridden."""

import unicodedata
from collections.abc import Iterable, Mapping

import orjson

from app.domain.consent import GENERAL, meant
from app.domain.normalise import with_few_marks

# As Twilio understands them, and what people say in other languages: Twilio tells of those only where its account says so.
STOP = (
    *("STOP", "STOPALL", "STOP ALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT", "OPT OUT"),
    *("ARRÊT", "ARRÊTER", "DÉSABONNER", "DÉSINSCRIRE", "STOPP", "ABMELDEN", "ABBESTELLEN", "AFMELDEN", "STOPPEN"),
    *("BAJA", "ALTO", "PARAR", "PARE", "CANCELAR", "SAIR", "CANCELLAMI", "DISISCRIVIMI", "СТОП", "停止", "退订", "توقف"),
)
START = frozenset({"START", "UNSTOP", "YES"})  # a yes is not guessed at
CHANNEL_OF = {"whatsapp_message": "whatsapp", "sms_message": "sms", "rcs_message": "sms"}

_SIGN = r'(?:[^\p{L}\p{N}"\\]|\\[^u]|\\u00[01][0-9a-f])'  # in JSON, and not within a word; a line's end is an escape


def _spelled(letter: str) -> str:
    """A letter as a pattern: with its mark, as one character or two, or without."""
    parts = unicodedata.normalize("NFD", letter)
    return f"(?:{letter}|{parts[0]}{parts[1]}?)" if len(parts) > 1 else letter.replace(" ", f"{_SIGN}*+")


# What the stored properties of such a message look like, for the graph to choose by; `said_in` then reads them. The loops are
# possessive, since Java runs those and calls itself for each round of others: a thousand spaces were the end of its stack, and of
# the connection.
_WORDS = "|".join("".join(map(_spelled, word)) for word in (*STOP, *sorted(START)))
MAY_SAY = rf'(?isu).*("OptOutType"|"body":"{_SIGN}*+(?:{_WORDS}){_SIGN}*+").*'

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
    """Whether a message says stop (False) or start (True): by Twilio's word for it, else by being that word alone, whatever signs
    stand around it."""
    try:
        data = orjson.loads(properties)
    except orjson.JSONDecodeError:
        return None
    body, kind = data.get("body"), data.get("OptOutType")
    words = [kind, body] if isinstance(kind, str) else [body]
    for word in words:
        if not isinstance(word, str):
            continue
        if _plain(word) in _STOP:
            return False
        if _trimmed(word) in START:
            return True
    return None


def _plain(text: str) -> str:
    """Its words without marks and signs, in capitals."""
    letters = (one for one in unicodedata.normalize("NFD", with_few_marks(text)) if not unicodedata.category(one).startswith("M"))
    return " ".join("".join(one if one.isalnum() else " " for one in letters).upper().split())


def _trimmed(word: str) -> str:
    """The word without what is blank around it and the stops behind it, in capitals."""
    begin, end = 0, len(word)
    while begin < end and _is_blank(word[begin]):
        begin += 1
    while begin < end and (_is_blank(word[end - 1]) or word[end - 1] in ".!"):
        end -= 1
    return word[begin:end].upper()


def _is_blank(character: str) -> bool:
    return character.isspace() or unicodedata.category(character) in ("Zs", "Zl", "Zp", "Cf")


_STOP = frozenset(map(_plain, STOP))
