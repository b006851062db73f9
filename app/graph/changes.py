"""What a Plan did to identities, as entries of the stream `identity.changes`, written in the plan's own transaction."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from neo4j import AsyncManagedTransaction

from app.domain.judgements import Judgement, JudgementKind
from app.domain.plan import Plan
from app.domain.profiles import Merge, Review, ReviewStatus
from app.graph.driver import rows
from app.graph.rows import Row, key, millis


def stream_key(brand_id: str) -> str:
    """The key of the node that knows the positions of a brand's `identity.changes`."""
    return key(brand_id, "identity.changes")


async def write_changes(tx: AsyncManagedTransaction, plan: Plan, brand_id: str, found_again: Iterable[Row] = ()) -> None:
    """Tells of merges, reviews and where ids lead, also those `found_again` (rows of `resolve/adopt`). The last statement of its
    transaction, because it takes the lock of the brand's stream. That ids were created is told later (`tell_created`), or here
    when more is told of them."""
    told = changes_of(plan, brand_id, found_again)
    if told:
        await _tell(tx, brand_id, sorted({key(brand_id, one) for row in told for one in _named(row)}), told)


async def tell_created(tx: AsyncManagedTransaction, brand_id: str, limit: int) -> int:
    """Tells of the first ids that were not told of yet, at most `limit`, and returns of how many were looked at."""
    untold = [row["key"] for row in await rows(tx, "publish/untold", {"brand_id": brand_id, "limit": limit})]
    if untold:
        await _tell(tx, brand_id, untold, [])
    return len(untold)


async def tell_erased(tx: AsyncManagedTransaction, brand_id: str, profile_ids: Sequence[str], at: datetime) -> None:
    """Tells that ids lead to nobody any more, while they are still there."""
    told = [{"type": "profile.erased", "at": millis(at), "set": {"profile_id": one}} for one in profile_ids]
    await _tell(tx, brand_id, [key(brand_id, one) for one in profile_ids], told)


async def _tell(tx: AsyncManagedTransaction, brand_id: str, concerned: list[str], told: list[Row]) -> None:
    asked = {"brand_id": brand_id, "stream": stream_key(brand_id), "concerned": concerned, "rows": told}
    await rows(tx, "publish/changes", {"plan": asked})


def _named(row: Row) -> Iterator[str]:
    """The profile ids that an entry speaks of."""
    said = row["set"]
    yield from (said[name] for name in ("profile_id", "into") if said.get(name))
    yield from (*said.get("profile_ids", ()), *said.get("merged_profile_ids", ()))


def changes_of(plan: Plan, brand_id: str, found_again: Iterable[Row] = ()) -> list[Row]:
    """Rows for `publish/changes`, in the order in which consumers should hear: what ended before what began.

    Whether a review opened, moved or was decided is found out in the graph, which knows what was told of it.
    """
    undone = plan.rewrite.unmade if plan.rewrite else ()
    led = [*_led(plan), *(("profile.reassigned", {**one, "merge_id": None}) for one in found_again)]
    if not (undone or led or plan.merges or plan.reviews):
        return []
    at = millis(_moment(plan))
    ended = [review for review in plan.reviews if review.status is not ReviewStatus.PENDING]
    open_now = [review for review in plan.reviews if review.status is ReviewStatus.PENDING]
    return [
        *(_undone(merge_id, plan, brand_id, at) for merge_id in undone),
        *(_merge(merge, plan.judgements) for merge in plan.merges),
        *({"type": type_, "at": at, "set": said} for type_, said in led),
        *(_review(review, plan, brand_id, at) for review in (*ended, *open_now)),
    ]


def _led(plan: Plan) -> Iterator[tuple[str, Row]]:
    """Where ids lead now that led elsewhere (or were a person) before: a type and what it says, one of each id. Of a replay
    also who came apart."""
    because = {merge.merge_id: merge.because for merge in plan.merges}
    for gone in plan.absorptions:
        yield (
            "profile.merged",
            {
                "profile_id": gone.profile_id,
                "into": gone.into,
                "merge_id": gone.merge_id,
                "because": because.get(gone.merge_id),
            },
        )
    if plan.rewrite is None:
        return
    why = plan.rewrite.because
    for profile_id in plan.rewrite.revived:
        yield "profile.unmerged", {"profile_id": profile_id, "into": profile_id, "because": why}
    for one in plan.rewrite.led:
        type_ = "profile.merged" if one.merge_id else "profile.reassigned"
        yield type_, {"profile_id": one.profile_id, "into": one.into, "merge_id": one.merge_id, "because": why}
    for parted in plan.rewrite.parted:
        yield "profile.split", {"profile_id": parted.profile_id, "profile_ids": list(parted.parts), "because": why}


def _undone(merge_id: str, plan: Plan, brand_id: str, at: int) -> Row:
    """Whom it had joined is read from the merge history."""
    assert plan.rewrite is not None
    said = {"merge_id": merge_id, "because": plan.rewrite.because}
    return {"type": "merge.undone", "at": at, "merge": key(brand_id, merge_id), "set": said}


def _merge(merge: Merge, judgements: Iterable[Judgement]) -> Row:
    said: dict[str, Any] = {
        "merge_id": merge.merge_id,
        "profile_id": merge.base_id,
        "merged_profile_ids": list(merge.absorbed_ids),
        "reason": merge.reason,
        "because": merge.because,
        "decided_by": merge.decided_by,
        "review_id": next((one.review_id for one in judgements if one.judgement_id == merge.because), None),
    }
    return {"type": "merge.completed", "at": millis(merge.decided_at), "set": said}


def _review(review: Review, plan: Plan, brand_id: str, at: int) -> Row:
    decisions = [one for one in plan.judgements if one.review_id == review.review_id]
    same = {one.judgement_id for one in decisions if one.kind is JudgementKind.SAME}
    said: dict[str, Any] = {
        "review_id": review.review_id,
        "profile_ids": sorted(review.profile_ids),
        "reason": review.reason,
        "merge_id": next((merge.merge_id for merge in plan.merges if merge.because in same), None),
        "decided_by": next((one.decided_by for one in decisions), None),
    }
    return {"type": None, "at": at, "review": key(brand_id, review.review_id), "set": said}


def _moment(plan: Plan) -> datetime:
    """When what the plan stores came in; its reviews changed no later."""
    return max(_moments(plan))


def _moments(plan: Plan) -> Iterator[datetime]:
    if plan.rewrite:
        yield plan.rewrite.at
    yield from (stored.event.received_at for stored in plan.events)
    yield from (stored.imported.received_at for stored in plan.imports)
    yield from (judgement.decided_at for judgement in plan.judgements)
    yield from (merge.decided_at for merge in plan.merges)
    yield from (review.created_at for review in plan.reviews)
