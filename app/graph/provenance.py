"""Who said what of a person: each golden attribute with the event that gave it, and the values that lost beside it.

The golden record keeps winners only; the losers are read from the events themselves, which nobody rewrites.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import orjson

from app.domain.profiles import Attribute
from app.graph.driver import Graph
from app.graph.rows import Row, attributes_from, millis, moment
from app.graph.whole import settled

LOOKED_AT = 1_000  # events of one person
GIVERS = 200  # of these, how many that said something are read
GIVERS_IN_LISTS = 20  # the same, of each of many people
OTHERS = 10  # values that lost, of one attribute


class Said(NamedTuple):
    """One value of an attribute, as one event (or import) gave it."""

    name: str
    value: str
    at: int
    given_by: str
    source: str | None


@settled
async def with_provenance(graph: Graph, brand_id: str, shown: Sequence[Row]) -> list[Row]:
    """Profiles whose `attributes` say of each value who gave it and when, and which others were given.

    `others` are distinct values, the newest first, at most 10 a name.
    """
    ids = [profile["profile_id"] for profile in shown]
    golden = await graph.read("read/called", brand_id=brand_id, profile_ids=ids)
    winners = {row["profile_id"]: attributes_from(row["attributes"]) for row in golden}
    each = GIVERS if len(ids) == 1 else GIVERS_IN_LISTS
    rows = await graph.read("read/attributes_given", brand_id=brand_id, profile_ids=ids, looked_at=LOOKED_AT, limit=each)
    said: dict[str, list[Said]] = {}
    for row in rows:
        said.setdefault(row["profile_id"], []).extend(_said(row["giver"]))
    sources = await _sources(graph, brand_id, (winner for held in winners.values() for winner in held))
    return [
        {
            **profile,
            "attributes": golden_with_others(
                winners.get(profile["profile_id"], ()), said.get(profile["profile_id"], []), sources
            ),
        }
        for profile in shown
    ]


def golden_with_others(winners: Iterable[Attribute], said: Sequence[Said], sources: Mapping[str, str]) -> Row:
    """Each golden value with who gave it, and the others that were. `sources` are of values stored before sources were."""
    newest_first: dict[str, list[Said]] = {}
    for one in sorted(said, key=lambda one: (-one.at, one.given_by)):
        newest_first.setdefault(one.name, []).append(one)
    return {winner.name: _shown(winner, sources, newest_first.get(winner.name, ())) for winner in winners}


async def _sources(graph: Graph, brand_id: str, winners: Iterable[Attribute]) -> dict[str, str]:
    """Of values that were stored before sources were. Winners may be older than what was looked at, so givers are read by id."""
    ids = sorted({winner.given_by for winner in winners if not winner.source})
    if not ids:
        return {}
    return {row["given_by"]: row["source"] for row in await graph.read("read/givers", brand_id=brand_id, ids=ids)}


def _said(giver: Mapping[str, Any]) -> Iterable[Said]:
    told = orjson.loads(giver["text"])
    pairs = told if giver["import"] else told["attributes"]
    return said_by(pairs, giver["at"], giver["given_by"], giver["source"])


def said_by(pairs: Iterable[tuple[str, str]], at: int, given_by: str, source: str | None) -> Iterable[Said]:
    """What one event (or import) said, which happened at `at` (epoch milliseconds)."""
    return (Said(name, value, at, given_by, source) for name, value in pairs if value)


def _shown(winner: Attribute, sources: Mapping[str, str], newest_first: Iterable[Said]) -> Row:
    won = Said(
        winner.name, winner.value, millis(winner.occurred_at), winner.given_by, winner.source or sources.get(winner.given_by)
    )
    others: dict[str, Said] = {}
    for one in newest_first:
        if one.value != winner.value:
            others.setdefault(one.value, one)
    return {**_value(won), "others": [_value(one) for one in list(others.values())[:OTHERS]]}


def _value(one: Said) -> Row:
    return {"value": one.value, "source": one.source, "event_id": one.given_by, "occurred_at": moment(one.at)}
