"""Reads of whole people. Neo4j shows a commit step by step: who is erased or absorbed at the very moment of a read may be found
and then be nobody, so it is read again."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any, TypeVar

from app.domain.errors import Unavailable
from app.graph.driver import Graph, Rows

T = TypeVar("T")

READS = 5  # of somebody who changes at that very moment
UNREADABLE = (KeyError, TypeError, ValueError)
CHANGING = "these people are being erased or merged at this very moment; try again"


class Vanished(Unavailable):
    """What a read of several statements began with was erased before it ended; `settled` reads again."""

    def __init__(self) -> None:
        super().__init__(CHANGING)


async def settled(read: Callable[[], Awaitable[T]]) -> T:
    """What a read of several statements finds; read again when it raises Vanished, or cannot understand what it found: a node
    that is being erased is seen without some of its properties. Raises as the last read does."""
    for _ in range(READS - 1):
        with suppress(Vanished, *UNREADABLE):
            return await read()
    return await read()


async def whole(graph: Graph, name: str, **asked: object) -> Rows:
    """The rows of a statement whose people are told of in one of the ways below. Raises as `Graph.read`, and Unavailable when
    somebody changes again and again."""
    for _ in range(READS):
        found = await graph.read(name, **asked)
        if all(person["currency"] is not None for row in found for person in _people(row)):
            return found
    raise Unavailable(CHANGING)


def _people(row: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    """Those of a `review`; or the one `profile`, also where a row is one `part` of it and others tell of something else."""
    if "review" in row:
        people: Iterable[Mapping[str, Any]] = row["review"]["profiles"]
        return people
    told = row.get("part", row)
    return [told["profile"]] if "profile" in told else []
