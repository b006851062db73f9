"""Merge history: what became of whom, and taking it back."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from app.console.comparison import before_after
from app.console.forms import Sent, decision_of
from app.console.pages import Pages, segment, wants_part
from app.console.people import name_of_snapshot
from app.console.routes import Brand
from app.domain.cursors import cut
from app.domain.errors import NotFound
from app.graph.deciding import Decider
from app.graph.driver import Graph
from app.graph.history import MERGE_LIST, find_merge, list_merges, undone_by
from app.graph.rows import Row
from app.review.undo import redo_merge, undo_merge

PAGE = 25

Person = Annotated[str, Query(max_length=128)]
Cursor = Annotated[str, Query(max_length=400)]


def merges_router(router: APIRouter, graph: Graph, pages: Pages, decided_by: Decider) -> None:
    @router.get("/console/{brand}/merges")
    async def merges(brand: Brand, profile: Person = "", cursor: Cursor = "") -> Response:
        """With `profile`, those that made the person who answers for it."""
        found = await list_merges(graph, brand, profile or None, MERGE_LIST.begin(cursor), PAGE + 1)
        shown, following = cut(found, PAGE, MERGE_LIST.place)
        listed = [{**one, "name": name_of_snapshot(one["after"])} for one in shown]
        told: dict[str, Any] = {"merges": listed, "profile": profile, "following": following, "first": not cursor}
        return pages.page("merges.html", brand=brand, place="merges", **told)

    @router.get("/console/{brand}/merges/{merge_id}")
    async def merge(brand: Brand, merge_id: str) -> Response:
        found = await _found(graph, brand, merge_id)
        limits = (await decided_by(brand, None).book.now(graph, brand)).limits
        base_first = sorted(found["before"], key=lambda one: one["profile_id"] != found["base_profile_id"])
        change = before_after(base_first, found["after"], limits)
        may_redo = found["undone_at"] is not None and await undone_by(graph, brand, merge_id) is not None
        return pages.page("merge.html", brand=brand, place="merges", change=change, may_redo=may_redo, **_shown(brand, found))

    @router.get("/console/{brand}/merges/{merge_id}/undo")
    async def preview(request: Request, brand: Brand, merge_id: str) -> Response:
        """What would come apart; nothing is changed."""
        found = await _found(graph, brand, merge_id)
        undone = await undo_merge(graph, decided_by(brand, None), merge_id, preview=True)
        if wants_part(request):
            return pages.part("part_undo.html", brand=brand, undone=undone, **_shown(brand, found))
        return pages.page("undo.html", brand=brand, place="merges", undone=undone, **_shown(brand, found))

    @router.post("/console/{brand}/merges/{merge_id}/undo")
    async def undo(brand: Brand, merge_id: str, form: Sent) -> Response:
        decision = decision_of(decided_by, brand, form)
        await undo_merge(graph, decision, merge_id)
        return RedirectResponse(_here(brand, merge_id), 303)

    @router.post("/console/{brand}/merges/{merge_id}/redo")
    async def redo(brand: Brand, merge_id: str, form: Sent) -> Response:
        """Takes the undo back."""
        await redo_merge(graph, decision_of(decided_by, brand, form), merge_id)
        return RedirectResponse(_here(brand, merge_id), 303)


async def _found(graph: Graph, brand: str, merge_id: str) -> Row:
    found = await find_merge(graph, brand, merge_id)
    if found is None:
        raise NotFound(f"brand {brand} has no merge {merge_id[:128]!r}; the list of merges has those there are")
    return found


def _shown(brand: str, merge: Row) -> dict[str, Any]:
    names = {one["profile_id"]: name_of_snapshot(one) for one in merge["before"]}
    return {"merge": merge, "name": name_of_snapshot(merge["after"]), "names": names, "here": _here(brand, merge["merge_id"])}


def _here(brand: str, merge_id: str) -> str:
    return f"/console/{brand}/merges/{segment(merge_id)}"
