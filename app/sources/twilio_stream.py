"""Twilio's Event Streams: lists of CloudEvents, some of which are messages, and some what became of ours.

https://www.twilio.com/docs/events/webhook-quickstart
"""

from app.domain.errors import BadInput, Unprocessable
from app.sources.lists import MAX_EVENTS
from app.sources.reading import JsonObject, is_list, kind, load_list, load_object, obj

_OF_MESSAGES = "com.twilio.messaging."


def told(body: bytes) -> tuple[JsonObject, ...]:
    """The objects that a JSON body holds: the one that it is, or those of its list. Raises BadInput."""
    if not is_list(body):
        return (load_object(body),)
    found = load_list(body)
    if not 1 <= len(found) <= MAX_EVENTS:
        raise Unprocessable(f"a list holds 1 to {MAX_EVENTS:,} events, this one {len(found):,}")
    return tuple(_object(place, one) for place, one in enumerate(found))


def in_words_of_forms(body: JsonObject) -> JsonObject:
    """What an event of a stream says, by the names that a form has for it; any other body as it is. Raises BadInput."""
    if not is_of_stream(body):
        return body
    data = obj(body, "data")
    return {**data, **{name[:1].upper() + name[1:]: value for name, value in data.items()}}


def is_of_stream(body: JsonObject) -> bool:
    return "specversion" in body and isinstance(body.get("type"), str)


def other_than_messages(body: JsonObject) -> str | None:
    """The type of an event that is about no message; None for one that is, and for a body that is no such event."""
    type_name = str(body["type"]) if is_of_stream(body) else _OF_MESSAGES
    return None if type_name.startswith(_OF_MESSAGES) else type_name[:100]


def _object(place: int, one: object) -> JsonObject:
    if not isinstance(one, dict):
        raise BadInput(f"[{place}] must be an object, not {kind(one)}")
    return one
