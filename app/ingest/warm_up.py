"""Before the first customer: every statement of the write path once, rolled back.

A Neo4j that has just started plans each statement at its first use and compiles what it runs (seen: 2-10 s for the first
delivery, past its deadline on a busy machine). Whoever waits at start-up waits for nobody's sale.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from functools import partial

from neo4j import AsyncManagedTransaction

from app.domain.errors import Unavailable
from app.domain.events import Event, Money, ProfileImport, stable_id
from app.domain.identifiers import Identifier
from app.domain.judgements import Act, Judgement, JudgementKind, Side
from app.domain.rules import Rules
from app.graph.driver import Graph, rows
from app.graph.neighbourhood import Touched, read_neighbourhood
from app.graph.region import read_region
from app.graph.senders import said_of
from app.graph.write import write
from app.ingest.transaction import Evidence, touched_by
from app.resolve.resolve import resolve
from app.resolve.undo import apart, judged_anew

# Never seen by anybody: nothing of it is committed. No brand id may begin with a dash, so it can meet nobody's.
_BRAND = "-warm-up"
_AT = datetime(2024, 1, 1, tzinfo=UTC)
_RULES = Rules(max_auto_merge=2)
PATIENCE_S = 120.0


Step = Callable[[AsyncManagedTransaction], Awaitable[None]]


class _EnoughError(Exception):
    """Ends the transaction, and with it all that was written."""


async def warm_up(graph: Graph, report: Callable[[str], object] = str) -> None:
    """Runs the whole write path over made-up people, rolled back. What fails here fails nobody: it is told, and we go on."""
    for last in range(1, len(_steps()) + 1):
        if not await _run(graph, last, report):
            return


async def warm_up_for_the_first(graph: Graph, report: Callable[[str], object] = str) -> None:
    """Only what the first delivery needs. The rest can follow while deliveries are taken."""
    await _run(graph, 1, report)


async def _run(graph: Graph, count: int, report: Callable[[str], object]) -> bool:
    """One transaction of the first steps. Each repeats those before and adds one, so that none has more than a few statements
    to plan: on a busy machine all of them together took longer than Neo4j lets a transaction take."""
    try:
        await graph.write(partial(_rolled_back, steps=_steps()[:count]), PATIENCE_S)
    except _EnoughError:
        return True
    except Unavailable as error:
        report(f"Neo4j is slow to warm up, so the first deliveries may be as well ({error.detail})")
    return False


def _steps() -> Sequence[Step]:
    return [*(partial(_ingested, batch=batch) for batch in _batches()), _merged, _undone]


async def _rolled_back(tx: AsyncManagedTransaction, steps: Sequence[Step]) -> None:
    for step in steps:
        await step(tx)
    raise _EnoughError


async def _ingested(tx: AsyncManagedTransaction, batch: Sequence[Evidence]) -> None:
    await rows(tx, *said_of(_BRAND))  # as the gate asks first
    near = await read_neighbourhood(tx, _BRAND, touched_by(batch))
    await write(tx, resolve(near.state, batch, (), _RULES), _BRAND, "USD")


async def _merged(tx: AsyncManagedTransaction) -> None:
    """An admin's decision over the two who wait for one."""
    ids = ("warm-0", "warm-1")
    near = await read_neighbourhood(tx, _BRAND, Touched(profile_ids=ids))
    same = Judgement("warm-same", JudgementKind.SAME, (Side(frozenset(ids)),), "warm-up", _AT, reason="identifier_match")
    await write(tx, resolve(near.state, (), (same,), _RULES), _BRAND, "USD")


async def _undone(tx: AsyncManagedTransaction) -> None:
    """And takes it back, by what an identifier that is shared from now on needs too: a component is read and folded again."""
    addresses = tuple(Identifier("email", f"i{number}@warm.up") for number in (0, 1))
    near = (await read_neighbourhood(tx, _BRAND, Touched(linkable=addresses))).state
    state = await read_region(tx, near, addresses, [one.founded_by for one in near.profiles.values()])
    distinct = apart(Act(_BRAND, "warm-up", _AT, "warm-undo"), state, stable_id(_BRAND, "merge", "warm-same"), _RULES)
    await write(tx, judged_anew(state, [distinct], _AT, "warm-up", _RULES), _BRAND, "USD")


def _batches() -> Sequence[Sequence[Evidence]]:
    """New people, imports, one who comes back, two who become one, and three who must wait for an admin."""
    return (
        (_event(0, "a@warm.up"), _event(1, "b@warm.up"), _imported(0), _imported(1), _imported(2)),
        (_event(2, "a@warm.up", "c@warm.up"),),
        (_event(3, "a@warm.up", "b@warm.up"),),
        (_event(4, "i0@warm.up", "i1@warm.up", "i2@warm.up"),),
        (_event(5, "i0@warm.up"),),
    )


def _event(number: int, *addresses: str) -> Event:
    return Event(
        brand_id=_BRAND,
        event_id=f"warm-{number}",
        delivery_id=f"warm-{number}",
        source="warm-up",
        type="purchase",
        occurred_at=_AT,
        received_at=_AT,
        identifiers=tuple(Identifier("email", address) for address in addresses),
        total=Money(1, "USD"),
    )


def _imported(number: int) -> ProfileImport:
    held = (Identifier("email", f"i{number}@warm.up"),)
    return ProfileImport(_BRAND, f"warm-{number}", held, Money(0, "USD"), 0, _AT, _AT)
