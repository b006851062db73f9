"""Reads what time travel starts from: the whole components of a profile id, and how their identifiers stood by a moment."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from neo4j import AsyncManagedTransaction

from app.domain.errors import RegionTooLarge
from app.domain.identifiers import STRONG, Identifier
from app.domain.past import Declared, Moments, Whole
from app.domain.profiles import Standing
from app.domain.rules import Rules
from app.domain.state import State
from app.graph.driver import Graph, rows
from app.graph.region import MAX_ENTRIES, in_parts, look_at_region
from app.graph.rows import Row, key, millis, moment

Seen = Mapping[Identifier, tuple[datetime | None, str | None]]

PATIENCE_S = 30.0  # for one person's components


@dataclass(frozen=True, slots=True)
class Founded:
    """The entry that founded a profile id; when that happened, and when we heard of it."""

    by: str
    happened: datetime | None
    heard: datetime | None


async def founded(graph: Graph, brand_id: str, profile_id: str) -> Founded | None:
    """None for an id never issued."""
    found = await graph.read("past/anchors", touched={"profiles": [key(brand_id, profile_id)]})
    return Founded(found[0]["founded_by"], moment(found[0]["happened"]), moment(found[0]["heard"])) if found else None


async def read_whole(graph: Graph, brand_id: str, founder: str, when: Moments, rules: Rules, depth: int = 0) -> Whole:
    """The whole components of what an entry founded, also through identifiers that are shared today and were not by then.

    `depth` is how many edges from the person are to be shown: from the first on those who were part of a merge come along,
    from the third on those who meet this person only in a shared identifier, unless these are too many. Raises
    RegionTooLarge.
    """

    async def work(tx: AsyncManagedTransaction) -> Whole:
        found = await _closed(tx, brand_id, frozenset({founder}), frozenset(), when, rules, merged=depth > 0)
        shared = frozenset(one.identifier for one in found.declared if one.standing is Standing.SHARED)
        if depth < 3 or not shared:
            return found
        try:
            return await _closed(tx, brand_id, frozenset({founder}), shared, when, rules, merged=True)
        except RegionTooLarge:
            return replace(found, left_out=True)

    return await graph.look(work, PATIENCE_S)


async def _closed(
    tx: AsyncManagedTransaction,
    brand_id: str,
    founders: frozenset[str],
    seeds: frozenset[Identifier],
    when: Moments,
    rules: Rules,
    merged: bool,
) -> Whole:
    """Looks again with everything that turned out to belong to it, until nothing more does."""
    while True:
        state, extent = await look_at_region(tx, brand_id, seeds, founders)
        declared = await _declared(tx, brand_id, extent.identifiers)
        unsure = {one.identifier for one in declared if _unsure(one, when, rules)} - seeds
        shared = await _shared_by(tx, brand_id, unsure, when, rules)
        others = await _merged_with(tx, state) if merged else frozenset()
        if unsure <= shared and others <= founders:
            outside = {one.identifier for one in declared if one.standing is not Standing.LINKABLE} - seeds if merged else ()
            return _whole(state, declared, shared, await _seen(tx, brand_id, outside, when))
        seeds |= unsure - shared
        founders |= others


def _unsure(one: Declared, when: Moments, rules: Rules) -> bool:
    """Whether only evidence can tell how it stood by then: it links nobody today, and was not declared so at the time."""
    return one.standing is not Standing.LINKABLE and one.by(when) is None and one.identifier not in rules.blocked


def _whole(state: State, declared: tuple[Declared, ...], shared: frozenset[Identifier], seen: Seen) -> Whole:
    region = state.whole
    return Whole(state.brand_id, region.log, region.issued, region.homes, region.placed, state.reviews, declared, shared, seen)


async def _declared(tx: AsyncManagedTransaction, brand_id: str, carried: Iterable[Identifier]) -> tuple[Declared, ...]:
    keys = (key(brand_id, *identifier) for identifier in carried)
    found = [row["identifier"] for row in await in_parts(tx, "past/identifiers", "identifiers", keys)]
    return tuple(Declared(Identifier(row["type"], row["value"]), Standing(row["standing"]), _said(row)) for row in found)


def _said(row: Mapping[str, Any]) -> tuple[tuple[datetime | None, Standing | None], ...]:
    if row["declarations"]:
        told = (one.split("|") for one in row["declarations"])
        return tuple((moment(int(at)), Standing(standing) if standing else None) for at, standing in told)
    # Declared before all declarations were kept: the last one is known.
    return ((moment(row["declared_at"]), Standing(row["declared"])),) if row["declared"] else ()


async def _shared_by(
    tx: AsyncManagedTransaction, brand_id: str, unsure: Iterable[Identifier], when: Moments, rules: Rules
) -> frozenset[Identifier]:
    by_key = {key(brand_id, *one): one for one in unsure}
    asked = [
        {"key": name, "anonymous": one.type not in STRONG, "limit": rules.fan_out[one.type]}
        for name, one in by_key.items()
        if one.type in rules.fan_out
    ]
    if not asked:
        return frozenset()
    touched = {"rows": asked, "strong": sorted(STRONG), "limit": MAX_ENTRIES, **parameters(when)}
    return frozenset(by_key[row["key"]] for row in await rows(tx, "past/shared", {"touched": touched}))


async def _seen(tx: AsyncManagedTransaction, brand_id: str, identifiers: Iterable[Identifier], when: Moments) -> Seen:
    by_key = {key(brand_id, *one): one for one in identifiers}
    if not by_key:
        return {}
    found = await rows(tx, "past/seen", {"touched": {"identifiers": sorted(by_key), **parameters(when)}})
    return {by_key[row["key"]]: (moment(row["first_seen"]), row["source"]) for row in found}


async def _merged_with(tx: AsyncManagedTransaction, state: State) -> frozenset[str]:
    """What founded the others of merges that ids of the region had a part in: a replay may have parted their components."""
    issued = state.whole.issued
    found = await stored_merges(tx, state.brand_id, issued)
    ids = {other for row in found for other in (row["base_profile_id"], *row["merged_profile_ids"])} - issued.keys()
    anchors = await in_parts(tx, "past/anchors", "profiles", (key(state.brand_id, one) for one in ids))
    return frozenset(row["founded_by"] for row in anchors)


async def stored_merges(tx: AsyncManagedTransaction, brand_id: str, profile_ids: Iterable[str]) -> list[Row]:
    found = await in_parts(tx, "past/merges", "profiles", (key(brand_id, one) for one in profile_ids))
    return list({row["merge"]["merge_id"]: row["merge"] for row in found}.values())


def parameters(when: Moments) -> dict[str, int | None]:
    return {"as_of": millis(when.as_of), "known_at": millis(when.known_at)}
