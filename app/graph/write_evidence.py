"""Evidence as rows to write: events with their visits and intents, and imports."""

import orjson

from app.domain.events import Event, Visit
from app.domain.orders import Reckoning
from app.domain.plan import Intent, Outcome, StoredEvent, StoredImport
from app.graph.rows import Row, key, millis


def event_row(stored: StoredEvent, brand_id: str) -> Row:
    event, answer = stored.event, stored.answer
    properties = {
        "key": key(brand_id, event.event_id),
        "brand_id": brand_id,
        "event_id": event.event_id,
        "delivery_id": event.delivery_id,
        "source": event.source,
        "type": event.type,
        "clock": stored.clock,
        "matched": stored.matched,
        "outcome": answer.outcome.value,
        "answered_profile_id": answer.profile_id,
        "merge_id": answer.merge_id,
        "review_id": answer.review_id,
        "request_id": event.request_id,
        "order_id": event.order_id,
        "revision": event.revision or None,
        "backfill": event.backfill or None,
        "value_minor": event.total.minor if event.total else None,
        "currency": event.total.currency if event.total else None,
        "facts": facts_of(event),
        "properties": event.properties,
        "raw": event.raw,
    }
    return {
        "set": properties,
        "occurred_at": millis(event.occurred_at),
        "received_at": millis(event.received_at),
        "profile": [key(brand_id, stored.profile_id)] if stored.profile_id else [],
        "moved_by": stored.moved_by,
        "identifiers": [key(brand_id, *identifier) for identifier in event.identifiers],
        # What is parked tells of nothing yet.
        "order": [key(brand_id, *event.order)] if event.order and answer.outcome is not Outcome.PARKED else [],
    }


def reckoned_row(event_id: str, found: Reckoning, brand_id: str) -> Row:
    return {
        "event": key(brand_id, event_id),
        "cancelled_at": [millis(found.cancelled_at)] if found.cancelled_at else [],
        "revised_minor": found.revised.minor if found.revised else None,
        "revised_currency": found.revised.currency if found.revised else None,
        "revised_at": [millis(found.revised_at)] if found.revised_at else [],
    }


def unparked_row(stored: StoredEvent, brand_id: str) -> Row:
    row = event_row(stored, brand_id)
    names = ("clock", "matched", "outcome", "answered_profile_id", "merge_id", "review_id")
    told = {name: row["set"][name] for name in names}
    return {"key": row["set"]["key"], "set": told, "profile": row["profile"], "moved_by": row["moved_by"], "order": row["order"]}


def facts_of(event: Event) -> str:
    """What a replay needs of an event beside its identifiers and value, as JSON text."""
    visit = event.visit
    return orjson.dumps(
        {
            "items": [[item.product_id, item.name, item.category, item.price, item.quantity] for item in event.items],
            "attributes": event.attributes,
            "visit": visit and [visit.store_id, visit.store_name, visit.check_in_at, visit.check_out_at, visit.detection_method],
            **({"joins": True} if event.joins else {}),
        }
    ).decode()


def visit_row(event: Event, brand_id: str) -> Row | None:
    visit = event.visit
    if visit is None:
        return None
    return {
        "event": key(brand_id, event.event_id),
        "check_in_at": millis(visit.check_in_at),
        "check_out_at": [millis(visit.check_out_at)] if visit.check_out_at else [],
        "set": {"brand_id": brand_id, **visit_facts(event.event_id, visit)},
    }


def visit_facts(visit_id: str, visit: Visit) -> Row:
    """A visit without its times."""
    return {
        "visit_id": visit_id,
        "store_id": visit.store_id,
        "store_name": visit.store_name,
        "duration_minutes": visit.duration_minutes,
        "detection_method": visit.detection_method,
    }


def intent_row(intent: Intent, brand_id: str) -> Row:
    return {
        "event": key(brand_id, intent.event_id),
        "set": {"key": key(brand_id, intent.intent_id), "brand_id": brand_id, **intent_facts(intent)},
    }


def intent_facts(intent: Intent) -> Row:
    return {
        "intent_id": intent.intent_id,
        "product_id": intent.product_id,
        "product_name": intent.product_name,
        "score": intent.score,
        "status": intent.status,
        "converted_by": intent.converted_by,
    }


def import_row(stored: StoredImport, brand_id: str) -> Row:
    new = stored.imported
    return {
        "set": {
            "key": key(brand_id, new.profile_id),
            "brand_id": brand_id,
            "profile_id": new.profile_id,
            "source": new.source,
            "clock": stored.clock,
            "lifetime_value_minor": new.lifetime_value.minor,
            "currency": new.lifetime_value.currency,
            "total_orders": new.total_orders,
            "attributes": orjson.dumps(new.attributes).decode(),
            "fingerprint": new.fingerprint,
            "request_id": new.request_id,
        },
        "created_at": millis(new.created_at),
        "received_at": millis(new.received_at),
        "profile": key(brand_id, new.profile_id),
        "identifiers": [key(brand_id, *identifier) for identifier in new.identifiers],
    }
