"""What a person may ask for: to be forgotten, and to have all that is known of them."""

from dataclasses import asdict

from fastapi import APIRouter, Response
from pydantic import Field

from app.api.bodies import JsonRoute, Named, Note, Nothing
from app.api.identifiers import the_one
from app.api.paging import DEFAULT_LIMIT, Brand, Cursor, Limit, answer, page
from app.api.profiles import no_profile
from app.domain.brands import brand_of
from app.graph.deciding import Decider
from app.graph.driver import Graph
from app.privacy.erasure import ERASURE_LIST, Erasure, erase, list_erasures
from app.privacy.export import export
from app.privacy.wishes import REQUEST_LIST, list_requests


class ErasureRequest(Named):
    dry_run: bool = Field(False, description="Tell what would be erased, and erase nothing.")
    note: Note = None


def erasing_router(graph: Graph, country: str, decided_by: Decider) -> APIRouter:
    """`country` (ISO 3166) reads phone numbers that are written without theirs."""
    router = APIRouter(tags=["privacy"], route_class=JsonRoute)

    @router.post("/api/erasures", summary="Erase everybody who holds an identifier")
    async def erasure(body: ErasureRequest, x_brand_id: Brand = None) -> Response:
        """Their events, identifiers, scores, messages and merges go for good, here and in the streams, where `profile.erased`
        tells consumers. `type` may be `profile_id` too. Others are resolved anew without them: `others` says what that changes.
        Where nobody holds it nothing is done, and `erasure_id` is null. It cannot be taken back."""
        decision = decided_by(x_brand_id, body.note)
        by_id = body.type == "profile_id"
        one = body.value if by_id else await the_one(graph, decision.brand_id, body.type, body.value, country)
        return answer(erased_view(await erase(graph, decision, [one], body.dry_run), body.dry_run))

    return router


def export_router(graph: Graph) -> APIRouter:
    router = APIRouter(tags=["privacy"], route_class=JsonRoute)

    @router.post("/api/profiles/{profile_id}/export", summary="All that is known of one person")
    async def exported(profile_id: str, body: Nothing | None = None, x_brand_id: Brand = None) -> Response:
        """Every event as its sender wrote it and as it was understood, and all that was made of them: what was learnt, decided
        and sent. An absorbed id gives the survivor's."""
        brand_id = brand_of(x_brand_id)
        found = await export(graph, brand_id, profile_id)
        if found is None:
            raise await no_profile(graph, brand_id, profile_id)
        return answer(found)

    return router


def privacy_lists_router(graph: Graph) -> APIRouter:
    """What was asked for and what was done."""
    router = APIRouter(tags=["privacy"])

    @router.get("/api/erasures", summary="List erasures, the newest first")
    async def erasures(x_brand_id: Brand = None, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> Response:
        """What was done and when: ids and counts. Of whom it was nothing is kept."""
        found = await list_erasures(graph, brand_of(x_brand_id), ERASURE_LIST.begin(cursor), limit + 1)
        return page(found, limit, ERASURE_LIST.place)

    @router.get("/api/data-requests", summary="List what platforms asked for, the newest first")
    async def requests(x_brand_id: Brand = None, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> Response:
        """What waits for an admin. `wanted` is `export` (somebody asked for their data, Shopify's customers/data_request), which
        `POST /api/profiles/{id}/export` gives; or `shop_erasure` (the shop of `shop_domain` let the app go, Shopify's
        shop/redact). Nothing goes by itself: the brand may know the same people otherwise. docs/outages.md says what then."""
        found = await list_requests(graph, brand_of(x_brand_id), REQUEST_LIST.begin(cursor), limit + 1)
        return page(found, limit, REQUEST_LIST.place)

    return router


def erased_view(done: Erasure, dry_run: bool) -> dict[str, object]:
    others = [{"kind": kind, "id": about} for kind, about in done.others]
    return {"dry_run": dry_run, **asdict(done), "others": others}
