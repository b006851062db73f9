"""The versions of a brand's rules, and drafts of new ones. Putting one in force is in `rule_runs.py`."""

from itertools import chain
from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from app.api.bodies import JsonRoute, Named, Note
from app.api.paging import DEFAULT_LIMIT, Brand, Cursor, Limit, answer, page
from app.domain.brands import brand_of
from app.domain.cursors import decode_cursor
from app.domain.errors import Unprocessable
from app.domain.identifiers import TYPES, Identifier
from app.domain.readings import meant, readings
from app.domain.rules import Rules
from app.graph.deciding import Decider
from app.graph.driver import Graph
from app.graph.identifiers import stored
from app.graph.rulebook import RuleBook
from app.resolve.rules import OPTIONAL
from app.review.drafts import (
    MOST_AUTO_MERGE,
    MOST_BLOCKED,
    MOST_HELD,
    MOST_SEEN,
    Changes,
    drafted,
    read_version,
    version_view,
)
from app.review.rule_versions import BEYOND, create_version, delete_version, list_versions, replace_version, rules_of

Limits = dict[str, Annotated[int, Field(ge=1, le=MOST_HELD)] | None]
FanOuts = dict[str, Annotated[int, Field(ge=1, le=MOST_SEEN)] | None]


class Draft(BaseModel):
    """What is left out stays as in `based_on`."""

    model_config = ConfigDict(extra="forbid")

    based_on: str | None = Field(None, max_length=20, description="A version; the one in force when left out.")
    max_auto_merge: int | None = Field(
        None, ge=1, le=MOST_AUTO_MERGE, description="Most profiles that may become one without a person."
    )
    limits: Limits = Field({}, description="By identifier type: how many values one person may hold; null: any number.")
    fan_out: FanOuts = Field(
        {},
        description="By identifier type: with how many of another type it may be seen before it is shared; null: any number.",
    )
    blocked: list[Named] | None = Field(
        None, max_length=MOST_BLOCKED, description="The brand's own values that stand for nobody."
    )
    trust: dict[str, list[str]] | None = Field(
        None, description="By attribute (`*`: all others): the sources that are believed first, the most trusted first."
    )
    guards: dict[str, bool] = Field({}, description=f"Guards that may be switched off: {', '.join(OPTIONAL)}.")
    note: Note = None

    def changes(self, blocked: list[Identifier] | None) -> Changes:
        return Changes(self.based_on, self.max_auto_merge, self.limits, self.fan_out, blocked, self.trust, self.guards)


def rules_router(graph: Graph, book: RuleBook) -> APIRouter:
    router = APIRouter(tags=["rules"])

    @router.get("/api/rules", summary="The versions of the brand's rules, the newest first")
    async def versions(x_brand_id: Brand = None, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> Response:
        """The service's own rules are version `0`, and in force until another is promoted."""
        _, before = decode_cursor(cursor, ("rules", BEYOND))
        found = await list_versions(graph, brand_of(x_brand_id), before, limit + 1)
        return page(found, limit, lambda one: ("rules", one["number"]), version_view)

    @router.get("/api/rules/{version}", summary="One version, whole")
    async def one(version: str, x_brand_id: Brand = None) -> Response:
        """`active` is the one in force."""
        brand_id = brand_of(x_brand_id)
        wanted = (await book.now(graph, brand_id)).version if version == "active" else version
        return answer(await read_version(graph, book, brand_id, wanted))

    return router


def drafts_router(graph: Graph, book: RuleBook, country: str, decided_by: Decider) -> APIRouter:
    """`country` (ISO 3166) reads phone numbers that are written without theirs."""
    router = APIRouter(tags=["rules"], route_class=JsonRoute)

    async def said(brand_id: str, body: Draft, replaced: str | None = None) -> tuple[Rules, str]:
        """The rules that a body says, whole, and what they are based on. What the draft that they replace blocks is known."""
        if body.blocked is None:
            return await drafted(graph, book, brand_id, body.changes(None))
        read = _read(body.blocked, country)
        versions = [one for one in (body.based_on, replaced) if one is not None]
        before = [(await rules_of(graph, book, brand_id, version)).blocked for version in versions]
        before.append((await book.now(graph, brand_id)).blocked)
        known = frozenset().union(*before, await stored(graph, brand_id, chain.from_iterable(found for _, found in read)))
        return await drafted(graph, book, brand_id, body.changes([meant(found, text, known) for text, found in read]))

    @router.post("/api/rules", summary="A new draft", status_code=201)
    async def create(body: Draft, x_brand_id: Brand = None) -> Response:
        """It changes nothing until it is promoted; dry-run it first."""
        decision = decided_by(x_brand_id, body.note)
        rules, based_on = await said(decision.brand_id, body)
        version = await create_version(graph, decision, rules, based_on)
        return answer(await read_version(graph, book, decision.brand_id, version), 201)

    @router.put("/api/rules/{version}", summary="Other content for a draft")
    async def replace(version: str, body: Draft, x_brand_id: Brand = None) -> Response:
        decision = decided_by(x_brand_id, body.note)
        rules, based_on = await said(decision.brand_id, body, version)
        await replace_version(graph, decision, version, rules, based_on)
        return answer(await read_version(graph, book, decision.brand_id, version))

    @router.delete("/api/rules/{version}", summary="Forget a draft", status_code=204)
    async def delete(version: str, x_brand_id: Brand = None) -> Response:
        await delete_version(graph, brand_of(x_brand_id), version)
        return Response(status_code=204)

    return router


def _read(named: list[Named], country: str) -> list[tuple[str, tuple[Identifier, ...]]]:
    """Each value with what it may mean. Raises Unprocessable."""
    found = [(one, readings(one.type, one.value, country) if one.type in TYPES else ()) for one in named]
    for at, (one, meanings) in enumerate(found):
        if not meanings:
            raise Unprocessable(f"blocked.{at}: {one.value[:80]!r} cannot be a {one.type[:40]}; types are {', '.join(TYPES)}")
    return [(one.value, meanings) for one, meanings in found]
