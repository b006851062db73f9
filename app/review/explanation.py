"""Why two ids are, or are not, one person, from what is stored: what the API and the console tell."""

import asyncio
from dataclasses import dataclass

from app.domain.errors import NotFound
from app.domain.evidence import Evidence
from app.domain.rules import Rules
from app.graph.driver import Graph
from app.graph.evidence import PairRead, evidence_of_pair, evidence_of_person
from app.graph.people import if_erased
from app.graph.rulebook import RuleBook
from app.resolve.cut import Cut, separating
from app.resolve.explain import PairExplained, explain_inside, explain_pair
from app.resolve.guards import Node


@dataclass(frozen=True, slots=True)
class PairTold:
    """An explanation and what it stands on."""

    explained: PairExplained
    evidence: Evidence


async def why_pair(graph: Graph, book: RuleBook, brand_id: str, one: str, other: str) -> PairTold:
    """Raises NotFound for an id never issued, Erased."""
    pair = await evidence_of_pair(graph, brand_id, one, other)
    if pair.unknown:
        unknown = f"no profile {pair.unknown[0][:128]!r} in this brand; search for a name or an identifier to find its id"
        raise await if_erased(graph, brand_id, pair.unknown[0]) or NotFound(unknown)
    rules = await book.now(graph, brand_id)
    cut = await _cut(pair, one, other, rules)
    return PairTold(explain_pair(one, other, pair.evidence, rules, cut), pair.evidence)


async def why_inside(graph: Graph, brand_id: str, profile_id: str, one: Node, other: Node) -> tuple[tuple[Node, ...], Evidence]:
    """The way between identifiers of one person, or the person and one of them, and what it stands on. Raises NotFound."""
    read = await evidence_of_person(graph, brand_id, profile_id)
    if read is None:
        raise NotFound(f"no profile {profile_id[:128]!r} in this brand any more; search for a name or an identifier")
    return explain_inside(one, other, read[1]), read[1]


async def _cut(pair: PairRead, one: str, other: str, rules: Rules) -> Cut | None:
    """What would separate two ids of one person. Folding takes a while, so it is done beside the service's loop."""
    if pair.component is None:
        return Cut(reason=pair.too_large) if pair.too_large else None
    return await asyncio.to_thread(separating, pair.component, one, other, rules)
