"""Choosing a brand, and a brand's first event."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from app.console.pages import HEADERS, Pages, segment
from app.console.routes import Brand
from app.domain.brands import brand_of
from app.domain.errors import BadInput, MissingBrand
from app.graph.driver import Graph
from app.graph.people import list_profiles

LISTED = 100


def brands_router(router: APIRouter, graph: Graph, pages: Pages) -> None:
    @router.get("/console")
    async def brands(
        request: Request,
        brand: Annotated[str, Query(max_length=100)] = "",
        after: Annotated[str, Query(max_length=63)] = "",
    ) -> Response:
        """The brands there are; the form brings the one to open, which may be one that has sent nothing yet. Who signed in with a
        key sees no brand but its own."""
        if (caller := getattr(request.state, "caller", None)) is not None:
            return RedirectResponse(f"/console/{segment(caller.brand_id)}/search", 303)
        if asked := brand.strip():
            return RedirectResponse(f"/console/{segment(_named(asked))}/search", 303)
        rows = await graph.read("act/brands", after=after, limit=LISTED + 1)
        names = [row["brand_id"] for row in rows]
        following = names[LISTED - 1] if len(names) > LISTED else None
        return pages.page("brands.html", brands=names[:LISTED], following=following)

    @router.get("/console/{brand}")
    async def home(brand: Brand) -> Response:
        return RedirectResponse(f"/console/{segment(brand)}/search")

    @router.get("/console/{brand}/first-event")
    async def first_event(request: Request, brand: Brand) -> Response:
        """Asked again and again by the page of a brand without anybody, until somebody is there."""
        people = await list_profiles(graph, brand, (), None, "", 1)
        if not people:
            return Response(status_code=204, headers=HEADERS)
        return pages.part("part_first_event.html", brand=brand, arrived=people[0])


def _named(asked: str) -> str:
    try:
        return brand_of(asked)
    except MissingBrand:
        raise BadInput(
            f"{asked[:80]!r} can be no brand; a brand is 1 to 63 of a-z 0-9 _ - and starts with a letter or digit"
        ) from None
