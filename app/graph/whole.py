"""Reads of whole people. Neo4j shows a commit step by step: what is erased or absorbed at the very moment of a read may be found
and then be gone, or be seen without some of its properties, so it is read again."""

from collections.abc import Callable, Coroutine, Iterable, Mapping
from contextlib import suppress
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from app.domain.errors import Unavailable
from app.graph.driver import Graph, Rows

P = ParamSpec("P")
T = TypeVar("T")

READS = 5  # of somebody who changes at that very moment
ALWAYS = ("profile_strength", "lifetime_value_minor", "currency", "spend", "total_orders", "absorbed", "attributes", "created_at")
UNREADABLE = (KeyError, TypeError, ValueError)  # what it is to find no value where there always is one


class Vanished(Unavailable):
    """What a read found was erased before it ended; `settled` reads again."""

    def __init__(self) -> None:
        super().__init__("these people are being erased or merged at this very moment; try again")


def settled(read: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, Coroutine[Any, Any, T]]:
    """A read that reads again when it raises Vanished, or cannot understand what it found. Raises as the last of its reads."""

    @wraps(read)
    async def again(*args: P.args, **kwargs: P.kwargs) -> T:
        for _ in range(READS - 1):
            with suppress(Vanished, *UNREADABLE):
                return await read(*args, **kwargs)
        return await read(*args, **kwargs)

    return again


async def whole(graph: Graph, name: str, **asked: object) -> Rows:
    """The rows of a statement whose people are told of in one of the ways below. Raises as `Graph.read`, and Vanished when one of
    them is told of in part."""
    found = await graph.read(name, **asked)
    if not all(_is_whole(person) for row in found for person in _people(row)):
        raise Vanished
    return found


def _is_whole(person: Mapping[str, Any]) -> bool:
    held = (one[:2] for one in person["held"])  # type and value
    return None not in (person[name] for name in ALWAYS) and not any(None in one for one in held)


def _people(row: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    """Those of a `review`; or the one `profile`, also where a row is one `part` of it and others tell of something else."""
    if "review" in row:
        people: Iterable[Mapping[str, Any]] = row["review"]["profiles"]
        return people
    told = row.get("part", row)
    return [told["profile"]] if "profile" in told else []
