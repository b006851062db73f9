"""People under lock: those whom ids stand for, with all that they hold, or with their whole components."""

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from neo4j import AsyncManagedTransaction

from app.domain.errors import NotFound, StaleDecision, Unavailable
from app.domain.identifiers import Identifier
from app.domain.state import State
from app.graph.driver import rows
from app.graph.neighbourhood import MAX_PASSES, Touched, read_neighbourhood, without_made
from app.graph.region import MAX_ENTRIES, look_ahead, read_region
from app.graph.rows import key


async def survivors(tx: AsyncManagedTransaction, brand_id: str, profile_ids: Iterable[str]) -> dict[str, str]:
    """Who answers now for each id. Raises NotFound naming the ids that were never issued."""
    asked = sorted(set(profile_ids))
    found = await rows(tx, "region/survivors", {"brand_id": brand_id, "profile_ids": asked})
    answering = {row["asked"]: row["profile_id"] for row in found}
    unknown = [profile_id for profile_id in asked if profile_id not in answering]
    if unknown:
        raise NotFound(f"no profile {', '.join(unknown)} in brand {brand_id}")
    return answering


async def with_all_they_hold(
    tx: AsyncManagedTransaction, brand_id: str, profile_ids: Iterable[str], also: Iterable[Identifier] = ()
) -> State:
    """Profiles under lock with all they hold, and identifiers `also`. Who was absorbed meanwhile is missing.

    What they hold is looked at first, so that identifiers are locked before profiles, as everybody locks them: the other way
    round, each event of these people that comes at the same moment is a deadlock. Once they are locked nobody can give them more.
    """
    ids = tuple(sorted(set(profile_ids)))
    touched = frozenset(also) | (await held_by(tx, brand_id, ids)).identifiers
    for _ in range(MAX_PASSES):
        state = (await read_neighbourhood(tx, brand_id, Touched(linkable=tuple(touched), profile_ids=ids))).state
        more = (await held_by(tx, brand_id, ids)).identifiers
        if more <= touched:
            return await without_made(tx, state, Touched(linkable=tuple(touched)))
        touched |= more
    raise Unavailable("these people are being given more at this very moment; try again")


class Held(NamedTuple):
    """What profiles hold, and the entries that founded them."""

    identifiers: frozenset[Identifier]
    founders: tuple[str, ...]


async def held_by(tx: AsyncManagedTransaction, brand_id: str, profile_ids: Iterable[str]) -> Held:
    asked = {"profiles": [key(brand_id, profile_id) for profile_id in profile_ids]}
    found = await rows(tx, "resolve/held", {"touched": asked})
    identifiers = frozenset(Identifier(*pair) for row in found for pair in row["identifiers"])
    return Held(identifiers, tuple(row["founded_by"] for row in found if row["founded_by"] is not None))  # None: erased meanwhile


async def whole_component(
    tx: AsyncManagedTransaction, brand_id: str, profile_ids: Iterable[str], most: int = MAX_ENTRIES
) -> State:
    """The whole components of whoever answers for these ids, under lock. Raises NotFound, StaleDecision when they
    keep moving, RegionTooLarge for more than `most` entries."""
    for _ in range(MAX_PASSES):
        people = frozenset((await survivors(tx, brand_id, profile_ids)).values())
        ahead = await look_ahead(tx, brand_id, *await held_by(tx, brand_id, people), most)
        near = (await read_neighbourhood(tx, brand_id, replace(ahead, profile_ids=(*people, *ahead.profile_ids)))).state
        near = await without_made(tx, near, ahead)
        if near.profiles.keys() >= people:
            return await _with_evidence(tx, near, people, most=most)
    raise StaleDecision("these people are being merged by others at this very moment; look again and decide anew")


async def around(tx: AsyncManagedTransaction, brand_id: str, identifier: Identifier) -> State:
    """The whole components of all that an identifier was carried with, whether it may link them or not, under lock. It need not
    have been seen. Raises RegionTooLarge."""
    ahead = await look_ahead(tx, brand_id, {identifier}, ())
    near = (await read_neighbourhood(tx, brand_id, ahead)).state
    others = tuple(one for one in ahead.linkable if one != identifier)
    return await _with_evidence(tx, await without_made(tx, near, replace(ahead, linkable=others)), (), {identifier})


async def _with_evidence(
    tx: AsyncManagedTransaction,
    near: State,
    people: Iterable[str],
    also: Iterable[Identifier] = (),
    most: int = MAX_ENTRIES,
) -> State:
    """The components of people under lock, and of whoever is under lock beside them. Since they were looked at, a hub may have
    been recognised and somebody have come out of them: a region without their evidence would take for nobody's what they hold."""
    everybody = {*people, *(holder for node in near.identifiers.values() for holder in node.holders)}
    held = await held_by(tx, near.brand_id, everybody)
    return await read_region(tx, near, held.identifiers.union(also), held.founders, most)
