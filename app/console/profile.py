"""A person's page: a head that is there at once, and sections that each come by themselves."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from app.console.pages import Pages, segment, wants_part
from app.console.people import name_of
from app.console.routes import Brand
from app.console.sections import SECTIONS, Asked
from app.domain.errors import NotFound
from app.graph.driver import Graph
from app.graph.people import find_profile, if_erased
from app.graph.rows import Row


def profile_router(router: APIRouter, graph: Graph, pages: Pages) -> None:
    @router.get("/console/{brand}/profiles/{profile_id}")
    async def profile(
        request: Request, brand: Brand, profile_id: str, merged_from: Annotated[str, Query(max_length=128)] = ""
    ) -> Response:
        """An id that was absorbed leads to who answers for it now, and the page says from where one came."""
        found = await who(graph, brand, profile_id)
        here = f"/console/{brand}/profiles/{segment(found['profile_id'])}"
        if found["profile_id"] != profile_id:
            return RedirectResponse(f"{here}?merged_from={segment(profile_id)}", 303)
        return pages.page(
            "profile.html",
            brand=brand,
            place="search",
            profile=found,
            name=name_of(found),
            merged_from=merged_from if merged_from in found["merged_profile_ids"] else None,
            sections=SECTIONS,
            here=here,
            query=request.url.query,
        )

    @router.get("/console/{brand}/profiles/{profile_id}/{section}")
    async def part(request: Request, brand: Brand, profile_id: str, section: str) -> Response:
        """One section: a part for the page, or a page of its own where no JavaScript asks."""
        found = await who(graph, brand, profile_id)
        one = next((one for one in SECTIONS if one.name == section), None)
        if one is None:
            raise NotFound(f"a profile has no {section[:60]!r}; its page lists what there is")
        asked = Asked(graph, brand, found, request.query_params)
        here = f"/console/{brand}/profiles/{segment(found['profile_id'])}"
        shown = {"section": one, "inside": f"sections/{one.name}.html", "here": here, "profile": found, **await one.read(asked)}
        if not wants_part(request):
            return pages.page("section.html", brand=brand, place="search", name=name_of(found), **shown)
        # What was chosen in the section (all that chooses has an id that begins with its name) belongs into the page's
        # address, so that it can be reloaded and passed on.
        chosen = request.headers.get("hx-trigger", "").startswith(f"{one.name}-")
        address = here + (f"?{shown['query']}" if shown.get("query") else "")
        headers = {"hx-push-url": address} if chosen else None
        return pages.part(str(shown["inside"]), brand=brand, headers=headers, **shown)


async def who(graph: Graph, brand: str, profile_id: str) -> Row:
    """Raises NotFound for an id nobody answers for, Erased for one that was erased."""
    found = await find_profile(graph, brand, profile_id)
    if found is None:
        raise await if_erased(graph, brand, profile_id) or NotFound(
            f"nobody in brand {brand} has the profile id {profile_id[:128]!r}; look whether the address is complete, "
            "or search for an e-mail address or a number"
        )
    return found
