"""Triggers that people are inside of, a segment or a churn score: each stay is answered once.

Who is inside is remembered, by the clocks of the predictions that said so and not by those of the jobs that looked: a prediction
that was made again with an older clock, or of a person as they were before a merge, neither ends a stay nor begins one.

A stay that began by what was brought in after the fact alone is noted as if it were answered: nobody is written to for it.
"""

from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from neo4j import AsyncManagedTransaction

from app.act.automations import CHURN, STATES, Automation
from app.act.conditions import all_hold
from app.act.inside import is_current, is_inside
from app.act.occurrences import PAGE, PATIENCE_S, Occurrence, distinct, store
from app.act.people import Person, read_people
from app.graph.driver import Graph, rows
from app.graph.rows import Row, key, millis


@dataclass(frozen=True, slots=True)
class Stay:
    """The last stay of one profile in one automation's trigger. Times are the predictions' (epoch milliseconds); `used`: it
    was answered."""

    key: str
    profile_id: str
    inside: bool
    entered_at: int
    left_at: int | None
    used: bool


@dataclass(frozen=True, slots=True)
class Turn:
    """What one look at a person changes: a stay that begins (at `entered`; `quiet`: without an answer, ever), those that end (at
    `left_at`), those that are answered now, since when the person is inside, and as which profile they were first."""

    entered: int | None = None
    left: tuple[str, ...] = ()
    left_at: int = 0
    used: tuple[str, ...] = ()
    answers: bool = False
    began: int = 0
    began_as: str = ""
    quiet: bool = False


NOTHING = Turn()


def turn(automation: Automation, person: Person, stays: Sequence[Stay], clock: int, backfilled: bool) -> Turn:
    """What a look at `clock` means for a person, given the stays of all whom they absorbed as well, and whether it was
    `backfilled` evidence alone that made them enter, should they.

    A stay ends by a prediction of the person as they are now whose clock is not before the entry. One begins when nobody of
    them is inside, by a prediction that is later than every entry and exit so far.
    """
    inside, at = is_inside(automation, person, clock), person.predicted_at
    if inside is None or at is None:
        return NOTHING
    still = [stay for stay in stays if stay.inside]
    if not inside:
        over = tuple(stay.key for stay in still if is_current(person) and at >= stay.entered_at)
        return Turn(left=over, left_at=at)
    if not still and at <= max((max(stay.entered_at, stay.left_at or 0) for stay in stays), default=-1):
        return NOTHING
    began, began_as = min(((stay.entered_at, stay.profile_id) for stay in still), default=(at, person.profile_id))
    if not still and backfilled:
        return Turn(entered=at, began=at, quiet=True)
    answered = any(stay.used for stay in still)
    answers = not answered and began <= clock and all_hold(automation.conditions, person.facts)
    return Turn(
        entered=None if still else at,
        answers=answers,
        used=tuple(stay.key for stay in still) if answers else (),
        began=began,
        began_as=began_as,
    )


async def trigger_states(graph: Graph, brand_id: str, automation: Automation, as_of: datetime) -> int:
    """Executions for people who entered the automation's segment or crossed its churn threshold; how many are new.

    Looks only at people for whom something may change: inside without an answered stay, or outside with an open one.
    """
    made = 0
    async for ids in may_enter(graph, brand_id, automation):
        made += await _settle(graph, brand_id, automation, ids, as_of)
    async for ids in _may_leave(graph, brand_id, automation):
        await _settle(graph, brand_id, automation, ids, as_of)
    return made


async def _settle(graph: Graph, brand_id: str, automation: Automation, ids: list[str], as_of: datetime) -> int:
    """Who of these entered, left, or is to be answered now."""
    clock = millis(as_of)

    async def work(tx: AsyncManagedTransaction) -> int:
        people = distinct((await read_people(tx, brand_id, ids, clock)).values())
        turns = await _turns(tx, brand_id, automation, people, clock)
        new = [_occurrence(automation, person, one) for person, one in turns if one.answers]
        made = await store(tx, brand_id, automation, new, clock)
        await _note(tx, brand_id, automation, turns)
        return made

    return await graph.write(work, PATIENCE_S)


async def stays_now(
    tx: AsyncManagedTransaction, brand_id: str, automation: Automation, people: Sequence[Person], clock: int
) -> list[tuple[Person, Occurrence]]:
    """Stays of these people that this automation has not answered, whatever its conditions say."""
    turns = await _turns(tx, brand_id, replace(automation, conditions=()), people, clock)
    return [(person, _occurrence(automation, person, one)) for person, one in turns if one.answers]


def _occurrence(automation: Automation, person: Person, one: Turn) -> Occurrence:
    # Named by whose stay it is: everybody is scored at one clock, so that of two who became one both may have entered then.
    return Occurrence(person.profile_id, f"{automation.trigger}|{one.began_as}|{one.began}", one.began)


async def _turns(
    tx: AsyncManagedTransaction, brand_id: str, automation: Automation, people: Sequence[Person], clock: int
) -> list[tuple[Person, Turn]]:
    stays = await _stays(tx, brand_id, automation, people)
    new = [one for one in people if not any(stay.inside for stay in stays.get(one.profile_id, ()))]
    entering = [one.profile_id for one in new if is_inside(automation, one, clock)]
    backfilled = await _backfilled(tx, brand_id, automation, entering) if entering else ()
    return [(one, turn(automation, one, stays.get(one.profile_id, ()), clock, one.profile_id in backfilled)) for one in people]


async def _backfilled(
    tx: AsyncManagedTransaction, brand_id: str, automation: Automation, entering: Sequence[str]
) -> Collection[str]:
    """Whom of these what was brought in after the fact alone made enter. Where nothing came, it was time that did."""
    asked = {
        "brand_id": brand_id,
        "profiles": entering,
        "segment": automation.segment,
        "threshold": automation.threshold,
    }
    found = await rows(tx, "act/evidence", {"asked": asked})
    return {row["profile_id"] for row in found if row["came"] and row["came"] == row["backfilled"]}


async def _stays(
    tx: AsyncManagedTransaction, brand_id: str, automation: Automation, people: Iterable[Person]
) -> Mapping[str, list[Stay]]:
    """By today's profile id."""
    asked = {
        "brand_id": brand_id,
        "automation_id": automation.automation_id,
        "profiles": [person.profile_id for person in people],
    }
    found = await rows(tx, "act/states", {"asked": asked})
    return {row["profile_id"]: [Stay(**state) for state in row["states"]] for row in found}


async def _note(tx: AsyncManagedTransaction, brand_id: str, automation: Automation, turns: Iterable[tuple[Person, Turn]]) -> None:
    entered: list[Row] = []
    used: list[str] = []
    left: list[Row] = []
    for person, one in turns:
        if one.entered is not None:
            named = {"profile": key(brand_id, person.profile_id), "profile_id": person.profile_id}
            own = key(brand_id, automation.automation_id, person.profile_id)
            entered.append({**named, "key": own, "at": one.entered, "used": one.answers or one.quiet})
        used += one.used
        left += [{"key": stay, "at": one.left_at} for stay in one.left]
    if entered or used or left:
        asked: dict[str, Any] = {
            "brand_id": brand_id,
            "automation": key(brand_id, automation.automation_id),
            "automation_id": automation.automation_id,
            "entered": entered,
            "used": used,
            "left": left,
        }
        await rows(tx, "act/states_write", {"asked": asked})


async def may_enter(graph: Graph, brand_id: str, automation: Automation) -> AsyncIterator[list[str]]:
    """Ids of people who are inside without an answered stay, in pages."""
    assert automation.trigger in STATES
    asked: dict[str, object] = {"brand_id": brand_id, "automation_id": automation.automation_id, "after": "", "limit": PAGE}
    if automation.trigger == CHURN:
        asked["from"] = automation.threshold
        while page := await graph.read("act/predicted_churn", asked=asked):
            yield [row["profile_id"] for row in page]
            asked |= {"from": page[-1]["score"], "after": page[-1]["profile_id"]}
    else:
        asked["segment"] = automation.segment
        while page := await graph.read("act/predicted_segment", asked=asked):
            yield [row["profile_id"] for row in page]
            asked["after"] = page[-1]["profile_id"]


async def _may_leave(graph: Graph, brand_id: str, automation: Automation) -> AsyncIterator[list[str]]:
    asked: dict[str, object] = {
        "brand_id": brand_id,
        "automation": key(brand_id, automation.automation_id),
        "segment": automation.segment,
        "threshold": automation.threshold,
        "after": "",
        "limit": PAGE,
    }
    while page := await graph.read("act/inside", asked=asked):
        yield [row["profile_id"] for row in page]
        asked["after"] = page[-1]["profile_id"]
