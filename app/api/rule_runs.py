"""What a version of the rules would change (dry run), putting it in force, going back; and how far each run came."""

import asyncio
from typing import Any

from fastapi import APIRouter, Response

from app.api.bodies import JsonRoute, Nothing
from app.api.paging import DEFAULT_LIMIT, Brand, Cursor, Limit, answer, page
from app.domain.brands import brand_of
from app.graph.deciding import Decider
from app.review.rehearse import RULE_RUN_LIST, GoOn, Rehearsal

WAIT_S = 10.0  # for a run that is asked for to end, before the answer is 202
POLL_S = 0.1
UNDER_WAY: dict[int | str, dict[str, Any]] = {
    202: {"description": "It goes on; GET /api/rules/runs/{run_id} tells how far it came"}
}


def rule_runs_router(rehearsal: Rehearsal) -> APIRouter:
    router = APIRouter(tags=["rules"])

    @router.get("/api/rules/runs", summary="Dry runs, promotions, roll-backs and rebuilds, the newest first")
    async def runs(x_brand_id: Brand = None, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> Response:
        found = await rehearsal.list_runs(brand_of(x_brand_id), RULE_RUN_LIST.begin(cursor), limit + 1)
        return page(found, limit, RULE_RUN_LIST.place)

    @router.get("/api/rules/runs/{run_id}", summary="One run: how far it came, and what it found")
    async def run(run_id: str, x_brand_id: Brand = None) -> Response:
        """`differences` counts people by what becomes of them, `examples` names some. Two runs with equal `digest` found the
        same; two moments with equal `partition` have the same people with the same identifiers."""
        return answer(await rehearsal.find(brand_of(x_brand_id), run_id))

    return router


def rule_changes_router(decided_by: Decider, rehearsal: Rehearsal, go_on: GoOn) -> APIRouter:
    router = APIRouter(tags=["rules"], route_class=JsonRoute)

    @router.post("/api/rules/{version}/dry-run", summary="What this version would change", responses=UNDER_WAY)
    async def dry_run(version: str, body: Nothing | None = None, x_brand_id: Brand = None) -> Response:
        """Folds everybody again under it, and writes nothing of that. 202 while it runs: GET /api/rules/runs/{run_id}."""
        decision = decided_by(x_brand_id, None)
        return await _followed(rehearsal, go_on, decision.brand_id, await rehearsal.dry_run(decision, version))

    @router.post("/api/rules/{version}/promote", summary="Put this version in force", responses=UNDER_WAY)
    async def promote(version: str, body: Nothing | None = None, x_brand_id: Brand = None) -> Response:
        """It holds at once for all that comes, and everybody is resolved anew, as if it had held from the beginning."""
        decision = decided_by(x_brand_id, None)
        return await _followed(rehearsal, go_on, decision.brand_id, await rehearsal.promote(decision, version))

    @router.post("/api/rules/{version}/rollback", summary="Put in force again what this version replaced", responses=UNDER_WAY)
    async def roll_back(version: str, body: Nothing | None = None, x_brand_id: Brand = None) -> Response:
        decision = decided_by(x_brand_id, None)
        return await _followed(rehearsal, go_on, decision.brand_id, await rehearsal.roll_back(decision, version))

    @router.post("/api/rules/runs/{run_id}/cancel", summary="End a dry run, or a rebuild")
    async def cancel(run_id: str, body: Nothing | None = None, x_brand_id: Brand = None) -> Response:
        brand_id = brand_of(x_brand_id)
        await rehearsal.cancel(brand_id, run_id)
        return answer(await rehearsal.find(brand_id, run_id))

    return router


async def _followed(rehearsal: Rehearsal, go_on: GoOn, brand_id: str, run_id: str) -> Response:
    """Answers 200 when the run has ended in time, else 202: it goes on without its caller."""
    await go_on(brand_id)
    until = asyncio.get_running_loop().time() + WAIT_S
    while not (run := await rehearsal.find(brand_id, run_id))["finished_at"]:
        if asyncio.get_running_loop().time() > until:
            break
        await asyncio.sleep(POLL_S)
    return answer(run, 200 if run["finished_at"] else 202)
