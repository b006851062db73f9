"""What a payload says of trade: items, totals and store visits, in the spellings our senders use."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from app.domain.errors import BadInput
from app.domain.events import OF_ORDERS, ORDER_UPDATED, PURCHASE, REFUND, Item, Money, Visit
from app.domain.money import amount, currency_code, minor_units
from app.domain.times import parse_time
from app.sources.reading import JsonObject, first_given, label, objects, whole

MAX_ITEMS = 1_000  # of one event: each line of a cart is an intent of its own

# A product at the top level of a tracking event. In a list of items more spellings are clear.
PRODUCT_FIELDS = frozenset({"product_id", "product_name", "sku"})
_IDS = frozenset({"product_id", "sku"})
_LISTED_NAMES = ("product_name", "title", "name", "item_name")


def item(data: Mapping[str, object], where: str, names: tuple[str, ...] = _LISTED_NAMES) -> Item:
    """One line: `product_id` (or sku), its name (first of `names`), `category`, unit `price`, `quantity` (1); or as in GA4."""
    _, price = first_given(data, "price", "unit_price")
    if price is not None:
        amount(price, f"{where}price")
    return Item(
        product_id=label(data, "product_id", "item_id", "sku", where=where),
        name=label(data, *names, where=where),
        category=label(data, "category", "product_type", "item_category", where=where),
        price=None if price is None else str(price).strip(),
        quantity=whole(data, "quantity", 1, where),
    )


def items(data: Mapping[str, object], *names: str, where: str = "") -> tuple[Item, ...]:
    """The lines of the first of these arrays that has any. Raises BadInput on wrong types and too many, saying where."""
    for name in names:
        lines = objects(data, name, where)
        if len(lines) > MAX_ITEMS:
            raise BadInput(f"{where}{name} holds {len(lines):,} lines, one event at most {MAX_ITEMS:,}; send it in parts")
        if lines:
            return tuple([item(line, f"{where}{name}[{place}].") for place, line in enumerate(lines)])
    return ()


def items_or_product(data: Mapping[str, object], said: Mapping[str, object], where: str = "") -> tuple[Item, ...]:
    """The `items` (or `products`) array, else the one product that the fields themselves describe.

    `said` are those of them that stood under `properties`: beside a product's id or sku, `name` there is the product's. At the
    top level a bare `name` or `title` is a person's or a page's.
    """
    found = items(data, "items", "products", where=where)
    if found or PRODUCT_FIELDS.isdisjoint(data):
        return found
    named = {"product_name": said.get("name")} if not _IDS.isdisjoint(said) and not data.get("product_name") else {}
    one = item({**data, **named}, where, ("product_name",))
    return (one,) if one.keys else ()


def total(data: Mapping[str, object], names: tuple[str, ...], default_currency: str, where: str = "") -> Money | None:
    """The first of these amounts with the payload's `currency`; None when there is none.

    Raises BadInput when it is no amount or negative: what was paid back has its own event.
    """
    name, raw = first_given(data, *names)
    if raw is None:
        return None
    return money(raw, currency_code(data.get("currency"), default_currency, f"{where}currency"), f"{where}{name}")


def told_total(
    type_name: str,
    data: Mapping[str, object],
    names: tuple[str, ...],
    lines: tuple[Item, ...],
    default_currency: str,
    where: str = "",
) -> Money | None:
    """What an event of this type says that its order comes to (or what was paid back, which is negative); None when it says
    nothing of money. An order or a refund without an amount is of what its lines cost. Raises BadInput."""
    if type_name == REFUND:
        return _paid_back(data, names, lines, default_currency, where)
    if type_name not in (PURCHASE, ORDER_UPDATED):
        return None
    said = total(data, names, default_currency, where)
    return cost(type_name, data, lines, default_currency, where) if said is None else said


def _paid_back(
    data: Mapping[str, object], names: tuple[str, ...], lines: tuple[Item, ...], default_currency: str, where: str
) -> Money | None:
    """An amount, else what its lines cost; None when it names neither, which is all of the order. Raises BadInput."""
    name, raw = first_given(data, *names)
    if raw is None and not lines:
        return None
    currency = currency_code(data.get("currency"), default_currency, f"{where}currency")
    if raw is None:
        name, raw = "items", _sum(lines, where)
    return Money(-abs(minor_units(raw, currency, f"{where}{name}")), currency)


def cost(
    type_name: str, data: Mapping[str, object], lines: tuple[Item, ...], default_currency: str, where: str = ""
) -> Money | None:
    """What a purchase that says no total comes to: what its lines cost, never less than nothing. None when none has a price, and
    for an update, which may name one line of many. Raises BadInput."""
    if type_name != PURCHASE or all(one.price is None for one in lines):
        return None
    currency = currency_code(data.get("currency"), default_currency, f"{where}currency")
    return Money(max(0, minor_units(_sum(lines, where), currency, f"{where}items")), currency)


def _sum(lines: tuple[Item, ...], where: str) -> Decimal:
    return sum((amount(one.price, where) * one.quantity for one in lines if one.price is not None), Decimal(0))


def told_order(type_name: str, data: Mapping[str, object], *names: str, where: str = "") -> str | None:
    """The order that an event of this type tells of. Raises BadInput."""
    return label(data, *names, where=where) if type_name in OF_ORDERS else None


def money(raw: object, currency: str, where: str) -> Money:
    """What an order comes to, which is never negative. Raises BadInput naming `where`."""
    minor = minor_units(raw, currency, where)
    if minor < 0:
        raise BadInput(f"{where} is negative; an order's total is not, and a refund has its own event")
    return Money(minor, currency)


def visit(data: Mapping[str, object], received_at: datetime, where: str = "") -> Visit | None:
    """A store visit, when `check_in_at` is there. Raises BadInput when it ends before it begins."""
    _, begins = first_given(data, "check_in_at")
    if begins is None:
        return None
    check_in = parse_time(begins, f"{where}check_in_at", received_at)
    _, ends = first_given(data, "check_out_at")
    check_out = None if ends is None else parse_time(ends, f"{where}check_out_at", received_at)
    if check_out is not None and check_out < check_in:
        raise BadInput(f"{where}check_out_at lies before check_in_at; send the end of the visit, or leave it out")
    return Visit(
        store_id=label(data, "store_id", where=where),
        store_name=label(data, "store_name", where=where),
        check_in_at=check_in,
        check_out_at=check_out,
        detection_method=label(data, "detection_method", where=where),
    )


def item_properties(lines: tuple[Item, ...]) -> list[JsonObject]:
    """Items as the event's properties show them."""
    return [
        {
            "product_id": one.product_id,
            "product_name": one.name,
            "category": one.category,
            "price": one.price,
            "quantity": one.quantity,
        }
        for one in lines
    ]
