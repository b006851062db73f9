"""Segment's own Python library, told nothing but where the service is and a write key."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from segment.analytics.client import Client

from app.graph.driver import Graph
from app.main import create_app
from app.settings import Settings
from tests.api.brand import Brand
from tests.api.test_event_stream import serving
from tests.conftest import new_brand


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def url(graph: Graph) -> AsyncIterator[str]:
    async with serving(create_app(graph, Settings(request_deadline_s=60))) as (address, _):
        yield address


def tell(url: str, key: str, packed: bool) -> list[Exception]:
    """What a shop's server says of a customer; what the library complains of."""
    failed: list[Exception] = []
    library = Client(key, host=url, gzip=packed, max_retries=0, on_error=lambda error, _: failed.append(error))
    library.page(anonymous_id="browser-1", name="Home")
    library.identify("u-1", {"email": "ann@example.com", "phone": "+44 7700 900123", "firstName": "Ann", "score": float("nan")})
    library.track("u-1", "Product Added", {"product_id": "P1", "name": "Scarf"})
    library.track("u-1", "Order Completed", {"order_id": "5001", "total": 42.5, "currency": "GBP"})
    library.track("u-1", "Order Refunded", {"order_id": "5001", "total": 2.5, "currency": "GBP"})
    library.alias("browser-1", "u-1")
    library.group("u-1", "acme", {"name": "Acme"})
    library.shutdown()
    return failed


@pytest.mark.parametrize("packed", [False, True])
async def test_it_points_here(brand: Brand, url: str, packed: bool) -> None:
    key = new_brand()
    assert (await brand.call("PUT", "/api/sources/segment", json={"write_key": key})).status_code == 200
    assert await asyncio.to_thread(tell, url, key, packed) == []
    (person,) = await brand.data("/api/profiles")
    assert person["identifiers"] == {
        "user_id": "u-1", "email": "ann@example.com", "phone": "447700900123", "anonymous_id": "browser-1",
    }  # fmt: skip
    assert (person["lifetime_values"], person["total_orders"]) == ({"GBP": 40.0}, 1)
    assert person["attributes"]["first_name"] == "Ann"
    whole: dict[str, Any] = await brand.data(f"/api/profiles/{person['profile_id']}/360")
    assert sorted(event["type"] for event in whole["events"]) == sorted(
        ["page", "identify", "product added", "purchase", "refund", "alias", "group"]
    )


async def test_it_is_told_of_a_key_that_is_nobodys(brand: Brand, url: str) -> None:
    (failed,) = await asyncio.to_thread(tell, url, new_brand(), packed=False)
    assert "401" in str(failed)
