"""A person as they stood at a moment, in the words of today's profile and 360 view."""

from collections.abc import Iterable, Mapping
from typing import Any

from app.domain.events import REFUND, Event, ProfileImport
from app.domain.orders import AS_IT_CAME, reckoned
from app.domain.past import Past
from app.graph.driver import Graph
from app.graph.learnt import learnt_view
from app.graph.messages import campaign_by, campaign_view, execution_by, execution_view
from app.graph.past import parameters
from app.graph.past_merges import merges_then
from app.graph.provenance import Said, golden_with_others, said_by
from app.graph.rows import Row, key, millis, profile_row, profile_times
from app.graph.views import event_view, intent_view, merge_view, order_view, profile_view, visit_view
from app.graph.whole import Vanished
from app.graph.write_evidence import facts_of, intent_facts, visit_facts

Told = Mapping[str, Mapping[str, Any]]
Own = list[tuple[int, Event]]


def profile_then(past: Past, asked: str, currency: str) -> Row:
    """The profile of who answered for `asked`."""
    profile = past.then.profiles[past.person]
    shown = profile_view(
        {
            **profile_row(profile, past.whole.brand_id, currency),
            **profile_times(profile),
            "held": [
                [*node.identifier, millis(node.first_seen), millis(node.last_seen), node.source]
                for node in past.then.identifiers.values()
                if past.person in node.holders
            ],
        }
    )
    return shown if past.person == asked else {**shown, "merged_from": asked}


def provenance_then(past: Past, shown: Row) -> Row:
    """As `with_provenance`, from the entries by then."""
    said: list[Said] = []
    for _, entry in past.log:
        if isinstance(entry, Event) and past.then.homes[entry.event_id].profile_id == past.person:
            said += said_by(entry.attributes, millis(entry.occurred_at), entry.event_id, entry.source)
        elif isinstance(entry, ProfileImport) and past.then.find(entry.profile_id) == past.person:
            said += said_by(entry.attributes, millis(entry.created_at), entry.profile_id, entry.source)
    return {**shown, "attributes": golden_with_others(past.then.profiles[past.person].attributes, said, {})}


async def three_sixty_then(graph: Graph, past: Past, asked: str, currency: str, limit: int) -> Row:
    """All that was known of who answered for `asked`. At most `limit` entries a list, the newest first. Raises Vanished."""
    brand_id = past.whole.brand_id
    own = [(clock, entry) for clock, entry in past.log if isinstance(entry, Event) and _is_theirs(past, entry)]
    own.sort(key=lambda row: (-millis(row[1].occurred_at), -row[0], row[1].event_id))
    told = await told_of(graph, brand_id, (event.event_id for _, event in own[:limit]))
    ids = sorted(one for one in past.whole.issued if past.then.find(one) == past.person)
    asked_for = {"profiles": [key(brand_id, one) for one in ids], "limit": limit, **parameters(past.when)}
    (made,) = await graph.read("past/messages", touched=asked_for)
    (learnt,) = await graph.read("past/learnt", touched={"profile": key(brand_id, past.person), **parameters(past.when)})
    return {
        "profile": profile_then(past, asked, currency),
        "events": [event_view(_event_row(past, event, told)) for _, event in own[:limit]],
        "events_total": len(own),
        "orders": [order_view(_with_life(past, event)) for _, event in own if event.is_purchase][:limit],
        "store_visits": _visits(own, limit),
        "product_intents": _intents(past, own, limit),
        "merge_history": [merge_view(row) for row in (await merges_then(graph, past, currency)) if _made(past, row)][:limit],
        "automation_executions": [execution_view(execution_by(past.when, row)) for row in made["executions"]],
        "campaign_executions": [campaign_view(campaign_by(past.when, row)) for row in made["campaigns"]],
        **learnt_view(learnt),
    }


def _is_theirs(past: Past, event: Event) -> bool:
    return past.then.homes[event.event_id].profile_id == past.person


def _made(past: Past, merge: Row) -> bool:
    return past.then.find(merge["base_profile_id"]) == past.person


async def told_of(graph: Graph, brand_id: str, event_ids: Iterable[str]) -> Told:
    """Raises Vanished for an event that is no more."""
    keys = [key(brand_id, event_id) for event_id in event_ids]
    told = {row["event"]["event_id"]: row["event"] for row in await graph.read("past/told", touched={"events": keys})}
    if len(told) < len(keys):
        raise Vanished
    return told


def answer_row(past: Past, event_id: str, told: Told) -> Row:
    """What the event's sender was told: what they heard, unless less evidence gives another answer."""
    answer = past.answer(event_id)
    if answer is None:
        return {name: told[event_id][name] for name in ("outcome", "merge_id", "review_id")}
    return {"outcome": answer.outcome.value, "merge_id": answer.merge_id, "review_id": answer.review_id}


def _event_row(past: Past, event: Event, told: Told) -> Row:
    return {
        **_order_row(event),
        **answer_row(past, event.event_id, told),
        "type": event.type,
        "received_at": millis(event.received_at),
        "moved_by": past.home(event.event_id).moved_by,
        "identifiers": event.identifiers,
        "properties": told[event.event_id]["properties"],
        "backfill": event.backfill,
    }


def _order_row(event: Event) -> Row:
    return {
        "event_id": event.event_id,
        "source": event.source,
        "order_id": event.order_id,
        "value_minor": event.total.minor if event.total else None,
        "currency": event.total.currency if event.total else None,
        "facts": facts_of(event),
        "occurred_at": millis(event.occurred_at),
    }


def _with_life(past: Past, event: Event) -> Row:
    """An order with what had been told of it by then."""
    told = past.then.orders.get(event.order, ()) if event.order else ()
    counted = reckoned(told)
    found = counted.get(event.event_id, AS_IT_CAME)
    back = [counted.get(one.event_id, AS_IT_CAME).revised or one.total for one in told if one.type == REFUND]
    return {
        **_order_row(event),
        "revised_minor": found.revised.minor if found.revised else None,
        "revised_currency": found.revised.currency if found.revised else None,
        "cancelled_at": millis(found.cancelled_at),
        "refunds": [(one.currency, one.minor) for one in back if one is not None],
    }


def _visits(own: Own, limit: int) -> list[Row]:
    rows: list[Row] = [
        {
            **visit_facts(event.event_id, event.visit),
            "event_id": event.event_id,
            "check_in_at": millis(event.visit.check_in_at),
            "check_out_at": millis(event.visit.check_out_at),
        }
        for _, event in own
        if event.visit is not None
    ]
    rows.sort(key=lambda row: (-row["check_in_at"], row["visit_id"]))
    return [visit_view(row) for row in rows[:limit]]


def _intents(past: Past, own: Own, limit: int) -> list[Row]:
    places = {event.event_id: (place, event) for place, (_, event) in enumerate(own)}
    shown = [(places[intent.event_id], intent) for intent in past.then.intents.values() if intent.event_id in places]
    shown.sort(key=lambda row: (row[0][0], row[1].intent_id))
    return [
        intent_view({**intent_facts(intent), "event_id": intent.event_id, "shown_at": millis(event.occurred_at)})
        for (_, event), intent in shown[:limit]
    ]
