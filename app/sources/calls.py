"""One call of a tracking library, at whichever door: whom it names, when, and what it says of trade.

Whom it names stands at its top level, in `traits` and in `context.traits`. Addresses among the `properties` name nobody, since
an invitation's is a friend's.
"""

from collections.abc import Iterator

from app.domain.events import Event
from app.domain.identifiers import ALIASES, identifier
from app.sources.base import Defaults
from app.sources.commerce import items_or_product, told_order, told_total
from app.sources.envelope import Envelope
from app.sources.people import (
    KNOWN_NAMES,
    Attributes,
    Named,
    People,
    country_of,
    listed,
    or_a_user,
    own_or_told,
    people,
    top_level,
    traits,
)
from app.sources.reading import JsonObject, hint, obj, without

ALIAS, GROUP = "alias", "group"
_PAGES = frozenset({"page", "screen"})  # calls whose `name` is the page's
_TIMES = ("timestamp", "occurred_at", "originalTimestamp", "sentAt")
_TOTALS = ("total", "revenue", "value")  # as Segment and GA4 have it: the first counts
_NAME = frozenset({"name"})
_PREVIOUS = "previousId"
_OF_AN_ALIAS = frozenset({"user_id", "anonymous_id"})
_READ_ELSEWHERE = KNOWN_NAMES | {"identifiers", "event", "type", "properties", "ecommerce", "traits", _PREVIOUS, *_TIMES}


def event_of(envelope: Envelope, call: str, type_name: str, body: JsonObject, defaults: Defaults) -> Event:
    """The event of one call, which says by `call` what its traits and its name are of; `type_name` is the event's.

    A `purchase` is an order, of 0 when it says no `total`. Raises BadInput.
    """
    said, beside = _said(body), without(body, _READ_ELSEWHERE)
    fields = {**said, **beside}
    told = (hint(hint(body, "context"), "traits"), {} if call == GROUP else hint(body, "traits"))
    lines, country = items_or_product(fields, said), country_of(defaults.country, body, said, *told)
    who = _alias(body) if call == ALIAS else people(_named(body, told), country)
    return envelope.event(
        type_name,
        envelope.when(body, *_TIMES),
        who,
        _without_traits(fields),
        total=told_total(type_name, fields, _TOTALS, lines, defaults.currency),
        order_id=told_order(type_name, fields, "order_id", "transaction_id"),
        items=lines,
        attributes=_attributes(call, told, said, beside),
        joins=bool(who.either),
    )


def _alias(body: JsonObject) -> People:
    """Who somebody is, and who they were before: an anonymous id, or a user id that they had. It is said by no word which, so
    the id is what it was seen as. What else a library remembers at the time (`context.traits`) is not who was meant."""
    ids = [(name, value) for name, value in top_level(body) if ALIASES.get(name, name) in _OF_AN_ALIAS]
    who = people([*ids, ("anonymous_id", body.get(_PREVIOUS))], "")
    before = identifier("anonymous_id", body.get(_PREVIOUS))
    return or_a_user(who, before) if before is not None else who


def _named(body: JsonObject, told: tuple[JsonObject, ...]) -> Iterator[Named]:
    yield from top_level(body)
    yield from listed(body)
    yield from traits(*told)


def _said(body: JsonObject) -> JsonObject:
    """The properties, and what a GA4 data layer says of trade in a part of its own. An empty list is PHP's empty object."""
    return {**hint(body, "ecommerce"), **({} if body.get("properties") == [] else obj(body, "properties"))}


def _without_traits(fields: JsonObject) -> JsonObject:
    """Whom the call names stands in no property."""
    return {**fields, "context": without(context, {"traits"})} if (context := hint(fields, "context")) else fields


def _attributes(call: str, told: tuple[JsonObject, ...], said: JsonObject, beside: JsonObject) -> Attributes:
    """What the call says of its person, then what its traits say. A `name` among properties is a product's or a film's."""
    return own_or_told(without(beside, _NAME) if call in _PAGES else beside, *told, without(said, _NAME))
