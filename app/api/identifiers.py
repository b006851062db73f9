"""Identifiers that link nobody, and what an admin declares an identifier to be."""

from collections.abc import Iterable
from itertools import chain
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from app.api.bodies import JsonRoute, Note
from app.api.filters import known_status
from app.api.paging import DEFAULT_LIMIT, Brand, Cursor, Limit, answer, page
from app.domain.brands import brand_of
from app.domain.cursors import decode_cursor
from app.domain.errors import BadInput, NotFound
from app.domain.identifiers import Identifier
from app.domain.profiles import Standing
from app.domain.readings import meant, readings
from app.graph.deciding import Decider
from app.graph.driver import Graph
from app.graph.identifiers import find_identifier, list_identifiers, stored
from app.review.declare import declare_identifier

DECLARED = {"personal": Standing.LINKABLE, "shared": Standing.SHARED, "blocked": Standing.BLOCKED}
STATUSES = tuple(standing.value for standing in Standing)


class Declaration(BaseModel):
    model_config = ConfigDict(extra="forbid")

    declared: Literal["personal", "shared", "blocked"] | None = Field(
        description="`personal` links whatever was seen, `shared` and `blocked` never link; null takes it back."
    )
    note: Note = None


def identifiers_router(graph: Graph, country: str) -> APIRouter:
    """`country` (ISO 3166) reads phone numbers that are written without theirs."""
    router = APIRouter(tags=["identifiers"])

    @router.get("/api/identifiers", summary="List identifiers by status")
    async def identifiers(
        x_brand_id: Brand = None,
        status: Annotated[str, Query(description=f"One of {', '.join(STATUSES)}.")] = Standing.SHARED.value,
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = None,
    ) -> Response:
        """A `shared` one was carried with too many people's identifiers: it links nobody until it is declared personal."""
        brand_id = brand_of(x_brand_id)
        wanted = Standing(known_status(status, STATUSES))
        _, after = decode_cursor(cursor, ("identifiers", ""))
        found = await list_identifiers(graph, brand_id, wanted, after, limit + 1)
        return page(found, limit, lambda one: ("identifiers", one["key"]), _shown)

    @router.get("/api/identifiers/{type_name}/{value:path}", summary="One identifier")
    async def identifier(type_name: str, value: str, x_brand_id: Brand = None) -> Response:
        brand_id = brand_of(x_brand_id)
        return answer(await _seen(graph, brand_id, await the_one(graph, brand_id, type_name, value, country)))

    return router


def declarations_router(graph: Graph, country: str, decided_by: Decider) -> APIRouter:
    router = APIRouter(tags=["identifiers"], route_class=JsonRoute)

    @router.put("/api/identifiers/{type_name}/{value:path}", summary="Declare what an identifier is")
    async def declare(type_name: str, value: str, body: Declaration, x_brand_id: Brand = None) -> Response:
        """It holds from the beginning: whoever it joined, or would have joined, is resolved anew, in one transaction."""
        decision = decided_by(x_brand_id, body.note)
        said = None if body.declared is None else DECLARED[body.declared]
        one = await the_one(graph, decision.brand_id, type_name, value, country)
        await declare_identifier(graph, decision, one, said)
        return answer(await _seen(graph, decision.brand_id, one))

    return router


async def the_one(graph: Graph, brand_id: str, type_name: str, value: str, country: str) -> Identifier:
    """The identifier that a path names, of several that it may the one that is stored. Raises BadInput when it can be none."""
    (one,) = await the_ones(graph, brand_id, [(type_name, value)], country)
    return one


async def the_ones(graph: Graph, brand_id: str, named: Iterable[tuple[str, str]], country: str) -> list[Identifier]:
    """The same of several pairs of a type and a value."""
    found = [(value, _readings(type_name, value, country)) for type_name, value in named]
    known = await stored(graph, brand_id, chain.from_iterable(one for _, one in found))
    return [meant(one, value, known) for value, one in found]


def _readings(type_name: str, value: str, country: str) -> tuple[Identifier, ...]:
    found = readings(type_name, value, country)
    if not found:
        raise BadInput(f"{value[:128]!r} cannot be a {type_name[:40]}; send it as it was seen")
    return found


async def _seen(graph: Graph, brand_id: str, one: Identifier) -> dict[str, object]:
    """Raises NotFound, also for one that was declared and is erased by now."""
    found = await find_identifier(graph, brand_id, one)
    if found is None:
        raise NotFound(f"no {one.type} {one.value!r} was ever seen in this brand; GET /api/profiles?q=... finds what was")
    return _shown(found)


def _shown(one: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in one.items() if name != "key"}
