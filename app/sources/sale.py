"""A till's sale, which is told whole whenever something of it changes: its purchase once, and what it comes to by now."""

from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from app.domain.errors import BadInput
from app.domain.events import ORDER_UPDATED, PURCHASE, Event, Item, Money
from app.domain.money import major
from app.sources.commerce import item_properties
from app.sources.envelope import Envelope
from app.sources.people import Attributes, People
from app.sources.reading import JsonObject


class Sale(NamedTuple):
    """What it came to, and what of that is `left` by now; `revision` is the till's count of its changes (0: none)."""

    sale_id: str
    sold_at: datetime
    changed_at: datetime
    revision: int
    total: Money
    left: Money
    items: tuple[Item, ...] = ()


def no_amount(where: str, send: str) -> BadInput:
    """What to raise of a sale that was paid and does not say how much: read as 0, it would take back what was said before."""
    return BadInput(f"{where} is missing, and nothing is no amount; send {send}")


def sale_events(envelope: Envelope, sale: Sale, who: People, properties: JsonObject, attributes: Attributes) -> tuple[Event, ...]:
    """The purchase under a key of its own, so that whichever delivery comes first brings it and all others repeat it; and what
    this delivery says that it comes to. The latest counts, in whatever order they come."""
    facts = {**properties, "order_id": sale.sale_id, "currency": sale.total.currency}
    lines = {"items": item_properties(sale.items)} if sale.items else {}
    bought = of_sale(envelope, sale.sale_id).event(
        PURCHASE,
        sale.sold_at,
        who,
        {**facts, "total": _major(sale.total), **lines},
        total=sale.total,
        order_id=sale.sale_id,
        revision=sale.revision,
        items=sale.items,
        attributes=attributes,
    )
    stands = envelope.event(
        ORDER_UPDATED,
        sale.changed_at,
        who,
        {**facts, "total": _major(sale.left)},
        total=sale.left,
        order_id=sale.sale_id,
        revision=sale.revision,
        attributes=attributes,
    )
    return bought, stands


def of_sale(envelope: Envelope, sale_id: str) -> Envelope:
    """The delivery as one of a sale itself, whatever of it is told: what is made of it is made once."""
    return replace(envelope, key=f"sale:{sale_id}")


def _major(money: Money) -> float:
    return major(money.minor, money.currency)
