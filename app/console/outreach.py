"""What automations did: executions with the messages that came of them, and large runs that wait for an admin's word."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from fastapi.responses import RedirectResponse

from app.act.approval import BATCH_LIST, STATUSES, decide, list_batches
from app.act.queueing import Rules
from app.act.redrive import redrive
from app.act.status import EXECUTIONS
from app.console.forms import Sent
from app.console.names import names_of
from app.console.pages import Pages, segment
from app.console.routes import Brand
from app.domain.cursors import cut
from app.domain.errors import BadInput
from app.graph.driver import Graph
from app.graph.messages import EXECUTION_LIST, Which, campaigns_named, list_executions

PAGE = 25
EVERY = "all"

Status = Annotated[str, Query(max_length=20)]
Cursor = Annotated[str, Query(max_length=400)]
Of = Annotated[str, Query(alias="automation", max_length=128)]


def outreach_router(router: APIRouter, graph: Graph, pages: Pages, rules: Rules) -> None:
    @router.get("/console/{brand}/automations/executions")
    async def executions(brand: Brand, status: Status = EVERY, of: Of = "", cursor: Cursor = "", queued: str = "") -> Response:
        """`of` one automation, or of all; `queued` is the message that was just redriven."""
        wanted = None if _known(status, (*EXECUTIONS, EVERY)) == EVERY else status
        found = await list_executions(graph, brand, Which(of or None, status=wanted), EXECUTION_LIST.begin(cursor), PAGE + 1)
        shown, following = cut(found, PAGE, EXECUTION_LIST.place)
        messages = await campaigns_named(graph, brand, [one["campaign_id"] for one in shown if one["campaign_id"]])
        told: dict[str, Any] = {
            "executions": [(one, messages.get(one["campaign_id"])) for one in shown],
            "names": await names_of(graph, brand, [one["profile_id"] for one in shown]),
            "following": following,
            "listing": status,
            "of": of,
            "queued": queued in messages,
        }
        told |= {"statuses": (EVERY, *EXECUTIONS), "first": not cursor}
        return pages.page("executions.html", brand=brand, place="automations", **told)

    @router.post("/console/{brand}/automations/executions/redrive")
    async def again(brand: Brand, form: Sent) -> Response:
        campaign_id = form.text("campaign_id", 128)
        await redrive(graph, brand, campaign_id, rules.providers)
        return RedirectResponse(f"/console/{brand}/automations/executions?queued={segment(campaign_id)}", 303)

    @router.get("/console/{brand}/automations/approvals")
    async def approvals(brand: Brand, status: Status = "waiting", cursor: Cursor = "") -> Response:
        found = await list_batches(graph, brand, _known(status, STATUSES), BATCH_LIST.begin(cursor), PAGE + 1)
        shown, following = cut(found, PAGE, BATCH_LIST.place)
        told: dict[str, Any] = {
            "batches": shown,
            "following": following,
            "listing": status,
            "most_people": rules.most_people,
        }
        told |= {"statuses": STATUSES, "first": not cursor}
        return pages.page("approvals.html", brand=brand, place="automations", **told)

    @router.post("/console/{brand}/automations/approvals/{decision}")
    async def decided(brand: Brand, decision: Literal["approved", "rejected"], form: Sent) -> Response:
        """A run that was decided meanwhile is refused."""
        await decide(graph, brand, form.text("batch_id", 128), decision, form.text("note", 1_000) or None)
        return RedirectResponse(f"/console/{brand}/automations/approvals?status={decision}", 303)


def _known(status: str, statuses: tuple[str, ...]) -> str:
    if status not in statuses:
        raise BadInput(f"status: {status!r} is none; choose one of {', '.join(statuses)}")
    return status
