"""Reads what an explanation stands on. Every read is bounded, whatever the person; `truncated` says when a bound was met."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import orjson
from neo4j import AsyncManagedTransaction

from app.domain.errors import RegionTooLarge
from app.domain.evidence import Absorbed, Component, Decision, Evidence, Sighting, Waiting
from app.domain.identifiers import Identifier
from app.domain.profiles import Profile, Standing
from app.graph.driver import Graph, rows
from app.graph.region import look_at_region
from app.graph.rows import Row, identifier_text, link_from, moment, profile_from
from app.graph.whole import settled

MOST = 500  # identifiers, and absorbed ids, of one person
EACH = 20  # events read for one identifier
COMPONENT_S = 30.0  # to read a component of as many entries as there may be
NEAR = {"events": 200, "identifiers": 100, "each": 10}  # around each of two people


@settled
async def evidence_of_person(graph: Graph, brand_id: str, asked: str) -> tuple[str, Evidence] | None:
    """Who answers for an id, and why all on the profile belongs there; None for an id never issued."""

    async def work(tx: AsyncManagedTransaction) -> tuple[str, Evidence] | None:
        found = await _people(tx, brand_id, [asked], whole=True, limit=MOST + 1)
        if not found:
            return None
        held, acts = _held(found[0])[:MOST], found[0]["acts"][:MOST]
        seen = await _sightings(tx, brand_id, acts, held)
        cut = len(found[0]["held"]) > MOST or len(found[0]["acts"]) > MOST
        return found[0]["person"]["profile_id"], _evidence(found, acts, seen, held=held, truncated=cut)

    return await graph.look(work)


class PairRead(NamedTuple):
    """What was read of two ids: which of them were never issued, the evidence, and for two ids of one person all of their
    component, or why it was not read."""

    unknown: list[str]
    evidence: Evidence
    component: Component | None = None
    too_large: str = ""


@settled
async def evidence_of_pair(graph: Graph, brand_id: str, one: str, other: str) -> PairRead:
    """What was merged on the way between two ids, or what lies between two people."""

    async def work(tx: AsyncManagedTransaction) -> PairRead:
        found = await _people(tx, brand_id, [one, other], whole=False, limit=MOST)
        unknown = [asked for asked in (one, other) if asked not in {row["asked"] for row in found}]
        if unknown:
            return PairRead(unknown, Evidence({}))
        acts = list({act["gone"]: act for row in found for act in row["acts"]}.values())
        if len({row["person"]["profile_id"] for row in found}) > 1:
            return PairRead([], await _between(tx, brand_id, found, acts))
        evidence = _evidence(found, acts, await _sightings(tx, brand_id, acts))
        return PairRead([], evidence) if one == other else PairRead([], evidence, *await _component(tx, brand_id, found[0]))

    return await graph.look(work, COMPONENT_S)


async def _people(tx: AsyncManagedTransaction, brand_id: str, asked: Sequence[str], *, whole: bool, limit: int) -> list[Row]:
    return await rows(tx, "explain/person", {"brand_id": brand_id, "profile_ids": asked, "whole": whole, "limit": limit})


async def _component(tx: AsyncManagedTransaction, brand_id: str, row: Row) -> tuple[Component | None, str]:
    """All evidence of a person and whoever hangs together with them; None, and why, when that is too much."""
    try:
        state, extent = await look_at_region(tx, brand_id, _held(row), [row["person"]["founded_by"]])
    except RegionTooLarge as error:
        return None, error.detail
    return Component(brand_id, state.whole.log, state.whole.issued, extent.standings), ""


def _held(row: Row) -> tuple[Identifier, ...]:
    return tuple(Identifier(*pair) for pair in row["held"])


async def _between(tx: AsyncManagedTransaction, brand_id: str, found: list[Row], acts: list[Row]) -> Evidence:
    left, right = (row["person"] for row in found)
    ids = left["profile_id"], right["profile_id"]
    judged = [{tag.split("|")[0] for tag in person["tags"]} for person in (left, right)]
    asked = {"brand_id": brand_id, "one": ids[0], "other": ids[1], "judgements": sorted(judged[0] & judged[1])}
    parts = await rows(tx, "explain/apart", asked)
    decisions = [part["part"]["decision"] for part in parts if "decision" in part["part"]]
    reviews = [part["part"]["review"] for part in parts if "review" in part["part"]]
    drew = [link["link_id"] for review in reviews for link in review["links"]][:MOST]
    seen = await _seen(tx, brand_id, drew, []) if drew else []
    seen += await rows(tx, "explain/near", {"brand_id": brand_id, "profile_ids": ids, **NEAR})
    events = sorted({row["sighting"]["event_id"] for row in seen})
    drawn = await rows(tx, "explain/links", {"brand_id": brand_id, "events": events})
    links = tuple(sorted((link_from(row["link"]) for row in drawn), key=lambda link: link.place))
    return replace(_evidence(found, acts, seen, decisions, reviews), links=links)


async def _sightings(
    tx: AsyncManagedTransaction, brand_id: str, acts: Sequence[Row], held: Iterable[Identifier] = ()
) -> list[Row]:
    """The events that decided merges, those that drew their reviews' links, and the first events of what they carried."""
    links = [link["link_id"] for act in acts if act["review"] for link in act["review"]["links"]]
    because = [act["merge"]["because"] for act in acts if act["merge"]]
    first = await _seen(tx, brand_id, because + links[:MOST], [])
    carried = (one for row in first for one in row["sighting"]["identifiers"] if one[2] == Standing.LINKABLE.value)
    texts = sorted({"|".join(one[:2]) for one in carried}.union(map(identifier_text, held)))
    return first + await _seen(tx, brand_id, [], texts[: 2 * MOST])


async def _seen(tx: AsyncManagedTransaction, brand_id: str, events: Sequence[str], identifiers: Sequence[str]) -> list[Row]:
    asked = {"brand_id": brand_id, "events": events, "identifiers": identifiers, "each": EACH}
    return await rows(tx, "explain/sightings", asked)


def _evidence(
    found: Sequence[Row],
    acts: Sequence[Row],
    seen: Iterable[Row],
    decisions: Iterable[Row] = (),
    reviews: Iterable[Row] = (),
    *,
    held: tuple[Identifier, ...] = (),
    truncated: bool = False,
) -> Evidence:
    sightings = {row["sighting"]["event_id"]: row["sighting"] for row in seen}
    judged = [*decisions, *(act["decision"] for act in acts if act["decision"])]
    waited = [*reviews, *(act["review"] for act in acts if act["review"])]
    people: dict[str, Profile] = {row["person"]["profile_id"]: profile_from(row["person"]) for row in found}
    carried = (one for sighting in sightings.values() for one in sighting["identifiers"])
    return Evidence(
        people,
        tuple(_absorbed(act) for act in acts),
        tuple(_sighting(sighting) for sighting in sightings.values()),
        tuple({row["judgement_id"]: _decision(row) for row in judged}.values()),
        tuple({row["review_id"]: _waiting(row) for row in waited}.values()),
        held,
        {Identifier(type_name, value): Standing(standing) for type_name, value, standing in carried},
        truncated=truncated,
    )


def _absorbed(row: Mapping[str, Any]) -> Absorbed:
    merge = row["merge"]
    if merge is None:
        return Absorbed(row["gone"], row["into"], "", "replay", "", "rules", None)
    before = orjson.loads(merge["before"])
    held = {one["profile_id"]: frozenset(Identifier(i["type"], i["value"]) for i in one["identifiers"]) for one in before}
    return Absorbed(
        row["gone"],
        row["into"],
        merge["merge_id"],
        merge["reason"],
        merge["because"],
        merge["decided_by"],
        moment(merge["decided_at"]),
        merge["note"] or "",
        held,
        merge["rule_version"] or "",
    )


def _sighting(row: Mapping[str, Any]) -> Sighting:
    return Sighting(
        row["event_id"],
        row["source"],
        row["type"],
        moment(row["occurred_at"]),
        row["clock"],
        row["outcome"] or "created",
        frozenset(Identifier(type_name, value) for type_name, value, _ in row["identifiers"]),
        row["profile_id"],
        next(iter(row["person"]), None),
    )


def _decision(row: Mapping[str, Any]) -> Decision:
    return Decision(
        row["judgement_id"],
        row["kind"],
        row["decided_by"],
        moment(row["decided_at"]),
        row["reason"] or "",
        row["note"] or "",
        row["review_id"],
    )


def _waiting(row: Mapping[str, Any]) -> Waiting:
    links = sorted(map(link_from, row["links"]), key=lambda link: link.place)
    return Waiting(row["review_id"], row["status"], row["reason"], tuple(links))
