"""What an admin says of an identifier: it is one person's, it is shared, it is nobody's. It holds from the beginning."""

import asyncio

from neo4j import AsyncManagedTransaction

from app.domain.blocked import is_blocked
from app.domain.errors import Unprocessable
from app.domain.identifiers import Identifier
from app.domain.profiles import Standing
from app.graph.component import around
from app.graph.deciding import Decision
from app.graph.driver import Graph, rows
from app.graph.rows import key, millis
from app.graph.write import write
from app.resolve.resolve import declare

PATIENCE_S = 30.0  # the region of a hub may hold thousands of events


async def declare_identifier(graph: Graph, decision: Decision, identifier: Identifier, said: Standing | None) -> None:
    """Everything that the identifier joined, or would have, is resolved anew (None: as if nothing had been said).

    Raises Unprocessable for a placeholder that we ship, RegionTooLarge when one transaction cannot resolve it all.
    """
    if is_blocked(identifier):
        raise Unprocessable(f"{identifier.type} {identifier.value!r} is a placeholder that stands for nobody, whatever is said")

    async def work(tx: AsyncManagedTransaction) -> None:
        state = await around(tx, decision.brand_id, identifier)
        rules = await decision.book.in_force(tx, decision.brand_id)
        plan = await asyncio.to_thread(declare, state, identifier, said, rules, decision.at)  # others are served meanwhile
        await write(tx, plan, decision.brand_id, decision.currency)
        told = {"by": decision.by, "at": millis(decision.at), "note": decision.note}
        await rows(tx, "review/declared", {"key": key(decision.brand_id, *identifier), **told})

    await graph.write(work, PATIENCE_S)
