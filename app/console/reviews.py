"""The merge queue: who waits to be decided on, each review side by side, and the decisions themselves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from app.console.comparison import BeforeAfter, before_after, candidate, compare
from app.console.forms import Sent, decision_of
from app.console.pages import Pages, segment, wants_part
from app.console.people import name_of, name_of_snapshot
from app.console.routes import Brand
from app.domain.cursors import cut
from app.domain.errors import BadInput, Conflict, NotFound
from app.domain.profiles import ReviewStatus
from app.graph.deciding import Decider, Decision
from app.graph.driver import Graph
from app.graph.history import REVIEW_LIST, find_merge, list_reviews, reviews_beside
from app.graph.rows import Row, millis
from app.review.decide import approve, foresee, reject
from app.review.queue import read_review

PAGE = 25
STATUSES = tuple(status.value for status in ReviewStatus)
EVERY = "all"

Status = Annotated[str, Query(max_length=20)]
Cursor = Annotated[str, Query(max_length=400)]
Keep = Annotated[list[str] | None, Query(max_length=1_000)]


@dataclass(frozen=True, slots=True)
class Outlook:
    """What approving would do: who is kept and who left out, by id, and the name of who they become; `refused` says why it
    cannot be."""

    kept: tuple[str, ...]
    left_out: tuple[str, ...]
    change: BeforeAfter | None = None
    becomes: str = ""
    refused: str = ""


def reviews_router(router: APIRouter, graph: Graph, pages: Pages, decided_by: Decider) -> None:
    @router.get("/console/{brand}/reviews")
    async def reviews(brand: Brand, status: Status = ReviewStatus.PENDING.value, cursor: Cursor = "") -> Response:
        if status not in (*STATUSES, EVERY):
            raise BadInput(f"status: {status!r} is none; choose one of {', '.join((*STATUSES, EVERY))}")
        wanted = STATUSES if status == EVERY else (status,)
        found = await list_reviews(graph, brand, wanted, REVIEW_LIST.begin(cursor), PAGE + 1)
        shown, following = cut(found, PAGE, REVIEW_LIST.place)
        listed = [{**one, "names": [name_of(profile) for profile in one["profiles"]]} for one in shown]
        told: dict[str, Any] = {
            "reviews": listed,
            "listing": status,
            "statuses": (*STATUSES, EVERY),
            "following": following,
            "first": not cursor,
        }
        return pages.page("reviews.html", brand=brand, place="reviews", now=datetime.now(UTC), **told)

    @router.get("/console/{brand}/reviews/{review_id}")
    async def review(
        request: Request, brand: Brand, review_id: str, keep: Keep = None, chosen: bool = False, merge: str = ""
    ) -> Response:
        """`keep` are the people who are one, all where nobody was left out; `merge` what the decision made, when it was made."""
        found = await _found(graph, brand, review_id)
        shown: dict[str, Any] = {"review": found, "here": _here(brand, review_id), "outlook": None, "merge": ""}
        if merge and (made := await find_merge(graph, brand, merge)):
            shown["merge"] = made["merge_id"]
        shown["names"] = {one["profile_id"]: name_of(one) for one in found["profiles"]}
        limits = (await decided_by(brand, None).book.now(graph, brand)).limits
        if found["status"] == ReviewStatus.PENDING.value:
            kept = [one for one in found["profile_ids"] if not chosen or one in (keep or ())]
            shown["outlook"] = await _outlook(graph, decided_by(brand, None), found, kept, limits)
        if wants_part(request):
            address = shown["here"] + f"?{request.url.query}"
            return pages.part("part_outlook.html", brand=brand, headers={"hx-replace-url": address}, **shown)
        shown["lines"] = compare([candidate(one["all_identifiers"], one["attributes"]) for one in found["profiles"]], limits)
        shown["beside"] = await reviews_beside(graph, brand, review_id, millis(found["created_at"]))
        return pages.page("review.html", brand=brand, place="reviews", now=datetime.now(UTC), **shown)

    _decisions(router, graph, decided_by)


def _decisions(router: APIRouter, graph: Graph, decided_by: Decider) -> None:
    @router.post("/console/{brand}/reviews/{review_id}/approve")
    async def approved(brand: Brand, review_id: str, form: Sent) -> Response:
        """Who is left out is from then on not the same person."""
        decision = decision_of(decided_by, brand, form)
        done = await approve(graph, decision, review_id, form.number("version"), form.all("keep"))
        return RedirectResponse(f"{_here(brand, review_id)}?merge={segment(done.merge_id)}", 303)

    @router.post("/console/{brand}/reviews/{review_id}/reject")
    async def rejected(brand: Brand, review_id: str, form: Sent) -> Response:
        decision = decision_of(decided_by, brand, form)
        await reject(graph, decision, review_id, form.number("version"))
        return RedirectResponse(_here(brand, review_id), 303)


async def _found(graph: Graph, brand: str, review_id: str) -> Row:
    found = await read_review(graph, brand, review_id)
    if found is None:
        raise NotFound(f"brand {brand} has no review {review_id[:128]!r}; the list of reviews has those there are")
    return found


async def _outlook(graph: Graph, decision: Decision, review: Row, kept: Sequence[str], limits: Mapping[str, int]) -> Outlook:
    left_out = tuple(one for one in review["profile_ids"] if one not in kept)
    if len(kept) < 2:
        return Outlook(tuple(kept), left_out, refused="Keep at least two to approve.")
    try:
        seen = await foresee(graph, decision, review["review_id"], review["version"], kept)
    except Conflict as error:
        return Outlook(tuple(kept), left_out, refused=f"{error.title}: {error.detail}.")
    return Outlook(tuple(kept), left_out, before_after(seen.before, seen.after, limits), name_of_snapshot(seen.after))


def _here(brand: str, review_id: str) -> str:
    return f"/console/{brand}/reviews/{segment(review_id)}"
