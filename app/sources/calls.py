"""One call of a tracking library, at whichever door: whom it names, when, and what it says of trade.

Whom it names stands at its top level, in `traits` and in `context.traits`. Addresses among the `properties` name nobody, since
an invitation's is a friend's.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from app.domain.errors import BadInput
from app.domain.events import Event
from app.domain.identifiers import Identifier, identifier
from app.domain.times import FIRST_MOMENT, LAST_MOMENT, parse_time
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
from app.sources.reading import JsonObject, first_given, hint, laid_over, obj, says_nothing, without

ALIAS, GROUP = "alias", "group"
_PAGES = frozenset({"page", "screen"})  # calls whose `name` is the page's
_TIMES = ("timestamp", "occurred_at", "originalTimestamp", "sentAt")
_TOTALS = ("total", "revenue", "value")  # as Segment and GA4 have it: the first counts
_NAME = frozenset({"name"})
_PREVIOUS = "previousId"
_READ_ELSEWHERE = KNOWN_NAMES | {"identifiers", "event", "type", "properties", "ecommerce", "traits", _PREVIOUS, *_TIMES}


def event_of(
    envelope: Envelope, call: str, type_name: str, body: JsonObject, defaults: Defaults, sent_at: object = None
) -> Event:
    """The event of one call, which says by `call` what its traits and its name are of; `type_name` is the event's, `sent_at`
    when the batch that it came in was sent.

    A `purchase` is an order: of its `total`, else of what its lines cost, else of 0. Raises BadInput.
    """
    said, beside = _said(body), without(body, _READ_ELSEWHERE)
    fields = laid_over(beside, said)
    told = (hint(hint(body, "context"), "traits"), {} if call == GROUP else hint(body, "traits"))
    lines, country = items_or_product(fields, said), country_of(defaults.country, body, said, *told)
    before = identifier("anonymous_id", body.get(_PREVIOUS)) if call == ALIAS else None
    who = people(_named(body, told), country) if before is None else _alias(body, before, country)
    return envelope.event(
        type_name,
        _when(body, sent_at, envelope.delivery.received_at),
        who,
        _without_traits(fields),
        total=told_total(type_name, fields, _TOTALS, lines, defaults.currency),
        order_id=told_order(type_name, fields, "order_id", "orderId", "transaction_id"),
        items=lines,
        attributes=_attributes(call, told, said, beside),
        joins=bool(who.either),
    )


def _when(body: JsonObject, sent_at: object, received_at: datetime) -> datetime:
    """When it happened by our clock. A sender that sends before we receive is ahead of us by as much, and so are all its times;
    one that sends long before may well be late, and is believed. Raises BadInput."""
    name, raw = first_given(body, *_TIMES)
    _, own = first_given(body, "sentAt")
    ahead = max(timedelta(), _sent(sent_at if own is None else own, received_at) - received_at)
    at = parse_time(raw, name, received_at + ahead)
    if at - FIRST_MOMENT < ahead:
        raise BadInput(f"{name}: by the sentAt beside it, it lies before {FIRST_MOMENT.year}; send when it happened")
    return at - ahead


def _sent(raw: object, received_at: datetime) -> datetime:
    """When a sender says it sent; when we received it, where that is no time."""
    try:
        return received_at if says_nothing(raw) else parse_time(raw, "sentAt", LAST_MOMENT)
    except BadInput:
        return received_at


def _alias(body: JsonObject, before: Identifier, country: str) -> People:
    """Who somebody is, and who they were before: an anonymous id, or a user id that they had. It is said by no word which, so
    the id is what it was seen as. What a library remembers of a person (traits) is not who was meant."""
    return or_a_user(people((*top_level(body), *listed(body), before), country), before)


def _named(body: JsonObject, told: tuple[JsonObject, ...]) -> Iterator[Named]:
    yield from top_level(body)
    yield from listed(body)
    yield from traits(*told)


def _said(body: JsonObject) -> JsonObject:
    """The properties, and what a GA4 data layer says of trade in a part of its own. An empty list is PHP's empty object."""
    return laid_over({} if body.get("properties") == [] else obj(body, "properties"), hint(body, "ecommerce"))


def _without_traits(fields: JsonObject) -> JsonObject:
    """Whom the call names stands in no property."""
    return {**fields, "context": without(context, {"traits"})} if (context := hint(fields, "context")) else fields


def _attributes(call: str, told: tuple[JsonObject, ...], said: JsonObject, beside: JsonObject) -> Attributes:
    """What the call says of its person, then what its traits say. A `name` among properties is a product's or a film's."""
    homes = (hint(one, "address") for one in told)
    return own_or_told(without(beside, _NAME) if call in _PAGES else beside, *homes, *told, without(said, _NAME))
