"""A moment of a brand is another brand that was told only so much: profile, 360 and graph, for random moments."""

import random
import re
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import pytest_asyncio
from neo4j import AsyncDriver

from app.domain.events import stable_id
from tests.api.brand import Brand
from tests.api.test_merges import PHONE
from tests.conftest import new_brand

MAIL, CARD = {"email": "a@x.org"}, {"loyalty_id": "L-1"}
TEL = {"phone": PHONE}
VIEWS = ("", "?provenance=true", "/360", "/graph?depth=2&limit=1000")


def bought(day: str, total: float, **who: str) -> tuple[str, str, dict[str, Any]]:
    properties = {"total": total, "currency": "USD", "items": [{"product_name": "Shoe", "price": total}]}
    return "event", day, {"type": "purchase", "identifiers": who, "properties": properties}


def did(day: str, what: str, **who: str) -> tuple[str, str, dict[str, Any]]:
    attributes = {"first_name": f"Ann of {day}"}
    return "event", day, {"type": what, "identifiers": who, "attributes": attributes, "properties": {"product_name": "Shoe"}}


# Late arrivals, merges by an event and by an admin, an undo, its undo, a review. Days are when it happened (decisions: none).
IMPORT = {"profile_id": "brought", "identifiers": CARD, "lifetime_value": 50, "total_orders": 2, "attributes": {"city": "Rome"}}
STEPS: list[tuple[str, str, dict[str, Any]]] = [
    did("2024-02-10", "page_view", **MAIL),
    bought("2024-02-12", 10, **TEL),
    ("import", "2024-01-05", IMPORT),
    bought("2024-01-10", 20, **MAIL),
    did("2024-02-20", "cart_add", cookie="c1", **MAIL),
    bought("2024-02-15", 5, **MAIL, **TEL),
    did("2024-03-01", "page_view", **CARD),
    ("merge", "", {"of": (0, 2)}),
    ("undo", "", {"of": 5}),
    bought("2024-01-20", 7, **TEL),
    ("redo", "", {"of": 5}),
    did("2024-03-05", "page_view", user_id="u1", **MAIL),
    did("2024-03-10", "login", loyalty_id="L-2", **MAIL),
]
DAYS = sorted({day for _, day, _ in STEPS if day})


ARRIVED = re.compile(r"20(?!24)\d\d-\d\d-\d\dT")  # what happened, happened in 2024


UNDONE = (8, 9)  # the steps after which the undo stands


def without_snapshots(shown: Any) -> Any:
    """A snapshot shows a merge as it was made, whatever was undone since; of fewer events, it is what a rebuild gives."""
    for merge in shown.get("merge_history", ()):
        del merge["before"], merge["after"]
    return shown


class Told:
    """A brand and what its answers were, so that ids and times of two brands can be compared."""

    def __init__(self, brand: Brand) -> None:
        self.brand = brand
        self.names: dict[str, str] = {}
        self.clocks: list[tuple[datetime, int]] = []
        self.merges: dict[int, str] = {}
        self.people: dict[int, str] = {}

    async def tell(self, number: int) -> None:
        what, day, how = STEPS[number]
        if what == "event":
            body = {**how, "occurred_at": f"{day}T12:00:00Z", "idempotency_key": str(number)}
            (told,) = (await self.brand.post("/api/events", body))["data"]["events"]
            self.people[number] = told["profile_id"]
            if told["merge_id"]:
                self.merges[number] = told["merge_id"]
            self._name(told["event_id"], number, how["identifiers"])
        elif what == "import":
            self.people[number] = await self.brand.bring(**how, created_at=f"{day}T12:00:00Z")
        elif what == "merge" and set(how["of"]) <= self.people.keys():
            await self.brand.post("/api/merges", {"profile_ids": [self.people[one] for one in how["of"]]})
        elif what in {"undo", "redo"} and how["of"] in self.merges:
            await self.brand.post(f"/api/merges/{self.merges[how['of']]}/{what}", {})
        await self._look(number)

    def _name(self, event_id: str, number: int, carried: dict[str, str]) -> None:
        brand_id = self.brand.brand_id
        self.names[event_id] = f"event {number}"
        self.names[stable_id(brand_id, "profile", event_id)] = f"profile {number}"
        for type_name, value in carried.items():
            self.names[stable_id(brand_id, "profile", event_id, type_name, value.lstrip("+"))] = f"profile {number} of {value}"
        self._acts(event_id, number)
        self.names[stable_id(brand_id, "intent", event_id, "0")] = f"intent {number}"

    def _acts(self, because: str, number: int) -> None:
        for what in ("merge", "review"):
            self.names[stable_id(self.brand.brand_id, what, because)] = f"{what} {number}"

    async def _look(self, number: int) -> None:
        """The judgement of a decision, and the last moment of this step."""
        rows = await self.brand.cypher(
            "MATCH (n {brand_id: $brand}) WHERE n:Event OR n:ProfileImport OR n:Judgement "
            "RETURN n.judgement_id AS judgement, [n.received_at, n.decided_at, n.retracted_at] AS times"
        )
        for row in rows:
            if row["judgement"] and row["judgement"] not in self.names:
                self.names[row["judgement"]] = f"judgement {number}"
                self._acts(row["judgement"], number)
        latest = max(at.to_native() for row in rows for at in row["times"] if at is not None)
        if not self.clocks or latest > self.clocks[-1][0]:
            self.clocks.append((latest, number))

    def by(self, number: int) -> str:
        """The last moment of the steps up to this one."""
        return max(at for at, step in self.clocks if step <= number).astimezone(UTC).isoformat().replace("+00:00", "Z")

    def plain(self, shown: Any) -> Any:
        """An answer without what differs between brands: ids by what made them, times of arrival by their step."""
        if isinstance(shown, dict):
            return {key: self.plain(one) for key, one in shown.items()}
        if isinstance(shown, list):
            told = [self.plain(one) for one in shown]
            in_time = all(isinstance(one, dict) and "occurred_at" in one for one in told)
            return told if in_time else sorted(told, key=str)
        return self._word(shown) if isinstance(shown, str) else shown

    def _word(self, text: str) -> str:
        if not ARRIVED.match(text):
            for old, new in self.names.items():
                text = text.replace(old, new)
            return text
        at = datetime.fromisoformat(text)
        return f"step {min((step for clock, step in self.clocks if clock >= at), default='later')}"


PAIRS = [(random.Random(seed).choice(DAYS), random.Random(seed + 50).randrange(1, len(STEPS))) for seed in range(2)]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def whole(client: httpx.AsyncClient, driver: AsyncDriver) -> Told:
    """A brand that was told all of it, for every moment: looking changes nothing."""
    told = Told(Brand(new_brand(), client, driver))
    for number in range(len(STEPS)):
        await told.tell(number)
    return told


@pytest.mark.parametrize(("day", "last"), [("", 6), ("", 8), ("", 12), *PAIRS])
async def test_a_moment_is_a_brand_that_was_told_only_so_much(whole: Told, stranger: Brand, day: str, last: int) -> None:
    """`day`: as_of its end (nothing: not asked). `last`: known_at the end of that step."""
    brand, only = whole.brand, Told(stranger)
    for number in range(last + 1):
        if not day or not STEPS[number][1] or STEPS[number][1] <= day:
            await only.tell(number)
    asked = {"known_at": whole.by(last), **({"as_of": f"{day}T23:59:59Z"} if day else {})}
    of = {name: profile_id for profile_id, name in whole.names.items()}
    issued = {row["id"] for row in await brand.cypher("MATCH (p:ProfileId {brand_id: $brand}) RETURN p.profile_id AS id")}
    for row in await stranger.cypher("MATCH (p:ProfileId {brand_id: $brand}) RETURN p.profile_id AS id"):
        theirs = row["id"]
        ours = of.get(only.names.get(theirs, ""), theirs)
        if ours in issued:  # else the fuller history never issued it
            for view in VIEWS:
                path, also = f"/api/profiles/{ours}{view}", "&" if "?" in view else "?"
                then = await brand.data(path + also + "&".join(f"{name}={at}" for name, at in asked.items()))
                rebuilt = await stranger.data(f"/api/profiles/{theirs}{view}")
                if day and last in UNDONE:
                    then, rebuilt = without_snapshots(then), without_snapshots(rebuilt)
                assert whole.plain(then) == only.plain(rebuilt), (view, only.names.get(theirs))
