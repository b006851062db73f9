"""Admin routes that decide: merges asked for, reviews approved and rejected."""

from dataclasses import asdict
from itertools import islice
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, StrictInt

from app.api.bodies import JsonRoute, Named, Note
from app.api.identifiers import the_ones
from app.api.paging import Brand
from app.graph.deciding import Decider
from app.graph.driver import Graph
from app.review.decide import Decided, approve, reject, request_merge
from app.review.undo import redo_merge, retract_judgement, split_profile, undo_merge

Version = Annotated[StrictInt | None, Field(description="The review's `version` as it was looked at.")]
Ids = Annotated[list[str], Field(min_length=1, max_length=1_000)]
Told = dict[str, dict[str, str | list[str] | None]]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class MergeRequest(_Body):
    profile_ids: Ids
    note: Note = None


class Approval(_Body):
    profile_ids: Ids | None = None
    version: Version = None
    note: Note = None


class Rejection(_Body):
    version: Version = None
    note: Note = None


class Undo(_Body):
    preview: bool = Field(False, description="Tell what would change, and change nothing.")
    note: Note = None


class Split(_Body):
    groups: Annotated[
        list[list[Named]],
        Field(min_length=2, max_length=100, description="Identifiers that the profile holds, in any written form."),
    ]
    preview: bool = Field(False, description="Tell what would change, and change nothing.")
    note: Note = None


class Noted(_Body):
    note: Note = None


def decisions_router(graph: Graph, country: str, decided_by: Decider) -> APIRouter:
    """`country` (ISO 3166) reads phone numbers that are written without theirs."""
    router = APIRouter(tags=["decisions"], route_class=JsonRoute)

    @router.post("/api/merges")
    async def merge(body: MergeRequest, brand: Brand = None) -> Told:
        """Merge profiles; above the cap a review is opened instead."""
        return _said(await request_merge(graph, decided_by(brand, body.note), body.profile_ids))

    @router.post("/api/merges/{merge_id}/undo")
    async def undo(merge_id: str, body: Undo | None = None, brand: Brand = None) -> dict[str, dict[str, object]]:
        """Take a merge back, as if it had been forbidden from the beginning; `preview` only tells what would move."""
        body = body or Undo()
        return {"data": asdict(await undo_merge(graph, decided_by(brand, body.note), merge_id, body.preview))}

    @router.post("/api/merges/{merge_id}/redo")
    async def redo(merge_id: str, body: Noted | None = None, brand: Brand = None) -> dict[str, dict[str, object]]:
        """Take an undo back, as if it had never been."""
        return {"data": asdict(await redo_merge(graph, decided_by(brand, body.note if body else None), merge_id))}

    @router.post("/api/judgements/{judgement_id}/retract")
    async def retract(judgement_id: str, body: Noted | None = None, brand: Brand = None) -> dict[str, dict[str, object]]:
        """Take back that some are not the same, as if nobody had said so: what a rejected review, a split or an undo said."""
        decision = decided_by(brand, body.note if body else None)
        return {"data": asdict(await retract_judgement(graph, decision, judgement_id))}

    @router.post("/api/profiles/{profile_id}/split")
    async def split(profile_id: str, body: Split, brand: Brand = None) -> dict[str, dict[str, object]]:
        """Make several people of one, by groups of its identifiers, as if they had been kept apart from the beginning."""
        decision, named = decided_by(brand, body.note), [(one.type, one.value) for group in body.groups for one in group]
        found = iter(await the_ones(graph, decision.brand_id, named, country))
        groups = [frozenset(islice(found, len(group))) for group in body.groups]
        return {"data": asdict(await split_profile(graph, decision, profile_id, groups, body.preview))}

    @router.post("/api/merge-queue/{review_id}/approve")
    async def approve_review(review_id: str, body: Approval | None = None, brand: Brand = None) -> Told:
        """Merge all profiles of a review, or a subset that is then not the same as those left out."""
        body = body or Approval()
        return _said(await approve(graph, decided_by(brand, body.note), review_id, body.version, body.profile_ids))

    @router.post("/api/merge-queue/{review_id}/reject")
    async def reject_review(review_id: str, body: Rejection | None = None, brand: Brand = None) -> Told:
        """Keep all profiles of a review apart, for good."""
        body = body or Rejection()
        return _said(await reject(graph, decided_by(brand, body.note), review_id, body.version))

    return router


def _said(decided: Decided) -> Told:
    return {
        "data": {
            "outcome": decided.outcome,
            "profile_id": decided.profile_id,
            "merge_id": decided.merge_id,
            "review_id": decided.review_id,
            "kept_apart_by": list(decided.kept_apart_by),
        }
    }
