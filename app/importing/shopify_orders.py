"""Shopify's orders as its exports hold them, as bodies that its door takes: each order as it was placed, then its refunds. Pure.

Three forms: bodies of the REST Admin API, one a line; what a bulk operation of the GraphQL Admin API writes, with the lines of an
order nested or behind it; and the CSV that the admin pages export, with a row for each line of an order.
"""

import re
from collections.abc import Mapping, Sequence

from app.importing.records import BadRow, UnreadableFile
from app.sources.reading import JsonObject, hint

_PARENT = "__parentId"
_CAPITAL = re.compile(r"(?<=[a-z0-9])([A-Z])")
_TIME = re.compile(r"(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) ([+-]\d\d):?(\d\d)")
_NEEDED = ("Name", "Email", "Total", "Created at", "Lineitem name")
_REFUND = "gid://shopify/Refund/"


def child_of_order(order: JsonObject, row: JsonObject) -> bool:
    """Of a bulk operation: whether a row hangs below the order before it. It says its parent; what hangs below that one is here,
    too."""
    return _PARENT in row and _PARENT not in order


def bodies_of_order(rows: Sequence[JsonObject]) -> tuple[JsonObject, ...]:
    """An order and, of a bulk operation, the rows below it. Raises BadRow."""
    order, *below = rows
    if _PARENT in order:
        raise BadRow(
            f"it belongs to {order[_PARENT]}, which does not stand before it; run the bulk operation with groupObjects: true"
        )
    if not _is_graphql(order):
        return _with_refunds(order)
    lines, refunds = _nested(order, "lineItems"), _nested(order, "refunds")
    for row in below:
        if row[_PARENT] == order["id"]:
            (refunds if str(row.get("id")).startswith(_REFUND) else lines).append(row)
    body = _snake({name: value for name, value in order.items() if name not in ("lineItems", "refunds")})
    left, name = _amount(order, "currentTotalPriceSet"), _amount(order, "totalPriceSet")
    body |= {"currency": order.get("currencyCode") or name.get("currencyCode"), "line_items": [_line(one) for one in lines]}
    body |= {"total_price": name.get("amount"), "current_total_price": left.get("amount")}
    if customer := hint(order, "customer"):
        body["customer"] = _snake(customer) | _reached(customer)
    return _with_refunds({**body, "refunds": [_refund(one) for one in refunds]})


def _is_graphql(order: JsonObject) -> bool:
    return str(order.get("id", "")).startswith("gid://") and "line_items" not in order


def _with_refunds(order: JsonObject) -> tuple[JsonObject, ...]:
    """The order, and each refund that it tells of as a body of its own."""
    refunds = order.get("refunds")
    told = [one for one in refunds if isinstance(one, dict)] if isinstance(refunds, list) else []
    return (order, *({"order_id": order.get("id"), "refund_line_items": [], **one} for one in told))


def _nested(order: JsonObject, name: str) -> list[JsonObject]:
    """A connection's nodes, however it was asked for: `nodes`, `edges`, or a plain list."""
    found = order.get(name)
    if not isinstance(found, dict):
        return _objects(found)
    return _objects(found.get("nodes")) or _objects([edge.get("node") for edge in _objects(found.get("edges"))])


def _objects(given: object) -> list[JsonObject]:
    return [one for one in given if isinstance(one, dict)] if isinstance(given, list) else []


def _snake(value: object) -> JsonObject:
    """The same fields under the names that Shopify's older API has for them."""
    assert isinstance(value, dict)
    return {_older(name): _snake(one) if isinstance(one, dict) else one for name, one in value.items()}


def _older(name: str) -> str:
    return "country_code" if name == "countryCodeV2" else _CAPITAL.sub(r"_\1", name).lower()


def _amount(data: JsonObject, name: str) -> JsonObject:
    """In the shop's money."""
    return hint(hint(data, name), "shopMoney")


def _line(line: JsonObject) -> JsonObject:
    product = hint(line, "product")
    return {
        "product_id": product.get("id"),
        "title": line.get("title") or line.get("name"),
        "sku": line.get("sku"),
        "product_type": product.get("productType"),
        "quantity": line.get("quantity", 1),
        "price": _amount(line, "originalUnitPriceSet").get("amount"),
    }


def _refund(refund: JsonObject) -> JsonObject:
    paid = _amount(refund, "totalRefundedSet")
    back = {"kind": "refund", "status": "success", "amount": paid.get("amount", 0), "currency": paid.get("currencyCode")}
    return {"id": refund.get("id"), "created_at": refund.get("createdAt"), "transactions": [back]}


def _reached(customer: JsonObject) -> JsonObject:
    """The newer names of a customer's addresses."""
    mail, phone = hint(customer, "defaultEmailAddress"), hint(customer, "defaultPhoneNumber")
    told = {"email": mail.get("emailAddress"), "phone": phone.get("phoneNumber")}
    return {name: value for name, value in told.items() if value and not customer.get(name)}


def check_export(header: Sequence[str]) -> None:
    """Raises UnreadableFile when a CSV is not what the admin pages export."""
    missing = [name for name in _NEEDED if name not in header]
    if missing:
        raise UnreadableFile(
            f"it is no export of Shopify's orders: no column is called {', '.join(missing)}; export them from Orders"
        )


def same_order(first: JsonObject, row: JsonObject) -> bool:
    """Of the CSV: whether two rows are lines of one order."""
    return bool(first["Name"]) and first["Name"] == row["Name"]


def cells(row: Mapping[str, str]) -> tuple[JsonObject]:
    return ({name: cell.strip().removeprefix("'") for name, cell in row.items()},)


def bodies_of_export(rows: Sequence[JsonObject]) -> tuple[JsonObject, ...]:
    """An order of the CSV. It says how much was paid back, not by which refunds nor when. Raises BadRow."""
    first = {name: str(cell) for name, cell in rows[0].items()}
    number = first.get("Id") or first["Name"].removeprefix("#")
    if not number:
        raise BadRow("it has neither an Id nor a Name, so it is no order")
    billing = {
        "first_name": first.get("Billing Name", "").partition(" ")[0],
        "last_name": first.get("Billing Name", "").partition(" ")[2],
        "city": first.get("Billing City", ""),
        "country_code": first.get("Billing Country", ""),
    }
    body: JsonObject = {
        "id": number,
        "name": first["Name"],
        "email": first["Email"],
        "phone": first.get("Phone", ""),
        "currency": first.get("Currency", ""),
        "total_price": first["Total"],
        "financial_status": first.get("Financial Status", ""),
        "created_at": _time(first["Created at"]),
        "cancelled_at": _time(first.get("Cancelled at", "")),
        "buyer_accepts_marketing": {"yes": True, "no": False}.get(first.get("Accepts Marketing", "")),
        "tags": first.get("Tags", ""),
        "note": first.get("Notes", ""),
        "billing_address": billing,
        "line_items": [_cells_line(row) for row in rows if row["Lineitem name"]],
    }
    order = {name: value for name, value in body.items() if value not in ("", None)}
    back = first.get("Refunded Amount", "")
    if not back.strip("0."):
        return (order,)
    paid = {"kind": "refund", "status": "success", "amount": back, "currency": first.get("Currency") or None}
    return _with_refunds({**order, "refunds": [{"created_at": order.get("created_at"), "transactions": [paid]}]})


def _cells_line(row: JsonObject) -> JsonObject:
    names = {"title": "Lineitem name", "sku": "Lineitem sku", "price": "Lineitem price", "quantity": "Lineitem quantity"}
    return {name: cell for name, column in names.items() if (cell := row.get(column))}


def _time(text: str) -> str:
    """`2024-01-15 10:00:00 -0500`, as the export writes it, in ISO-8601."""
    return _TIME.sub(r"\1T\2\3:\4", text)
