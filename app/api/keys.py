"""Keys of the API: made, listed, revoked. A key is shown once, when it is made."""

from datetime import UTC, datetime

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from app.access.issuing import issue, key_view
from app.api.bodies import JsonRoute
from app.api.paging import DEFAULT_LIMIT, Brand, Cursor, Limit, answer, page
from app.domain.access import Role
from app.domain.brands import brand_of
from app.graph.api_keys import API_KEY_LIST, ApiKeys
from app.graph.rows import Row


class KeyIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    role: Role = Field(description="`admin`: everything; `analyst`: every read, Cypher and dry runs; `ingest`: sends events.")
    name: str = Field(max_length=80, description="Who has the key, such as `warehouse sync`.")


def keys_router(keys: ApiKeys) -> APIRouter:
    router = APIRouter(tags=["keys"])

    @router.get("/api/keys", summary="The brand's keys, the newest first; never the keys themselves")
    async def every(x_brand_id: Brand = None, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> Response:
        """Those that were revoked stay listed. `hint` is a key's last characters, `last_used_at` is to the minute."""
        found = await keys.of_brand(brand_of(x_brand_id), API_KEY_LIST.begin(cursor), limit + 1)
        return page([key_view(one) for one in found], limit, API_KEY_LIST.place)

    return router


def key_changes_router(keys: ApiKeys) -> APIRouter:
    router = APIRouter(tags=["keys"], route_class=JsonRoute)

    @router.post("/api/keys", summary="Make a key, which is shown this once", status_code=201)
    async def make(body: KeyIn, x_brand_id: Brand = None) -> Response:
        """The first key of a service must be an admin's: from then on it asks everybody for one (CONSTINTEL_ACCESS)."""
        new, secret = await issue(keys, brand_of(x_brand_id), body.role, body.name, datetime.now(UTC), makes_brand=True)
        shown: Row = {**key_view(new), "key": secret}
        response = answer(shown, 201)
        response.headers["cache-control"] = "no-store"
        return response

    @router.delete("/api/keys/{key_id}", summary="Revoke a key")
    async def revoke(key_id: str, x_brand_id: Brand = None) -> Response:
        """At once where it is revoked, within seconds on other replicas. 409 for the last admin key while others stand."""
        return answer(key_view(await keys.revoke(brand_of(x_brand_id), key_id, datetime.now(UTC))))

    return router
