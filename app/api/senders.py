"""What a brand says of those who send to it: `PUT` and `GET /api/sources/{name}`. Secrets go in and never come out."""

from datetime import UTC, datetime

from fastapi import APIRouter, Response

from app.api.bodies import JsonRoute
from app.api.paging import DEFAULT_LIMIT, Brand, Cursor, Limit, answer, page_of_few
from app.domain.brands import brand_of
from app.domain.senders import SENDERS, Sender, SenderName
from app.graph.senders import Senders
from app.senders.saying import Said, say, sender_of, sender_view


def senders_router(senders: Senders) -> APIRouter:
    router = APIRouter(tags=["ingest"])

    @router.get("/api/sources", summary="What the brand says of each sender")
    async def every(x_brand_id: Brand = None, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> Response:
        found = await senders.now(brand_of(x_brand_id))
        shown = [sender_view(found.get(name) or Sender(name)) for name in SENDERS]
        return page_of_few("sources", shown, limit, cursor, lambda one: str(one["source"]))

    @router.get("/api/sources/{name}", summary="What the brand says of one sender")
    async def one(name: SenderName, x_brand_id: Brand = None) -> Response:
        """Without its secrets. `last_delivery` is to the minute, and of those of whom something was said."""
        return answer(sender_view(await sender_of(senders, brand_of(x_brand_id), name)))

    return router


def sender_changes_router(senders: Senders) -> APIRouter:
    router = APIRouter(tags=["ingest"], route_class=JsonRoute)

    @router.put("/api/sources/{name}", summary="Say who may send, and what it signs with")
    async def put(name: SenderName, body: Said, x_brand_id: Brand = None) -> Response:
        """A sender that has a secret must sign from now on (other replicas know within seconds)."""
        brand_id = brand_of(x_brand_id)
        await say(senders, brand_id, name, body, datetime.now(UTC))
        return answer(sender_view(await sender_of(senders, brand_id, name)))

    return router
