"""Writes a Plan: one statement for its common part, a few more for what is rare (merges, reviews, judgements, imports)."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

import orjson
from neo4j import AsyncManagedTransaction

from app.domain.events import Event
from app.domain.identifiers import Identifier
from app.domain.judgements import Judgement
from app.domain.plan import Plan, Rewrite, StoredEvent, StoredImport
from app.domain.profiles import Merge, Profile, ReviewStatus, Standing
from app.graph.changes import write_changes
from app.graph.driver import rows
from app.graph.rows import Row, identifier_row, key, link_row, millis, profile_row, review_row
from app.graph.snapshots import snapshot

Held = Mapping[str, Collection[Identifier]]


async def write(
    tx: AsyncManagedTransaction, plan: Plan, brand_id: str, currency: str, parked: frozenset[str] = frozenset()
) -> None:
    """Writes everything of a plan inside `tx`. Ids that the rows name must be those `read_neighbourhood` locked.

    `parked` are ids of the plan's events that are stored already and were not resolved until now.
    """
    unparked = [_unparked_row(stored, brand_id) for stored in plan.events if stored.event.event_id in parked]
    if unparked:
        plan = replace(plan, events=tuple(stored for stored in plan.events if stored.event.event_id not in parked))
    held = await _held_before(tx, plan, brand_id)
    await rows(tx, "resolve/write", {"plan": _common(plan, brand_id, currency)})
    if unparked:
        await rows(tx, "resolve/unpark", {"plan": {"rows": unparked}})
    if plan.imports:
        await rows(tx, "resolve/imports", {"plan": {"rows": [_import_row(new, brand_id) for new in plan.imports]}})
    if plan.rewrite:
        await rows(tx, "resolve/rewrite", {"plan": _taken_back(plan, plan.rewrite, brand_id)})
    if plan.absorptions:
        moves = [
            {
                "gone": key(brand_id, gone.profile_id),
                "into": key(brand_id, gone.into),
                "survivor": key(brand_id, gone.survivor),
                "merge_id": gone.merge_id,
            }
            for gone in plan.absorptions
        ]
        await rows(tx, "resolve/absorb", {"plan": {"rows": moves}})
    if plan.merges:
        history = [_merge_row(merge, brand_id, currency, held) for merge in plan.merges]
        await rows(tx, "resolve/merges", {"plan": {"rows": history}})
    if plan.links or plan.reviews:
        await rows(tx, "resolve/reviews", {"plan": _waiting(plan, brand_id)})
    if plan.judgements:
        judged = [_judgement_row(judgement, brand_id) for judgement in plan.judgements]
        await rows(tx, "resolve/judgements", {"plan": {"rows": judged}})
    await write_changes(tx, plan, brand_id)


def _common(plan: Plan, brand_id: str, currency: str) -> dict[str, Any]:
    new = [profile for profile in plan.profiles if profile.profile_id in plan.founded]
    old = [profile for profile in plan.profiles if profile.profile_id not in plan.founded]
    visits = [row for stored in plan.events if (row := _visit_row(stored.event, brand_id))]
    return {
        "brand_id": brand_id,
        "founded": [_profile(profile, brand_id, currency) for profile in (*new, *plan.stillborn)],
        "profiles": [_profile(profile, brand_id, currency) for profile in old],
        "identifiers": [
            {
                "set": identifier_row(node, brand_id),
                "first_seen": [millis(node.first_seen)] if node.first_seen else [],
                "last_seen": [millis(node.last_seen)] if node.last_seen else [],
            }
            for node in plan.identifiers
            if node.first_seen or node.declared or node.standing is not Standing.BLOCKED
        ],
        "holds": [
            {"profile": key(brand_id, hold.profile_id), "identifier": key(brand_id, *hold.identifier)} for hold in plan.holds
        ],
        "events": [_event_row(stored, brand_id) for stored in plan.events],
        "visits": visits,
        "intents": [
            {
                "event": key(brand_id, intent.event_id),
                "set": {
                    "key": key(brand_id, intent.intent_id),
                    "brand_id": brand_id,
                    "intent_id": intent.intent_id,
                    "product_id": intent.product_id,
                    "product_name": intent.product_name,
                    "score": intent.score,
                    "status": intent.status,
                    "converted_by": intent.converted_by,
                },
            }
            for intent in plan.intents
        ],
        "closed": [
            {"key": key(brand_id, intent_id), "status": status, "converted_by": by}
            for intent_id, status, by in plan.closed_intents
        ],
    }


def _profile(profile: Profile, brand_id: str, currency: str) -> Row:
    assert profile.first_seen is not None
    assert profile.last_seen is not None
    return {
        "set": profile_row(profile, brand_id, currency),
        "created_at": millis(profile.created_at),
        "first_seen": millis(profile.first_seen),
        "last_seen": millis(profile.last_seen),
    }


def _event_row(stored: StoredEvent, brand_id: str) -> Row:
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
        "identifiers": [key(brand_id, *identifier) for identifier in event.identifiers],
    }


def _unparked_row(stored: StoredEvent, brand_id: str) -> Row:
    row = _event_row(stored, brand_id)
    names = ("clock", "matched", "outcome", "answered_profile_id", "merge_id", "review_id")
    return {"key": row["set"]["key"], "set": {name: row["set"][name] for name in names}, "profile": row["profile"]}


def facts_of(event: Event) -> str:
    """What a replay needs of an event beside its identifiers and value, as JSON text."""
    visit = event.visit
    return orjson.dumps(
        {
            "items": [[item.product_id, item.name, item.category, item.price, item.quantity] for item in event.items],
            "attributes": event.attributes,
            "visit": visit and [visit.store_id, visit.store_name, visit.check_in_at, visit.check_out_at, visit.detection_method],
        }
    ).decode()


def _visit_row(event: Event, brand_id: str) -> Row | None:
    visit = event.visit
    if visit is None:
        return None
    return {
        "event": key(brand_id, event.event_id),
        "check_in_at": millis(visit.check_in_at),
        "check_out_at": [millis(visit.check_out_at)] if visit.check_out_at else [],
        "set": {
            "brand_id": brand_id,
            "visit_id": event.event_id,
            "store_id": visit.store_id,
            "store_name": visit.store_name,
            "duration_minutes": visit.duration_minutes,
            "detection_method": visit.detection_method,
        },
    }


def _import_row(stored: StoredImport, brand_id: str) -> Row:
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


def _taken_back(plan: Plan, rewrite: Rewrite, brand_id: str) -> dict[str, Any]:
    """What stood before a replay and stands no more."""
    return {
        "moved": [
            {
                "event": key(brand_id, one.event_id),
                "profile": [key(brand_id, one.profile_id)] if one.profile_id else [],
                "matched": one.matched,
                "merge_id": one.moved_by,
            }
            for one in rewrite.moved
        ],
        "let_go": [{"profile": key(brand_id, h.profile_id), "identifier": key(brand_id, *h.identifier)} for h in rewrite.let_go],
        "revived": [key(brand_id, profile_id) for profile_id in rewrite.revived],
        "led": [
            {
                "gone": key(brand_id, one.profile_id),
                "into": [key(brand_id, one.into)] if one.into else [],
                "merge_id": one.merge_id,
            }
            for one in rewrite.led
        ],
        "unmade": [key(brand_id, merge_id) for merge_id in rewrite.unmade],
        "links": [key(brand_id, link_id) for link_id in rewrite.dropped_links],
        "intents": [key(brand_id, intent_id) for intent_id in rewrite.dropped_intents],
        "at": millis(rewrite.at),
        "because": rewrite.because,
    }


def _waiting(plan: Plan, brand_id: str) -> dict[str, Any]:
    return {
        "links": [{"set": link_row(link, brand_id), "opened_at": millis(link.opened_at)} for link in plan.links],
        "reviews": [
            {
                "set": review_row(review, brand_id),
                "created_at": millis(review.created_at),
                "candidates": [key(brand_id, i) for i in sorted(review.profile_ids)]
                if review.status is ReviewStatus.PENDING
                else [],
                "links": [key(brand_id, link_id) for link_id in sorted(review.link_ids)],
            }
            for review in plan.reviews
        ],
    }


def _merge_row(merge: Merge, brand_id: str, currency: str, held: Held) -> Row:
    return {
        "set": {
            "key": key(brand_id, merge.merge_id),
            "brand_id": brand_id,
            **merge_properties(merge, currency, held),
            "before_sets": [f"{profile.profile_id}|{old}" for profile in merge.before for old in sorted(profile.constituents)],
        },
        "decided_at": millis(merge.decided_at),
        "base": key(brand_id, merge.base_id),
        "absorbed": [key(brand_id, profile_id) for profile_id in merge.absorbed_ids],
    }


def merge_properties(merge: Merge, currency: str, held_now: Held) -> Row:
    """What people read of a merge."""
    held = held_now if merge.held is None else merge.held
    ours = {identifier for profile in merge.before for identifier in held.get(profile.profile_id, ())}
    before = [snapshot(profile, held.get(profile.profile_id, ()), currency) for profile in merge.before]
    return {
        "merge_id": merge.merge_id,
        "reason": merge.reason,
        "base_profile_id": merge.base_id,
        "merged_profile_ids": list(merge.absorbed_ids),
        "because": merge.because,
        "decided_by": merge.decided_by,
        "note": merge.note,
        "rule_version": merge.rule_version,
        "before": orjson.dumps(before).decode(),
        "after": orjson.dumps(snapshot(merge.after, ours, currency)).decode(),
    }


def _judgement_row(judgement: Judgement, brand_id: str) -> Row:
    return {
        "set": {
            "key": key(brand_id, judgement.judgement_id),
            "brand_id": brand_id,
            "judgement_id": judgement.judgement_id,
            "kind": judgement.kind.value,
            "reason": judgement.reason,
            "note": judgement.note,
            "decided_by": judgement.decided_by,
            "review_id": judgement.review_id,
            "clock": judgement.clock,
        },
        "decided_at": millis(judgement.decided_at),
        "profiles": [
            {"key": key(brand_id, profile_id), "side": number}
            for number, side in enumerate(judgement.sides)
            for profile_id in sorted(side.profile_ids)
        ],
        "identifiers": [
            {"key": key(brand_id, *identifier), "side": number}
            for number, side in enumerate(judgement.sides)
            for identifier in sorted(side.identifiers)
        ],
    }


async def _held_before(tx: AsyncManagedTransaction, plan: Plan, brand_id: str) -> Held:
    """What the profiles of each merge held before it, for the snapshots that people read."""
    ids: Iterable[str] = {profile.profile_id for merge in plan.merges if merge.held is None for profile in merge.before}
    if not ids:
        return {}
    found = await rows(tx, "resolve/held", {"touched": {"profiles": [key(brand_id, profile_id) for profile_id in sorted(ids)]}})
    return {row["profile_id"]: [Identifier(*pair) for pair in row["identifiers"]] for row in found}
