"""What a version of the rules would change, putting it in force, going back; and how far each run came."""

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from app.console.desk import Desk
from app.console.forms import Form, Sent, decision_of
from app.console.pages import Pages, wants_part
from app.console.people import name_of
from app.console.routes import Brand
from app.console.rules import RUNS_LOOKED_AT, at
from app.console.rulings import differing, found_by, part_done, people_in
from app.domain.errors import BadInput, Conflict
from app.domain.rules import SERVICE
from app.graph.deciding import Decider
from app.graph.driver import Graph
from app.graph.people import named
from app.graph.rows import Row
from app.review.drafts import read_version, rules_view
from app.review.rehearse import RULE_RUN_LIST, GoOn, Rehearsal
from app.review.rule_versions import rules_of, seen_as
from app.review.run_pages import DRY_RUN

PROMOTE, ROLL_BACK = "promote", "rollback"


def rule_runs_router(
    router: APIRouter, graph: Graph, pages: Pages, decided_by: Decider, rehearsal: Rehearsal, go_on: GoOn
) -> None:
    @router.get("/console/{brand}/rules/runs/{run_id}")
    async def run(request: Request, brand: Brand, run_id: str) -> Response:
        """Asked again and again by its page until it has ended; it goes on whoever looks."""
        found = await rehearsal.find(brand, run_id)
        people = await named(graph, brand, people_in(found))
        told: dict[str, Any] = {
            "run": found,
            "found": found_by(found),
            "people": {key: (one["profile_id"], name_of(one)) for key, one in people.items()},
            "percent": part_done(found),
            "here": at(brand),
        }
        if wants_part(request):
            return pages.part("part_run.html", brand=brand, **told)
        return pages.page("rules_run.html", brand=brand, place="rules", **told)

    @router.post("/console/{brand}/rules/runs/{run_id}/cancel")
    async def cancel(brand: Brand, run_id: str, form: Sent) -> Response:
        await rehearsal.cancel(brand, run_id)
        return RedirectResponse(at(brand, "runs", run_id), 303)

    @router.post("/console/{brand}/rules/{version}/dry-run")
    async def dry_run(brand: Brand, version: str, form: Sent) -> Response:
        return await _begun(go_on, brand, await rehearsal.dry_run(decision_of(decided_by, brand, form), version))


def rule_changes_router(router: APIRouter, graph: Graph, pages: Pages, decided_by: Decider, desk: Desk) -> None:
    """Putting a version in force and going back, each behind a page that says what exactly would happen."""
    book, rehearsal = desk.book, desk.rehearsal

    @router.get("/console/{brand}/rules/{version}/{change}")
    async def foreseen(brand: Brand, version: str, change: str) -> Response:
        """Which rules hold then, and what the latest dry run of them said."""
        in_force = await book.now(graph, brand)
        becomes = _becomes(await read_version(graph, book, brand, version), change, in_force.version)
        then = await rules_of(graph, book, brand, becomes)  # read once, so that what is shown is what `seen` stands for
        (total,) = await graph.read("rules/total", brand_id=brand)
        rehearsed = await _latest_dry_run(rehearsal, brand, becomes)
        told: dict[str, Any] = {
            "change": change,
            "version": version,
            "before": in_force.version,
            "after": becomes,
            "lines": differing(rules_view(in_force), rules_view(then)),
            "seen": seen_as(in_force.version, then),
            "people": total["people"],
            "dry_run": rehearsed,
            "found": found_by(rehearsed) if rehearsed else [],
            "now": datetime.now(UTC),
        }
        return pages.page("rules_change.html", brand=brand, place="rules", here=at(brand), **told)

    @router.post("/console/{brand}/rules/{version}/{change}")
    async def change(brand: Brand, version: str, change: str, form: Sent) -> Response:
        """Applies only to what was looked at: the version in force and the rules that take its place."""
        decision, seen = decision_of(decided_by, brand, form), _seen(form)
        _becomes(await read_version(graph, book, brand, version), change, (await book.now(graph, brand)).version)
        begin = rehearsal.promote if change == PROMOTE else rehearsal.roll_back
        return await _begun(desk.go_on, brand, await begin(decision, version, seen))


async def _begun(go_on: GoOn, brand: str, run_id: str) -> Response:
    await go_on(brand)
    return RedirectResponse(at(brand, "runs", run_id), 303)


def _becomes(found: Row, change: str, in_force: str) -> str:
    """The version that would be in force. Raises BadInput, Conflict."""
    version: str = found["version"]
    if change not in (PROMOTE, ROLL_BACK):
        raise BadInput(f"{change[:40]!r} is nothing that can be done with rules; there are {PROMOTE} and {ROLL_BACK}")
    if change == PROMOTE and version == in_force:
        raise Conflict(f"version {version} is in force already")
    if change == ROLL_BACK and (version != in_force or version == SERVICE):
        raise Conflict(f"version {in_force} is in force, so there is no roll-back of version {version}")
    return version if change == PROMOTE else found["replaced"] or SERVICE


async def _latest_dry_run(rehearsal: Rehearsal, brand: str, version: str) -> Row | None:
    runs = await rehearsal.list_runs(brand, RULE_RUN_LIST.begin(None), RUNS_LOOKED_AT)
    return next((one for one in runs if (one["kind"], one["version"], one["status"]) == (DRY_RUN, version, "done")), None)


def _seen(form: Form) -> str:
    seen = form.text("version", 40)
    if not seen:
        raise BadInput("version: the form does not say what was looked at; open the page again and send its form")
    return seen
