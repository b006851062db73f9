"""Finds what happened that an automation waits for, and stores each occurrence as one execution, whoever else looks too.

Everything is read in pages. What a page may lead to is decided and written in one transaction that has locked the people
it is about, so that two replicas, a merge, or a late event cannot make two executions of one occurrence.
"""

import uuid
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import orjson
from neo4j import AsyncManagedTransaction

from app.act.automations import Automation
from app.act.carts import ABANDONED_AFTER, LOOK_BACK, TOO_OLD_AFTER, Did, abandoned
from app.act.conditions import all_hold
from app.act.people import Person, read_people
from app.domain.errors import Unavailable
from app.domain.events import CART_ADDS, PURCHASE, stable_id
from app.graph.driver import Graph, Rows, rows
from app.graph.rows import Row, key, millis

PAGE = 200  # events or people looked at in one step
PATIENCE_S = 30.0
TRIES = 3
MS = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One thing that happened once to one person: `name` tells it from all others of its automation, `began` is since when
    (epoch milliseconds)."""

    profile_id: str
    name: str
    began: int
    event_ids: tuple[str, ...] = ()
    products: tuple[str, ...] = ()


Found = list[tuple[Person, Occurrence]]


async def trigger_carts(graph: Graph, brand_id: str, automations: Sequence[Automation], as_of: datetime) -> int:
    """Executions for carts that were abandoned at `as_of`; how many are new."""
    clock, made = millis(as_of), 0
    if not automations:
        return 0
    for kind in sorted(CART_ADDS):
        async for page in events_between(graph, brand_id, kind, as_of - TOO_OLD_AFTER, as_of - ABANDONED_AFTER):
            ids = sorted({row["profile_id"] for row in page if row["profile_id"]})

            async def work(tx: AsyncManagedTransaction, ids: list[str] = ids) -> int:
                people = distinct((await read_people(tx, brand_id, ids, clock)).values())
                histories = await _histories(tx, brand_id, people, clock)
                count = 0
                for automation in automations:
                    found = _carts(automation, people, histories, clock)
                    new = [one for person, one in found if all_hold(automation.conditions, person.facts)]
                    count += await store(tx, brand_id, automation, new, clock)
                return count

            made += await graph.write(work, PATIENCE_S) if ids else 0
    return made


async def trigger_events(graph: Graph, brand_id: str, automation: Automation, as_of: datetime) -> int:
    """Executions for events of the automation's type in the day before `as_of`; how many are new."""
    clock, made = millis(as_of), 0
    async for page in events_between(graph, brand_id, automation.event_type, as_of - TOO_OLD_AFTER, as_of):
        ids = [row["event_id"] for row in page if row["profile_id"]]
        about = [row["profile_id"] for row in page if row["profile_id"]]

        async def work(tx: AsyncManagedTransaction, ids: list[str] = ids, about: list[str] = about) -> int:
            people = await read_people(tx, brand_id, about, clock)
            found = await events_now(tx, brand_id, automation, ids, people)
            new = [one for person, one in found if all_hold(automation.conditions, person.facts)]
            return await store(tx, brand_id, automation, new, clock)

        made += await graph.write(work, PATIENCE_S) if ids else 0
    return made


async def carts_now(
    tx: AsyncManagedTransaction, brand_id: str, automation: Automation, people: Sequence[Person], clock: int
) -> Found:
    """Carts that these people have abandoned and that this automation has not answered, whatever its conditions say."""
    return _carts(automation, people, await _histories(tx, brand_id, people, clock), clock)


async def events_now(
    tx: AsyncManagedTransaction, brand_id: str, automation: Automation, event_ids: Sequence[str], people: Mapping[str, Person]
) -> Found:
    """Which of these events, of these people (by profile id), this automation has not answered, whatever its conditions say."""
    found = await rows(tx, "act/events_now", {"asked": {"brand_id": brand_id, "events": event_ids}})
    return [
        (
            people[row["profile_id"]],
            Occurrence(row["profile_id"], f"event|{row['event_id']}", row["at"], (row["event_id"],), _products(row["facts"])),
        )
        for row in found
        if automation.automation_id not in row["told"] and row["profile_id"] in people
    ]


def _carts(automation: Automation, people: Iterable[Person], histories: Mapping[str, list[Did]], clock: int) -> Found:
    return [
        (
            person,
            Occurrence(
                person.profile_id,
                f"cart|{cart.adds[0].event_id}",
                cart.began,
                tuple(add.event_id for add in cart.adds),
                cart.products,
            ),
        )
        for person in people
        for cart in abandoned(histories.get(person.profile_id, ()), clock)
        if automation.automation_id not in cart.told
    ]


async def store(tx: AsyncManagedTransaction, brand_id: str, automation: Automation, new: Sequence[Occurrence], clock: int) -> int:
    """Makes each occurrence an execution, in the automation's open batch; how many."""
    if not new:
        return 0
    batch_id = str(uuid.uuid4())
    asked = {
        "automation": key(brand_id, automation.automation_id),
        "as_of": clock,
        "now": millis(datetime.now(UTC)),
        "batch": {
            "set": {
                "key": key(brand_id, batch_id),
                "brand_id": brand_id,
                "batch_id": batch_id,
                "automation_id": automation.automation_id,
                "automation_name": automation.name,
                "status": "open",
                "unsettled": True,
            }
        },
        "rows": [_row(brand_id, automation, one) for one in new],
    }
    for _ in range(TRIES):
        (made,) = await rows(tx, "act/trigger", {"asked": asked})
        if made["made"]:
            return len(new)
    raise Unavailable("the batches of this automation are being ended by others at this very moment; try again")


def _row(brand_id: str, automation: Automation, one: Occurrence) -> Row:
    execution_id = stable_id(brand_id, "execution", automation.automation_id, one.name)
    return {
        "profile": key(brand_id, one.profile_id),
        "events": [key(brand_id, event_id) for event_id in one.event_ids],
        "set": {
            "key": key(brand_id, execution_id),
            "brand_id": brand_id,
            "execution_id": execution_id,
            "automation_id": automation.automation_id,
            "automation_name": automation.name,
            "automation_version": automation.version,
            "trigger": automation.trigger,
            "channel": automation.channel,
            "profile_id": one.profile_id,
            "occurrence": one.name,
            "began": one.began,
            "products": list(one.products),
            "status": "triggered",
        },
    }


async def events_between(graph: Graph, brand_id: str, kind: str, begin: datetime, end: datetime) -> AsyncIterator[Rows]:
    """Events of a type with whose they are, in pages."""
    asked = {"brand_id": brand_id, "type": kind, "from": millis(begin), "until": millis(end), "last": "", "limit": PAGE}
    while page := await graph.read("act/events_of_type", asked=asked):
        yield page
        asked = {**asked, "from": page[-1]["at"], "last": page[-1]["event_id"]}


async def _histories(tx: AsyncManagedTransaction, brand_id: str, people: Iterable[Person], clock: int) -> Mapping[str, list[Did]]:
    asked = {
        "brand_id": brand_id,
        "profiles": [person.profile_id for person in people],
        "types": [*sorted(CART_ADDS), PURCHASE],
        "from": clock - LOOK_BACK // MS,
        "until": clock,
    }
    found: dict[str, list[Did]] = {}
    for row in await rows(tx, "act/history", {"asked": asked}):
        told, bought = frozenset(row["told"]), row["type"] == PURCHASE
        did = Did(row["event_id"], row["at"], bought, _products(row["facts"]), told, row["backfill"])
        found.setdefault(row["profile_id"], []).append(did)
    return found


def _products(facts: str) -> tuple[str, ...]:
    return tuple(name for _, name, *_ in orjson.loads(facts)["items"] if name)


def distinct(people: Iterable[Person]) -> list[Person]:
    return list({person.profile_id: person for person in people}.values())
