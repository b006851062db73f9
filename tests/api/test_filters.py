"""A filter that is misspelt does not list everybody, and a moment that is does not show today."""

import re

import pytest

from tests.api.brand import Brand


async def test_what_no_read_takes_is_refused_and_what_it_takes_is_named(brand: Brand) -> None:
    described = (await brand.get("/openapi.json")).json()["paths"]
    reads = {path: said["get"] for path, said in described.items() if "get" in said and path.startswith("/api/")}
    assert len(reads) > 30
    for path, said in reads.items():
        here = re.sub(r"{\w+}", "1", path.replace("{topic}", "events.raw"))
        answer = await brand.call("GET", f"{here}?staus=pending")
        detail = answer.json()["detail"]
        assert (answer.status_code, "staus" in detail) == (400, True), (path, answer.text)
        taken = [one["name"] for one in said.get("parameters", []) if one["in"] == "query"]
        assert [name for name in taken if not re.search(rf"\b{name}\b", detail)] == [], path


async def test_nor_does_a_write_take_what_it_does_not_know(brand: Brand) -> None:
    described = (await brand.get("/openapi.json")).json()["paths"]
    writes = [
        (method.upper(), path)
        for path, said in described.items()
        for method in ("post", "put", "patch", "delete")
        if path.startswith("/api/") and method in said and "ingest" not in said[method]["tags"]
    ]
    assert len(writes) > 25
    for method, path in writes:
        answer = await brand.call(method, f"{re.sub(r'{[a-z_]+}', '1', path)}?wiat=false", json={})
        assert (answer.status_code, "wiat" in answer.text) == (400, True), (method, path, answer.text)


async def test_a_job_asked_for_a_day_in_its_address_does_not_run_for_now(brand: Brand) -> None:
    answer = await brand.call("POST", "/api/jobs/features/run?as_of=2024-03-01T00:00:00Z")
    assert answer.status_code == 400, answer.text
    assert await brand.data("/api/jobs/features/runs") == []


async def test_both_names_of_a_cursor_are_taken_and_every_type_of_identifier(brand: Brand) -> None:
    for asked in ("?after=&limit=2", "?loyalty_id=LOY-1", "?cookie_id=c"):
        assert (await brand.get(f"/api/profiles{asked}")).status_code == 200
    assert (await brand.get("/api/merges?profile_id=x&after=")).status_code == 200
    assert (await brand.get("/api/merges?loyalty_id=LOY-1")).status_code == 400


async def test_who_sends_may_say_what_nobody_reads(brand: Brand) -> None:
    """A platform adds what it likes to the address that it was given."""
    sent = {"type": "page_view", "identifiers": {"email": "a@x.example"}}
    assert (await brand.call("POST", "/api/events?utm_source=shop", json=sent)).status_code == 200


async def test_every_list_takes_a_limit_and_where_to_go_on_by_both_names(brand: Brand) -> None:
    described = (await brand.get("/openapi.json")).json()["paths"]
    lists = 0
    for path, said in described.items():
        shape = (
            said.get("get", {})
            .get("responses", {})
            .get("200", {})
            .get("content", {})
            .get("application/json", {})
            .get("schema", {})
        )
        if "next" in shape.get("properties", {}) and not path.startswith("/api/streams/"):
            taken = {one["name"] for one in said["get"]["parameters"] if one["in"] == "query"}
            assert taken >= {"limit", "cursor", "after"}, path
            lists += 1
    assert lists > 15


@pytest.mark.parametrize(("path", "name"), [("/api/sources", "source"), ("/api/jobs", "name")])
async def test_short_lists_have_pages_too(brand: Brand, path: str, name: str) -> None:
    whole = await brand.data(path)
    assert len(whole) > 3
    assert await brand.pages(path, limit=2) == whole
    first = (await brand.get(path, limit=2)).json()
    assert [one[name] for one in first["data"]] == [one[name] for one in whole[:2]]
    assert (await brand.get(path, after="nonsense")).status_code == 400
    other = "/api/jobs" if path == "/api/sources" else "/api/sources"
    assert (await brand.get(other, cursor=first["next"])).status_code == 400


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/openapi.json", "/docs"])
async def test_who_only_looks_whether_we_are_there_may_ask_as_they_like(brand: Brand, path: str) -> None:
    """Probes and load balancers add something of their own, such as what breaks a cache."""
    assert (await brand.get(path, _="1")).status_code == 200
