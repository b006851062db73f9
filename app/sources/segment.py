"""Segment's HTTP tracking API: one call of a library, or a batch of them that each stand for themselves.

A library gives a batch up when it is refused, so what cannot be read of it is kept beside its neighbours, as an event that
names nobody. Its doors are its own (they say by their path what a body is), and the brand is whose the write key is.
"""

from base64 import b64decode

from app.domain.bodies import MAX_BODY_BYTES
from app.domain.errors import BadInput, TooLarge
from app.domain.events import MAX_NAME, Event
from app.domain.normalise import is_clean
from app.sources.base import Defaults, Delivery, Parsed
from app.sources.calls import ALIAS, GROUP, event_of
from app.sources.envelope import Envelope, event_type
from app.sources.lists import of_one_call
from app.sources.people import People
from app.sources.reading import JsonObject, body_key, canonical, header, kind, load_mended, load_object, without

NAME = "segment"
BATCH, TRACK = "batch", "track"
CALLS = (TRACK, "identify", "page", "screen", ALIAS, GROUP)
INVALID = "invalid_message"  # the type of the event that a message is kept as which cannot be read

MAX_MESSAGES = 1_000  # of one batch
MAX_WRITE_KEY = 512  # characters
MAX_PROBLEM = 1_000  # characters that are kept of why a message cannot be read

_OF_ALL = ("context", "integrations")  # what a batch says of its messages
_SECRET = frozenset({"writeKey"})  # says whose door this is, nothing of what happened


_SAID = {"userId": "u-1001", "anonymousId": "6d1c9a4e", "timestamp": "2026-09-01T10:00:00.000Z"}
_PEOPLE = {"email": "sarah.johnson@email.com", "firstName": "Sarah"}
_ORDER = {"order_id": "5001", "total": 42.5, "currency": "USD"}

# A body of each call that works, for documentation and tests.
EXAMPLES: dict[str, JsonObject] = {
    "identify": {"type": "identify", **_SAID, "traits": _PEOPLE},
    TRACK: {"type": TRACK, **_SAID, "event": "Order Completed", "properties": _ORDER},
    "page": {"type": "page", **_SAID, "name": "Home"},
    "screen": {"type": "screen", **_SAID, "name": "Main"},
    ALIAS: {"type": ALIAS, "userId": "u-1001", "previousId": "6d1c9a4e"},
    GROUP: {"type": GROUP, "userId": "u-1001", "groupId": "acme", "traits": {"name": "Acme"}},
}
EXAMPLES[BATCH] = {"batch": [EXAMPLES["identify"], EXAMPLES[TRACK]]}


def write_key_of(delivery: Delivery) -> str | None:
    """The user of HTTP Basic authorization, else what a browser writes into the body; None where neither is a key."""
    key = _basic_user(header(delivery, "authorization") or "")
    if key is None:
        try:
            body = load_mended(delivery.body)
        except BadInput:
            return None
        given = body.get("writeKey") if isinstance(body, dict) else None
        key = given.strip() if isinstance(given, str) else ""
    return key if 1 <= len(key) <= MAX_WRITE_KEY and is_clean(key) else None


def _basic_user(authorization: str) -> str | None:
    """Whom an Authorization header names, its password left aside; None when it names nobody."""
    scheme, _, credentials = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        return b64decode(credentials.strip(), validate=True).decode().partition(":")[0] or None
    except ValueError:  # no base64, or no text
        return None


def parse(delivery: Delivery, call: str | None, defaults: Defaults) -> Parsed:
    """An event of each message. `call` is what the route says that the body is, by its long name (`batch`, `identify`, ...);
    None: the body says so itself.

    A batch gives an event of each of its messages, in their order. Raises BadInput for a single message that cannot be read
    and for what is no batch, TooLarge for too many messages, or people.
    """
    body = load_object(delivery.body, load_mended)
    if call == BATCH or (call is None and BATCH in body):
        sent_at = body.get("sentAt")
        read = (_read_or_kept(delivery, defaults, message, sent_at) for message in _messages(body))
        return Parsed(tuple(of_one_call(read)))
    return Parsed((_event(delivery, defaults, without(body, _SECRET), call),))


def _messages(body: JsonObject) -> list[object]:
    """The messages of a batch, each with what the batch says of those that do not say it themselves. Raises BadInput."""
    given = body.get(BATCH)
    if not isinstance(given, list):
        raise BadInput(f"batch must be an array of messages, not {kind(given)}")
    if len(given) > MAX_MESSAGES:
        raise TooLarge(f"a batch holds at most {MAX_MESSAGES:,} messages, this one {len(given):,}; send it in parts")
    of_all = {name: body[name] for name in _OF_ALL if body.get(name)}
    if of_all and len(given) * len(canonical(of_all)) > MAX_BODY_BYTES:
        raise TooLarge("the batch's context and integrations, at each of its messages, are larger than a body may be; send less")
    return [_message(one, of_all) for one in given]


def _message(given: object, of_all: JsonObject) -> object:
    if not isinstance(given, dict):
        return given
    return {**without(given, _SECRET), **{name: value for name, value in of_all.items() if not given.get(name)}}


def _read_or_kept(delivery: Delivery, defaults: Defaults, message: object, sent_at: object) -> Event:
    try:
        if not isinstance(message, dict):
            raise BadInput(f"a message must be an object, not {kind(message)}")
        return _event(delivery, defaults, message, None, sent_at)
    except BadInput as error:
        return _kept(delivery, message, error)


def _event(delivery: Delivery, defaults: Defaults, message: JsonObject, call: str | None, sent_at: object = None) -> Event:
    """The event of one message; `call` is what it is, None: it says so itself. `sent_at` is its batch's. Raises BadInput."""
    called = _called(message) if call is None else call
    type_name = event_type(message.get("event"), "event") if called == TRACK else called
    return event_of(_envelope(delivery, message), called, type_name, message, defaults, sent_at)


def _called(message: JsonObject) -> str:
    given = message.get("type")
    if not isinstance(given, str) or given not in CALLS:
        raise BadInput(f"type must name the call, one of {', '.join(CALLS)}")
    return given


def _envelope(delivery: Delivery, message: object) -> Envelope:
    """A message is a delivery of its own, as if it had been sent alone. Its key is its own id, else its content."""
    content = canonical(message)
    given = message.get("messageId") if isinstance(message, dict) else None
    own = given.strip() if isinstance(given, str) else ""
    return Envelope(delivery, NAME, f"message:{own}" if own else body_key(content), content.decode())


def _kept(delivery: Delivery, message: object, error: BadInput) -> Event:
    """A message that cannot be read, as evidence that it came, and why no more was made of it. It names nobody."""
    call = message.get("type") if isinstance(message, dict) else None
    said: JsonObject = {"problem": error.detail[:MAX_PROBLEM], "call": call[:MAX_NAME] if isinstance(call, str) else None}
    return _record(delivery, message).event(INVALID, delivery.received_at, People(()), said)


def _record(delivery: Delivery, message: object) -> Envelope:
    """What is written of a message that cannot be read: all, or where it is nested too deeply, what is not nested."""
    try:
        return _envelope(delivery, message)
    except BadInput:
        fields = message.items() if isinstance(message, dict) else ()
        return _envelope(delivery, {name: value for name, value in fields if not isinstance(value, dict | list)})
