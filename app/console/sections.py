"""The sections of a person's page: what each reads. Adding one is a function, a line in SECTIONS and a template of its name."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from app.console.charts import Bar, bars, curve
from app.console.columns import SAYS
from app.console.pages import words
from app.console.people import strongest_first
from app.console.timeline import read_timeline
from app.domain.errors import BadInput, Conflict
from app.domain.identifiers import TYPES
from app.domain.times import END_OF_TIME
from app.graph.driver import Graph
from app.graph.history import list_merges
from app.graph.learnt import learnt_of
from app.graph.messages import Which, list_campaigns, list_executions
from app.graph.provenance import with_provenance
from app.graph.rows import Row
from app.graph.whole import Vanished
from app.learn.explanation import explain_prediction

LISTED = 50
FIRST_PAGE = (END_OF_TIME, "")


@dataclass(frozen=True, slots=True)
class Asked:
    """For whom a section is read, and what its address says."""

    graph: Graph
    brand: str
    profile: Row
    params: Mapping[str, str]

    @property
    def profile_id(self) -> str:
        return str(self.profile["profile_id"])


Shown = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Section:
    name: str
    title: str
    read: Callable[[Asked], Awaitable[Shown]]


async def identifiers(asked: Asked) -> Shown:
    """From behind so many of them on. Raises BadInput for an `after` that is no number."""
    after = asked.params.get("after", "0")
    if not (after.isascii() and after.isdigit() and len(after) < 10):
        raise BadInput(f"after: {after[:40]!r} is no number; begin again with the first of their identifiers")
    held, begin = strongest_first(asked.profile), int(after)
    shown = held[begin : begin + LISTED]
    told = [{**one, "kind": TYPES[one["type"]].kind, "says": TYPES[one["type"]].says} for one in shown]
    return {"identifiers": told, "after": begin, "all": len(held)}


async def attributes(asked: Asked) -> Shown:
    (shown,) = await with_provenance(asked.graph, asked.brand, [asked.profile])
    return {"attributes": sorted(shown["attributes"].items())}


async def timeline(asked: Asked) -> Shown:
    return await read_timeline(asked.graph, asked.brand, asked.profile_id, asked.params)


async def scores(asked: Asked) -> Shown:
    """The prediction as it stands, and what each number added to it; `gone` says why that cannot be told any more."""
    shown: Shown = await _learnt(asked)
    if shown["predictions"] is None:
        return {**shown, "gone": None, "reasons": ()}
    shown["curve"] = _value_curve(shown["predictions"])
    try:
        why = await explain_prediction(asked.graph, asked.brand, asked.profile_id)
    except Conflict as error:
        return {**shown, "gone": error.detail, "reasons": ()}
    return {**shown, "gone": None, "reasons": _reasons(why["contributions"]) if why else ()}


def _value_curve(prediction: Row) -> str:
    horizons = ((prediction["horizon_days"], ""), (90, "_90"), (365, "_365"))
    return curve([(days, prediction[f"predicted_ltv{name}"]) for days, name in sorted(horizons)])


def _reasons(contributions: list[Row]) -> list[tuple[Row, Bar]]:
    told = [{**one, "says": SAYS.get(one["column"], words(one["column"]))} for one in contributions if one["adds"]]
    return list(zip(told, bars([one["adds"] for one in told]), strict=True))


async def journey(asked: Asked) -> Shown:
    return {"journey": (await _learnt(asked))["journey"]}


async def _learnt(asked: Asked) -> Shown:
    found = await learnt_of(asked.graph, asked.brand, asked.profile_id)
    if found is None:  # erased since the page looked for them
        raise Vanished
    return found


async def merges(asked: Asked) -> Shown:
    return {"merges": await list_merges(asked.graph, asked.brand, asked.profile_id, FIRST_PAGE, LISTED), "listed": LISTED}


async def messages(asked: Asked) -> Shown:
    one = (asked.graph, asked.brand, Which(profile_id=asked.profile_id), FIRST_PAGE, LISTED)
    sent, told = await asyncio.gather(list_campaigns(*one), list_executions(*one))
    return {"campaigns": sent, "executions": told, "listed": LISTED}


SECTIONS = (
    Section("identifiers", "Identifiers", identifiers),
    Section("attributes", "Attributes", attributes),
    Section("scores", "Scores", scores),
    Section("journey", "Journey", journey),
    Section("timeline", "Timeline", timeline),
    Section("merges", "Merges", merges),
    Section("messages", "Automations", messages),
)
