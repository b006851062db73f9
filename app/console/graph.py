"""The graph explorer: a page, and what it draws as JSON, at once or around one node."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Response

from app.console.drawing import Dot, Drawing, at_most, called, drawing, neighbours, people_of, start_of
from app.console.layout import places
from app.console.names import names_of
from app.console.pages import HEADERS, Pages, segment, words
from app.console.people import found_people, name_of
from app.console.routes import Brand
from app.domain.errors import BadInput, NotFound
from app.domain.identifiers import Identifier, identifier
from app.graph.driver import Graph
from app.graph.people import find_people, find_profile, if_erased
from app.graph.rows import Row
from app.graph.surroundings import surroundings_of

DRAWN = 500  # dots, before anybody asks for more
MOST_DRAWN = 5_000
PLACED_ABOVE = 150  # more dots than that stay where they are put here; fewer are moved a little by the browser
READ = 3  # nodes of the graph for a dot, at the most: events of a type are one dot
FAN_OUT = 2  # edges of one kind followed from one node, for a dot
MOST_READ = 10_000
AROUND = 2  # edges from a dot that is expanded: its neighbours, and whose the events among these are
PEOPLE = 20

Text = Annotated[str, Query(max_length=700)]
Depth = Annotated[int, Query(ge=1, le=4)]
Show = Annotated[int, Query(ge=1, le=MOST_DRAWN)]


@dataclass(frozen=True, slots=True)
class Beginning:
    """The node where a drawing begins: its id, what it is called, and its own page."""

    node: str
    name: str
    page: str


def graph_router(router: APIRouter, graph: Graph, pages: Pages, country: str) -> None:
    @router.get("/console/{brand}/graph")
    async def explorer(
        brand: Brand, profile: Text = "", identifier: Text = "", q: Text = "", depth: Depth = AROUND, show: Show = DRAWN
    ) -> Response:
        """What is expanded, chosen and at what time one looks stands in the address as well; the page's own code reads that."""
        begins = await _beginning(graph, brand, profile, identifier, country)
        shown: dict[str, Any] = {"begins": begins, "asked": q.strip(), "people": [], "depth": depth, "show": show}
        shown |= {"drawn": DRAWN, "most": MOST_DRAWN, "profile": profile, "identifier": identifier}
        if begins is None and shown["asked"]:
            found = await find_people(graph, brand, shown["asked"], country, PEOPLE)
            shown["people"] = found_people(shown["asked"], country, found)[:PEOPLE]
        return pages.page("graph.html", brand=brand, place="graph", **shown)

    @router.get("/console/{brand}/graph/data")
    async def data(brand: Brand, start: Text, depth: Depth = AROUND, show: Show = DRAWN) -> Response:
        whole = await _drawn(graph, brand, start, depth, show)
        drawn = await _called(graph, brand, at_most(whole, show))
        where = await asyncio.to_thread(places, drawn)
        return _answer(brand, drawn, where, settled=len(drawn.dots) > PLACED_ABOVE)

    @router.get("/console/{brand}/graph/around")
    async def around(brand: Brand, node: Text, show: Show = DRAWN) -> Response:
        """One dot's neighbours, for a drawing that is there already."""
        whole = await _drawn(graph, brand, start_of(node), AROUND, show)
        drawn = await _called(graph, brand, at_most(neighbours(whole, node), show))
        return _answer(brand, drawn, {}, settled=True)


async def _beginning(graph: Graph, brand: str, profile: str, asked: str, country: str) -> Beginning | None:
    """Of who answers for a profile id, or of an identifier written as TYPE:VALUE; None when neither is given."""
    if profile:
        found = await find_profile(graph, brand, profile)
        if found is None:
            raise await if_erased(graph, brand, profile) or NotFound(
                f"nobody in brand {brand} has the profile id {profile[:128]!r}; search for a name or an identifier"
            )
        page = f"/console/{brand}/profiles/{segment(found['profile_id'])}"
        return Beginning(f"profile:{found['profile_id']}", name_of(found), page)
    if not asked:
        return None
    type_name, colon, value = asked.partition(":")
    one = identifier(type_name, value, country) if colon else None
    if one is None:
        raise BadInput(f"identifier: {asked[:80]!r} is none; write its type and value, such as email:ada@example.com")
    return Beginning(f"identifier:{one}", one.value, f"/console/{brand}/search?q={segment(one.value)}")


async def _drawn(graph: Graph, brand: str, start: str, depth: int, show: int) -> Drawing:
    seen = await surroundings_of(graph, brand, start, depth, min(READ * show, MOST_READ), FAN_OUT * show)
    if seen is None:
        raise NotFound(f"brand {brand} has nothing named {start[:128]!r}; begin again from the search")
    return await asyncio.to_thread(drawing, seen, FAN_OUT * show)


async def _called(graph: Graph, brand: str, drawn: Drawing) -> Drawing:
    """With people's names."""
    held = {line.source: line.target for line in reversed(drawn.lines) if line.kind == "holds"}
    visitors = {dot.removeprefix("profile:"): Identifier(*one.split(":", 2)[1:]) for dot, one in held.items()}
    return called(drawn, await names_of(graph, brand, people_of(drawn), visitors))


def _answer(brand: str, drawn: Drawing, where: Mapping[str, tuple[float, float]], *, settled: bool) -> Response:
    """`settled`: the places are where dots stay."""
    body = {
        "nodes": [_node(brand, dot, where.get(dot.id)) for dot in drawn.dots],
        "edges": [{"source": one.source, "target": one.target, "kind": one.kind, "since": one.since} for one in drawn.lines],
        "more": drawn.more,
        "or_more": drawn.or_more,
        "settled": settled,
    }
    return Response(orjson.dumps(body), headers=HEADERS, media_type="application/json")


def _node(brand: str, dot: Dot, at: tuple[float, float] | None) -> Row:
    label = words(dot.label) if dot.kind == "events" else dot.label
    return {
        "id": dot.id,
        "kind": dot.kind,
        "label": label,
        "says": _says(dot),
        "since": dot.since,
        "times": dot.times,
        "or_more": dot.or_more,
        "standing": dot.standing,
        "page": f"/console/{brand}/{_page(dot)}",
        "explains": _explains(dot),
        "at": at,
    }


def _says(dot: Dot) -> str:
    if dot.kind not in {"identifier", "anonymous"}:
        return {"events": "events", "absorbed": "absorbed profile", "erased": "erased profile"}.get(dot.kind, dot.kind)
    marks = {"shared": ", shared: it links nobody", "blocked": ", a placeholder: it links nobody"}
    return words(dot.name) + marks.get(dot.standing, "")


def _page(dot: Dot) -> str:
    match dot.kind:
        case "identifier" | "anonymous":
            return f"search?q={segment(dot.label)}"
        case "events":
            return f"profiles/{segment(dot.name.removeprefix('profile:'))}?type={segment(dot.label)}#timeline"
        case "merge":
            return f"merges/{segment(dot.name)}"
        case "review":
            return f"reviews/{segment(dot.name)}"
        case _:
            return f"profiles/{segment(dot.name)}"


def _explains(dot: Dot) -> str:
    """What an explanation calls it; '' for what none is of."""
    if dot.kind in {"identifier", "anonymous"}:
        return dot.id
    return dot.name if dot.kind in {"person", "absorbed"} else ""
