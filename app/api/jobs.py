"""Running a job by hand, and what became of each run."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from app.act.jobs import RUN_LIST, Runner
from app.api.bodies import JsonRoute
from app.api.moments import Moment
from app.api.paging import DEFAULT_LIMIT, Brand, Cursor, Limit, answer, page, page_of_few
from app.domain.brands import brand_of


class JobRun(BaseModel):
    model_config = ConfigDict(extra="forbid")

    as_of: Moment = Field(
        None, description="The job's clock (ISO-8601, UTC unless it has a zone), for jobs that look at one; now when left out."
    )


def jobs_router(runner: Runner) -> APIRouter:
    """A job can be stopped and run again at any time: it goes on where it stopped."""
    router = APIRouter(tags=["jobs"], route_class=JsonRoute)

    @router.post("/api/jobs/{name}/run", summary="Run a job for this brand", responses={202: {"description": "It has begun"}})
    async def run(
        name: str,
        body: JobRun | None = None,
        x_brand_id: Brand = None,
        wait: Annotated[bool, Query(description="false answers 202 at once: the job's runs show `run_id`.")] = True,
    ) -> Response:
        """Answers with what it did once it is finished. 409 when the same job of this brand runs already; 422 for an `as_of` that
        is more than two days ahead of the service's clock."""
        brand_id = brand_of(x_brand_id)
        as_of = body.as_of if body else None
        if wait:
            return answer({"job": name, **await runner.run(name, brand_id, as_of)})
        return answer({"job": name, "run_id": await runner.run_alongside(name, brand_id, as_of)}, 202)

    return router


def job_history_router(runner: Runner) -> APIRouter:
    router = APIRouter(tags=["jobs"])

    @router.get("/api/jobs", summary="The jobs there are, each with its last run")
    async def jobs(x_brand_id: Brand = None, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> Response:
        latest = await runner.latest(brand_of(x_brand_id))
        found = [{"name": name, "says": job.says, "last_run": latest[name]} for name, job in runner.jobs.items()]
        return page_of_few("jobs", found, limit, cursor, lambda one: str(one["name"]))

    @router.get("/api/jobs/{name}/runs", summary="A job's runs, the newest first")
    async def runs(name: str, x_brand_id: Brand = None, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> Response:
        """The last hundred are kept. `status` is running, done, failed, or interrupted: its process ended without a word."""
        found = await runner.history(name, brand_of(x_brand_id), RUN_LIST.begin(cursor), limit + 1)
        return page(found, limit, RUN_LIST.place)

    return router
