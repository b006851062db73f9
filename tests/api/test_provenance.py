"""Who said what of a person, through HTTP."""

import time
from datetime import UTC, datetime
from typing import Any

import httpx
import orjson
import pytest
from neo4j import AsyncDriver

from app.domain.profiles import Attribute
from app.graph.driver import Graph
from app.graph.provenance import Said, golden_with_others
from app.main import create_app
from app.settings import Settings
from tests.api.brand import Brand
from tests.conftest import new_brand

NOW = datetime(2024, 3, 1, tzinfo=UTC)


async def say(brand: Brand, day: int, source: str, *, email: str = "a@x.org", **attributes: str) -> Any:
    event = {"type": "identify", "source": source, "occurred_at": f"2024-03-{day:02}T00:00:00Z", "identifiers": {"email": email}}
    (told,) = (await brand.post("/api/events", {**event, "attributes": attributes}))["data"]["events"]
    return told


async def attributes(brand: Brand, profile_id: str) -> Any:
    return (await brand.data(f"/api/profiles/{profile_id}", provenance="true"))["attributes"]


async def test_every_value_says_who_gave_it_and_which_others_were_given(brand: Brand) -> None:
    first = await say(brand, 1, "web", first_name="Ann", city="Rome")
    late = await say(brand, 3, "pos", first_name="Anna")
    await say(brand, 2, "crm", first_name="Anne")
    again = await say(brand, 2, "crm2", first_name="Ann")
    said = await attributes(brand, first["profile_id"])
    plain = (await brand.data(f"/api/profiles/{first['profile_id']}"))["attributes"]
    assert {name: one["value"] for name, one in said.items()} == plain == {"city": "Rome", "first_name": "Anna"}
    name = said["first_name"]
    assert (name["source"], name["event_id"], name["occurred_at"]) == ("pos", late["event_id"], "2024-03-03T00:00:00Z")
    assert sorted(one["value"] for one in name["others"]) == ["Ann", "Anne"]
    assert {one["value"]: one["event_id"] for one in name["others"]}["Ann"] == again["event_id"]  # the newest that said so
    assert [one["occurred_at"] for one in name["others"]] == ["2024-03-02T00:00:00Z"] * 2
    assert said["city"] == {
        "value": "Rome", "source": "web", "event_id": first["event_id"], "occurred_at": "2024-03-01T00:00:00Z", "others": [],
    }  # fmt: skip


async def test_what_an_absorbed_person_and_an_import_said_is_kept(brand: Brand) -> None:
    one = await say(brand, 1, "web", first_name="Ann")
    made = await brand.bring(
        identifiers={"phone": "+442071234567"}, attributes={"first_name": "Anita"}, created_at="2023-01-01T00:00:00Z"
    )
    await brand.post("/api/merges", {"profile_ids": [one["profile_id"], made]})
    said = await attributes(brand, made)
    assert (said["first_name"]["value"], said["first_name"]["source"]) == ("Ann", "web")
    (other,) = said["first_name"]["others"]
    assert other == {"value": "Anita", "source": "import", "event_id": made, "occurred_at": "2023-01-01T00:00:00Z"}


async def test_lists_say_it_too_page_by_page(brand: Brand) -> None:
    for n in range(3):
        await say(brand, 1, "web", email=f"e{n}@x.org", first_name="Ann")
    for params in ({}, {"q": "ann"}, {"email": "e1@x.org"}):
        listed = await brand.pages("/api/profiles", provenance="true", limit=2, **params)
        assert len(listed) == (1 if "email" in params else 3)
        assert {one["attributes"]["first_name"]["source"] for one in listed} == {"web"}
    await brand.see(email="silent@x.org")
    (silent,) = await brand.data("/api/profiles", provenance="true", email="silent@x.org")
    assert silent["attributes"] == {}


async def test_others_are_bounded(brand: Brand) -> None:
    for day in range(1, 16):
        told = await say(brand, day, "web", nick=f"n{day}")
    said = (await attributes(brand, told["profile_id"]))["nick"]
    assert said["value"] == "n15"
    assert [one["value"] for one in said["others"]] == [f"n{day}" for day in range(14, 4, -1)]


async def test_a_trusted_source_is_believed_before_newer_ones(
    graph: Graph, driver: AsyncDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONSTINTEL_SOURCE_PRIORITY", '{"first_name": ["crm", "pos"]}')
    transport = httpx.ASGITransport(create_app(graph, Settings(request_deadline_s=60)))
    async with httpx.AsyncClient(transport=transport, base_url="http://constintel") as client:
        brand = Brand(new_brand(), client, driver)
        await say(brand, 1, "crm", first_name="Ann", city="Rome")
        await say(brand, 2, "pos", first_name="Anna", city="Oslo")
        told = await say(brand, 3, "web", first_name="Anny", city="Bonn")
        said = await attributes(brand, told["profile_id"])
        assert {name: (one["value"], one["source"]) for name, one in said.items()} == {
            "first_name": ("Ann", "crm"), "city": ("Bonn", "web"),
        }  # fmt: skip
        assert [one["value"] for one in said["first_name"]["others"]] == ["Anny", "Anna"]


@pytest.mark.parametrize("value", ["pos", "[]", '{"city": "pos"}', '{"city": [1]}'])
def test_a_priority_that_is_none_is_told_by_its_name(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("CONSTINTEL_SOURCE_PRIORITY", value)
    with pytest.raises(ValueError, match="source_priority"):
        Settings()
    monkeypatch.setenv("CONSTINTEL_SOURCE_PRIORITY", " ")
    assert Settings().source_priority == {}


async def test_a_value_that_was_stored_before_sources_were_still_says_its_source(brand: Brand) -> None:
    told = await say(brand, 1, "web", first_name="Ann")
    before = orjson.dumps([["first_name", "Ann", 1709251200000, told["event_id"]]]).decode()
    await brand.cypher("MATCH (p:Profile {brand_id: $brand}) SET p.attributes = $before", before=before)
    assert (await attributes(brand, told["profile_id"]))["first_name"]["source"] == "web"


def test_of_whoever_was_told_of_a_thousand_times_it_is_found_at_once() -> None:
    """While it is found nobody else is served: all that was said was put in order again for each attribute."""
    golden = [Attribute(f"name{n:02}", "x", NOW, "event", "web") for n in range(100)]
    said = [Said(f"name{n:02}", f"{at % 12}", at, f"event{at:03}", "web") for at in range(1_000) for n in range(100)]
    began = time.process_time()
    found = golden_with_others(golden, said, {})
    assert time.process_time() - began < 1
    assert [[one["value"] for one in shown["others"]] for shown in found.values()] == [
        [str(at % 12) for at in range(999, 989, -1)] for _ in golden
    ]
