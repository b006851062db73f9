"""The rules of a brand: their versions, each in words, and drafts of new ones. What is done with one is in rule_runs.py."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from fastapi.responses import RedirectResponse

from app.console.forms import Sent, decision_of
from app.console.pages import Pages, segment
from app.console.routes import Brand
from app.console.rule_form import fields_of, filled, may_be_blocked
from app.console.rulings import differing
from app.domain.cursors import cut, decode_cursor
from app.domain.identifiers import TYPES
from app.domain.rules import SERVICE
from app.graph.deciding import Decider
from app.graph.driver import Graph
from app.graph.identifiers import stored
from app.graph.rulebook import RuleBook
from app.resolve.rules import OPTIONAL, RULES
from app.review.drafts import MOST_AUTO_MERGE, MOST_HELD, MOST_SEEN, changed, read_version, version_view
from app.review.rehearse import RULE_RUN_LIST, Rehearsal
from app.review.rule_versions import BEYOND, create_version, delete_version, list_versions, rules_of

PAGE = 25
RUNS_SHOWN = 10
RUNS_LOOKED_AT = 50  # of the brand, for those of one version
GUARDS = {rule.__name__: (rule.__doc__ or "").strip() for rule in RULES}

Cursor = Annotated[str, Query(max_length=400)]
Version = Annotated[str, Query(max_length=20)]


def rules_router(router: APIRouter, graph: Graph, pages: Pages, book: RuleBook, rehearsal: Rehearsal) -> None:
    @router.get("/console/{brand}/rules")
    async def versions(brand: Brand, cursor: Cursor = "") -> Response:
        _, before = decode_cursor(cursor or None, ("rules", BEYOND))
        found = await list_versions(graph, brand, before, PAGE + 1)
        shown, following = cut(found, PAGE, lambda one: ("rules", one["number"]))
        told: dict[str, Any] = {
            "versions": [version_view(one) for one in shown],
            "in_force": await read_version(graph, book, brand, (await book.now(graph, brand)).version),
            "service": None if following else await read_version(graph, book, brand, SERVICE),
            "runs": await rehearsal.list_runs(brand, RULE_RUN_LIST.begin(None), RUNS_SHOWN),
            "following": following,
            "first": not cursor,
        }
        return pages.page("rules.html", brand=brand, place="rules", here=at(brand), **told)

    @router.get("/console/{brand}/rules/{version}")
    async def one(brand: Brand, version: str) -> Response:
        """What it says, and in what it differs: a draft from the version in force, any other from the one it is based on."""
        found = await read_version(graph, book, brand, version)
        in_force = await book.now(graph, brand)
        beside = in_force.version if found["status"] != "in_force" else found["based_on"]
        other = await _readable(graph, book, brand, beside)
        runs = await rehearsal.list_runs(brand, RULE_RUN_LIST.begin(None), RUNS_LOOKED_AT)
        told: dict[str, Any] = {
            "version": found,
            "beside": other,
            "lines": differing(other["rules"], found["rules"]) if other else [],
            "runs": [run for run in runs if run["version"] == version][:RUNS_SHOWN],
            "guards": GUARDS,
        }
        return pages.page("rules_version.html", brand=brand, place="rules", here=at(brand), **told)

    @router.post("/console/{brand}/rules/{version}/forget")
    async def forget(brand: Brand, version: str, form: Sent) -> Response:
        await delete_version(graph, brand, version)
        return RedirectResponse(at(brand), 303)


def drafts_router(router: APIRouter, graph: Graph, pages: Pages, decided_by: Decider, book: RuleBook, country: str) -> None:
    @router.get("/console/{brand}/rules/new")
    async def new(brand: Brand, based_on: Version = "") -> Response:
        """A form that says what `based_on` says (the version in force when it is left out)."""
        base = await read_version(graph, book, brand, based_on or (await book.now(graph, brand)).version)
        return _form(pages, brand, base["version"], fields_of(base["rules"]), {})

    @router.post("/console/{brand}/rules/new")
    async def create(brand: Brand, form: Sent) -> Response:
        """A new draft, or the form again with what is wrong beside each field."""
        decision = decision_of(decided_by, brand, form)
        based_on = form.text("based_on", 20)
        base = await rules_of(graph, book, brand, based_on)
        known = base.blocked | await stored(graph, brand, may_be_blocked(form, country))
        sent = filled(form, based_on, known, country)
        if sent.changes is None:
            return _form(pages, brand, based_on, sent.fields, sent.errors)
        version = await create_version(graph, decision, changed(base, sent.changes), based_on)
        return RedirectResponse(at(brand, version), 303)


async def _readable(graph: Graph, book: RuleBook, brand: str, version: str | None) -> dict[str, Any] | None:
    return None if version is None else await read_version(graph, book, brand, version)


def _form(pages: Pages, brand: str, based_on: str, fields: Any, errors: Any) -> Response:
    shown: dict[str, Any] = {
        "based_on": based_on,
        "fields": fields,
        "errors": errors,
        "types": list(TYPES.values()),
        "optional": {name: GUARDS[name] for name in OPTIONAL},
        "most": {"max_auto_merge": MOST_AUTO_MERGE, "limit": MOST_HELD, "fan_out": MOST_SEEN},
    }
    status = 422 if errors else 200
    return pages.page("rules_draft.html", brand=brand, place="rules", status=status, here=at(brand), **shown)


def at(brand: str, *rest: str) -> str:
    return "/".join((f"/console/{segment(brand)}/rules", *map(segment, rest)))
