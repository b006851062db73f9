"""What stands in the graph beside what a plan says should: the properties that people query, which no fold reads."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from neo4j import AsyncManagedTransaction

from app.domain.events import Event, Money
from app.domain.identifiers import Identifier
from app.domain.orders import AS_IT_CAME, COUNTED, Reckoning
from app.domain.plan import Hold, Plan
from app.domain.profiles import Profile
from app.domain.state import State
from app.graph.region import in_parts
from app.graph.rows import Row, key, moment, profile_row, profile_times


class Astray(NamedTuple):
    """People of whom something stands otherwise, by id, and purchases and refunds that count otherwise."""

    people: frozenset[str]
    events: frozenset[str]


async def astray(tx: AsyncManagedTransaction, currency: str, state: State, plan: Plan) -> Astray:
    """Of a region that is under lock, and the plan that a replay of it made."""
    brand_id, people = state.brand_id, state.after(plan).profiles
    asked = (key(brand_id, profile_id) for profile_id in people.keys() - plan.founded)
    found = [row["person"] for row in await in_parts(tx, "rules/people_stand", "profiles", asked)]
    by_merge = dict(plan.brought)
    wrong = {
        row["profile_id"]
        for row in found
        if not _stands(row, people[row["profile_id"]], brand_id, currency) or not _held(row, by_merge)
    }
    counted = [one.event_id for _, one in state.whole.log if isinstance(one, Event) and one.type in COUNTED]
    marked = await in_parts(tx, "rules/orders_stand", "events", (key(brand_id, event_id) for event_id in counted))
    should = dict(plan.reckoned)
    return Astray(frozenset(wrong), _miscounted(marked, should))


def _stands(row: Mapping[str, Any], profile: Profile, brand_id: str, currency: str) -> bool:
    should = profile_row(profile, brand_id, currency) | profile_times(profile)
    return all(row.get(name) == value for name, value in should.items())


def _held(row: Mapping[str, Any], by_merge: Mapping[Hold, str | None]) -> bool:
    """Whether what somebody holds says rightly by which merge it came; that they hold it is the fold's to say."""
    holds = {Hold(row["profile_id"], Identifier(kind, value)): merge_id for kind, value, merge_id in row["held"]}
    return all(by_merge[hold] == merge_id for hold, merge_id in holds.items() if hold in by_merge)


def _miscounted(marked: Iterable[Row], should: Mapping[str, Reckoning]) -> frozenset[str]:
    return frozenset(row["event_id"] for row in marked if _reckoning(row) != should.get(row["event_id"], AS_IT_CAME))


def _reckoning(row: Row) -> Reckoning:
    minor = row["revised_minor"]
    revised = None if minor is None else Money(minor, row["revised_currency"])
    return Reckoning(moment(row["cancelled_at"]), revised, moment(row["revised_at"]))
