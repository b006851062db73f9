"""What admins were told of reviews that wait, and sending it once more."""

from fastapi import APIRouter, Response

from app.act.reminders.sending import REMINDER_LIST, list_reminders, resend
from app.api.bodies import JsonRoute, Nothing
from app.api.paging import DEFAULT_LIMIT, Brand, Cursor, Limit, answer, page
from app.domain.brands import brand_of
from app.graph.driver import Graph


def reminders_router(graph: Graph) -> APIRouter:
    router = APIRouter(tags=["jobs"])

    @router.get("/api/reminders", summary="What admins were told of reviews that wait, the newest first")
    async def reminders(x_brand_id: Brand = None, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> Response:
        """`status` is queued, sent, or failed: parked, and `reason` says why. `to` is an address, or the webhook's host."""
        found = await list_reminders(graph, brand_of(x_brand_id), REMINDER_LIST.begin(cursor), limit + 1)
        return page(found, limit, REMINDER_LIST.place)

    return router


def resend_router(graph: Graph) -> APIRouter:
    router = APIRouter(tags=["jobs"], route_class=JsonRoute)

    @router.post("/api/reminders/{reminder_id}/redrive", summary="Queue a parked reminder once more")
    async def again(reminder_id: str, body: Nothing | None = None, x_brand_id: Brand = None) -> Response:
        """The next run of `reminders` sends it. An e-mail that may have arrived cannot be asked for: look before."""
        await resend(graph, brand_of(x_brand_id), reminder_id)
        return answer({"reminder_id": reminder_id, "status": "queued"})

    return router
