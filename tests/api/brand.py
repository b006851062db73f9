"""A brand of one test: the service as its clients see it, and the graph as data scientists do."""

import uuid
from collections.abc import Mapping
from typing import Any

import httpx
from neo4j import AsyncDriver

SARAH = "sarah.johnson@email.com"

PURCHASE = {
    "id": 12345,
    "email": SARAH,
    "phone": None,
    "total_spent": "89.99",
    "currency": "USD",
    "items": [
        {
            "product_id": "PROD-001",
            "product_name": "Summer Collection T-Shirt",
            "category": "Apparel",
            "price": "89.99",
            "quantity": 1,
        }
    ],
    "created_at": "2024-01-15T10:00:00Z",
    "order_number": "ORD-12345",
}
WHATSAPP = {
    "MessageSid": "SM123456789",
    "From": "whatsapp:+15550123",
    "To": "whatsapp:+15559999",
    "Body": "When will my order ship?",
    "MessageStatus": "received",
    "AccountSid": "ACxxxxx",
}
TILL = {
    "store_id": "STORE-001",
    "store_name": "Downtown Location",
    "loyalty_id": "LOY-789456",
    "phone": "+1-555-0123",
    "transaction_id": "TXN-98765",
    "total": 125.50,
    "items": [
        {
            "product_id": "PROD-002",
            "product_name": "Premium Sneakers",
            "category": "Footwear",
            "price": "125.50",
            "quantity": 1,
        }
    ],
    "check_in_at": "2024-01-17T11:00:00Z",
    "check_out_at": "2024-01-17T11:45:00Z",
    "detection_method": "qr_scan",
}
CART = {
    "event": "cart_add",
    "email": SARAH,
    "product_id": "PROD-003",
    "product_name": "Premium Sneakers",
    "category": "Footwear",
    "price": "125.50",
    "session_id": "sess-abc123",
    "page_url": "https://store.com/products/premium-sneakers",
    "timestamp": "2024-01-19T15:00:00Z",
}


class Brand:
    """Calls carry the brand's id; `count` and `cypher` look into the graph."""

    def __init__(self, brand_id: str, client: httpx.AsyncClient, driver: AsyncDriver) -> None:
        self.brand_id = brand_id
        self._client = client
        self._driver = driver

    async def get(self, path: str, **params: Any) -> httpx.Response:
        return await self._client.get(path, params=params or None, headers={"x-brand-id": self.brand_id})

    async def call(self, method: str, path: str, headers: Mapping[str, str] | None = None, **how: Any) -> httpx.Response:
        """Any answer to any call."""
        return await self._client.request(method, path, headers={"x-brand-id": self.brand_id, **(headers or {})}, **how)

    async def data(self, path: str, **params: Any) -> Any:
        """The `data` of an answer that must be 200."""
        response = await self.get(path, **params)
        assert response.status_code == 200, response.text
        return response.json()["data"]

    async def pages(self, path: str, **params: Any) -> list[Any]:
        """Every entry of a list, page by page."""
        found: list[Any] = []
        while True:
            response = await self.get(path, **params)
            assert response.status_code == 200, response.text
            page = response.json()
            found += page["data"]
            if page["next"] is None:
                return found
            params["cursor"] = page["next"]

    async def post(self, path: str, body: Any, **headers: str) -> Any:
        """The answer to a body that must be taken."""
        response = await self._client.post(path, json=body, headers={"x-brand-id": self.brand_id, **headers})
        assert response.status_code in {200, 201}, response.text
        return response.json() if response.headers["content-type"] == "application/json" else response.text

    async def refused(self, path: str, body: Any) -> httpx.Response:
        """The answer to a body that must not be taken."""
        response = await self._client.post(path, json=body, headers={"x-brand-id": self.brand_id})
        assert response.status_code >= 400, response.text
        return response

    async def shopify(self, body: dict[str, Any], topic: str = "orders/create") -> Any:
        answer = await self.post("/api/integrations/shopify/webhook", body, **{"x-shopify-topic": topic})
        return answer["data"]["events"]

    async def see(self, *, did: str = "page_view", properties: dict[str, Any] | None = None, **identifiers: str) -> Any:
        """One canonical event that carries these identifiers, a new one each time; what its sender is told."""
        key = uuid.uuid4().hex
        body = {"type": did, "identifiers": identifiers, "properties": properties or {}, "idempotency_key": key}
        (told,) = (await self.post("/api/events", body))["data"]["events"]
        return told

    async def bring(self, **profile: Any) -> str:
        """An imported profile's id."""
        return str((await self.post("/api/profiles", profile))["data"]["profile_id"])

    async def omnichannel(self) -> str:
        """The first scenario's five events and its merge; the survivor's id."""
        (bought,) = await self.shopify(PURCHASE)
        (wrote,) = (await self.post("/api/integrations/twilio/webhook", WHATSAPP))["data"]["events"]
        await self.post("/api/merges", {"profile_ids": [bought["profile_id"], wrote["profile_id"]]})
        await self.post("/api/integrations/pos", TILL)
        await self.post("/api/integrations/track", CART)
        return str(bought["profile_id"])

    async def cypher(self, statement: str, **parameters: Any) -> list[dict[str, Any]]:
        found = await self._driver.execute_query(statement, {"brand": self.brand_id, **parameters})
        return [record.data() for record in found.records]

    async def count(self, label: str) -> int:
        (row,) = await self.cypher(f"MATCH (n:{label} {{brand_id: $brand}}) RETURN count(n) AS n")
        return int(row["n"])
