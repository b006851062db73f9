"""An admin's decision: lock and read what it concerns, turn it into judgements, resolve, write. One transaction each."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from neo4j import AsyncManagedTransaction

from app.domain.errors import Conflict, NotFound, StaleDecision, Unprocessable
from app.domain.identifiers import Identifier
from app.domain.judgements import Judgement, JudgementKind
from app.domain.plan import Plan
from app.domain.profiles import Profile, Review, ReviewStatus
from app.domain.state import State
from app.graph.component import survivors, with_all_they_hold
from app.graph.deciding import Decision
from app.graph.driver import Graph, rows
from app.graph.rows import Row, key
from app.graph.snapshots import snapshot
from app.graph.write import write
from app.resolve import decisions
from app.resolve.resolve import resolve


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What an approval would do: snapshots (`app/graph/snapshots.py`) of who merges, the base first, and of who they become."""

    base_id: str
    before: tuple[Row, ...]
    after: Row


@dataclass(frozen=True, slots=True)
class Decided:
    """What a decision did: `merged` or `rejected`, or `review` when a merge was asked for above the cap.

    `kept_apart_by` are the judgements by which some are not the same from now on; each can be retracted.
    """

    outcome: str
    profile_id: str | None = None
    merge_id: str | None = None
    review_id: str | None = None
    kept_apart_by: tuple[str, ...] = ()


async def request_merge(graph: Graph, decision: Decision, profile_ids: Collection[str]) -> Decided:
    """Merges profiles within the cap at once, above it opens a review.

    Raises NotFound for an unknown id, Unprocessable for fewer than two ids, Conflict when all answer for one profile
    already, ForbiddenPair when two were judged not to be the same.
    """
    if len(set(profile_ids)) < 2:
        raise Unprocessable("profile_ids must name at least two different profiles")

    async def work(tx: AsyncManagedTransaction) -> Decided:
        asked = await survivors(tx, decision.brand_id, profile_ids)
        state = await _locked(tx, decision.brand_id, asked.values())
        members = [state.profiles[profile_id] for profile_id in sorted(set(asked.values()))]
        if len(members) < 2:
            raise Conflict(f"these ids all answer for profile {members[0].profile_id} already")
        cap = (await decision.book.in_force(tx, decision.brand_id)).max_auto_merge
        plan = await _carry_out(tx, decision, state, [decisions.merge_request(decision, members, cap)])
        if plan.merges:
            (merge,) = plan.merges
            return Decided("merged", merge.base_id, merge.merge_id)
        return Decided("review", None, None, _review_of(state.after(plan), members))

    return await graph.write(work)


async def approve(
    graph: Graph, decision: Decision, review_id: str, version: int | None = None, subset: Collection[str] | None = None
) -> Decided:
    """Merges a review's profiles, or a subset of them that is then not the same as those left out.

    Raises NotFound, StaleDecision when it is decided or its version moved, Unprocessable for a subset that is not one,
    ForbiddenPair when two of the chosen were judged not to be the same.
    """

    async def work(tx: AsyncManagedTransaction) -> Decided:
        state, judgements = await _approval(tx, decision, review_id, version, subset)
        plan = await _carry_out(tx, decision, state, judgements)
        (merge,) = plan.merges
        return Decided("merged", merge.base_id, merge.merge_id, review_id, _apart(judgements))

    return await graph.write(work)


async def foresee(graph: Graph, decision: Decision, review_id: str, version: int, subset: Collection[str]) -> Foreseen:
    """What `approve` would do now, by the same rules, written nowhere. Raises what `approve` raises."""

    async def work(tx: AsyncManagedTransaction) -> Foreseen:
        state, judgements = await _approval(tx, decision, review_id, version, subset)
        plan = resolve(state, (), judgements, await decision.book.in_force(tx, decision.brand_id))
        (merge,) = plan.merges
        held = {one.profile_id: _held(state, one.profile_id) for one in merge.before}
        base_first = sorted(merge.before, key=lambda one: (one.profile_id != merge.base_id, one.profile_id))
        before = tuple(snapshot(one, held[one.profile_id], decision.currency) for one in base_first)
        return Foreseen(merge.base_id, before, snapshot(merge.after, set().union(*held.values()), decision.currency))

    return await graph.write(work)


async def _approval(
    tx: AsyncManagedTransaction, decision: Decision, review_id: str, version: int | None, subset: Collection[str] | None
) -> tuple[State, tuple[Judgement, ...]]:
    """Who is concerned, under lock, and what an approval says of them."""
    state, review = await _review(tx, decision.brand_id, review_id, version)
    chosen = review.profile_ids if subset is None else await _chosen(tx, decision.brand_id, review, subset)
    members = [state.profiles[profile_id] for profile_id in sorted(review.profile_ids)]
    taken = [member for member in members if member.profile_id in chosen]
    left_out = [member for member in members if member.profile_id not in chosen]
    return state, decisions.approve(decision, review, taken, left_out, _holders(state))


def _holders(state: State) -> decisions.Holders:
    return {node.identifier: node.holders for node in state.identifiers.values()}


def _held(state: State, profile_id: str) -> set[Identifier]:
    return {node.identifier for node in state.identifiers.values() if profile_id in node.holders}


async def reject(graph: Graph, decision: Decision, review_id: str, version: int | None = None) -> Decided:
    """None of a review's profiles is any other; remembered for good. Raises NotFound, StaleDecision."""

    async def work(tx: AsyncManagedTransaction) -> Decided:
        state, review = await _review(tx, decision.brand_id, review_id, version)
        members = [state.profiles[profile_id] for profile_id in sorted(review.profile_ids)]
        judgements = decisions.reject(decision, review, members, _holders(state))
        await _carry_out(tx, decision, state, judgements)
        return Decided("rejected", None, None, review_id, _apart(judgements))

    return await graph.write(work)


def _apart(judgements: Iterable[Judgement]) -> tuple[str, ...]:
    return tuple(one.judgement_id for one in judgements if one.kind is JudgementKind.DISTINCT)


async def _locked(tx: AsyncManagedTransaction, brand_id: str, profile_ids: Collection[str]) -> State:
    state = await with_all_they_hold(tx, brand_id, profile_ids)
    if not state.profiles.keys() >= set(profile_ids):
        raise StaleDecision("one of these profiles was merged by somebody else at this very moment; look again and decide anew")
    return state


async def _review(tx: AsyncManagedTransaction, brand_id: str, review_id: str, version: int | None) -> tuple[State, Review]:
    """A pending review under lock, with its members. Raises NotFound, StaleDecision."""
    found = await rows(tx, "review/candidates", {"key": key(brand_id, review_id)})
    if not found:
        raise NotFound(f"no review {review_id} in brand {brand_id}")
    (row,) = found
    if row["status"] != ReviewStatus.PENDING.value:
        raise StaleDecision(f"review {review_id} is {row['status']} already; nothing was changed")
    state = await _locked(tx, brand_id, row["profile_ids"])
    review = state.reviews.get(review_id)
    if review is None or (version is not None and version != review.version):
        now = review.version if review else "decided"
        raise StaleDecision(
            f"review {review_id} moved (version {version if version is not None else row['version']}, now {now}); look again"
        )
    if not review.profile_ids <= state.profiles.keys():
        raise StaleDecision(f"review {review_id} grew at this very moment; look at it again")
    return state, review


async def _chosen(tx: AsyncManagedTransaction, brand_id: str, review: Review, subset: Collection[str]) -> frozenset[str]:
    chosen = frozenset((await survivors(tx, brand_id, subset)).values())
    strangers = chosen - review.profile_ids
    if strangers or len(chosen) < 2:
        what = f"{', '.join(sorted(strangers))} not among them" if strangers else "fewer than two chosen"
        raise Unprocessable(f"profile_ids must be two or more of review {review.review_id}'s profiles: {what}")
    return chosen


async def _carry_out(tx: AsyncManagedTransaction, decision: Decision, state: State, judgements: Iterable[Judgement]) -> Plan:
    plan = resolve(state, (), judgements, await decision.book.in_force(tx, decision.brand_id))
    await write(tx, plan, decision.brand_id, decision.currency)
    return plan


def _review_of(state: State, members: Iterable[Profile]) -> str | None:
    ids = {member.profile_id for member in members}
    return next((review.review_id for review in state.pending() if len(review.profile_ids & ids) > 1), None)
