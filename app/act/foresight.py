"""Whom an automation would write to if it ran now, what they would read, and why others would hear nothing. Nothing is written:
occurrences are found and decided on by the functions that the jobs use."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from neo4j import AsyncManagedTransaction

from app.act.automations import CART, STATES, Automation
from app.act.carts import ABANDONED_AFTER, TOO_OLD_AFTER
from app.act.conditions import Condition, holds
from app.act.had import Had, messages_had
from app.act.occurrences import Found, Occurrence, carts_now, distinct, events_between, events_now
from app.act.people import Person, look_at_people, see_people
from app.act.queueing import Page, Rules
from app.act.stays import may_enter, stays_now
from app.act.writing import written
from app.domain.events import CART_ADDS
from app.domain.times import whole_milliseconds
from app.graph.driver import Graph
from app.graph.rows import Row, millis, moment

LOOKED_AT = 500  # occurrences
MOST_PAGES = 25  # of what may be an occasion: somebody waits for the answer


@dataclass(frozen=True, slots=True)
class Would:
    """What would become of one occurrence: a message (`to`, `subject`, `body`, and until when it would wait), or none, for a
    `reason`."""

    person: Person
    to: str = ""
    subject: str | None = None
    body: str = ""
    waits_until: datetime | None = None
    reason: str = ""

    @property
    def name(self) -> str:
        """What people call them, else where they are reached, else their id."""
        person = self.person
        return str(person.names(())["name"]) or person.address("email") or person.address("whatsapp") or person.profile_id


@dataclass(frozen=True, slots=True)
class Foresight:
    """`more`: there are occurrences that were not looked at. `needs_approval`: so many are not written to unasked."""

    reached: tuple[Would, ...]
    held: tuple[Would, ...]
    more: bool
    needs_approval: bool


async def foresee(graph: Graph, brand_id: str, automation: Automation, rules: Rules, limit: int = LOOKED_AT) -> Foresight:
    """As a run at this moment would find it, over the first `limit` occurrences and so many pages."""
    as_of = whole_milliseconds(datetime.now(UTC))
    page = Page(brand_id, rules, as_of)
    found: dict[str, tuple[Person, Occurrence]] = {}
    more, pages = False, 0
    async for some, had in _pages(graph, brand_id, automation, as_of):
        pages += 1
        page.had |= {profile_id: list(messages) for profile_id, messages in had.items() if profile_id not in page.had}
        for person, one in some:
            if one.name in found:
                continue
            if more := len(found) >= limit:
                break
            found[one.name] = (person, one)
            _decide(page, automation, person, one)
        more = more or pages >= MOST_PAGES
        if more:
            break
    told = [_would(found[row["execution"]][0], row, as_of) for row in (*page.queued, *page.skipped)]
    reached = tuple(one for one in told if not one.reason)
    people = {one.person.profile_id for one in told}
    return Foresight(reached, tuple(one for one in told if one.reason), more, len(people) > rules.most_people)


async def text_for(graph: Graph, brand_id: str, automation: Automation, profile_id: str) -> Would | None:
    """What somebody would read of a template, whether or not anything happened that it waits for; None for nobody."""
    people = await look_at_people(graph, brand_id, [profile_id], millis(datetime.now(UTC)))
    person = people.get(profile_id)
    if person is None:
        return None
    return Would(person, person.address(automation.channel) or "", **written(automation, person, ()))


def unmet(conditions: Sequence[Condition], person: Person) -> str | None:
    """The first condition that does not hold of somebody, as people read it."""
    failing = next((one for one in conditions if not holds(one, person.facts)), None)
    if failing is None:
        return None
    value = "" if failing.value is None else f" {failing.value}"
    return f"{failing.field} {failing.op}{value} does not hold"


def _decide(page: Page, automation: Automation, person: Person, one: Occurrence) -> None:
    """As a run decides on an execution, which this would have been."""
    execution: Row = {
        "key": one.name,
        "execution_id": one.name,
        "batch_id": "",
        "began": one.began,
        "products": list(one.products),
    }
    reason = unmet(automation.conditions, person)
    if reason is not None:
        page.skip_all([execution], reason)
    else:
        page.add(automation, execution, person)


def _would(person: Person, row: Row, as_of: datetime) -> Would:
    if "reason" in row:
        return Would(person, reason=row["reason"])
    made = row["set"]
    waits = moment(made["not_before"])
    return Would(person, made["to"], made["subject"], made["body"], waits if waits > as_of else None)


Messages = Mapping[str, list[Had]]


async def _pages(graph: Graph, brand_id: str, automation: Automation, as_of: datetime) -> AsyncIterator[tuple[Found, Messages]]:
    """Occurrences that the automation has not answered, whatever its conditions say, and the messages their people had."""
    clock = millis(as_of)
    async for profile_ids, event_ids in _candidates(graph, brand_id, automation, as_of):

        async def work(
            tx: AsyncManagedTransaction, profile_ids: Sequence[str] = profile_ids, event_ids: Sequence[str] = event_ids
        ) -> tuple[Found, Messages]:
            people = await see_people(tx, brand_id, profile_ids, clock)
            if automation.trigger == CART:
                found = await carts_now(tx, brand_id, automation, distinct(people.values()), clock)
            elif automation.trigger in STATES:
                found = await stays_now(tx, brand_id, automation, distinct(people.values()), clock)
            else:
                found = await events_now(tx, brand_id, automation, event_ids, people)
            return found, await messages_had(tx, brand_id, automation, people)

        yield await graph.look(work)


async def _candidates(
    graph: Graph, brand_id: str, automation: Automation, as_of: datetime
) -> AsyncIterator[tuple[Sequence[str], Sequence[str]]]:
    """Pages of people, and of events, that may be an occasion."""
    if automation.trigger in STATES:
        async for ids in may_enter(graph, brand_id, automation):
            yield ids, ()
        return
    is_cart = automation.trigger == CART
    until = as_of - ABANDONED_AFTER if is_cart else as_of
    for kind in sorted(CART_ADDS) if is_cart else (automation.event_type,):
        async for page in events_between(graph, brand_id, kind, as_of - TOO_OLD_AFTER, until):
            somebody = [row for row in page if row["profile_id"]]
            yield sorted({row["profile_id"] for row in somebody}), [row["event_id"] for row in somebody]
