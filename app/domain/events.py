"""Evidence: what a sender told us, once parsed. Events are never rewritten."""

import hashlib
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from app.domain.identifiers import STRONG, Identifier
from app.domain.normalise import is_clean

MINUTE, HALF_A_MINUTE = timedelta(minutes=1), timedelta(seconds=30)

NAMESPACE = uuid.UUID("6f1c1d0e-8d1f-5b0e-9c55-0d3c9b1f7a10")


# Names of events that are ours, in the spelling they are stored in. Whoever writes them in another case means the same.
PURCHASE, STORE_VISIT, CHECKOUT, CUSTOMER_UPDATED = "purchase", "store_visit", "checkout", "customer_updated"
CUSTOMERS_MERGED = "customers_merged"
ORDER_UPDATED, ORDER_CANCELLED, REFUND, TEST_ORDER = "order_updated", "order_cancelled", "refund", "test_order"
ABOUT_ORDERS = frozenset({ORDER_UPDATED, ORDER_CANCELLED, REFUND})  # what is told of an order after it was placed
OF_ORDERS = ABOUT_ORDERS | {PURCHASE}
CART_ADDS = frozenset({"cart_add", "add_to_cart", "product_added", "product added"})
_MESSAGES = frozenset({"whatsapp_message", "sms_message", "rcs_message"})
_OTHERS = frozenset({"page_view", "identify", TEST_ORDER})
OWN_NAMES = CART_ADDS | _MESSAGES | _OTHERS | OF_ORDERS | {STORE_VISIT, CHECKOUT, CUSTOMER_UPDATED, CUSTOMERS_MERGED}
# What Segment's libraries call ours of trade, without its case.
_SEGMENTS = {
    "order completed": PURCHASE, "order updated": ORDER_UPDATED, "order refunded": REFUND, "order cancelled": ORDER_CANCELLED,
    "checkout started": CHECKOUT,
}  # fmt: skip
_STORED = {name: name for name in OWN_NAMES} | _SEGMENTS
MAX_NAME = 100  # characters of any


def stored_name(name: str) -> str:
    """An event's name as it is stored: ours in our spelling, whatever Segment's is, any other as its sender writes it."""
    return _STORED.get(name.lower(), name)


def read_name(raw: object) -> str | None:
    """An event's name as it is stored, of what somebody wrote; None when that is no short text of characters that are seen."""
    name = raw.strip() if isinstance(raw, str) else ""
    return stored_name(name) if 1 <= len(name) <= MAX_NAME and is_clean(name) else None


def stable_id(*parts: str) -> str:
    """A deterministic id (UUID version 5) of its parts, the brand first. Length prefixes keep parts apart.

    As `uuid.uuid5` makes it, in half the time: a fold asks for one an event.
    """
    text = "".join([f"{len(part)}:{part}" for part in parts])
    digest = bytearray(hashlib.sha1(NAMESPACE.bytes + text.encode(), usedforsecurity=False).digest()[:16])
    digest[6] = digest[6] & 0x0F | 0x50  # the version
    digest[8] = digest[8] & 0x3F | 0x80  # the variant
    name = digest.hex()
    return f"{name[:8]}-{name[8:12]}-{name[12:16]}-{name[16:20]}-{name[20:]}"


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units (cents; whole yen) of an ISO 4217 currency."""

    minor: int
    currency: str


class OrderKey(NamedTuple):
    """An order, by whoever numbers it."""

    source: str
    order_id: str


@dataclass(frozen=True, slots=True)
class Item:
    """One line of an order or one product looked at. `price` is per unit, in major units as text, for people to read."""

    product_id: str | None
    name: str | None
    category: str | None
    price: str | None
    quantity: int

    @property
    def keys(self) -> tuple[str, ...]:
        """What makes two items the same product: the same id, or the same name case-folded."""
        by_id = (f"id:{self.product_id}",) if self.product_id else ()
        return (*by_id, f"name:{self.name.casefold().strip()}") if self.name else by_id


@dataclass(frozen=True, slots=True)
class Visit:
    store_id: str | None
    store_name: str | None
    check_in_at: datetime
    check_out_at: datetime | None
    detection_method: str | None

    @property
    def duration_minutes(self) -> int | None:
        """Whole minutes, half ones up, as a clock on the wall would be read."""
        if self.check_out_at is None:
            return None
        return max(0, (self.check_out_at - self.check_in_at + HALF_A_MINUTE) // MINUTE)


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened, with whom it names.

    `delivery_id` is shared by the events of one call (a POS call gives a visit and a purchase).
    `total` is set for purchases, updates of orders, and refunds (where it is negative, but of one that takes another back).
    `attributes` are golden-record candidates as (name, value) text pairs.
    `revision` is its sender's number of what an order has become, where they number that (0: they do not).
    `lone` says that its `order_id` is another order's already: it was found out when it arrived, for good.
    `backfill` says that it is brought in after the fact: it counts as any other, but nobody is written to for it.
    `joins` says that its sender made one person of all whom it names: a judgement of theirs, not a guess of ours.
    `either` are identifiers of which its sender does not say which is meant (`read_as` settles it when it arrives, for good).
    `properties` is the normalised content as JSON text; `raw` the body as it came, as text.
    """

    brand_id: str
    event_id: str
    delivery_id: str
    source: str
    type: str
    occurred_at: datetime
    received_at: datetime
    identifiers: tuple[Identifier, ...]
    total: Money | None = None
    order_id: str | None = None
    items: tuple[Item, ...] = ()
    visit: Visit | None = None
    attributes: tuple[tuple[str, str], ...] = ()
    properties: str = "{}"
    raw: str = ""
    request_id: str = ""
    revision: int = 0
    lone: bool = False
    backfill: bool = False
    joins: bool = False
    either: tuple[Identifier, ...] = ()

    @property
    def is_purchase(self) -> bool:
        return self.type == PURCHASE

    @property
    def products(self) -> tuple[str, ...]:
        """The keys of its items (`Item.keys`), in their order."""
        return tuple([key for item in self.items for key in item.keys])

    @property
    def order(self) -> OrderKey | None:
        """The order that it tells of; None when it tells of none, or does not say of which."""
        if self.order_id is None or self.lone or self.type not in OF_ORDERS:
            return None
        return OrderKey(self.source, self.order_id)

    def read_as(self, is_known: Callable[[Identifier], bool]) -> "Event":
        """The event without those of `either` that are not meant: what was seen before is, else the last of them.

        A sender joins people where one of them was a person's; a browser that gets its person's name joins nobody.
        """
        if not self.either:
            return self
        meant = tuple([one for one in self.either if is_known(one)]) or self.either[-1:]
        named = tuple([one for one in self.identifiers if one in meant or one not in self.either])
        joins = self.joins and any(one.type in STRONG for one in meant)
        return replace(self, identifiers=named, joins=joins, either=())


@dataclass(frozen=True, slots=True)
class ProfileImport:
    """A profile that exists elsewhere, brought in as it is, without matching. Evidence too.

    `fingerprint` is a digest of the content: the same import twice is a repeat, another under the same id a conflict.
    """

    brand_id: str
    profile_id: str
    identifiers: tuple[Identifier, ...]
    lifetime_value: Money
    total_orders: int
    created_at: datetime
    received_at: datetime
    attributes: tuple[tuple[str, str], ...] = ()
    source: str = "import"
    fingerprint: str = ""
    request_id: str = ""


def event_id(brand_id: str, source: str, idempotency_key: str) -> str:
    return stable_id(brand_id, "event", source, idempotency_key)
