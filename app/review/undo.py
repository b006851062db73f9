"""Undo of a merge, undo of that, and splitting a profile: each locks and reads the whole component, folds it again (beside the
service's loop, which goes on) and writes the difference, in one transaction."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from neo4j import AsyncManagedTransaction

from app.domain.errors import Conflict, NotFound
from app.domain.identifiers import Identifier
from app.domain.judgements import Judgement, JudgementKind
from app.domain.plan import Plan
from app.domain.state import State
from app.graph.component import survivors, whole_component
from app.graph.deciding import Decision
from app.graph.driver import Graph, rows
from app.graph.rows import millis
from app.graph.write import write
from app.resolve.undo import apart, groups_apart, judged_anew, retracted

PATIENCE_S = 60.0  # for one component


@dataclass(frozen=True, slots=True)
class Undone:
    """`outcome`: `undone`, `split`, `preview` (nothing was changed), or of what was taken back `merged`, and `retracted`
    where nobody merges by that.

    `profile_ids` are all who stand after it of those it touched; `split` those of them that are a person again, `gone` those
    that are none any more, `moved_events` how many events are another's, `undone_merges` all merges that stand no more,
    `merges` those that stand anew, `review_ids` the reviews that opened, moved or ended.
    """

    outcome: str
    merge_id: str | None
    profile_ids: tuple[str, ...]
    split: tuple[str, ...]
    gone: tuple[str, ...]
    moved_events: int
    undone_merges: tuple[str, ...]
    merges: tuple[str, ...]
    review_ids: tuple[str, ...]


async def undo_merge(graph: Graph, decision: Decision, merge_id: str, preview: bool = False) -> Undone:
    """Takes a merge back as if it had been forbidden from the beginning, whatever came since. They never merge again by
    themselves.

    Raises NotFound for an unknown merge, Conflict when it does not stand, RegionTooLarge.
    """

    async def work(tx: AsyncManagedTransaction) -> Undone:
        row = await _merge(tx, decision.brand_id, merge_id)
        if row["undone"]:
            raise Conflict(f"merge {merge_id} is undone already; POST /api/merges/{merge_id}/redo takes that back")
        state = await whole_component(tx, decision.brand_id, [row["base"]])
        rules = await decision.book.in_force(tx, decision.brand_id)
        judgement = await asyncio.to_thread(apart, decision, state, merge_id, rules)
        plan = await asyncio.to_thread(judged_anew, state, [judgement], decision.at, judgement.judgement_id, rules)
        if not preview:
            await write(tx, plan, decision.brand_id, decision.currency)
            await rows(
                tx,
                "review/undone",
                {"brand_id": decision.brand_id, "merge_id": merge_id, "judgement_id": judgement.judgement_id},
            )
        return _said("preview" if preview else "undone", merge_id, state, plan)

    return await graph.write(work, PATIENCE_S)


async def redo_merge(graph: Graph, decision: Decision, merge_id: str) -> Undone:
    """Takes an undo back, as if it had never been: the undo of the undo.

    Raises NotFound for an unknown merge, Conflict when nobody undid it, RegionTooLarge.
    """

    async def work(tx: AsyncManagedTransaction) -> Undone:
        row = await _merge(tx, decision.brand_id, merge_id)
        if not row["undone"]:
            raise Conflict(f"merge {merge_id} stands: its undo was taken back already, or nobody undid it; nothing was changed")
        if row["undone_by"] is None:
            raise _no_undo(merge_id, row["parted_by"])
        return await _retracted(tx, decision, row["undone_by"], merge_id)

    return await graph.write(work, PATIENCE_S)


async def retract_judgement(graph: Graph, decision: Decision, judgement_id: str) -> Undone:
    """Takes back that some are not the same, as if nobody had said so: of a rejected review, of a split, of an undo.

    Raises NotFound for an unknown judgement, Conflict for one that joined people (undo its merge) or was taken back already.
    """

    async def work(tx: AsyncManagedTransaction) -> Undone:
        return await _retracted(tx, decision, judgement_id, None)

    return await graph.write(work, PATIENCE_S)


async def _retracted(tx: AsyncManagedTransaction, decision: Decision, judgement_id: str, merge_id: str | None) -> Undone:
    """`merge_id` is the merge that should stand again; without one any new merge tells that they are one."""
    asked = {"brand_id": decision.brand_id, "judgement_id": judgement_id}
    people = [one["profile_id"] for one in await rows(tx, "review/spoken_of", asked)]
    if not people:
        raise NotFound(
            f"no judgement {judgement_id[:128]!r} in this brand speaks of anybody who is there; .../explain cites them"
        )
    state = await whole_component(tx, decision.brand_id, people)
    rules = await decision.book.in_force(tx, decision.brand_id)
    again = retracted(_standing(state, judgement_id), decision.at)
    because = f"{again.judgement_id} was taken back"
    plan = await asyncio.to_thread(judged_anew, state, [again], decision.at, because, rules)
    await rows(tx, "review/retracted", {**asked, "at": millis(decision.at), "by": decision.by, "note": decision.note})
    await write(tx, plan, decision.brand_id, decision.currency)
    merges = {merge.merge_id for merge in plan.merges}
    joined = bool(merges) if merge_id is None else merge_id in merges
    return _said("merged" if joined else "retracted", merge_id, state, plan)


async def split_profile(
    graph: Graph, decision: Decision, profile_id: str, groups: Sequence[frozenset[Identifier]], preview: bool = False
) -> Undone:
    """Makes several people of one, by groups of its identifiers, as if they had been kept apart from the beginning.

    Raises NotFound for an unknown profile, Unprocessable for groups that do not fit it, RegionTooLarge.
    """

    async def work(tx: AsyncManagedTransaction) -> Undone:
        person = (await survivors(tx, decision.brand_id, [profile_id]))[profile_id]
        state = await whole_component(tx, decision.brand_id, [person])
        judgements = groups_apart(decision, state, person, groups)
        rules = await decision.book.in_force(tx, decision.brand_id)
        plan = await asyncio.to_thread(judged_anew, state, judgements, decision.at, judgements[0].judgement_id, rules)
        if not preview:
            await write(tx, plan, decision.brand_id, decision.currency)
        return _said("preview" if preview else "split", None, state, plan)

    return await graph.write(work, PATIENCE_S)


async def _merge(tx: AsyncManagedTransaction, brand_id: str, merge_id: str) -> dict[str, Any]:
    found = await rows(tx, "review/merge", {"brand_id": brand_id, "merge_id": merge_id})
    if not found:
        raise NotFound(f"no merge {merge_id[:128]!r} in this brand; GET /api/merges lists them")
    return found[0]


def _no_undo(merge_id: str, parted_by: str | None) -> Conflict:
    if parted_by is None:
        return Conflict(f"merge {merge_id} was not undone by a person, so there is no undo to take back")
    return Conflict(
        f"merge {merge_id} was not undone by itself: a split, or the undo of another merge, parted its people; "
        f"POST /api/judgements/{parted_by}/retract takes that back"
    )


def _standing(state: State, judgement_id: str) -> Judgement:
    found = (entry for _, entry in state.whole.log if isinstance(entry, Judgement) and entry.judgement_id == judgement_id)
    judgement = next(found, None)
    if judgement is None:
        raise Conflict(f"what judgement {judgement_id} speaks of is no longer there")
    if judgement.kind is not JudgementKind.DISTINCT:
        raise Conflict(f"judgement {judgement_id} joined people; POST /api/merges/{{merge_id}}/undo takes its merge back")
    if judgement.retracted_at is not None:
        at = judgement.retracted_at.isoformat()
        raise Conflict(f"judgement {judgement_id} was taken back at {at} already; nothing is left to take back")
    return judgement


def _said(outcome: str, merge_id: str | None, state: State, plan: Plan) -> Undone:
    rewrite = plan.rewrite
    assert rewrite is not None
    after = state.after(plan)
    homes = {moved.profile_id for moved in rewrite.moved if moved.profile_id is not None}
    touched = {*rewrite.revived, *homes, *(profile.profile_id for profile in plan.profiles)}
    return Undone(
        outcome,
        merge_id,
        tuple(sorted(touched & after.profiles.keys())),
        tuple(sorted({*rewrite.revived, *plan.founded} & after.profiles.keys())),
        tuple(one.profile_id for one in rewrite.led),
        len(rewrite.moved),
        rewrite.unmade,
        tuple(merge.merge_id for merge in plan.merges),
        tuple(review.review_id for review in plan.reviews),
    )
