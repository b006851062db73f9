"""The versions of a brand's rules, and drafts of new ones. Putting one in force is in `rule_runs.py`."""

from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from app.api.bodies import JsonRoute
from app.api.decisions import Note
from app.api.paging import DEFAULT_LIMIT, Brand, Cursor, Limit, answer, page
from app.domain.brands import brand_of
from app.domain.cursors import decode_cursor
from app.domain.errors import Unprocessable
from app.domain.identifiers import TYPES, Identifier
from app.domain.readings import readings
from app.domain.rules import SERVICE, Rules, rules_from
from app.graph.driver import Graph
from app.graph.rows import Row, moment
from app.graph.rulebook import RuleBook
from app.resolve.rules import OPTIONAL, RULES
from app.resolve.sightings import KEPT
from app.review.decide import Decider
from app.review.rule_versions import (
    BEYOND,
    create_version,
    delete_version,
    find_version,
    list_versions,
    replace_version,
    rules_of,
)

Limits = dict[str, Annotated[int, Field(ge=1, le=10_000)] | None]
FanOuts = dict[str, Annotated[int, Field(ge=1, lt=KEPT)] | None]


class Named(BaseModel):
    model_config = ConfigDict(extra="forbid")

    type: str = Field(max_length=100)
    value: str = Field(max_length=512)


class Draft(BaseModel):
    """What is left out stays as in `based_on`."""

    model_config = ConfigDict(extra="forbid")

    based_on: str | None = Field(None, max_length=20, description="A version; the one in force when left out.")
    max_auto_merge: int | None = Field(None, ge=1, le=100, description="Most profiles that may become one without a person.")
    limits: Limits = Field({}, description="By identifier type: how many values one person may hold; null: any number.")
    fan_out: FanOuts = Field(
        {},
        description="By identifier type: with how many of another type it may be seen before it is shared; null: any number.",
    )
    blocked: list[Named] | None = Field(None, max_length=1_000, description="The brand's own values that stand for nobody.")
    trust: dict[str, list[str]] | None = Field(
        None, description="By attribute (`*`: all others): the sources that are believed first, the most trusted first."
    )
    guards: dict[str, bool] = Field({}, description=f"Guards that may be switched off: {', '.join(OPTIONAL)}.")
    note: Note = None


def rules_router(graph: Graph, book: RuleBook) -> APIRouter:
    router = APIRouter(tags=["rules"])

    @router.get("/api/rules", summary="The versions of the brand's rules, the newest first")
    async def versions(x_brand_id: Brand = None, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> Response:
        """The service's own rules are version `0`, and in force until another is promoted."""
        _, before = decode_cursor(cursor, ("rules", BEYOND))
        found = await list_versions(graph, brand_of(x_brand_id), before, limit + 1)
        return page(found, limit, lambda one: ("rules", one["number"]), _version_view)

    @router.get("/api/rules/{version}", summary="One version, whole")
    async def one(version: str, x_brand_id: Brand = None) -> Response:
        """`active` is the one in force."""
        brand_id = brand_of(x_brand_id)
        wanted = (await book.now(graph, brand_id)).version if version == "active" else version
        return answer(await _shown(graph, book, brand_id, wanted))

    return router


def drafts_router(graph: Graph, book: RuleBook, country: str, decided_by: Decider) -> APIRouter:
    """`country` (ISO 3166) reads phone numbers that are written without theirs."""
    router = APIRouter(tags=["rules"], route_class=JsonRoute)

    @router.post("/api/rules", summary="A new draft", status_code=201)
    async def create(body: Draft, x_brand_id: Brand = None) -> Response:
        """It changes nothing until it is promoted; dry-run it first."""
        decision = decided_by(x_brand_id, body.note)
        rules, based_on = await _drafted(graph, book, decision.brand_id, body, country)
        version = await create_version(graph, decision, rules, based_on)
        response = answer(await _shown(graph, book, decision.brand_id, version))
        response.status_code = 201
        return response

    @router.put("/api/rules/{version}", summary="Other content for a draft")
    async def replace(version: str, body: Draft, x_brand_id: Brand = None) -> Response:
        decision = decided_by(x_brand_id, body.note)
        rules, based_on = await _drafted(graph, book, decision.brand_id, body, country)
        await replace_version(graph, decision, version, rules, based_on)
        return answer(await _shown(graph, book, decision.brand_id, version))

    @router.delete("/api/rules/{version}", summary="Forget a draft", status_code=204)
    async def delete(version: str, x_brand_id: Brand = None) -> Response:
        await delete_version(graph, brand_of(x_brand_id), version)
        return Response(status_code=204)

    return router


async def _drafted(graph: Graph, book: RuleBook, brand_id: str, body: Draft, country: str) -> tuple[Rules, str]:
    """The rules of a draft, whole, and the version it is based on. Raises NotFound, Unprocessable."""
    based_on = body.based_on or (await book.now(graph, brand_id)).version
    base = await rules_of(graph, book, brand_id, based_on)
    for name, table in (("limits", body.limits), ("fan_out", body.fan_out)):
        _known(name, table.keys(), TYPES)
    _known("guards", body.guards.keys(), OPTIONAL)
    blocked = base.blocked if body.blocked is None else frozenset(_blocked(body.blocked, country))
    guards = {**{name: name not in base.off for name in OPTIONAL}, **body.guards}
    rules = Rules(
        base.max_auto_merge if body.max_auto_merge is None else body.max_auto_merge,
        _merged(base.limits, body.limits),
        _merged(base.fan_out, body.fan_out),
        blocked,
        base.trust if body.trust is None else {name: tuple(sources) for name, sources in body.trust.items()},
        frozenset(name for name, on in guards.items() if not on),
    )
    return rules, based_on


def _known(where: str, names: Any, there_are: Any) -> None:
    strange = sorted(set(names) - set(there_are))
    if strange:
        raise Unprocessable(f"{where}: no {', '.join(one[:40] for one in strange[:5])}; there are {', '.join(there_are)}")


def _blocked(named: list[Named], country: str) -> list[Identifier]:
    found: list[Identifier] = []
    for at, one in enumerate(named):
        read = readings(one.type, one.value, country)[:1] if one.type in TYPES else ()
        if not read:
            raise Unprocessable(f"blocked.{at}: {one.value[:80]!r} cannot be a {one.type[:40]}; types are {', '.join(TYPES)}")
        found.extend(read)
    return found


def _merged(base: Any, changes: dict[str, int | None]) -> dict[str, int]:
    return {name: limit for name, limit in {**base, **changes}.items() if limit is not None}


async def _shown(graph: Graph, book: RuleBook, brand_id: str, version: str) -> Row:
    if version != SERVICE:
        return _version_view(await find_version(graph, brand_id, version))
    in_force = (await book.now(graph, brand_id)).version == SERVICE
    return {
        "version": SERVICE,
        "status": "in_force" if in_force else "retired",
        "based_on": None,
        "note": "The service's own rules, from its settings",
        "created_by": None,
        "created_at": None,
        "in_force_at": None,
        "replaced": None,
        "rules": _rules_view(book.service),
    }


def _version_view(one: Row) -> Row:
    said = {name: one[name] for name in ("version", "status", "based_on", "note", "created_by", "replaced")}
    times = {name: moment(one[name]) for name in ("created_at", "in_force_at")}
    return {**said, **times, "rules": _rules_view(rules_from(one["version"], one["rules"]))}


def _rules_view(rules: Rules) -> Row:
    """Every type and every guard by name, so that nothing needs to be guessed from what is missing."""
    return {
        "max_auto_merge": rules.max_auto_merge,
        "limits": {name: rules.limits.get(name) for name in TYPES},
        "fan_out": {name: rules.fan_out.get(name) for name in TYPES},
        "blocked": [{"type": one.type, "value": one.value} for one in sorted(rules.blocked)],
        "trust": {name: list(sources) for name, sources in rules.trust.items()},
        "guards": {rule.__name__: rule.__name__ not in rules.off for rule in RULES},
    }
