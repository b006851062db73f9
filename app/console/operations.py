"""Operations: traffic, jobs, the health of the graph and shared identifiers. The page asks for each part again and again."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from app.act.jobs import Runner
from app.console.desk import Desk
from app.console.forms import Sent, decision_of
from app.console.operating import days_in, job_line, mark_in, mark_of, rate, sizes_in
from app.console.pages import Pages, segment, wants_part
from app.console.routes import Brand
from app.domain.cursors import cut, decode_cursor
from app.domain.errors import Conflict, NotFound
from app.domain.identifiers import TYPES, Identifier
from app.domain.profiles import Standing
from app.graph.deciding import Decider
from app.graph.driver import Graph
from app.graph.health import read_health
from app.graph.identifiers import find_identifier, list_identifiers
from app.graph.rows import Row
from app.publish.stream import MOST_LAG, lag
from app.review.declare import declare_identifier
from app.review.graph_health import health_view

PAGE = 25
IDENTIFIER = "/console/{brand}/operations/identifier/{kind}/{value:path}"


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the page, and how often it is asked for, in seconds. `carries` is what each answer gives the next question."""

    name: str
    title: str
    every: int
    carries: str = ""


PARTS = (Part("traffic", "Traffic", 5, carries="since"), Part("jobs", "Jobs", 5), Part("health", "Health of the graph", 60))
SHARED = Part("shared", "Shared identifiers", 60)

Since = Annotated[str, Query(max_length=80)]
Cursor = Annotated[str, Query(max_length=2_000)]


def operations_router(router: APIRouter, graph: Graph, pages: Pages, desk: Desk) -> None:
    def shown(request: Request, brand: str, part: Part, told: dict[str, Any]) -> Response:
        """A part for the page, or a page of its own where no JavaScript asks."""
        told |= {"part": part, "inside": f"operations/{part.name}.html", "here": here(brand), "now": datetime.now(UTC)}
        if wants_part(request):
            return pages.part(told["inside"], brand=brand, **told)
        return pages.page("operations_part.html", brand=brand, place="operations", **told)

    @router.get("/console/{brand}/operations")
    async def operations(brand: Brand) -> Response:
        return pages.page("operations.html", brand=brand, place="operations", parts=(*PARTS, SHARED), here=here(brand))

    @router.get("/console/{brand}/operations/traffic")
    async def traffic(request: Request, brand: Brand, since: Since = "") -> Response:
        """`since` is what this very address answered before: from both comes the rate."""
        figures, waiting = desk.figures(), await lag(graph)
        now = mark_of(figures, datetime.now(UTC))
        told = {"figures": figures, "lag": waiting, "most_lag": MOST_LAG, "rate": rate(mark_in(since), now), "mark": str(now)}
        return shown(request, brand, PARTS[0], told)

    @router.get("/console/{brand}/operations/jobs")
    async def jobs(request: Request, brand: Brand) -> Response:
        return shown(request, brand, PARTS[1], {"jobs": await _jobs(desk.runner, brand)})

    @router.get("/console/{brand}/operations/health")
    async def health(request: Request, brand: Brand) -> Response:
        found = await read_health(graph, brand, datetime.now(UTC))
        told = health_view(found, await desk.book.now(graph, brand))
        drawn = {"sizes": sizes_in(found.sizes), "merges": days_in(found.merges), "undos": days_in(found.undos)}
        return shown(request, brand, PARTS[2], {"health": told, **drawn})

    @router.get("/console/{brand}/operations/shared")
    async def shared(request: Request, brand: Brand, cursor: Cursor = "") -> Response:
        _, after = decode_cursor(cursor or None, ("identifiers", ""))
        found = await list_identifiers(graph, brand, Standing.SHARED, after, PAGE + 1)
        listed, following = cut(found, PAGE, lambda one: ("identifiers", one["key"]))
        return shown(request, brand, SHARED, {"identifiers": listed, "following": following, "first": not cursor})


def operating_router(router: APIRouter, graph: Graph, pages: Pages, decided_by: Decider, runner: Runner) -> None:
    @router.post("/console/{brand}/operations/jobs/run")
    async def run(brand: Brand, form: Sent) -> Response:
        """Begins it and waits for nothing: the list of jobs shows what comes of it."""
        await runner.run_alongside(form.text("job", 80), brand, None)
        return RedirectResponse(f"{here(brand)}#jobs", 303)

    @router.get(IDENTIFIER)
    async def identifier(brand: Brand, kind: str, value: str) -> Response:
        """One identifier, and what declaring it personal would do."""
        found = await _found(graph, brand, kind, value)
        return pages.page("identifier.html", brand=brand, place="operations", identifier=found, here=here(brand))

    @router.post(f"{IDENTIFIER}/declare")
    async def declare(brand: Brand, kind: str, value: str, form: Sent) -> Response:
        """Applies only to what was looked at."""
        decision = decision_of(decided_by, brand, form)
        found = await _found(graph, brand, kind, value)
        if found["status"] != form.text("status"):
            raise Conflict(f"it is {found['status']} by now, and nothing was changed; look at it again")
        await declare_identifier(graph, decision, Identifier(kind, value), Standing.LINKABLE)
        return RedirectResponse(f"{here(brand)}/identifier/{segment(kind)}/{segment(value)}", 303)


async def _jobs(runner: Runner, brand: str) -> list[Any]:
    now = datetime.now(UTC)
    latest = await runner.latest(brand)
    return [job_line(name, job.says, latest[name], now) for name, job in runner.jobs.items()]


async def _found(graph: Graph, brand: str, kind: str, value: str) -> Row:
    found = await find_identifier(graph, brand, Identifier(kind, value)) if kind in TYPES else None
    if found is None:
        raise NotFound(
            f"no {kind[:40]} {value[:80]!r} was ever seen in brand {brand}; the list of shared identifiers has those there are"
        )
    return found


def here(brand: str) -> str:
    return f"/console/{segment(brand)}/operations"
