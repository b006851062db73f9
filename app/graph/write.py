"""Writes a Plan: one statement for its common part, a few more for what is rare (merges, reviews, judgements, imports)."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from neo4j import AsyncManagedTransaction

from app.domain.identifiers import Identifier
from app.domain.plan import Absorption, Hold, Moved, Plan, Rewrite
from app.domain.profiles import Profile, Standing
from app.graph.changes import write_changes
from app.graph.driver import Rows, rows
from app.graph.rows import Row, identifier_row, key, millis, profile_row, profile_times
from app.graph.write_decisions import Held, judgement_row, merge_row, waiting
from app.graph.write_evidence import event_row, import_row, intent_row, reckoned_row, unparked_row, visit_row


async def write(
    tx: AsyncManagedTransaction, plan: Plan, brand_id: str, currency: str, parked: frozenset[str] = frozenset()
) -> None:
    """Writes everything of a plan inside `tx`. Ids that the rows name must be those `read_neighbourhood` locked.

    `parked` are ids of the plan's events that are stored already and were not resolved until now.
    """
    unparked = [unparked_row(stored, brand_id) for stored in plan.events if stored.event.event_id in parked]
    if unparked:
        plan = replace(plan, events=tuple(stored for stored in plan.events if stored.event.event_id not in parked))
    held = await _held_before(tx, plan, brand_id)
    await rows(tx, "resolve/write", {"plan": _common(plan, brand_id, currency)})
    if unparked:
        await rows(tx, "resolve/unpark", {"plan": {"rows": unparked}})
    if plan.imports:
        await rows(tx, "resolve/imports", {"plan": {"rows": [import_row(new, brand_id) for new in plan.imports]}})
    if plan.rewrite:
        await rows(tx, "resolve/rewrite", {"plan": _taken_back(plan, plan.rewrite, brand_id)})
    if plan.absorptions:
        await rows(tx, "resolve/absorb", {"plan": {"rows": [_absorbed(gone, brand_id) for gone in plan.absorptions]}})
    found_again: Rows = []
    if plan.adopted:
        found_again = await rows(tx, "resolve/adopt", {"plan": {"rows": [_adopted(one, brand_id) for one in plan.adopted]}})
    if plan.merges:
        again = plan.rewrite and plan.rewrite.at
        history = [merge_row(merge, brand_id, currency, held, again or merge.decided_at) for merge in plan.merges]
        await rows(tx, "resolve/merges", {"plan": {"rows": history}})
    if plan.links or plan.reviews:
        await rows(tx, "resolve/reviews", {"plan": waiting(plan, brand_id)})
    if plan.judgements:
        judged = [judgement_row(judgement, brand_id) for judgement in plan.judgements]
        await rows(tx, "resolve/judgements", {"plan": {"rows": judged}})
    await write_changes(tx, plan, brand_id, found_again)


def _common(plan: Plan, brand_id: str, currency: str) -> dict[str, Any]:
    new = [profile for profile in plan.profiles if profile.profile_id in plan.founded]
    old = [profile for profile in plan.profiles if profile.profile_id not in plan.founded]
    merges = dict(plan.brought)
    visits = [row for stored in plan.events if (row := visit_row(stored.event, brand_id))]
    return {
        "brand_id": brand_id,
        "founded": [_profile(profile, brand_id, currency) for profile in (*new, *plan.stillborn)],
        "profiles": [_profile(profile, brand_id, currency) for profile in old],
        "identifiers": [
            {
                "set": identifier_row(node, brand_id),
                "first_seen": [millis(node.first_seen)] if node.first_seen else [],
                "last_seen": [millis(node.last_seen)] if node.last_seen else [],
            }
            for node in plan.identifiers
            if node.first_seen or node.declared or node.standing is not Standing.BLOCKED
        ],
        "holds": [_hold(hold, merges.get(hold), brand_id) for hold in plan.holds],
        "events": [event_row(stored, brand_id) for stored in plan.events],
        "visits": visits,
        "intents": [intent_row(intent, brand_id) for intent in plan.intents],
        "closed": [
            {"key": key(brand_id, intent_id), "status": status, "converted_by": by}
            for intent_id, status, by in plan.closed_intents
        ],
        "reckoned": [reckoned_row(event_id, found, brand_id) for event_id, found in plan.reckoned],
    }


def _profile(profile: Profile, brand_id: str, currency: str) -> Row:
    return {"set": profile_row(profile, brand_id, currency), **profile_times(profile)}


def _absorbed(gone: Absorption, brand_id: str) -> Row:
    return {
        "gone": key(brand_id, gone.profile_id),
        "into": key(brand_id, gone.into),
        "survivor": key(brand_id, gone.survivor),
        "merge_id": gone.merge_id,
        "moved_by": gone.moved_by,
    }


def _adopted(one: Moved, brand_id: str) -> Row:
    assert one.profile_id is not None
    return {"event": key(brand_id, one.event_id), "profile": key(brand_id, one.profile_id), "moved_by": one.moved_by}


def _hold(hold: Hold, merge_id: str | None, brand_id: str) -> Row:
    return {"profile": key(brand_id, hold.profile_id), "identifier": key(brand_id, *hold.identifier), "merge_id": merge_id}


def _taken_back(plan: Plan, rewrite: Rewrite, brand_id: str) -> dict[str, Any]:
    """What stood before a replay and stands no more, what brought what is held, and how old people are."""
    return {
        "brought": [_hold(hold, merge_id, brand_id) for hold, merge_id in plan.brought],
        "ages": [{"profile": key(brand_id, one.profile_id), "created_at": millis(one.created_at)} for one in plan.profiles],
        "moved": _moved(rewrite.moved, brand_id),
        "let_go": [_hold(hold, None, brand_id) for hold in rewrite.let_go],
        "revived": [key(brand_id, profile_id) for profile_id in rewrite.revived],
        "led": [
            {
                "gone": key(brand_id, one.profile_id),
                "into": [key(brand_id, one.into)] if one.into else [],
                "merge_id": one.merge_id,
            }
            for one in rewrite.led
        ],
        "unmade": [key(brand_id, merge_id) for merge_id in rewrite.unmade],
        "links": [key(brand_id, link_id) for link_id in rewrite.dropped_links],
        "intents": [key(brand_id, intent_id) for intent_id in rewrite.dropped_intents],
        "rescored": [{"key": key(brand_id, intent_id), "score": score} for intent_id, score in rewrite.rescored],
        "at": millis(rewrite.at),
        "because": rewrite.because,
    }


def _moved(moved: Iterable[Moved], brand_id: str) -> list[Row]:
    """One row for all events that go the same way: in a large component these are thousands."""
    ways: dict[tuple[str | None, bool, str | None], list[str]] = {}
    for one in moved:
        ways.setdefault((one.profile_id, one.matched, one.moved_by), []).append(key(brand_id, one.event_id))
    return [
        {"profile": key(brand_id, to) if to else None, "matched": matched, "merge_id": merge_id, "events": events}
        for (to, matched, merge_id), events in ways.items()
    ]


async def _held_before(tx: AsyncManagedTransaction, plan: Plan, brand_id: str) -> Held:
    """What the profiles of each merge held before it, for the snapshots that people read."""
    ids: Iterable[str] = {profile.profile_id for merge in plan.merges if merge.held is None for profile in merge.before}
    if not ids:
        return {}
    found = await rows(tx, "resolve/held", {"touched": {"profiles": [key(brand_id, profile_id) for profile_id in sorted(ids)]}})
    return {row["profile_id"]: [Identifier(*pair) for pair in row["identifiers"]] for row in found}
