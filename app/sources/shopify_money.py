"""What Shopify says of an order's money, in the shop's own currency: what it comes to, and what of it was paid back.

A refund's transactions are in the currency that the buyer paid in, an order's totals in the shop's: the refund tells both of
its lines. `amount_set` and the like hold an amount in each.
"""

from decimal import Decimal
from typing import NamedTuple

from app.domain.errors import BadInput
from app.domain.events import ORDER_UPDATED, PURCHASE, Money
from app.domain.money import amount, currency_code, minor_units
from app.sources.commerce import money, total
from app.sources.reading import JsonObject, first_given, hint, laid_over, obj, objects, says_nothing

TOTALS = ("total_price", "total_spent", "total", "current_total_price")
_LEFT = "current_total_price"
_IN_BOTH = (
    ("refund_line_items", ("subtotal_set", "total_tax_set")),
    ("refund_shipping_lines", ("subtotal_amount_set",)),
    ("order_adjustments", ("amount_set", "tax_amount_set")),
)


class Rate(NamedTuple):
    """The same amount as the shop has it, and as the buyer paid it."""

    shop: Decimal
    shop_currency: object
    paid: Decimal
    paid_currency: object


def order_total(type_name: str, body: JsonObject, default_currency: str) -> Money | None:
    """What an order comes to before anything of it is paid back, for each refund is an event of its own. Raises BadInput.

    `current_total_price` is what edits and returns left of it: with what was paid back added that is what an exchange or a
    line taken away unpaid left, also of an order that is told of first when all that has happened. Never more than it would be
    without any: what was paid back of no line was not taken off.
    """
    placed = _placed(body, default_currency)
    if type_name not in (PURCHASE, ORDER_UPDATED) or (left := total(body, (_LEFT,), default_currency)) is None:
        return placed
    given = sum(_given(refund, left.currency, place) for place, refund in enumerate(objects(body, "refunds")))
    most = placed.minor if placed is not None and placed.currency == left.currency else left.minor
    return Money(max(left.minor, min(left.minor + given, most)), left.currency)


def _placed(body: JsonObject, default_currency: str) -> Money | None:
    shop = obj(obj(body, "total_price_set"), "shop_money", "total_price_set.")
    _, raw = first_given(shop, "amount")
    if raw is None:
        return total(body, TOTALS, default_currency)
    currency = currency_code(shop.get("currency_code") or body.get("currency"), default_currency, "currency_code")
    return money(raw, currency, "total_price_set.shop_money.amount")


def _given(refund: JsonObject, currency: str, place: int) -> int:
    """What a refund took off an order and its shop gave the buyer, or kept (lines that came back for less than they cost)."""
    where = f"refunds[{place}]."
    back = paid_back(refund, currency, where)
    kept = 0
    for number, one in enumerate(objects(refund, "order_adjustments", where)):
        if one.get("kind") == "refund_discrepancy":
            raw = laid_over(_shop_money(one), one).get("amount")
            kept += max(0, minor_units(raw, currency, f"{where}order_adjustments[{number}].amount"))
    return kept - back.minor if back.currency == currency else kept


def paid_back(refund: JsonObject, default_currency: str, where: str = "") -> Money:
    """The sum of a refund's successful transactions, negative. Raises BadInput when they are of several currencies."""
    rate = _rate(refund, where)
    minor, currencies = 0, set()
    for place, one in enumerate(objects(refund, "transactions", where)):
        if one.get("kind") == "refund" and one.get("status") == "success" and one.get("test") is not True:
            at = f"{where}transactions[{place}]."
            raw, code = _in_shop_currency(one, rate, at)
            currency = currency_code(code, default_currency, f"{at}currency")
            minor += abs(minor_units(raw, currency, f"{at}amount"))
            currencies.add(currency)
    if len(currencies) > 1:
        raise BadInput(f"the transactions of one refund are in {', '.join(sorted(currencies))}; send one refund for each")
    nothing = currency_code(rate.shop_currency if rate else None, default_currency, "currency_code")
    return Money(-minor, currencies.pop() if currencies else nothing)


def _in_shop_currency(transaction: JsonObject, rate: Rate | None, where: str) -> tuple[object, object]:
    """Amount and currency of a transaction, changed at the rate of its refund."""
    raw, code = transaction.get("amount"), transaction.get("currency")
    shop = _shop_money(transaction)
    if not says_nothing(shop.get("amount")):
        raw, code = shop["amount"], shop.get("currency_code", code)
    if rate is None or not rate.paid or code != rate.paid_currency or code == rate.shop_currency:
        return raw, code
    return amount(raw, f"{where}amount") * rate.shop / rate.paid, rate.shop_currency


def _rate(refund: JsonObject, where: str) -> Rate | None:
    """All that a refund tells in both currencies, added up: amounts of single lines are rounded. None when it tells nothing."""
    both = [hint(one, name) for group, names in _IN_BOTH for one in objects(refund, group, where) for name in names]
    pairs = [(hint(one, "shop_money"), hint(one, "presentment_money")) for one in both]
    told = [pair for pair in pairs if all(first_given(one, "amount")[1] is not None for one in pair)]
    if not told:
        return None
    shop, paid = (sum(abs(amount(one["amount"], f"{where}amount")) for one in side) for side in zip(*told, strict=True))
    return Rate(Decimal(shop), told[0][0].get("currency_code"), Decimal(paid), told[0][1].get("currency_code"))


def _shop_money(data: JsonObject) -> JsonObject:
    return hint(hint(data, "amount_set"), "shop_money")
