"""Reads the part of the graph that a batch touches, under lock. The order of locks is the cypher file's."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from neo4j import AsyncManagedTransaction

from app.domain.errors import Unavailable
from app.domain.events import OrderKey
from app.domain.identifiers import Identifier
from app.domain.plan import Answer, Known, Outcome
from app.domain.profiles import Profile
from app.domain.state import State
from app.graph.driver import rows
from app.graph.rows import identifier_state_from, key, link_from, profile_from, review_from, told_from

# Each pass locks what the one before it found; more than a few means that others keep merging these very people.
MAX_PASSES = 6
NOTHING = {(None, None)}  # how a node that is deleted reads


@dataclass(frozen=True, slots=True)
class Touched:
    """What a batch touches: linkable and blocked identifiers, profiles asked for by id, the orders that it tells of, and ids
    that may be stored already."""

    linkable: tuple[Identifier, ...] = ()
    blocked: tuple[Identifier, ...] = ()
    profile_ids: tuple[str, ...] = ()
    orders: tuple[OrderKey, ...] = ()
    event_ids: tuple[str, ...] = ()
    import_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """The state under lock, the version of the rules in force, and of imports that exist already: (fingerprint, request
    id), None for a profile not imported. `erased` are profiles that were stored once, and of which nothing is kept."""

    state: State
    imported: dict[str, tuple[str | None, str | None]]
    rules: str
    erased: frozenset[str] = frozenset()


async def read_neighbourhood(tx: AsyncManagedTransaction, brand_id: str, touched: Touched) -> Neighbourhood:
    """Locks and reads until nothing new turns up. Raises Unavailable when it keeps growing (a later try will do)."""
    parameters = {
        "brand_id": brand_id,
        "identifiers": _sorted(brand_id, touched.linkable),
        "blocked": _sorted(brand_id, touched.blocked),
        "profiles": sorted(key(brand_id, profile_id) for profile_id in set(touched.profile_ids)),
        "orders": [{"key": key(brand_id, *order), **order._asdict()} for order in sorted(set(touched.orders))],
        "events": [key(brand_id, event_id) for event_id in touched.event_ids],
        "imports": [key(brand_id, profile_id) for profile_id in touched.import_ids],
    }
    for _ in range(MAX_PASSES):
        (row,) = await rows(tx, "resolve/neighbourhood", {"touched": parameters})
        if not _all_there(row, parameters):
            continue
        locked = {profile["profile_id"] for profile in row["profiles"]}
        buyers = {told["profile_id"] for order in row["orders"] for told in order["told"]} - {None}
        if buyers <= locked and all(holder in locked for node in row["identifiers"] for holder in node["holders"]):
            return await _understood(tx, brand_id, row)
    raise Unavailable("these people are being merged by others at this very moment; try again")


async def without_made(tx: AsyncManagedTransaction, state: State, looked_at: Touched) -> State:
    """What was found by a look, and erased before its lock was there, was made anew by the lock: nothing of that may stay, nor
    be locked again with the rest of the state."""
    nodes = {key(state.brand_id, *one): node for one in set(looked_at.linkable) if (node := state.identifiers.get(one))}
    made = [one for one, node in nodes.items() if node.first_seen is None and node.declared is None]
    empty = {key(state.brand_id, *order): order for order in set(looked_at.orders) if not state.orders.get(order)}
    gone = await let_go(tx, made, empty)
    unsaid, untold = {nodes[one].identifier for one in gone["identifiers"]}, {empty[one] for one in gone["orders"]}
    return replace(
        state,
        identifiers={one: node for one, node in state.identifiers.items() if one not in unsaid},
        orders={order: told for order, told in state.orders.items() if order not in untold},
    )


async def let_go(tx: AsyncManagedTransaction, identifiers: Iterable[str], orders: Iterable[str] = ()) -> dict[str, list[str]]:
    """Of identifiers and orders, by key, that were locked for what is not stored: nothing stays of those that nothing names,
    which this gives."""
    touched = {"identifiers": sorted(identifiers), "orders": sorted(orders)}
    if not any(touched.values()):
        return touched
    (row,) = await rows(tx, "resolve/unsaid", {"touched": touched})
    return row


def _all_there(row: dict[str, Any], asked: dict[str, Any]) -> bool:
    """Whether all that was asked for is there. What was found, and erased by whoever held its lock, is not; Neo4j takes it for no
    error to write to it. Whoever looks again makes it anew."""
    identifiers = {(one["type"], one["value"]) for one in row["identifiers"]}
    orders = {(one["source"], one["order_id"]) for one in row["orders"]}
    return len(identifiers - NOTHING) == len(asked["identifiers"]) and len(orders - NOTHING) == len(asked["orders"])


async def _understood(tx: AsyncManagedTransaction, brand_id: str, row: dict[str, Any]) -> Neighbourhood:
    profiles = {profile["profile_id"]: profile_from(profile) for profile in row["profiles"]}
    identifiers = {node.identifier: node for node in map(identifier_state_from, row["identifiers"])}
    waiting = [key(brand_id, profile["profile_id"]) for profile in row["profiles"] if profile["waits"]]
    state = State(
        brand_id=brand_id,
        identifiers=identifiers,
        profiles=profiles,
        known={event["event_id"]: _known(event) for event in row["events"]},
        orders={OrderKey(order["source"], order["order_id"]): tuple(map(told_from, order["told"])) for order in row["orders"]},
    )
    if waiting:
        state = await _with_reviews(tx, state, waiting)
    imported = {made["profile_id"]: (made["fingerprint"], made["request_id"]) for made in row["imports"]}
    erased = frozenset(made["profile_id"] for made in row["imports"] if made["erased"])
    return Neighbourhood(state, imported, row["rules"], erased)


async def _with_reviews(tx: AsyncManagedTransaction, state: State, waiting: Iterable[str]) -> State:
    asked = set(waiting)
    while True:
        (row,) = await rows(tx, "resolve/waiting", {"touched": {"brand_id": state.brand_id, "profiles": sorted(asked)}})
        elsewhere = {key(state.brand_id, member["profile_id"]) for member in row["members"] if member["waits_elsewhere"]}
        if elsewhere <= asked:
            break
        asked |= elsewhere
    members: dict[str, Profile] = {member["profile_id"]: profile_from(member) for member in row["members"]}
    return replace(
        state,
        profiles={**members, **state.profiles},
        survivors={old: now for old, now in row["survivors"] if old != now},
        links={link.link_id: link for link in map(link_from, row["links"])},
        reviews={review.review_id: review for review in map(review_from, row["reviews"])},
    )


def _known(row: dict[str, Any]) -> Known:
    answer = Answer(
        row["event_id"],
        row["type"],
        Outcome(row["outcome"]),
        row["answered_profile_id"],
        row["merge_id"],
        row["review_id"],
    )
    return Known(answer, row["request_id"])


def _sorted(brand_id: str, identifiers: Iterable[Identifier]) -> list[dict[str, str]]:
    found = [{"key": key(brand_id, *i), "type": i.type, "value": i.value} for i in set(identifiers)]
    return sorted(found, key=lambda row: row["key"])
