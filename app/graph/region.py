"""Reads whole components: all evidence that a replay needs, and what stands on it (semantics, rule 12). Under lock for who
writes what it finds; without for who only looks."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import starmap, zip_longest
from typing import Any

from neo4j import AsyncManagedTransaction

from app.domain.blocked import is_blocked
from app.domain.errors import RegionTooLarge, Unavailable
from app.domain.events import Event, OrderKey
from app.domain.identifiers import Identifier
from app.domain.judgements import Judgement
from app.domain.plan import Outcome
from app.domain.profiles import IdentifierState, Standing
from app.domain.state import Anchor, Entry, Home, Placed, Region, State
from app.graph.driver import Rows, rows
from app.graph.log_rows import EventRow, event_from, import_from, judgement_from
from app.graph.neighbourhood import MAX_PASSES, Touched, read_neighbourhood, without_made
from app.graph.rows import identifier_from, key, link_from, review_from, sighted_from

# Entries of a region that are folded while their sender waits (about 4 s), and by a job that has the time. A larger region
# is never folded in part.
MAX_ENTRIES = 10_000
MAX_ENTRIES_OF_A_JOB = 100_000
AT_ONCE = 2_000  # keys that one statement is asked about


Asked = dict[str, Sequence[str]]
Links = Callable[[IdentifierState], bool]  # looks at the identifier, its standing, and what it was seen with


@dataclass(frozen=True, slots=True)
class Extent:
    """How far a region reaches: keys of its entries, all they carry but placeholders, the orders of which something is attached
    to nobody (no profile's lock keeps others from telling of them), and the ids they founded. `standings` are the identifiers of
    which more than this evidence knows whether they link: shared ones, and those an admin spoke of."""

    events: frozenset[str]
    imports: frozenset[str]
    identifiers: frozenset[Identifier]
    orders: frozenset[OrderKey]
    standings: Mapping[Identifier, Standing]
    issued: tuple[Mapping[str, Any], ...]

    @property
    def entries(self) -> frozenset[str]:
        return self.events | self.imports

    @property
    def live(self) -> tuple[str, ...]:
        return tuple(row["profile_id"] for row in self.issued if row["live"])


async def read_region(
    tx: AsyncManagedTransaction,
    near: State,
    seeds: Iterable[Identifier],
    founders: Iterable[str] = (),
    most: int = MAX_ENTRIES,
    links: Links | None = None,
) -> State:
    """`near`, which is under lock, with the whole components around `seeds`, the entries with the ids `founders` and what was
    told of `near`'s orders, under lock too. `seeds` may be shared: all their evidence comes along. So does that of identifiers
    which `links` says may link people, beside those that do.

    Raises RegionTooLarge when that is more than `most` entries, Unavailable when others keep adding to it.
    """
    brand_id = near.brand_id
    told = (one.event_id for order in near.orders.values() for one in order)
    seeds, founded_by = frozenset(seeds), frozenset(key(brand_id, entry) for entry in (*founders, *told))
    # Whoever holds a locked identifier is locked. What is under lock when it is reached stays as it is.
    state, people = near, frozenset[str]().union(*(node.holders for node in near.identifiers.values()))
    for _ in range(MAX_PASSES):
        extent = await _extent(tx, brand_id, seeds, founded_by, most, links)
        met = extent.identifiers <= state.identifiers.keys() and extent.orders <= state.orders.keys()
        if met and people.issuperset(extent.live):
            return await _understood(tx, state, extent)
        carried, orders = extent.identifiers | near.identifiers.keys(), extent.orders | near.orders.keys()
        touched = Touched(linkable=tuple(carried), profile_ids=extent.live, orders=tuple(orders))
        locked = (await read_neighbourhood(tx, brand_id, touched)).state
        looked_at = Touched(tuple(carried - near.identifiers.keys()), orders=tuple(orders - near.orders.keys()))
        state = replace(await without_made(tx, locked, looked_at), known=near.known)
        people = frozenset(extent.live)
    raise Unavailable("others keep adding to these people at this very moment; try again")


async def look_ahead(
    tx: AsyncManagedTransaction, brand_id: str, seeds: Iterable[Identifier], founders: Iterable[str], most: int = MAX_ENTRIES
) -> Touched:
    """All that a region touches, looked at without locks. Who locks it at once, identifiers before profiles as everybody does,
    is in nobody's way; a region that is read under lock and reaches further locks the rest behind that, which may be a deadlock.
    Raises RegionTooLarge."""
    seeds, founded_by = frozenset(seeds), frozenset(key(brand_id, entry) for entry in founders)
    extent = await _extent(tx, brand_id, seeds, founded_by, most, None)
    return Touched(linkable=tuple(extent.identifiers), profile_ids=extent.live, orders=tuple(extent.orders))


async def look_at_region(
    tx: AsyncManagedTransaction, brand_id: str, seeds: Iterable[Identifier], founders: Iterable[str], most: int = MAX_ENTRIES
) -> tuple[State, Extent]:
    """The same without locks and without today's profiles, and how far it reaches.

    An entry that is stored meanwhile is in it or not: evidence never changes, so either is a history that there was.
    Raises RegionTooLarge.
    """
    founded_by = frozenset(key(brand_id, entry) for entry in founders)
    extent = await _extent(tx, brand_id, frozenset(seeds), founded_by, most, None)
    return await _understood(tx, State(brand_id), extent), extent


async def _extent(
    tx: AsyncManagedTransaction,
    brand_id: str,
    seeds: frozenset[Identifier],
    founders: frozenset[str],
    most: int,
    links: Links | None,
) -> Extent:
    """The closure, step by step: entries of identifiers, identifiers of entries, entries of those judged the same."""
    events: set[str] = set()
    imports: set[str] = set()
    issued: dict[str, Mapping[str, Any]] = {}
    carried: dict[Identifier, IdentifierState] = {}
    reached: set[Identifier] = set(seeds)
    orders: set[OrderKey] = set()
    steps = _steps(brand_id, seeds, founders)
    while steps:
        asked = {"brand_id": brand_id, "limit": most + 1, "learnt": links is not None, **steps.pop()}
        (row,) = await rows(tx, "region/around", {"touched": asked})
        events.update(row["events"])
        imports.update(row["imports"])
        if len(events) + len(imports) > most:
            raise RegionTooLarge(f"more than {most:,} events belong to these people, too many to be resolved anew at once")
        issued |= {one["profile_id"]: one for one in row["issued"]}
        orders.update(OrderKey(*one) for one in row["orders"])
        found = [node for node in map(sighted_from, row["identifiers"]) if not is_blocked(node.identifier)]
        carried |= {node.identifier: node for node in found}
        new = {n.identifier for n in found if n.standing is Standing.LINKABLE or (links is not None and links(n))} - reached
        reached |= new
        steps += _steps(brand_id, new, set(row["founders"]) - events - imports)
    standings = {n.identifier: n.standing for n in carried.values() if n.declared or n.standing is not Standing.LINKABLE}
    return Extent(
        events=frozenset(events),
        imports=frozenset(imports),
        identifiers=seeds | carried.keys(),
        orders=frozenset(orders),
        standings=standings,
        issued=tuple(issued.values()),
    )


def _steps(brand_id: str, identifiers: Iterable[Identifier], entries: Iterable[str]) -> list[Asked]:
    return _parts("identifiers", (key(brand_id, *one) for one in identifiers), "entries", entries)


def _parts(one: str, keys: Iterable[str], other: str, others: Iterable[str]) -> list[Asked]:
    """Keys of two kinds in parts, so that no one statement's answer grows with the region."""
    both = zip_longest(_batched(keys), _batched(others), fillvalue=())
    return [{one: some, other: more} for some, more in both]


async def in_parts(tx: AsyncManagedTransaction, name: str, kind: str, keys: Iterable[str], **more: object) -> Rows:
    """The rows of a statement that is asked about keys of one kind, as many at once as it should be."""
    return [row for part in _batched(keys) for row in await rows(tx, name, {"touched": {kind: part, **more}})]


def _batched(keys: Iterable[str]) -> Iterator[Sequence[str]]:
    ordered = sorted(keys)
    return (ordered[at : at + AT_ONCE] for at in range(0, len(ordered), AT_ONCE))


async def _understood(tx: AsyncManagedTransaction, state: State, extent: Extent) -> State:
    brand_id = state.brand_id
    events, imports = await _entries(tx, extent)
    row = await _judged(tx, brand_id, extent)
    region = Region(
        log=_log(brand_id, events, imports, map(judgement_from, row["judgements"])),
        issued={one["profile_id"]: Anchor(one["founded_by"], _on(one["founded_on"])) for one in extent.issued},
        placed={one["profile_id"]: Placed(one["into"], one["merge_id"]) for one in extent.issued if not one["live"]},
        homes={e.event_id: Home(e.home, e.matched, e.moved_by) for e in events},
        merges={m["merge_id"]: (m["base_profile_id"], tuple(m["merged_profile_ids"])) for m in row["merges"]},
        intents={intent_id: (score, status, by) for e in events for intent_id, score, status, by in e.intents},
    )
    return replace(
        state,
        links={link.link_id: link for link in map(link_from, row["links"])},
        reviews={review.review_id: review for review in map(review_from, row["reviews"])},
        survivors={gone: place.into for gone, place in region.placed.items() if place.into is not None},
        region=region,
    )


def _log(
    brand_id: str, events: Iterable[EventRow], imports: Rows, judgements: Iterable[Judgement]
) -> tuple[tuple[int, Entry], ...]:
    log: list[tuple[int, Entry]] = [(row.clock, event_from(brand_id, row)) for row in events]
    log += [(found["clock"], import_from(brand_id, found)) for found in imports]
    return (*log, *((one.clock, one) for one in judgements))


async def _judged(tx: AsyncManagedTransaction, brand_id: str, extent: Extent) -> dict[str, Any]:
    """The row of judgements, standing merges, open links and their reviews."""
    judged = {
        "brand_id": brand_id,
        "profiles": [key(brand_id, row["profile_id"]) for row in extent.issued],
        "identifiers": [key(brand_id, *one) for one in extent.identifiers],
        "entries": list(extent.entries),
    }
    (row,) = await rows(tx, "region/judged", {"touched": judged})
    return row


async def _entries(tx: AsyncManagedTransaction, extent: Extent) -> tuple[list[EventRow], Rows]:
    """The rows of events (parked ones are no evidence yet) and imports."""
    events: list[EventRow] = []
    imports: Rows = []
    for step in _parts("events", extent.events, "imports", extent.imports):
        (row,) = await rows(tx, "region/entries", {"touched": step})
        events += [event for event in starmap(EventRow, row["events"]) if event.outcome != Outcome.PARKED]
        imports += row["imports"]
    return events, imports


async def read_parked(tx: AsyncManagedTransaction, brand_id: str, limit: int) -> tuple[Event, ...]:
    """The first events of a brand that were stored without being resolved."""
    found = await rows(tx, "region/parked", {"brand_id": brand_id, "limit": limit})
    (row,) = await rows(tx, "region/entries", {"touched": {"events": [one["key"] for one in found], "imports": []}})
    events = [event_from(brand_id, event) for event in starmap(EventRow, row["events"])]
    return tuple(sorted(events, key=lambda event: (event.received_at, event.event_id)))


async def carries_still(tx: AsyncManagedTransaction, event: Event) -> bool:
    """Whether a stored event carries what it did when it was read. Of what was erased since, all or some is gone."""
    asked = {"events": [key(event.brand_id, event.event_id)], "imports": []}
    (row,) = await rows(tx, "region/entries", {"touched": asked})
    now = [frozenset(event_from(event.brand_id, found).identifiers) for found in starmap(EventRow, row["events"])]
    return now == [frozenset(event.identifiers)]


def _on(text: str | None) -> Identifier | None:
    return identifier_from(text) if text else None
