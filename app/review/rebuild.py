"""Everything of people made anew from their evidence, and what stood otherwise: in a healthy graph nothing."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from neo4j import AsyncManagedTransaction

from app.domain.orders import AS_IT_CAME
from app.domain.plan import Plan
from app.domain.rules import Rules
from app.domain.state import State
from app.graph.standing import Astray, astray
from app.resolve.ruled import Difference, changes_nothing, differences, refolded

BECAUSE = "rebuilt from the evidence"


async def rebuilt(
    tx: AsyncManagedTransaction, currency: str, state: State, rules: Rules, at: datetime
) -> tuple[Plan | None, tuple[Difference, ...]]:
    """The plan that makes a region stand as its evidence says by these rules (None: it does), and what is other than that."""
    plan = _without_echoes(state, await asyncio.to_thread(refolded, state, rules, at, BECAUSE))  # others are served meanwhile
    wrong = await astray(tx, currency, state, plan)
    if changes_nothing(plan) and not any(wrong):
        return None, ()
    people, written = state.after(plan).profiles, {profile.profile_id for profile in plan.profiles}
    also = tuple(people[profile_id] for profile_id in sorted(wrong.people - written))
    counted = dict(plan.reckoned)
    marks = tuple((event_id, AS_IT_CAME) for event_id in sorted(wrong.events - counted.keys()))
    whole = replace(plan, profiles=(*plan.profiles, *also), reckoned=(*plan.reckoned, *marks))
    found = differences(state, plan)
    more = sorted({*_mended(state, plan, wrong)} - {one.about for one in found})
    return whole, (*found, *(Difference("changed", about, (), about) for about in more))


def _without_echoes(state: State, plan: Plan) -> Plan:
    """An event that comes sees the open links of which somebody is asked, and may draw again what a decided one said already.
    Nobody is asked about that one either, so it stays: it is no damage."""
    asked = {link_id for review in state.pending() for link_id in review.link_ids}
    rewrite = plan.rewrite
    assert rewrite is not None
    return replace(plan, rewrite=replace(rewrite, dropped_links=tuple(one for one in rewrite.dropped_links if one in asked)))


def _mended(state: State, plan: Plan, wrong: Astray) -> Iterator[str]:
    """Ids of whatever else a plan mends: mostly people, of whom no figure is other than it stood."""
    assert plan.rewrite is not None
    rewrite, after = plan.rewrite, state.after(plan)
    homes = {event_id: home.profile_id for event_id, home in state.whole.homes.items()}
    homes |= {one.event_id: one.profile_id for one in rewrite.moved}
    yield from wrong.people
    yield from (homes.get(event_id) or event_id for event_id in wrong.events)
    yield from (one.profile_id or one.event_id for one in rewrite.moved)
    yield from (hold.profile_id for hold in (*plan.holds, *rewrite.let_go))
    yield from (min(after.holders(node.identifier), default=str(node.identifier)) for node in plan.identifiers)
    yield from (*rewrite.revived, *(one.profile_id for one in rewrite.led))
    yield from (*(merge.base_id for merge in plan.merges), *rewrite.unmade)
    yield from (*(link.link_id for link in plan.links), *rewrite.dropped_links)
    yield from (intent.intent_id for intent in plan.intents)
    yield from (*(key for key, _, _ in plan.closed_intents), *rewrite.dropped_intents, *(key for key, _ in rewrite.rescored))
