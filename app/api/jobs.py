"""Running a job by hand. Each is a function of a brand, handed in by the composition root."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from app.api.bodies import JsonRoute
from app.api.paging import Brand, answer
from app.domain.brands import brand_of
from app.domain.errors import NotFound

log = logging.getLogger(__name__)

Job = Callable[[str, datetime | None], Awaitable[Mapping[str, object]]]


class JobRun(BaseModel):
    model_config = ConfigDict(extra="forbid")

    as_of: AwareDatetime | None = Field(None, description="The job's clock, for jobs that look at one; now when left out.")


def jobs_router(jobs: Mapping[str, Job]) -> APIRouter:
    """`jobs` by name: what each did is what it returns. It can be stopped and run again at any time."""
    router = APIRouter(tags=["jobs"], route_class=JsonRoute)
    running: set[asyncio.Task[None]] = set()

    @router.post("/api/jobs/{name}/run", summary="Run a job for this brand")
    async def run(
        name: str,
        body: JobRun | None = None,
        x_brand_id: Brand = None,
        wait: Annotated[bool, Query(description="false answers 202 at once; what comes of it is logged.")] = True,
    ) -> Response:
        """`maintenance` resolves parked events: those whose people were too many for one delivery to resolve
        anew; and deletes entries of streams that are older than the retention. Events themselves stay.
        """
        brand_id = brand_of(x_brand_id)
        job = jobs.get(name)
        if job is None:
            raise NotFound(f"no job {name[:40]!r}; the jobs are {', '.join(jobs)}")
        as_of = body.as_of if body else None
        if wait:
            return answer({"job": name, **await job(brand_id, as_of)})
        task = asyncio.create_task(_logged(name, job, brand_id, as_of))
        running.add(task)
        task.add_done_callback(running.discard)
        response = answer({"job": name})
        response.status_code = 202
        return response

    return router


async def _logged(name: str, job: Job, brand_id: str, as_of: datetime | None) -> None:
    """A job that nobody waits for: its failure is told in the log, and the next run goes on where it stopped."""
    try:
        log.info("job %s of brand %s: %s", name, brand_id, dict(await job(brand_id, as_of)))
    except Exception:  # whatever it is, nobody else hears of it
        log.exception("job %s of brand %s failed", name, brand_id)
