"""What a person may ask for: all that is known of them, and to be forgotten; and the list of what was asked and done."""

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Response
from fastapi.responses import RedirectResponse

from app.console.forms import Sent, decision_of
from app.console.pages import Pages, segment
from app.console.people import name_of
from app.console.profile import who
from app.console.routes import Brand
from app.domain.cursors import cut
from app.domain.errors import BadInput
from app.graph.deciding import Decider
from app.graph.driver import Graph
from app.graph.whole import Vanished
from app.privacy.erasure import ERASURE_LIST, erase, list_erasures
from app.privacy.export import export
from app.privacy.wishes import REQUEST_LIST, list_requests

PAGE = 25
WORD = "erase"  # what must be typed, since nothing brings anybody back

Cursor = Annotated[str, Query(max_length=400)]


def privacy_router(router: APIRouter, graph: Graph, pages: Pages, decided_by: Decider) -> None:
    @router.get("/console/{brand}/privacy")
    async def privacy(brand: Brand, cursor: Cursor = "", erased: bool = False) -> Response:
        found = await list_erasures(graph, brand, ERASURE_LIST.begin(cursor), PAGE + 1)
        shown, following = cut(found, PAGE, ERASURE_LIST.place)
        asked = await list_requests(graph, brand, REQUEST_LIST.begin(None), PAGE)
        told: dict[str, Any] = {"erasures": shown, "following": following, "first": not cursor, "erased": erased}
        return pages.page("privacy.html", brand=brand, place="search", requests=asked, **told)

    @router.get("/console/{brand}/privacy/{profile_id}")
    async def one(brand: Brand, profile_id: str) -> Response:
        """What an erasure would take; nothing is changed."""
        found = await who(graph, brand, profile_id)
        would = await erase(graph, decided_by(brand, None), [found["profile_id"]], dry_run=True)
        here = f"/console/{brand}/privacy/{segment(found['profile_id'])}"
        shown: dict[str, Any] = {"profile": found, "name": name_of(found), "would": would, "here": here, "word": WORD}
        return pages.page("erase.html", brand=brand, place="search", **shown)

    @router.get("/console/{brand}/privacy/{profile_id}/export")
    async def exported(brand: Brand, profile_id: str) -> Response:
        found = await who(graph, brand, profile_id)
        whole = await export(graph, brand, found["profile_id"])
        if whole is None:  # erased since the page looked for them
            raise Vanished
        name = f'attachment; filename="{brand}-person.json"'  # without a word of who: files lie about
        headers = {"content-disposition": name, "cache-control": "no-store"}
        content = orjson.dumps(whole, option=orjson.OPT_UTC_Z | orjson.OPT_INDENT_2)
        return Response(content, media_type="application/json", headers=headers)

    @router.post("/console/{brand}/privacy/{profile_id}/erase")
    async def erasing(brand: Brand, profile_id: str, form: Sent) -> Response:
        if form.text("word", 40).casefold() != WORD:
            raise BadInput(f"nothing was erased: type {WORD} into the field, since it cannot be taken back")
        await erase(graph, decision_of(decided_by, brand, form), [profile_id])
        return RedirectResponse(f"/console/{brand}/privacy?erased=true", 303)
