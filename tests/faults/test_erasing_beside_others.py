"""People are erased in one process while another takes in their events, merges, decides and erases the very same people."""

import asyncio
import json
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from neo4j import AsyncDriver

from tests.conftest import new_brand
from tests.ingest.looking import ask, check_laws

EVERYTHING = """
MATCH (n) WHERE n.brand_id = $brand OPTIONAL MATCH (n)-[r]->()
RETURN labels(n) AS labels, properties(n) AS node, collect(properties(r)) AS edges
"""
MAY_BE_TOLD = {200, 404, 409, 410, 503}


def person(name: str, number: int) -> dict[str, str]:
    return {
        "email": f"{name}{number}@mail.org",
        "phone": f"+1415555{ {'doomed': 3000, 'stays': 4000}[name] + number }",
        "loyalty_id": f"{name}-card-{number}",
        "cookie": f"{name}-cookie-{number}",
    }


@dataclass
class Storm:
    """What goes on in a brand, through both processes at once."""

    brand: str
    clients: list[httpx.AsyncClient]
    chance: random.Random
    doomed: list[dict[str, str]]
    stays: list[dict[str, str]]
    mixed: bool  # whether the two are ever made one
    paid: Counter[str] = field(default_factory=Counter)  # by e-mail of who stays
    said: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    sent: int = 0

    async def call(self, method: str, path: str, body: Any = None) -> httpx.Response:
        client = self.chance.choice(self.clients)
        answer = await client.request(method, path, json=body, headers={"x-brand-id": self.brand})
        self.said[f"{answer.request.url.path.split('/')[2]} {answer.status_code}"] += 1
        if answer.status_code not in MAY_BE_TOLD or (answer.status_code == 503 and "retry-after" not in answer.headers):
            self.wrong.append(f"{method} {path} {body}: {answer.status_code} {answer.text[:300]}")
        return answer

    async def until_taken(self, path: str, body: Any) -> Any:
        while True:
            answer = await self.call("POST", path, body)
            if answer.status_code == 200:
                return answer.json()["data"]
            assert answer.status_code == 503, answer.text
            await asyncio.sleep(0.05)

    async def sends(self) -> None:
        """Purchases, of one or two of somebody's names each."""
        whose = self.chance.choice([self.doomed, self.stays])
        everything = self.chance.choice(whose)
        names = self.chance.sample(sorted(everything), self.chance.choice((1, 2, 2)))
        if whose is self.stays and "email" not in names:
            names.append("email")
        carried = {name: everything[name] for name in names}
        if self.mixed and "cookie" not in carried and self.chance.random() < 0.3:
            carried["device"] = "kiosk"
        self.sent += 1
        event = {
            "type": self.chance.choice(("purchase", "cart_add")),
            "identifiers": carried,
            "properties": {"total": 1 + self.sent % 7, "product_name": "Hat", "note": f"for {' '.join(carried.values())}"},
            "attributes": {"name": carried[names[0]]},
            "idempotency_key": f"k{self.sent}",
        }
        if event["type"] == "purchase" and whose is self.stays:
            self.paid[everything["email"]] += (1 + self.sent % 7) * 100
        await self.until_taken("/api/events", event)

    async def erases(self) -> None:
        one = self.chance.choice(self.doomed)
        type_ = self.chance.choice(sorted(one))
        await self.call("POST", "/api/erasures", {"type": type_, "value": one[type_], "dry_run": self.chance.random() < 0.1})

    async def merges(self) -> None:
        two = self.chance.sample(self.doomed + self.stays if self.mixed else self.doomed, 2)
        ids = [profile for one in two for profile in await self.ids(one)]
        if len(set(ids)) > 1:
            # Where they come apart again by a hub, what was written at the one of the other stays with the one.
            note = "as asked" if self.mixed else f"as asked: {two}"
            answer = await self.call("POST", "/api/merges", {"profile_ids": sorted(set(ids))[:3], "note": note})
            merge_id = answer.json().get("data", {}).get("merge_id")
            if merge_id and self.chance.random() < 0.6:
                await self.call("POST", f"/api/merges/{merge_id}/undo", {})

    async def ids(self, one: dict[str, str]) -> list[str]:
        type_ = self.chance.choice(sorted(one))
        found = await self.call("GET", f"/api/profiles?identifier={type_}:{one[type_].removeprefix('+')}")
        return [each["profile_id"] for each in found.json().get("data", [])]

    async def decides(self) -> None:
        found = (await self.call("GET", "/api/merge-queue?status=pending")).json().get("data", [])
        if found:
            review = self.chance.choice(found)["review_id"]
            how = self.chance.choice(("approve", "reject"))
            await self.call("POST", f"/api/merge-queue/{review}/{how}", {"note": "as seen"})

    async def works(self) -> None:
        name = self.chance.choice(("predictions", "automations", "cart-abandonment", "outbox", "maintenance", "rebuild"))
        await self.call("POST", f"/api/jobs/{name}/run", {})

    async def scores(self) -> None:
        await self.call("POST", "/api/models/starter/promote", {})
        for profile_id in await self.ids(self.chance.choice(self.doomed)):
            await self.call("POST", f"/api/profiles/{profile_id}/score", {})
            await self.call("POST", f"/api/profiles/{profile_id}/export", {})

    async def again_and_again(self, does: Callable[[], Awaitable[None]], events: int) -> None:
        while self.sent < events:
            await does()

    async def rages(self, events: int) -> None:
        """Until so many events were sent."""
        kinds = [*[self.sends] * 5, *[self.erases] * 3, *[self.merges] * 2, self.decides, self.works, self.scores]
        async with asyncio.TaskGroup() as tasks:
            for kind in kinds:
                tasks.create_task(self.again_and_again(kind, events))

    async def erases_all(self) -> None:
        """Every doomed person by every name, through both at once, as nothing comes any more."""
        names = [pair for one in self.doomed for pair in one.items()]
        await asyncio.gather(*(self.until_taken("/api/erasures", {"type": type_, "value": value}) for type_, value in names * 2))


@pytest.mark.parametrize("mixed", [False, True])
async def test_erasures_beside_all_else(clients: list[httpx.AsyncClient], database: AsyncDriver, mixed: bool) -> None:
    """Nothing of who is erased is anywhere, and all that was spent is somebody's, once. Of who was never one with them nobody
    decided anything: they are who a rebuild says, and have spent what they did."""
    doomed, stays = ([person(name, number) for number in range(4)] for name in ("doomed", "stays"))
    storm = Storm(new_brand(), clients, random.Random(mixed), doomed, stays, mixed)
    await storm.rages(200)
    await storm.erases_all()
    print(sorted(storm.said.items()))
    assert storm.wrong == []
    assert storm.said["erasures 200"] > 2 * len(doomed)
    assert await named(database, storm.brand, doomed) == []
    await check_laws(database, storm.brand, erased=True)
    if not mixed:
        rebuilt = await storm.until_taken("/api/jobs/rebuild/run", {})
        assert rebuilt["mended"] == 0, rebuilt
        assert await spent(database, storm.brand) == storm.paid.total()


async def spent(database: AsyncDriver, brand: str) -> int:
    (row,) = await ask(database, "MATCH (p:Profile {brand_id: $brand}) RETURN sum(p.lifetime_value_minor) AS spent", brand=brand)
    return int(row["spent"])


async def named(database: AsyncDriver, brand: str, people: list[dict[str, str]]) -> list[str]:
    """Where in a brand any of these people is named still."""
    values = [value.removeprefix("+").casefold() for one in people for value in one.values()]
    found = await ask(database, EVERYTHING, brand=brand)
    texts = [json.dumps(row, default=str).casefold() for row in found]
    return [text for text in texts if any(value in text for value in values)]
