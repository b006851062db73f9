"""What the events of one delivery share, and how an event is made from it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate, islice

from app.domain.errors import BadInput
from app.domain.events import MAX_NAME, Event, Item, Money, Visit, event_id, read_name, stable_id
from app.domain.times import parse_time
from app.sources.base import Delivery
from app.sources.people import People
from app.sources.reading import JsonObject, dump, first_given

MAX_PROPERTIES = 64 * 1024  # characters of an event's properties as JSON; its raw text keeps everything

_SOURCE = re.compile(r"[a-z0-9_.-]{1,64}")


@dataclass(frozen=True, slots=True)
class Envelope:
    """One delivery of one source. `key` is its idempotency key within brand and source; `raw` its body as text."""

    delivery: Delivery
    source: str
    key: str
    raw: str

    def when(self, data: Mapping[str, object], *names: str, where: str = "") -> datetime:
        """The first of these times that is given, else now. Raises BadInput."""
        name, raw = first_given(data, *names)
        return parse_time(raw, f"{where}{name}", self.delivery.received_at)

    def event(
        self,
        type_name: str,
        occurred_at: datetime,
        who: People,
        properties: JsonObject,
        *,
        part: str = "",
        total: Money | None = None,
        order_id: str | None = None,
        revision: int = 0,
        items: tuple[Item, ...] = (),
        visit: Visit | None = None,
        attributes: tuple[tuple[str, str], ...] = (),
        backfill: bool = False,
        joins: bool = False,
    ) -> Event:
        """An event of this delivery; `part` tells several of one delivery apart."""
        brand = self.delivery.brand_id
        return Event(
            brand_id=brand,
            event_id=event_id(brand, self.source, f"{self.key}#{part}" if part else self.key),
            delivery_id=stable_id(brand, "delivery", self.source, self.key),
            source=self.source,
            type=type_name,
            occurred_at=occurred_at,
            received_at=self.delivery.received_at,
            identifiers=who.identifiers,
            total=total,
            order_id=order_id,
            revision=revision,
            items=items,
            visit=visit,
            attributes=attributes,
            properties=bounded(who.noted_in(properties)),
            raw=self.raw,
            request_id=self.delivery.request_id,
            backfill=backfill or self.delivery.backfill,
            joins=joins,
            either=who.either,
        )


def bounded(properties: JsonObject) -> str:
    """The properties as JSON text. Where they are too long the largest fields are left out, and `left_out` says how many.

    Left out, not refused: a platform's order is not lost for a field that nobody reads.
    """
    whole = dump(properties)
    if len(whole) <= MAX_PROPERTIES:
        return whole
    sizes = {name: len(dump({name: value})) for name, value in properties.items()}
    smallest_first = sorted(sizes, key=sizes.__getitem__)
    together = accumulate((sizes[name] for name in smallest_first), initial=len('{"left_out":1000000}'))
    kept = {name for name, size in zip(smallest_first, islice(together, 1, None), strict=True) if size <= MAX_PROPERTIES}
    left_out = len(properties) - len(kept)
    return dump({**{name: value for name, value in properties.items() if name in kept}, "left_out": left_out})


def event_type(raw: object, where: str) -> str:
    """An event's name as it is stored: trimmed, our own ones in our spelling. Raises BadInput when it is no short clean text."""
    name = read_name(raw)
    if name is None:
        raise BadInput(f"{where} must name the event in 1 to {MAX_NAME} characters without control characters, such as cart_add")
    return name


def source_name(raw: object, default: str) -> str:
    """A sender's name as it is stored: lower-case. Raises BadInput when it is no short plain name."""
    if raw is None or raw == "":
        return default
    name = raw.strip().lower() if isinstance(raw, str) else ""
    if not _SOURCE.fullmatch(name):
        raise BadInput("source must be a name of 1 to 64 of the characters a-z 0-9 _ . -, such as web")
    return name
