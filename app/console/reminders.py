"""What admins were told of reviews that wait, and sending once more what is parked."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from fastapi.responses import RedirectResponse

from app.act.reminders.sending import REMINDER_LIST, list_reminders, resend
from app.console.forms import Sent
from app.console.pages import Pages
from app.console.routes import Brand
from app.domain.cursors import cut
from app.graph.driver import Graph

PAGE = 25

Cursor = Annotated[str, Query(max_length=400)]


def reminders_router(router: APIRouter, graph: Graph, pages: Pages) -> None:
    @router.get("/console/{brand}/reminders")
    async def reminders(brand: Brand, cursor: Cursor = "", queued: bool = False) -> Response:
        found = await list_reminders(graph, brand, REMINDER_LIST.begin(cursor), PAGE + 1)
        shown, following = cut(found, PAGE, REMINDER_LIST.place)
        told: dict[str, Any] = {"reminders": shown, "following": following, "first": not cursor, "queued": queued}
        return pages.page("reminders.html", brand=brand, place="reviews", **told)

    @router.post("/console/{brand}/reminders/redrive")
    async def again(brand: Brand, form: Sent) -> Response:
        await resend(graph, brand, form.text("reminder_id", 128))
        return RedirectResponse(f"/console/{brand}/reminders?queued=true", 303)
