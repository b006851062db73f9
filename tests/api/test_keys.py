"""Where the service asks for keys: who may do what, what an attacker tries, and that nothing is stored of what is refused."""

import asyncio
import base64
import hmac
import json
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from functools import partial
from typing import Any

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from neo4j import AsyncDriver

from app.access.alone import within_brand
from app.access.doorman import Access
from app.domain.access import Role
from app.domain.errors import Forbidden
from app.graph import api_keys
from app.graph.api_keys import ApiKeys
from app.graph.driver import Graph
from app.main import create_app
from app.running import tell_of_keys
from app.settings import Settings
from tests.api.brand import PURCHASE, SARAH, TILL, Brand
from tests.api.keeping_word import kept_to_its_word
from tests.api.test_event_stream import serving
from tests.api.test_other_brands import PARAMETERS, routes_of
from tests.conftest import new_brand

EVENT = {"type": "seen", "identifiers": {"email": SARAH}}
PROFILES, EVENTS, SHOPIFY = "/api/profiles", "/api/events", "/api/integrations/shopify/webhook"
SECRET = "shpss_0123456789"
# Never asked for a key: what says nothing of anybody, what knows its caller otherwise, and where people sign in.
FOR_ANYBODY = {
    "/", "/healthz", "/readyz", "/metrics", "/docs", "/console/_assets/{version}/{name}", "/console/sign-in", "/console/sign-out",
    "/unsubscribe/{token}",
    *(f"/v1/{call}" for call in ("batch", "identify", "track", "page", "screen", "alias", "group")),
    *(f"/v1/{letter}" for letter in "bitpsagm"),
}  # fmt: skip
DOORS = re.compile(r"/api/events|/api/integrations/.*")
ANALYSTS_POST = {
    "/api/cypher", "/api/profiles/{profile_id}/export", "/api/rules/{version}/dry-run",
    "/console/{brand}/cypher", "/console/{brand}/cypher/{kind}",
    "/console/{brand}/automations/{automation_id}/draft", "/console/{brand}/rules/{version}/dry-run",
}  # fmt: skip
OURS = {"sec-fetch-site": "same-origin"}


@pytest.fixture(scope="module")
def closed_app(graph: Graph) -> FastAPI:
    return create_app(graph, Settings(access="keys", request_deadline_s=60, scheduler=False, rules_grace_s=0))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def closed(closed_app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a service that asks for keys; every answer is as the service says."""
    async with kept_to_its_word(closed_app) as opened:
        yield opened


async def issued(brand: Brand, role: Role = "admin", name: str = "ours") -> dict[str, Any]:
    """A key of a brand, made where no key is asked for."""
    found: dict[str, Any] = (await brand.post("/api/keys", {"role": "admin", "name": "first"}))["data"]
    return found if role == "admin" else (await brand.post("/api/keys", {"role": role, "name": name}))["data"]


def shown(brand: Brand, key: str, **headers: str) -> dict[str, str]:
    return {"x-brand-id": brand.brand_id, "authorization": f"Bearer {key}", **headers}


async def every_call(app: FastAPI, brand_id: str) -> list[tuple[str, str, str]]:
    """The method, the path's template, and such a path, of each route there is."""
    found = []
    for route in routes_of(app.routes):
        path = PARAMETERS.sub("nobody", route.path.replace("{brand}", brand_id))
        found += [(method, route.path, path) for method in route.methods or ()]
    assert len(found) > 100
    return found


async def test_no_route_but_a_few_is_anybodys(closed_app: FastAPI, closed: httpx.AsyncClient, brand: Brand) -> None:
    """Also one that is added tomorrow."""
    await issued(brand)
    for method, template, path in await every_call(closed_app, brand.brand_id):
        answer = await closed.request(method, path, headers={"x-brand-id": brand.brand_id, **OURS}, follow_redirects=False)
        challenge, location = answer.headers.get("www-authenticate"), answer.headers.get("location", "")
        asked = challenge == "Bearer" or location.startswith("/console/sign-in?to=")
        assert asked == (template not in FOR_ANYBODY), (method, path, answer.status_code, answer.text[:200])
        if template.startswith("/api/"):
            assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")
    assert await brand.count("Event") == await brand.count("Profile") == 0


async def test_each_role_may_do_what_it_is_for(closed_app: FastAPI, closed: httpx.AsyncClient, brand: Brand) -> None:
    """A role that is sent away is sent away before anything happens. Pages are looked at below, with sessions."""
    analyst, ingest = await issued(brand, "analyst"), await issued(brand, "ingest")
    for method, template, path in await every_call(closed_app, brand.brand_id):
        if template in FOR_ANYBODY or template.startswith("/console"):
            continue
        reads = (method in {"GET", "HEAD"} or template in ANALYSTS_POST) and not template.startswith("/api/keys")
        for key, may in ((analyst, reads), (ingest, bool(DOORS.fullmatch(template)))):
            answer = await closed.request(method, path, headers=shown(brand, key["key"]), content=b"{" if may else b"")
            refused = answer.status_code == 403 and "has the role" in answer.text
            assert (refused, answer.status_code == 401) == (not may, False), (key["role"], method, path, answer.text[:200])


async def test_an_admin_does_everything_and_an_ingest_key_sends(closed: httpx.AsyncClient, brand: Brand) -> None:
    admin, ingest = await issued(brand), await issued(brand, "ingest")
    for key in (admin, ingest):
        answer = await closed.post(EVENTS, json=EVENT, headers=shown(brand, key["key"]))
        assert answer.status_code == 200
    assert len((await closed.get(PROFILES, headers=shown(brand, admin["key"]))).json()["data"]) == 1
    made = await closed.post("/api/keys", json={"role": "analyst", "name": "desk"}, headers=shown(brand, admin["key"]))
    assert made.status_code == 201
    assert (await closed.get(PROFILES, headers=shown(brand, made.json()["data"]["key"]))).status_code == 200


async def test_a_key_is_shown_once_and_kept_nowhere(brand: Brand, driver: AsyncDriver) -> None:
    made = await issued(brand)
    secret = made.pop("key")
    assert re.fullmatch(r"ci_[\w-]{43}", secret)
    assert made["hint"] == secret[-4:]
    assert await brand.data("/api/keys") == [made]
    kept = await driver.execute_query("MATCH (n:ApiKey {brand_id: $brand}) RETURN properties(n) AS all", brand=brand.brand_id)
    assert secret not in str(kept.records)
    assert secret[:-4] not in str(kept.records)


async def test_keys_are_listed_page_by_page_the_newest_first(brand: Brand) -> None:
    for name in ("one", "two", "three"):
        await brand.post("/api/keys", {"role": "admin", "name": name})
        await asyncio.sleep(0.002)
    assert [key["name"] for key in await brand.pages("/api/keys", limit=2)] == ["three", "two", "one"]


@pytest.mark.parametrize("body", [{"role": "root", "name": "x"}, {"role": "admin"}, {"role": "admin", "name": " "}])
async def test_a_key_has_a_role_and_a_name(brand: Brand, body: dict[str, str]) -> None:
    assert (await brand.refused("/api/keys", body)).status_code == 422


async def test_a_revoked_key_opens_nothing_from_then_on(closed: httpx.AsyncClient, brand: Brand) -> None:
    admin, analyst = await issued(brand), await issued(brand, "analyst")
    assert (await closed.get(PROFILES, headers=shown(brand, analyst["key"]))).status_code == 200
    at = f"/api/keys/{analyst['key_id']}"
    revoked = await closed.delete(at, headers=shown(brand, admin["key"]))
    assert revoked.json()["data"]["revoked_at"]
    answer = await closed.get(PROFILES, headers=shown(brand, analyst["key"]))
    assert (answer.status_code, "was revoked" in answer.json()["detail"]) == (401, True)
    assert (await closed.delete(at, headers=shown(brand, admin["key"]))).json() == revoked.json()  # once
    assert (await closed.delete("/api/keys/nobody", headers=shown(brand, admin["key"]))).status_code == 404
    listed = {key["key_id"]: key for key in (await closed.get("/api/keys", headers=shown(brand, admin["key"]))).json()["data"]}
    assert listed[analyst["key_id"]]["last_used_at"]


async def test_another_replica_knows_of_it_soon(graph: Graph, brand: Brand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_keys, "KNOWN_FOR_S", 0.2)
    here, there = ApiKeys(graph), ApiKeys(graph)
    made = await issued(brand)
    known = await there.of_secret(made["key"])
    assert known is not None
    assert known.stands
    await here.revoke(brand.brand_id, made["key_id"], datetime.now(UTC))
    await asyncio.sleep(0.25)
    known = await there.of_secret(made["key"])
    assert known is not None
    assert not known.stands


async def test_the_last_admin_key_is_not_revoked_before_the_others(brand: Brand) -> None:
    admin, analyst = await issued(brand), await issued(brand, "analyst")
    others = [
        key["key_id"] for key in await brand.data("/api/keys") if key["role"] == "admin" and key["key_id"] != admin["key_id"]
    ]
    for key_id in others:
        assert (await brand.call("DELETE", f"/api/keys/{key_id}")).status_code == 200
    last = await brand.call("DELETE", f"/api/keys/{admin['key_id']}")
    assert (last.status_code, "make another admin key first" in last.json()["detail"]) == (409, True)
    assert (await brand.call("DELETE", f"/api/keys/{analyst['key_id']}")).status_code == 200
    assert (await brand.call("DELETE", f"/api/keys/{admin['key_id']}")).status_code == 200  # nobody is locked in


async def test_where_no_admin_is_left_keys_are_still_revoked(graph: Graph, brand: Brand) -> None:
    """As after `constintel keys revoke`, which asks nobody."""
    analyst, ingest = await issued(brand, "analyst"), await issued(brand, "ingest")
    for key in await brand.data("/api/keys"):
        if key["role"] == "admin":
            await ApiKeys(graph).revoke(brand.brand_id, key["key_id"], datetime.now(UTC), even_the_last=True)
    for key in (analyst, ingest):
        assert (await brand.call("DELETE", f"/api/keys/{key['key_id']}")).status_code == 200


async def test_two_admins_who_revoke_each_other_leave_one(brand: Brand) -> None:
    """Whoever comes second sees what the first did. In several brands at once, so that they meet in the middle of it."""

    async def ends(brand: Brand) -> list[int]:
        one, two = await issued(brand), await issued(brand)
        await brand.post("/api/keys", {"role": "ingest", "name": "till"})
        answers = await asyncio.gather(*(brand.call("DELETE", f"/api/keys/{key['key_id']}") for key in (one, two)))
        return sorted(answer.status_code for answer in answers)

    others = [Brand(new_brand(), brand._client, brand._driver) for _ in range(9)]
    assert await asyncio.gather(*map(ends, (brand, *others))) == [[200, 409]] * 10


async def test_a_key_of_another_brand_opens_nothing_here(closed: httpx.AsyncClient, brand: Brand, stranger: Brand) -> None:
    ours, theirs = await issued(brand), await issued(stranger)
    await brand.see(email="a@a.example")
    for path in (PROFILES, "/api/keys", "/api/streams/events.raw"):
        answer = await closed.get(path, headers=shown(brand, theirs["key"]))
        assert (answer.status_code, stranger.brand_id in answer.json()["detail"]) == (403, True)
    by_path = await closed.post(
        f"{SHOPIFY}/{brand.brand_id}", json=PURCHASE, headers={"authorization": f"Bearer {theirs['key']}"}
    )
    assert by_path.status_code == 403
    for order in ((brand, stranger), (stranger, brand)):
        headers = [("x-brand-id", one.brand_id) for one in order] + [("authorization", f"Bearer {theirs['key']}")]
        assert (await closed.get(PROFILES, headers=headers)).status_code == 400
    revoked = await closed.delete(f"/api/keys/{ours['key_id']}", headers=shown(stranger, theirs["key"]))
    assert revoked.status_code == 404
    assert await brand.count("Event") == 1


ATTACKS: list[list[tuple[str, str]]] = [
    [],
    [("authorization", "")],
    [("authorization", "KEY")],
    [("authorization", "Bearer")],
    [("authorization", "Bearer ")],
    [("authorization", "Bearer ci_" + "a" * 43)],
    [("authorization", "Bearer KEY'")],
    [("authorization", "Bearer KEYa")],
    [("authorization", "Bearer KEY,KEY")],
    [("authorization", "Token KEY")],
    [("authorization", "Basic BASIC")],
    [("authorization", "Bearer ci_wrong"), ("authorization", "Bearer KEY")],
    [("authorization", "Bearer KEY"), ("authorization", "Bearer KEY")],
    [("x-api-key", "KEY")],
    [("cookie", "constintel_session=KEY")],
    [("cookie", "authorization=Bearer KEY")],
]


@pytest.mark.parametrize("headers", ATTACKS, ids=str)
async def test_what_is_no_key_is_none(closed: httpx.AsyncClient, brand: Brand, headers: list[tuple[str, str]]) -> None:
    key = (await issued(brand))["key"]
    basic = base64.b64encode(f"{key}:".encode()).decode()
    sent = [("x-brand-id", brand.brand_id), *((name, said.replace("KEY", key).replace("BASIC", basic)) for name, said in headers)]
    for path, body in ((PROFILES, None), (EVENTS, EVENT), (SHOPIFY, PURCHASE)):
        answer = await closed.request("POST" if body else "GET", path, headers=sent, json=body)
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
        assert key not in answer.text
    assert await brand.count("Event") == 0


@pytest.mark.parametrize(
    ("name", "scheme"), [("Authorization", "Bearer"), ("AUTHORIZATION", "bearer"), ("authorization", "BEARER  ")]
)
async def test_names_and_schemes_are_read_in_any_case(closed: httpx.AsyncClient, brand: Brand, name: str, scheme: str) -> None:
    key = (await issued(brand))["key"]
    assert (await closed.get(PROFILES, headers={"X-Brand-Id": brand.brand_id, name: f"{scheme} {key}"})).status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/nothing"), ("GET", "//api/profiles"), ("GET", "/api/profiles/"), ("GET", "/api//profiles"),
        ("GET", "/api/%70rofiles"), ("GET", "/API/profiles"), ("GET", "/api/profiles;x"), ("GET", "/%2e/api/profiles"),
        ("GET", "/healthz/../api/profiles"), ("GET", "/healthz/"), ("GET", "/v1/../api/profiles"), ("GET", "/v1/profiles"),
        ("HEAD", "/api/profiles"), ("OPTIONS", "/api/profiles"), ("TRACE", "/api/events"),
        ("PROPFIND", "/"), ("DELETE", "/api/events"), ("POST", "/healthz"), ("GET", "/openapi.json/"), ("GET", "/redoc"),
        ("POST", "/console/sign-in/x"),
    ],
)  # fmt: skip
async def test_no_other_way_to_write_an_address_gets_past(
    closed: httpx.AsyncClient, brand: Brand, method: str, path: str
) -> None:
    """First who asks, then whether there is such a thing."""
    await brand.see(email="hidden@a.example")
    url = httpx.URL("http://constintel").copy_with(raw_path=path.encode())
    answer = await closed.request(method, url, headers={"x-brand-id": brand.brand_id}, follow_redirects=False)
    assert answer.status_code == 401, answer.text
    assert "hidden" not in answer.text
    key = (await issued(brand))["key"]
    known = await closed.request(method, url, headers=shown(brand, key), follow_redirects=False)
    assert known.status_code != 401


async def test_a_refused_body_is_not_read(closed_app: FastAPI, brand: Brand) -> None:
    """However large it is said to be."""
    headers = [(b"x-brand-id", brand.brand_id.encode()), (b"content-length", b"999999999"), (b"content-encoding", b"gzip")]
    said: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        raise AssertionError("its body was read")

    async def send(message: Any) -> None:
        said.append(message)

    for path in (EVENTS, SHOPIFY, f"{SHOPIFY}/{brand.brand_id}", "/api/merges", "/api/cypher"):
        scope = {"type": "http", "http_version": "1.1", "method": "POST", "path": path, "query_string": b"", "headers": headers}
        await closed_app(scope, receive, send)  # type: ignore[arg-type]
        assert said[-2]["status"] == 401


def signed(body: bytes, secret: str) -> dict[str, str]:
    return {"x-shopify-hmac-sha256": base64.b64encode(hmac.digest(secret.encode(), body, "sha256")).decode()}


async def test_who_signs_needs_no_key(closed: httpx.AsyncClient, brand: Brand) -> None:
    admin = await issued(brand)
    body = json.dumps(PURCHASE).encode()
    here, headers = f"{SHOPIFY}/{brand.brand_id}", {"x-shopify-topic": "orders/create"}
    assert (await closed.post(here, content=body, headers={**headers, **signed(body, SECRET)})).status_code == 401
    put = await closed.put("/api/sources/shopify", json={"secrets": [SECRET]}, headers=shown(brand, admin["key"]))
    assert put.status_code == 200
    assert (await closed.post(here, content=body, headers=headers)).status_code == 401
    assert (await closed.post(here, content=body, headers={**headers, **signed(body, "another")})).status_code == 403
    # A key does not stand for the signature, nor the signature for a right of its own anywhere else.
    with_key = await closed.post(here, content=body, headers=shown(brand, admin["key"], **headers))
    assert (with_key.status_code, with_key.json()["title"]) == (401, "The signature is missing")
    twilio = await closed.post(f"/api/integrations/twilio/webhook/{brand.brand_id}", content=body, headers=signed(body, SECRET))
    track = await closed.post(
        "/api/integrations/track", content=body, headers={"x-brand-id": brand.brand_id, **signed(body, SECRET)}
    )
    assert (twilio.status_code, track.status_code) == (401, 401)
    assert await brand.count("Event") == 0
    answer = await closed.post(here, content=body, headers={**headers, **signed(body, SECRET)})
    assert (answer.status_code, await brand.count("Event")) == (200, 1)


async def test_a_decision_is_by_the_key_that_asked_for_it(closed: httpx.AsyncClient, brand: Brand) -> None:
    admin = await issued(brand)
    ids = [await brand.bring(identifiers={"email": f"{name}@a.example"}) for name in ("ann", "bob")]
    await closed.post("/api/merges", json={"profile_ids": ids}, headers=shown(brand, admin["key"]))
    ids = [await brand.bring(identifiers={"email": f"{name}@b.example"}) for name in ("ann", "bob")]
    await brand.post("/api/merges", {"profile_ids": ids})  # where nobody is asked who they are
    assert [merge["decided_by"] for merge in await brand.data("/api/merges")] == ["admin", admin["name"]]


async def test_that_one_maker_signs_opens_the_tills_address_to_no_other(closed: httpx.AsyncClient, brand: Brand) -> None:
    await brand.call("PUT", "/api/sources/square", json={"secrets": [SECRET]})
    await brand.call("PUT", "/api/sources/lightspeed", json={"default_country": "GB"})
    for path in (
        "/api/integrations/pos",
        *(f"/api/integrations/{name}/webhook/{brand.brand_id}" for name in ("pos", "lightspeed")),
    ):
        for headers in (
            {},
            {"x-square-hmacsha256-signature": "forged"},
            {"x-signature": "signature=forged,algorithm=HMAC-SHA256"},
        ):
            answer = await closed.post(path, json=TILL, headers={"x-brand-id": brand.brand_id, **headers})
            assert answer.status_code in {401, 403}, (path, headers, answer.text)
    assert await brand.count("Event") == 0


async def test_who_only_sends_has_nobody_erased(closed: httpx.AsyncClient, brand: Brand) -> None:
    admin, ingest = await issued(brand), await issued(brand, "ingest")
    await brand.see(email=SARAH)
    body, topic = {"customer": {"email": SARAH}}, {"x-shopify-topic": "customers/redact"}
    refused = await closed.post(SHOPIFY, json=body, headers=shown(brand, ingest["key"], **topic))
    assert (refused.status_code, await brand.count("Profile")) == (403, 1)
    assert (await closed.post(SHOPIFY, json=body, headers=shown(brand, admin["key"], **topic))).status_code == 200
    assert await brand.count("Profile") == 0


async def test_a_signature_is_of_one_brand(closed: httpx.AsyncClient, brand: Brand, stranger: Brand) -> None:
    await brand.call("PUT", "/api/sources/shopify", json={"secrets": [SECRET]})
    body = json.dumps(PURCHASE).encode()
    answer = await closed.post(f"{SHOPIFY}/{stranger.brand_id}", content=body, headers=signed(body, SECRET))
    both = {**signed(body, SECRET), "x-brand-id": stranger.brand_id}
    contradicting = await closed.post(f"{SHOPIFY}/{brand.brand_id}", content=body, headers=both)
    assert (answer.status_code, contradicting.status_code) == (401, 400)
    assert await stranger.count("Event") == await stranger.count("Brand") == 0


async def test_a_write_key_says_whose_a_call_is(closed: httpx.AsyncClient, brand: Brand) -> None:
    admin, write_key = await issued(brand), f"wk_{brand.brand_id}"
    await closed.put("/api/sources/segment", json={"write_key": write_key}, headers=shown(brand, admin["key"]))
    body = {"userId": "u-1", "event": "Seen", "type": "track"}
    assert (await closed.post("/v1/track", json=body, auth=(write_key, ""))).status_code == 200
    assert (await closed.post("/v1/track", json=body, auth=(admin["key"], ""))).status_code == 401
    assert await brand.count("Event") == 1


async def test_a_brand_is_made_by_the_first_write_only_where_the_service_is_open(closed: httpx.AsyncClient, brand: Brand) -> None:
    key = (await issued(brand))["key"]
    unknown = new_brand()
    for headers in ({"x-brand-id": unknown}, {"x-brand-id": unknown, "authorization": f"Bearer {key}"}):
        assert (await closed.post(EVENTS, json=EVENT, headers=headers)).status_code in {401, 403}
    assert await brand.cypher("MATCH (b:Brand {brand_id: $unknown}) RETURN b", unknown=unknown) == []


async def test_a_call_that_names_no_brand_is_told_so(closed: httpx.AsyncClient, brand: Brand) -> None:
    key = (await issued(brand))["key"]
    for brands in ([], ["Not A Brand"]):
        headers = [("authorization", f"Bearer {key}"), *(("x-brand-id", one) for one in brands)]
        assert (await closed.get(PROFILES, headers=headers)).status_code == 400


async def test_a_call_names_one_brand(client: httpx.AsyncClient, closed: httpx.AsyncClient, brand: Brand) -> None:
    """Where the service is open nobody else would say which of several was meant."""
    for one in (client, closed):
        for names, status in (
            ((brand.brand_id, brand.brand_id), 200 if one is client else 401),
            ((brand.brand_id, "other"), 400),
        ):
            answer = await one.get("/api/profiles", headers=[("x-brand-id", name) for name in names])
            assert (answer.status_code, "several x-brand-id" in answer.text) == (status, status == 400)


async def test_cypher_is_answered_as_long_as_no_other_brand_stands_in_the_graph(graph: Graph, brand: Brand) -> None:
    """It reads the whole graph. That a brand alone is answered is looked at with a graph of its own (tests/access)."""
    await issued(brand)
    asked: list[str] = []

    async def read(brand_id: str, *_: object) -> bytes:
        asked.append(brand_id)
        return b"{}"

    keys = ApiKeys(graph)
    assert await within_brand(read, graph, Access(keys, "open", True))(brand.brand_id, "RETURN 1", {}, 1) == b"{}"
    await issued(Brand(new_brand(), brand._client, brand._driver))
    with pytest.raises(Forbidden, match="other brands stand"):
        await within_brand(read, graph, Access(keys, "keys", True))(brand.brand_id, "RETURN 1", {}, 1)
    assert asked == [brand.brand_id]


async def test_a_stream_of_an_open_service_ends_when_it_closes(
    graph: Graph, brand: Brand, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def is_closed() -> bool:
        return True

    app = create_app(graph, Settings(access="open", request_deadline_s=60, scheduler=False))
    (access,) = (one.cls.keywords["access"] for one in app.user_middleware if isinstance(one.cls, partial))
    async with serving(app) as (address, _), httpx.AsyncClient(base_url=address, timeout=30) as client:
        headers = {"x-brand-id": brand.brand_id, "accept": "text/event-stream"}
        async with client.stream("GET", "/api/streams/events.normalized", headers=headers) as stream:
            lines = stream.aiter_lines()
            await brand.see(email="before@a.example")
            assert "before@a.example" in await anext(_lines_with(lines, "before@a.example"))
            monkeypatch.setattr(access, "is_closed", is_closed)
            await brand.see(email="after@a.example")
            async with asyncio.timeout(30):  # it ends; one that goes on has no end
                assert [line async for line in _lines_with(lines, "after@a.example")] == []


async def test_a_stream_ends_with_its_key(closed_app: FastAPI, brand: Brand) -> None:
    admin, analyst = await issued(brand), await issued(brand, "analyst")
    async with serving(closed_app) as (address, _), httpx.AsyncClient(base_url=address, timeout=30) as client:
        headers = shown(brand, analyst["key"], accept="text/event-stream")
        async with client.stream("GET", "/api/streams/events.normalized", headers=headers) as stream:
            lines = stream.aiter_lines()
            await brand.see(email="before@a.example")
            assert "before@a.example" in await anext(_lines_with(lines, "before@a.example"))
            await client.delete(f"/api/keys/{analyst['key_id']}", headers=shown(brand, admin["key"]))
            await brand.see(email="after@a.example")
            async with asyncio.timeout(30):  # it ends; one that goes on has no end
                assert [line async for line in _lines_with(lines, "after@a.example")] == []


async def _lines_with(lines: AsyncIterator[str], said: str) -> AsyncIterator[str]:
    async for line in lines:
        if said in line:
            yield line


@pytest.mark.parametrize(("mode", "is_loopback", "any_issued", "is_closed"), [
    ("auto", True, False, False), ("auto", True, True, True), ("auto", False, False, True), ("auto", False, True, True),
    ("open", True, True, False), ("open", False, True, False), ("keys", True, False, True),
])  # fmt: skip
async def test_when_a_service_asks_for_keys(mode: Any, is_loopback: bool, any_issued: bool, is_closed: bool) -> None:
    class Keys(ApiKeys):
        def __init__(self) -> None: ...

        async def any_issued(self) -> bool:
            return any_issued

    assert await Access(Keys(), mode, is_loopback).is_closed() is is_closed


async def test_beyond_loopback_a_service_without_keys_tells_how_to_make_the_first(graph: Graph) -> None:
    settings = Settings(access="auto", host="0.0.0.0", scheduler=False)  # noqa: S104 - nothing listens
    said: list[str] = []

    class Nobodys(ApiKeys):
        async def any_issued(self) -> bool:
            return False

    await tell_of_keys(Nobodys(graph), settings, said.append)
    assert ["constintel brand create BRAND" in one for one in said] == [True]
    await tell_of_keys(Nobodys(graph), Settings(access="auto", scheduler=False), said.append)
    assert len(said) == 1
    transport = httpx.ASGITransport(create_app(graph, settings))
    async with httpx.AsyncClient(transport=transport, base_url="http://constintel") as client:
        answer = await client.get(PROFILES, headers={"x-brand-id": "b"})
    assert (answer.status_code, "constintel keys create --brand BRAND" in answer.json()["detail"]) == (401, True)


@pytest.mark.parametrize("mode", ["auto", "keys"])
async def test_without_a_graph_nobody_comes_in_and_health_is_told(mode: Any) -> None:
    away = Graph.connect("bolt://127.0.0.1:9", "neo4j", "none")
    transport = httpx.ASGITransport(create_app(away, Settings(access=mode, scheduler=False)))
    async with httpx.AsyncClient(transport=transport, base_url="http://constintel") as client:
        headers = {"x-brand-id": "b", "authorization": "Bearer ci_" + "a" * 43}
        refused, health = await client.get(PROFILES, headers=headers), await client.get("/healthz")
        page = await client.get("/console/b/search")
    await away.close()
    assert (refused.status_code, refused.headers["retry-after"], health.status_code) == (503, "2", 200)
    assert page.status_code == (503 if mode == "auto" else 303)  # a session would be asked about, and there is none
