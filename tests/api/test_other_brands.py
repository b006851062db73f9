"""What one brand's caller can see or move of another's, whichever ids of it they know: nothing, at any route there is."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import httpx
import orjson
from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from tests.api.brand import Brand
from tests.console.looking import filled

NAME = "Zebulon"  # of somebody of the other brand
MAIL = "z@zebra.example"
TURNS = 2  # ids of a kind that are tried
PARAMETERS = re.compile(r"{(\w+)(?::path)?}")
# What routes call otherwise than the graph does.
KNOWN_AS = {"with": "profile_id", "profile": "profile_id", "start": "node"}

Ids = dict[str, list[str]]
Call = tuple[str, str, dict[str, str], dict[str, Any]]
"""Method, path, query and body."""


async def test_nothing_of_another_brand_is_shown_or_moved(
    app: FastAPI, client: httpx.AsyncClient, brand: Brand, stranger: Brand
) -> None:
    await stranger.omnichannel()
    await stranger.data("/api/automations")  # each brand begins with some of the same ids
    ids, before = await everything(brand), await stored(brand)
    ours = {one for found in (await ids_of(stranger)).values() for one in found}
    secrets = {one for found in ids.values() for one in found if len(one) > 7} - ours | {NAME}
    asked = 0
    for method, path, params, body in calls(app, stranger.brand_id, ids):
        answer = await client.request(method, path, params=params, headers=from_here(stranger), **written(method, path, body))
        shown = {one for one in secrets if one in answer.text and one not in f"{path} {params} {body}"}
        assert (answer.status_code < 500, shown) == (True, set()), (method, path, params, body, answer.text)
        asked += 1
    assert asked > 200
    assert await stored(brand) == before


def from_here(caller: Brand) -> dict[str, str]:
    """As the console's own pages and clients of the API send it."""
    return {"x-brand-id": caller.brand_id, "sec-fetch-site": "same-origin"}


def written(method: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
    if method == "GET":
        return {}
    return {"data": body} if path.startswith("/console") else {"json": body}


async def everything(brand: Brand) -> Ids:
    """A brand of which there is something of all kinds: its ids by what they are called, and a cursor by its list's path."""
    shop = await filled(brand)
    await brand.post("/api/events", {"type": "seen", "identifiers": {"email": MAIL}, "attributes": {"name": NAME}})
    await brand.post("/api/rules", {"note": "a draft"})
    await brand.post("/api/automations", {"name": NAME, "trigger": "purchase", "channel": "sms", "template": "Hi"})
    await brand.post(f"/api/merges/{shop.merge}/undo", {})
    await brand.post(f"/api/merges/{shop.merge}/redo", {})
    ids = await ids_of(brand)
    assert {"merge_id", "review_id", "judgement_id", "automation_id", "campaign_id", "batch_id", "run_id"} <= ids.keys()
    nodes = [f"profile:{shop.person}", f"mergehistory:{shop.merge}", f"mergereview:{shop.review}"]
    cursors = {path: [(await brand.get(path, limit=1)).json()["next"]] for path in ("/api/profiles", "/api/automations")}
    return {**ids, **cursors, "node": nodes, "type_name": ["email"], "value": [MAIL], "version": ["1"]}


async def ids_of(brand: Brand) -> Ids:
    rows = await brand.cypher(
        "MATCH (n {brand_id: $brand}) UNWIND keys(n) AS name "
        "WITH name, n[name] AS value WHERE name ENDS WITH '_id' AND name <> 'brand_id' "
        "RETURN name, collect(DISTINCT toString(value)) AS found"
    )
    return {row["name"]: sorted(row["found"]) for row in rows}


async def stored(brand: Brand) -> bytes:
    rows = await brand.cypher(
        "MATCH (n {brand_id: $brand}) RETURN elementId(n) AS id, labels(n) AS labels, n {.*} AS all, "
        "COUNT { (n)--() } AS edges ORDER BY id"
    )
    return orjson.dumps(rows, default=str)


def calls(app: FastAPI, caller: str, ids: Ids) -> Iterator[Call]:
    """Each route with ids of the other brand where it takes some."""
    people = {"profile_ids": ids["profile_id"][:3]}
    for route in routes_of(app.routes):
        named = [name for name in PARAMETERS.findall(route.path) if name != "brand"]
        for turn in range(TURNS):
            params = {field.alias: one for field in route.dependant.query_params if (one := id_of(ids, field.alias, turn))}
            if cursors := ids.get(route.path):
                params["cursor"] = cursors[0]
            path = route.path.replace("{brand}", caller)
            for name in named:
                path = re.sub(f"{{{name}(:path)?}}", id_of(ids, name, turn) or ids["profile_id"][turn], path)
            for method in (route.methods or set()) - {"HEAD"}:
                yield method, path, params, {} if method == "GET" or turn else people
            if not (named or params):
                break


def routes_of(found: Iterable[BaseRoute]) -> Iterator[APIRoute]:
    for one in found:
        if isinstance(one, APIRoute):
            yield one
        yield from routes_of(getattr(getattr(one, "original_router", None), "routes", ()))


def id_of(ids: Ids, name: str, turn: int) -> str | None:
    found = ids.get(KNOWN_AS.get(name, name))
    return found[turn % len(found)] if found else None
