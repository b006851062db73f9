"""Rows of the read statements as the API shows them: times as aware UTC, money in major units beside its currency."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from app.domain.money import major
from app.graph.rows import Row, attributes_from, moment, spend_from


def profile_view(row: Mapping[str, Any]) -> Row:
    """A profile as the contract lists it. `identifiers` has one value a type: the one seen last, else the smallest."""
    held = sorted(row["held"], key=lambda one: (one[0], one[1]))
    primary: dict[str, tuple[int, str]] = {}
    for type_name, value, _, last_seen, _ in held:
        rank = last_seen or 0
        if type_name not in primary or rank > primary[type_name][0]:
            primary[type_name] = (rank, value)
    currency = row["currency"]
    return {
        "profile_id": row["profile_id"],
        "identifiers": {type_name: value for type_name, (_, value) in primary.items()},
        "all_identifiers": [
            {
                "type": type_name,
                "value": value,
                "first_seen": moment(first_seen),
                "last_seen": moment(last_seen),
                "source": source,
            }
            for type_name, value, first_seen, last_seen, source in held
        ],
        "profile_strength": row["profile_strength"],
        "lifetime_value": major(row["lifetime_value_minor"], currency),
        "currency": currency,
        "lifetime_values": {name: major(minor, name) for name, minor in spend_from(row["spend"])},
        "total_orders": row["total_orders"],
        "merged_profile_ids": row["absorbed"],
        "created_at": moment(row["created_at"]),
        "first_seen": moment(row["first_seen"]),
        "last_seen": moment(row["last_seen"]),
        "attributes": {attribute.name: attribute.value for attribute in attributes_from(row["attributes"])},
    }


def event_view(row: Mapping[str, Any]) -> Row:
    """An event as a person's history shows it. `moved_by` is the merge that brought it here, if one did; `backfill` stands at
    those alone that were brought in after the fact."""
    return {
        "event_id": row["event_id"],
        "type": row["type"],
        "source": row["source"],
        "occurred_at": moment(row["occurred_at"]),
        "received_at": moment(row["received_at"]),
        "outcome": row["outcome"],
        "merge_id": row["merge_id"],
        "review_id": row["review_id"],
        "moved_by": row["moved_by"],
        "order_id": row["order_id"],
        "value": amount(row),
        "currency": row["currency"],
        "identifiers": carried_view(row["identifiers"]),
        "properties": orjson.loads(row["properties"]),
        **({"backfill": True} if row.get("backfill") else {}),
    }


def order_view(row: Mapping[str, Any]) -> Row:
    """An order with its lines; `price` is per unit. `total` is what it comes to by the last word on it, refunds not taken off;
    `status` is one of placed, partially_refunded, refunded, cancelled."""
    items = orjson.loads(row["facts"])["items"]
    revised = row["revised_currency"] is not None
    minor, currency = (row["revised_minor"], row["revised_currency"]) if revised else (row["value_minor"], row["currency"])
    refunded = -sum(back for name, back in row["refunds"] if name == currency and back is not None)
    return {
        "order_id": row["order_id"],
        "status": _order_status(minor, refunded, row["cancelled_at"]),
        "total": _in_major(minor, currency),
        "refunded": _in_major(refunded, currency),
        "cancelled_at": moment(row["cancelled_at"]),
        "currency": currency,
        "items": [_item_view(item) for item in items],
        "occurred_at": moment(row["occurred_at"]),
        "event_id": row["event_id"],
        "source": row["source"],
    }


def _order_status(minor: int | None, refunded: int, cancelled_at: int | None) -> str:
    if cancelled_at is not None:
        return "cancelled"
    if not refunded:
        return "placed"
    return "refunded" if refunded >= (minor or 0) else "partially_refunded"


def _item_view(item: Sequence[Any]) -> Row:
    product_id, name, category, price, quantity = item
    return {
        "product_id": product_id,
        "product_name": name,
        "category": category,
        "price": None if price is None else float(price),
        "quantity": quantity,
    }


def visit_view(row: Mapping[str, Any]) -> Row:
    return {
        "visit_id": row["visit_id"],
        "event_id": row["event_id"],
        "store_id": row["store_id"],
        "store_name": row["store_name"],
        "check_in_at": moment(row["check_in_at"]),
        "check_out_at": moment(row["check_out_at"]),
        "duration_minutes": row["duration_minutes"],
        "detection_method": row["detection_method"],
    }


def intent_view(row: Mapping[str, Any]) -> Row:
    return {
        "intent_id": row["intent_id"],
        "product_id": row["product_id"],
        "product_name": row["product_name"],
        "score": row["score"],
        "status": row["status"],
        "event_id": row["event_id"],
        "shown_at": moment(row["shown_at"]),
        "converted_by": row["converted_by"],
    }


def merge_view(row: Mapping[str, Any]) -> Row:
    """One act of merging: what was, what became, who decided and because of what (an event, or a judgement)."""
    return {
        "merge_id": row["merge_id"],
        "reason": row["reason"],
        "base_profile_id": row["base_profile_id"],
        "merged_profile_ids": row["merged_profile_ids"],
        "before": orjson.loads(row["before"]),
        "after": orjson.loads(row["after"]),
        "decided_by": row["decided_by"],
        "decided_at": moment(row["decided_at"]),
        "undone_at": moment(row["undone_at"]),
        "undone_because": row["undone_because"],
        "because": row["because"],
        "note": row["note"],
    }


def review_view(row: Mapping[str, Any]) -> Row:
    """A review and who is in it: while pending those who wait now, afterwards those whom the decision was about.

    `event_id` is the event that opened it; null when an admin asked for the merge, as in a link that an admin drew.
    `structure` is filled in where one review is looked at.
    """
    profiles = [profile_view(profile) for profile in row["profiles"]]
    pending = row["status"] == "pending"
    links = sorted(row["links"], key=lambda link: (link[4], link[0]))
    events = {link_id for link_id, *_, by_event in links if by_event}
    return {
        "review_id": row["review_id"],
        "version": row["version"],
        "status": row["status"],
        "reason": row["reason"],
        "rule": next((rule for link_id, rule, *_ in links if link_id == row["event_id"]), None),
        "profile_ids": [profile["profile_id"] for profile in profiles] if pending else row["profile_ids"],
        "profiles": profiles,
        "event_id": row["event_id"] if row["event_id"] in events else None,
        "created_at": moment(row["created_at"]),
        "links": [
            {
                "event_id": link_id if by_event else None,
                "rule": rule,
                "reason": reason,
                "profile_ids": ids,
                "opened_at": moment(opened_at),
            }
            for link_id, rule, reason, ids, opened_at, by_event in links
        ],
        "structure": None,
    }


def carried_view(identifiers: list[list[str]]) -> list[Row]:
    return [{"type": type_name, "value": value} for type_name, value in sorted(identifiers)]


def amount(row: Mapping[str, Any]) -> float | None:
    """An event's value in major units, None when it has none."""
    return _in_major(row["value_minor"], row["currency"])


def _in_major(minor: int | None, currency: str | None) -> float | None:
    return None if minor is None or currency is None else major(minor, currency)
