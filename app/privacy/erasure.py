"""Erases people: their evidence, what was made of it, and what names them anywhere else, in one transaction.

What is theirs is decided by `app/resolve/erasing.py`. Of what is erased stay ids alone: of profiles, so that they answer that
they were erased; of events, so that a delivery that comes again brings nobody back; of the erasure, what it was.
"""

import asyncio
from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from neo4j import AsyncManagedTransaction

from app.domain.blocked import is_blocked
from app.domain.cursors import Place
from app.domain.errors import Conflict, NotFound, Unavailable
from app.domain.identifiers import Identifier
from app.domain.plan import Plan
from app.domain.profiles import Standing
from app.domain.state import Region, State
from app.graph.component import whole_component
from app.graph.deciding import Decision
from app.graph.driver import Graph, rows
from app.graph.failures import CommitUnknown
from app.graph.listing import Newest
from app.graph.neighbourhood import MAX_PASSES, Touched, read_neighbourhood, without_made
from app.graph.region import in_parts
from app.graph.rows import Row, key, millis, moment
from app.graph.write import write
from app.privacy.forgetting import Found, forget, look_for
from app.privacy.spellings import forget_spellings
from app.resolve.erasing import Forgotten, erased
from app.resolve.ruled import differences

PATIENCE_S = 60.0  # for one component
MOST_ENTRIES = 20_000  # of one; erasing as many takes half of the memory that one transaction may
ERASURE_LIST = Newest("erasures", "erased_at", "erasure_id")


@dataclass(frozen=True, slots=True)
class Erasure:
    """What an erasure did, or (without `erasure_id`) would do. `profile_ids` are people; `others` what changes for others, as
    `kind` and profile or review id."""

    erasure_id: str | None
    erased_at: datetime | None
    profile_ids: tuple[str, ...] = ()
    events: int = 0
    identifiers: int = 0
    merges: int = 0
    messages: int = 0
    others: tuple[tuple[str, str], ...] = ()


NOBODY = Erasure(None, None)

Whom = Collection[Identifier | str]
"""Identifiers, and profile ids."""


async def erase(graph: Graph, decision: Decision, whom: Whom, dry_run: bool = False) -> Erasure:
    """Erases everybody who holds one of these identifiers, or who answers for one of these profile ids. Nobody does: nothing is
    done, as when it was done before.

    Raises Conflict for identifiers that are shared or blocked, and so say nobody's name; RegionTooLarge, Unavailable.
    """

    did: list[Erasure] = []  # by a try whose commit may be lost; asked again, the graph knows nobody any more

    async def work(tx: AsyncManagedTransaction) -> Erasure:
        brand_id = decision.brand_id
        state, people = await _component(tx, brand_id, whom)
        if did and await rows(tx, "privacy/recorded", {"brand_id": brand_id, "erasure_id": decision.request_id}):
            raise _Looked(did[-1])
        rules = await decision.book.in_force(tx, brand_id)
        elsewhere = await _elsewhere(tx, state)
        # Beside the service's loop: the evidence is folded again, perhaps several times.
        gone, left, plan = await asyncio.to_thread(erased, state, people, elsewhere, decision.request_id, rules, decision.at)
        gone = replace(gone, identifiers=gone.identifiers | _held_by_nobody(state, whom))
        found = await look_for(tx, brand_id, gone)
        if not (people or found.parked):
            raise _Looked(NOBODY)
        said = _said(gone, found, left, plan)
        if dry_run:
            raise _Looked(said)
        if plan is not None:
            await write(tx, plan, brand_id, decision.currency)
        await forget(tx, state, left, gone, found, decision.at)
        did.append(replace(said, erasure_id=decision.request_id, erased_at=decision.at))
        await _record(tx, decision, did[-1])
        return did[-1]

    try:
        with suppress(CommitUnknown):
            return await graph.write(work, PATIENCE_S)
        return await graph.write(work, PATIENCE_S)
    except _Looked as looked:
        return looked.said
    finally:
        forget_spellings()


class _Looked(Exception):
    """Ends a transaction that only looked: to lock what somebody else erases meanwhile makes it anew, and that must not stay."""

    def __init__(self, said: Erasure) -> None:
        super().__init__()
        self.said = said


async def list_erasures(graph: Graph, brand_id: str, place: Place, limit: int) -> list[Row]:
    before, after = place
    found = await graph.read("privacy/erasures", brand_id=brand_id, before=before, after=after, limit=limit)
    return [_view(row["erasure"]) for row in found]


def _view(row: Row) -> Row:
    names = ("erasure_id", "profile_ids", "events", "identifiers", "merges", "messages", "erased_by", "note")
    return {"erased_at": moment(row["erased_at"]), **{name: row[name] for name in names}}


async def _component(tx: AsyncManagedTransaction, brand_id: str, whom: Whom) -> tuple[State, frozenset[str]]:
    """Who is meant, with their whole components, under lock; else what is named alone, of which events may wait. Raises as
    `erase`."""
    for _ in range(MAX_PASSES):
        meant = await _meant(tx, brand_id, whom)
        if not meant:
            named = tuple(one for one in whom if isinstance(one, Identifier) and not is_blocked(one))
            state = (await read_neighbourhood(tx, brand_id, Touched(linkable=named))).state
            if not any(map(state.holders, named)):
                return replace(state, region=Region()), frozenset()
            await without_made(tx, state, Touched(linkable=named))
            continue
        with suppress(NotFound):  # who was erased by somebody else at this very moment; look again
            state = await whole_component(tx, brand_id, meant, MOST_ENTRIES)
            # Whoever they are by now, in whose evidence is under lock; who is met since is looked at anew.
            people = await _meant(tx, brand_id, whom)
            if people and people <= meant | (state.whole.issued.keys() - state.whole.placed.keys()):
                return state, people
    raise Unavailable("these people are being erased or merged by others at this very moment; try again")


def _held_by_nobody(state: State, whom: Whom) -> frozenset[Identifier]:
    return frozenset(one for one in whom if isinstance(one, Identifier) and one in state.identifiers and not state.holders(one))


async def _meant(tx: AsyncManagedTransaction, brand_id: str, whom: Whom) -> frozenset[str]:
    """Who holds or answers for any of these. Raises Conflict for an identifier that is nobody's."""
    named = [one for one in whom if isinstance(one, Identifier)]
    found = await in_parts(tx, "privacy/held", "identifiers", _keys(brand_id, named))
    for row in found:
        if row["standing"] != Standing.LINKABLE.value:
            raise Conflict(
                f"{row['type']} {row['value']!r} is {row['standing']}: it stands for nobody in particular; "
                "erase a person by an identifier that is theirs alone"
            )
    ids = [one for one in whom if isinstance(one, str)]
    answering = await rows(tx, "region/survivors", {"brand_id": brand_id, "profile_ids": ids}) if ids else []
    return frozenset(
        [profile_id for row in found for profile_id in row["profile_ids"]] + [row["profile_id"] for row in answering]
    )


async def _elsewhere(tx: AsyncManagedTransaction, state: State) -> frozenset[Identifier]:
    """Of identifiers that nobody may hold: those that entries outside of the region carry too."""
    inside: dict[Identifier, int] = {}
    for _, entry in state.whole.log:
        for one in getattr(entry, "identifiers", ()):
            node = state.identifiers.get(one)
            if node is not None and node.standing is not Standing.LINKABLE:
                inside[one] = inside.get(one, 0) + 1
    found = await in_parts(tx, "privacy/carried", "identifiers", _keys(state.brand_id, inside))
    carried = {Identifier(row["type"], row["value"]): row["entries"] for row in found}
    return frozenset(one for one, count in inside.items() if carried.get(one, 0) > count)


def _said(gone: Forgotten, found: Found, left: State, plan: Plan | None) -> Erasure:
    others = differences(left, plan) if plan is not None else ()
    return Erasure(
        None,
        None,
        tuple(sorted(gone.people)),
        len(gone.events) + len(found.parked),
        len(gone.identifiers),
        found.merges,
        found.messages,
        tuple((one.kind, one.about) for one in others),
    )


async def _record(tx: AsyncManagedTransaction, decision: Decision, done: Erasure) -> None:
    said = {name: value for name, value in asdict(done).items() if name not in {"erased_at", "others"}}
    of = {"key": key(decision.brand_id, decision.request_id), "brand_id": decision.brand_id}
    by = {"erased_by": decision.by, "note": decision.note}
    await rows(tx, "privacy/record", {"plan": {"set": {**of, **said, **by}, "at": millis(decision.at)}})


def _keys(brand_id: str, identifiers: Iterable[Identifier]) -> list[str]:
    return [key(brand_id, *one) for one in identifiers]
