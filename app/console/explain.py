"""Why two people, or two identifiers, are one person or are not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from app.console.evidence_path import Fact, Stop, facts_of, judged, piece, way_of, way_through
from app.console.pages import Pages
from app.console.people import name_of
from app.console.routes import Brand
from app.domain.errors import NotFound
from app.domain.evidence import Waiting
from app.domain.identifiers import TYPES, Identifier, identifier
from app.graph.deciding import Decider
from app.graph.driver import Graph
from app.graph.people import find_profile, if_erased, list_profiles
from app.resolve.cut import Cut
from app.resolve.guards import Guard
from app.review.explanation import PairTold, why_inside, why_pair

HOLDERS = 20  # people of one identifier that are looked at

Text = Annotated[str, Query(max_length=700)]


@dataclass(frozen=True, slots=True)
class End:
    """One of the two: what was asked for, the people it stands for (several may hold an identifier), and what it is called."""

    asked: str | Identifier
    people: Mapping[str, str]
    label: str


@dataclass(frozen=True, slots=True)
class Told:
    """What the page says: whether they are one, the way between them, what would separate them or why they are apart."""

    lead: str
    one_person: bool = False
    way: Sequence[Stop] = ()
    cut: Cut | None = None
    pieces: Sequence[Stop] = ()
    guard: Guard | None = None
    facts: Sequence[Fact] = ()
    judged: Sequence[Stop] = ()
    reviews: Sequence[Waiting] = ()
    would_join: Sequence[str] = ()


def explain_router(router: APIRouter, graph: Graph, pages: Pages, decided_by: Decider, country: str) -> None:
    @router.get("/console/{brand}/explain")
    async def explain(brand: Brand, profile: Text = "", other: Text = "") -> Response:
        """Each is a profile id, of today or absorbed, or an identifier as TYPE:VALUE."""
        shown: dict[str, Any] = {"profile": profile.strip(), "other": other.strip(), "told": None}
        if shown["profile"] and shown["other"]:
            ends = [await _end(graph, brand, shown[name], country) for name in ("profile", "other")]
            people = {one: name for end in ends for one, name in end.people.items()}
            shown |= {"people": people, "told": await _told(graph, decided_by, brand, ends[0], ends[1])}
        return pages.page("explain.html", brand=brand, place="graph", **shown)


async def _end(graph: Graph, brand: str, asked: str, country: str) -> End:
    found = await find_profile(graph, brand, asked)
    if found is not None:
        return End(asked, {found["profile_id"]: name_of(found)}, name_of(found))
    type_name, _, value = asked.removeprefix("identifier:").partition(":")
    one = identifier(type_name, value, country) if type_name in TYPES else None
    if one is None:
        raise await if_erased(graph, brand, asked) or NotFound(
            f"brand {brand} knows no {asked[:128]!r}; give a profile id, or an identifier such as email:ada@example.com"
        )
    holders = await list_profiles(graph, brand, [(one,)], None, "", HOLDERS)
    return End(one, {row["profile_id"]: name_of(row) for row in holders}, one.value)


async def _told(graph: Graph, decided_by: Decider, brand: str, one: End, other: End) -> Told:
    for end in (one, other):
        if not end.people:
            return Told(f"{end.label} is nobody's: no event that links carried it, or it is shared or a placeholder.")
    names = {**one.people, **other.people}
    both = sorted(one.people.keys() & other.people.keys())
    if both and not (isinstance(one.asked, str) and isinstance(other.asked, str)):
        nodes = [both[0] if isinstance(end.asked, str) else end.asked for end in (one, other)]
        way, evidence = await why_inside(graph, brand, both[0], nodes[0], nodes[1])
        said = "seen together" if way else "by evidence that was not read"
        return Told(f"Both are {names[both[0]]}'s, {said}.", one_person=True, way=way_through(way, evidence, names))
    ids = [end.asked if isinstance(end.asked, str) else min(end.people) for end in (one, other)]
    told = await why_pair(graph, decided_by(brand, None).book, brand, ids[0], ids[1])
    return _pair(one, other, told, names)


def _pair(one: End, other: End, told: PairTold, names: Mapping[str, str]) -> Told:
    explained, apart = told.explained, told.explained.apart
    way = way_of(explained, told.evidence, names)
    if apart is None:
        lead = f"One person: {one.label}." if way else f"One person: {one.label}, and one id."
        cut = explained.cut
        return Told(lead, one_person=True, way=way, cut=cut, pieces=[piece(entry) for entry in cut.entries] if cut else ())
    return Told(
        f"Two people: {one.label} and {other.label}.",
        way=way,
        guard=apart.guard,
        facts=facts_of(apart.guard) if apart.guard else (),
        judged=[judged(decision) for decision in apart.decisions],
        reviews=apart.reviews,
        would_join=explained.would_join,
    )
