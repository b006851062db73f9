"""Time travel: a person as they stood at a moment. Reads their components, folds what was there by then, shows that."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Query

from app.api.moments import Moment
from app.domain.errors import NotFound
from app.domain.past import Moments, Past
from app.graph.driver import Graph
from app.graph.past import Founded, founded, read_whole
from app.graph.rows import Row
from app.graph.rulebook import RuleBook
from app.graph.whole import Vanished, settled
from app.resolve.past import past


async def moments_of(
    as_of: Annotated[
        Moment,
        Query(
            description="As of what had happened by then (ISO-8601, UTC unless it has a zone): events that occurred, profiles "
            "that existed. What people decided counts whenever they did. A future time means all that there is."
        ),
    ] = None,
    known_at: Annotated[
        Moment,
        Query(
            description="By what was known then (ISO-8601, UTC unless it has a zone): events that had been received, decisions "
            "that had been made and not been taken back. Both may be given together."
        ),
    ] = None,
) -> Moments | None:
    """None when neither is given: today."""
    return None if as_of is known_at is None else Moments(as_of, known_at)


When = Annotated[Moments | None, Depends(moments_of)]


@dataclass(frozen=True, slots=True)
class Then:
    """A profile id of a brand, as of a moment."""

    graph: Graph
    book: RuleBook
    brand_id: str
    profile_id: str
    when: Moments

    @settled
    async def seen(self, view: Callable[[Past], Awaitable[Row]], depth: int = 0) -> Row | None:
        """What a view shows of who answered for the id then; None for an id never issued. `depth` as for `read_whole`.

        Raises NotFound when nobody answered for it then, RegionTooLarge.
        """
        found = await _past_of(self, depth)
        return None if found is None else await view(found)


async def _past_of(asked: Then, depth: int) -> Past | None:
    """Raises as `Then.seen`, and Vanished."""
    graph, brand_id, profile_id, when = asked.graph, asked.brand_id, asked.profile_id, asked.when
    anchor = await founded(graph, brand_id, profile_id)
    if anchor is None:
        return None
    rules, rules_now = await asked.book.then(graph, brand_id, when.known_at), await asked.book.now(graph, brand_id)
    whole = await read_whole(graph, brand_id, anchor.by, when, rules, depth)
    found = await asyncio.to_thread(past, whole, profile_id, when, rules, rules_now)
    if found is not None:
        return found
    if await founded(graph, brand_id, profile_id) != anchor:
        raise Vanished
    raise _nobody(profile_id, when, anchor)


def _nobody(profile_id: str, when: Moments, anchor: Founded) -> NotFound:
    asked = " and ".join(f"{name}={_written(at)}" for name, at in _given(when))
    if anchor.happened is None or anchor.heard is None:
        return NotFound(f"profile {profile_id[:128]!r} was nobody yet at {asked}")
    later = " and ".join(
        f"{name}={_written(at)}" for name, at in _given(Moments(when.as_of and anchor.happened, when.known_at and anchor.heard))
    )
    return NotFound(f"no event by {asked} names profile {profile_id[:128]!r}; the one that founded it does from {later} on")


def _written(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _given(when: Moments) -> list[tuple[str, datetime]]:
    named = (("as_of", when.as_of), ("known_at", when.known_at))
    return [(name, at) for name, at in named if at is not None]
