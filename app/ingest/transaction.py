"""The one transaction: lock and read the neighbourhood, decide, write. Run again after a deadlock; purity makes that safe."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from neo4j import AsyncManagedTransaction

from app.domain.blocked import is_blocked
from app.domain.errors import Conflict, RegionTooLarge, TooLarge
from app.domain.events import Event, ProfileImport
from app.domain.plan import Answer, Outcome
from app.domain.state import State
from app.graph.driver import Graph
from app.graph.failures import CommitUnknown
from app.graph.neighbourhood import Neighbourhood, Touched, read_neighbourhood, without_made
from app.graph.region import read_region
from app.graph.rulebook import RuleBook
from app.graph.write import write
from app.resolve.resolve import RegionNeeded, resolve, wanted

Evidence = Event | ProfileImport

COMMIT_TRIES = 3
# A transaction ends within the graph's own limits; one that takes longer waits at a connection that is dead without saying so.
# A thousand events may take longer on a busy machine, and Neo4j itself ends a transaction after a minute.
PATIENCE_S = 20.0
PATIENCE_PER_EVENT_S = 0.04


@dataclass(frozen=True, slots=True)
class Brand:
    """What the transaction needs to know of a brand: its id, its currency (ISO 4217), where its rules are found."""

    brand_id: str
    currency: str
    book: RuleBook


async def ingest(graph: Graph, brand: Brand, evidence: Sequence[Evidence]) -> list[Answer | Conflict]:
    """Resolves and stores evidence of one brand, all or nothing. One answer each, in order.

    A profile import whose id exists with other content is answered with its Conflict and changes nothing.
    Raises Unavailable when the graph cannot be reached, TooLarge when one transaction cannot hold it all.
    """
    touched = touched_by(evidence)

    async def work(tx: AsyncManagedTransaction) -> list[Answer | Conflict]:
        near = await read_near(tx, brand.brand_id, touched, evidence)
        settled = _known_imports(evidence, near)
        new = [e for place, e in enumerate(evidence) if place not in settled]
        rules = await brand.book.version(tx, brand.brand_id, near.rules)
        try:
            plan = resolve(near.state, new, (), rules)
        except RegionNeeded:
            whole = await _whole(tx, near.state, new)
            plan = await asyncio.to_thread(resolve, whole, new, (), rules, park=True)  # others are served meanwhile
        if not plan.is_empty:
            await write(tx, plan, brand.brand_id, brand.currency)
        folded = iter(plan.answers)
        answers = [settled[place] if place in settled else next(folded) for place in range(len(evidence))]
        await _let_go_of_unsaid(tx, near, evidence, answers)
        return answers

    patience_s = max(PATIENCE_S, PATIENCE_PER_EVENT_S * len(evidence))
    for _ in range(COMMIT_TRIES):
        try:
            return await graph.write(work, patience_s)
        except CommitUnknown:
            # Settled by reading: the same work again finds by its request id what the lost commit stored, or stores it.
            continue
    raise CommitUnknown("the connection to Neo4j was lost at every commit; not acknowledged, try again")


async def read_near(tx: AsyncManagedTransaction, brand_id: str, touched: Touched, evidence: Sequence[Evidence]) -> Neighbourhood:
    """The neighbourhood under lock, with the identifiers that learn from this evidence without being carried by it."""
    near = await read_neighbourhood(tx, brand_id, touched)
    unread = wanted(near.state, evidence)
    if not unread:
        return near
    return await read_neighbourhood(tx, brand_id, replace(touched, linkable=(*touched.linkable, *unread)))


async def _whole(tx: AsyncManagedTransaction, near: State, evidence: Sequence[Evidence]) -> State:
    """The neighbourhood with its whole components, or as it is when they are too large to be folded at once.

    Raises TooLarge when that is of several deliveries: by itself, none is parked for what came beside it.
    """
    seeds = {identifier for entry in evidence for identifier in entry.identifiers if identifier in near.identifiers}
    try:
        return await read_region(tx, near, seeds)
    except RegionTooLarge as error:
        if len({entry.request_id for entry in evidence}) > 1:
            raise TooLarge("these deliveries touch more people than one transaction resolves anew") from error
        return near


async def _let_go_of_unsaid(
    tx: AsyncManagedTransaction, near: Neighbourhood, evidence: Sequence[Evidence], answers: Sequence[Answer | Conflict]
) -> None:
    """Nothing stays of what was locked for entries of which nothing is stored, and of ids that turned out not to be meant."""
    unsaid = [entry for entry, answer in zip(evidence, answers, strict=True) if _is_unsaid(entry, answer, near)]
    unread = [one for entry in evidence if isinstance(entry, Event) for one in entry.either if not is_blocked(one)]
    if unsaid or unread:
        gone = touched_by(unsaid)
        await without_made(tx, near.state, replace(gone, linkable=(*gone.linkable, *unread)))


def _is_unsaid(entry: Evidence, answer: Answer | Conflict, near: Neighbourhood) -> bool:
    """Whether nothing of an entry is stored: it was before, perhaps with less or other identifiers, or it is refused."""
    known = isinstance(entry, Event) and entry.event_id in near.state.known
    return known or isinstance(answer, Conflict) or answer.outcome is Outcome.DUPLICATE


def touched_by(evidence: Sequence[Evidence]) -> Touched:
    """Placeholders are never locked. What a brand's own rules block is: it is seen, and other rules may let it link again."""
    carried = {identifier for entry in evidence for identifier in entry.identifiers}
    blocked = frozenset(identifier for identifier in carried if is_blocked(identifier))
    return Touched(
        linkable=tuple(carried - blocked),
        blocked=tuple(blocked),
        orders=tuple({order for entry in evidence if isinstance(entry, Event) and (order := entry.order)}),
        event_ids=tuple(dict.fromkeys(entry.event_id for entry in evidence if isinstance(entry, Event))),
        import_ids=tuple(dict.fromkeys(entry.profile_id for entry in evidence if isinstance(entry, ProfileImport))),
    )


def _known_imports(evidence: Sequence[Evidence], near: Neighbourhood) -> dict[int, Answer | Conflict]:
    """Imports that are settled without the fold: repeats, and other content under an id that exists."""
    seen: dict[str, tuple[str | None, str | None]] = dict(near.imported)
    settled: dict[int, Answer | Conflict] = {}
    for place, entry in enumerate(evidence):
        if not isinstance(entry, ProfileImport):
            continue
        if entry.profile_id in near.erased:
            settled[place] = Conflict(f"profile {entry.profile_id} was erased, and is not brought in again; leave it out")
        elif entry.profile_id in seen:
            fingerprint, request_id = seen[entry.profile_id]
            own = entry.profile_id in near.imported and request_id is not None and request_id == entry.request_id
            outcome = Outcome.CREATED if own else Outcome.DUPLICATE
            settled[place] = (
                Answer(entry.profile_id, "profile_import", outcome, entry.profile_id)
                if fingerprint == entry.fingerprint
                else Conflict(f"profile {entry.profile_id} exists with other content; leave profile_id out, or send another")
            )
        else:
            seen[entry.profile_id] = (entry.fingerprint, entry.request_id)
    return settled
