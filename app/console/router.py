"""All routes of the console, in one router."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from starlette.routing import Match

from app.console.assets import Assets
from app.console.automations import automations_router
from app.console.badge import badge_router
from app.console.brands import brands_router
from app.console.desk import Desk
from app.console.explain import explain_router
from app.console.graph import graph_router
from app.console.merges import merges_router
from app.console.models import models_router
from app.console.operations import operating_router, operations_router
from app.console.outreach import outreach_router
from app.console.pages import Pages, page_of_form
from app.console.people import people_router
from app.console.privacy import privacy_router
from app.console.profile import profile_router
from app.console.query import query_router
from app.console.reminders import reminders_router
from app.console.reviews import reviews_router
from app.console.routes import StatusOf, page_route
from app.console.rule_runs import rule_changes_router, rule_runs_router
from app.console.rules import drafts_router, rules_router
from app.console.senders import senders_router
from app.console.sign_in import SigningIn, sign_in_router
from app.domain.errors import NotFound
from app.graph.deciding import Decider
from app.graph.driver import Graph


def open_router(pages: Pages, status_of: StatusOf, signing: SigningIn) -> APIRouter:
    """What is shown to anybody, since it says nothing of anybody. It comes before the console's own pages, whose addresses would
    take its own for a brand's."""
    router = APIRouter(route_class=page_route(pages, status_of), include_in_schema=False)
    _asset_route(router, pages.assets)
    _docs_route(router, pages)
    sign_in_router(router, pages, signing)
    return router


def console_router(graph: Graph, country: str, decided_by: Decider, status_of: StatusOf, pages: Pages, desk: Desk) -> APIRouter:
    """Pages are for people, so they are not in /openapi.json. `country` (ISO 3166) reads phone numbers without theirs,
    `decided_by` makes decisions, `status_of` says which HTTP status an error is. `desk` has what admins run."""
    router = APIRouter(route_class=page_route(pages, status_of), include_in_schema=False)
    brands_router(router, graph, pages)
    badge_router(router, graph, pages)
    people_router(router, graph, pages, country)
    profile_router(router, graph, pages)
    privacy_router(router, graph, pages, decided_by)
    reviews_router(router, graph, pages, decided_by)
    merges_router(router, graph, pages, decided_by)
    outreach_router(router, graph, pages, desk.sending)  # before: its addresses would pass for ids of automations
    automations_router(router, graph, pages, desk.sending)
    reminders_router(router, graph, pages)
    models_router(router, graph, pages)
    query_router(router, pages, desk.read)
    drafts_router(router, graph, pages, decided_by, desk.book, country)
    rule_runs_router(router, graph, pages, decided_by, desk.rehearsal, desk.go_on)
    rules_router(router, graph, pages, desk.book, desk.rehearsal)
    rule_changes_router(router, graph, pages, decided_by, desk)
    operations_router(router, graph, pages, desk)
    senders_router(router, pages, desk.senders)
    operating_router(router, graph, pages, decided_by, desk.runner)
    graph_router(router, graph, pages, country)
    explain_router(router, graph, pages, decided_by, country)

    @router.get("/console/{rest:path}")
    async def nowhere(request: Request, rest: str) -> Response:
        if rest.endswith("/") or not rest:  # as people type addresses
            asked = f"?{request.url.query}" if request.url.query else ""
            return RedirectResponse(request.url.path.rstrip("/") + asked)
        if any(route.matches(dict(request.scope, method="POST"))[0] is Match.FULL for route in router.routes):
            # Who sent a form while the service was starting comes here from the page that said so.
            page = page_of_form(request.url.path)
            raise NotFound("this address only takes a form; if you sent one, look whether it was taken", page=page)
        raise NotFound(f"the console has no page at /console/{rest[:120]}; begin at /console")

    return router


def _docs_route(router: APIRouter, pages: Pages) -> None:
    @router.get("/docs")
    async def docs() -> Response:
        """What /openapi.json says, to be read and tried; its files come from here, as those of all pages."""
        return pages.docs()


def _asset_route(router: APIRouter, assets: Assets) -> None:
    @router.get("/console/_assets/{version}/{name}")
    async def asset(request: Request, version: str, name: str) -> Response:
        found = assets.files.get(name)
        if found is None:
            raise NotFound(f"there is no file {name[:80]!r}; make setup installs what browsers need")
        kept = "public, max-age=31536000, immutable" if version == assets.version else "no-store"
        headers = {"cache-control": kept, "x-content-type-options": "nosniff", "vary": "accept-encoding"}
        if "gzip" in request.headers.get("accept-encoding", ""):
            return Response(assets.packed(name), headers={**headers, "content-encoding": "gzip"}, media_type=found.media_type)
        return Response(found.content, headers=headers, media_type=found.media_type)
