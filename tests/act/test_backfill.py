"""What is brought in after the fact counts as if it had come at its time, but nobody is written to for it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.act.automations import active_automations
from app.act.carts import Did, abandoned
from app.act.foresight import foresee
from app.graph.driver import Graph
from tests.act.conftest import NOON, Acting, hours
from tests.act.test_foresight import RULES

ANN = {"email": "ann@example.com", "phone": "+1-555-0123"}
HOUR = 3_600_000
DAY = timedelta(days=1)


def on(month: int, day: int) -> datetime:
    return datetime(2024, month, day, 10, tzinfo=UTC)


SILENT = on(4, 1)
# The specification's third scenario: at risk by the first of April.
EMMA = ((on(1, 2), 150), (on(2, 1), 75), (on(2, 16), 100))
# Its second: a champion by the eighth of February.
MICHAEL = ((on(2, 1), 199.99), (on(2, 3), 89.99), (on(2, 4), 53.34), (on(2, 6), 53.34), (on(2, 7), 53.34))


async def did(brand: Acting, kind: str, at: datetime, live: bool = False, **properties: Any) -> str:
    """An event of Ann's; her id."""
    body = {"type": kind, "identifiers": ANN, "occurred_at": at.isoformat(), "properties": properties}
    (told,) = (await brand.post("/api/events", body if live else {**body, "backfill": True}))["data"]["events"]
    return str(told["profile_id"])


async def orders(brand: Acting, history: Any, live: bool = False) -> str:
    for at, total in history:
        ann = await did(brand, "purchase", at, live, total=total, order_id=at.isoformat())
    return ann


async def scored(brand: Acting, at: datetime) -> tuple[str, int]:
    """Ann's segment, and how many the automations write to, by the jobs as they run."""
    for job in ("features", "predictions"):
        await brand.job(at, job)
    made = (await brand.job(at))["triggered"]
    (ann,) = await brand.data("/api/profiles")
    return (await brand.data(f"/api/profiles/{ann['profile_id']}/360"))["predictions"]["segment"], made


class TestCarts:
    @pytest.mark.parametrize("live", [True, False])
    async def test_a_cart_that_was_brought_in_is_none(self, brand: Acting, live: bool) -> None:
        await did(brand, "cart_add", NOON, live)
        assert (await brand.job(NOON + hours(3)))["triggered"] == int(live)

    async def test_a_purchase_that_was_brought_in_ends_a_cart(self, brand: Acting) -> None:
        await did(brand, "cart_add", NOON, live=True)
        await did(brand, "purchase", NOON + hours(1), total=10)
        assert (await brand.job(NOON + hours(3)))["triggered"] == 0

    async def test_a_live_cart_shows_what_was_brought_in_of_it(self, brand: Acting) -> None:
        await did(brand, "cart_add", NOON - hours(1), product_name="Socks")
        ann = await did(brand, "cart_add", NOON, live=True, product_name="Boots")
        assert (await brand.job(NOON + hours(3)))["triggered"] == 1
        (execution,) = (await brand.data(f"/api/profiles/{ann}/360"))["automation_executions"]
        assert len(execution["event_ids"]) == 2

    def test_a_cart_is_as_old_as_its_last_live_add_and_left_alone_since_any(self) -> None:
        live, late = Did("a", 0, False), Did("b", 20 * HOUR, False, backfill=True)
        for clock, found in ((21, 0), (22, 1), (24, 1), (25, 0)):
            assert len(abandoned([live, late], clock * HOUR)) == found, clock


async def test_an_event_that_was_brought_in_is_no_occasion(brand: Acting) -> None:
    await brand.cypher("MERGE (:Brand {brand_id: $brand})")
    await brand.post(
        "/api/automations", {"name": "Hi", "trigger": "signup", "channel": "email", "subject": "s", "template": "Hi"}
    )
    await did(brand, "signup", NOON)
    assert (await brand.job(NOON + hours(1)))["triggered"] == 0
    await did(brand, "signup", NOON + hours(1), live=True)
    assert (await brand.job(NOON + hours(2)))["triggered"] == 1


class TestStays:
    """Segments and churn, by the jobs as they run."""

    @pytest.mark.parametrize("live", [True, False])
    async def test_who_enters_by_what_was_brought_in_hears_nothing(self, brand: Acting, live: bool) -> None:
        await orders(brand, MICHAEL, live)
        assert await scored(brand, on(2, 8)) == ("champion", int(live))
        await brand.job(on(2, 9), "predictions")
        assert (await brand.job(on(2, 9)))["triggered"] == 0, "still the same stay"

    async def test_however_late_anybody_looks(self, brand: Acting) -> None:
        await orders(brand, MICHAEL)
        for day in (8, 9, 10):
            await brand.job(on(2, day), "predictions")
        assert (await brand.job(on(2, 10)))["triggered"] == 0

    async def test_who_comes_back_hears_as_anybody(self, brand: Acting) -> None:
        await orders(brand, MICHAEL)
        assert await scored(brand, on(2, 8)) == ("champion", 0)
        segment, _ = await scored(brand, on(2, 8) + 200 * DAY)
        assert segment != "champion"
        back = on(2, 8) + 201 * DAY
        await orders(brand, [(back + n * DAY, 90) for n in range(5)], live=True)
        assert await scored(brand, back + 5 * DAY) == ("champion", 1)

    async def test_who_enters_by_something_live_as_well_hears_of_it(self, brand: Acting) -> None:
        await orders(brand, MICHAEL[:4])
        await orders(brand, MICHAEL[4:], live=True)
        assert await scored(brand, on(2, 8)) == ("champion", 1)

    async def test_what_was_live_before_the_last_score_did_not_make_the_entry(self, brand: Acting) -> None:
        await orders(brand, MICHAEL[:1], live=True)
        assert (await scored(brand, on(2, 2)))[0] != "champion"
        await orders(brand, MICHAEL[1:])
        assert await scored(brand, on(2, 8)) == ("champion", 0)

    async def test_whom_time_alone_makes_enter_hears_of_it(self, brand: Acting) -> None:
        """Somebody who was brought in, and is a customer like any other since."""
        await orders(brand, EMMA)
        segment, made = await scored(brand, on(2, 17))
        assert (segment != "at_risk", made) == (True, 0)
        assert await scored(brand, SILENT) == ("at_risk", 1)

    async def test_whom_the_first_score_finds_at_risk_hears_nothing(self, brand: Acting) -> None:
        await orders(brand, EMMA)
        assert await scored(brand, SILENT) == ("at_risk", 0)
        assert (await scored(brand, SILENT + DAY))[1] == 0

    @pytest.mark.parametrize("live", [True, False])
    async def test_a_preview_says_the_same(self, graph: Graph, brand: Acting, live: bool) -> None:
        now = datetime.now(UTC)
        await orders(brand, [(now - timedelta(days=6 - n), 90) for n in range(5)], live)
        await brand.job(now - timedelta(minutes=1), "predictions")
        (vip,) = [one for one in await active_automations(graph, brand.brand_id) if one.segment == "champion"]
        assert len((await foresee(graph, brand.brand_id, vip, RULES)).reached) == int(live)


class TestMark:
    async def test_it_changes_nothing_else(self, brand: Acting) -> None:
        ann = await orders(brand, EMMA)
        profile = await brand.data(f"/api/profiles/{ann}")
        assert (profile["lifetime_value"], profile["total_orders"], profile["profile_strength"]) == (325, 3, 75)

    async def test_it_stays_and_is_shown(self, brand: Acting) -> None:
        await did(brand, "signup", NOON)
        ann = await did(brand, "signup", NOON + hours(1), live=True)
        for when in ({}, {"as_of": (NOON + hours(2)).isoformat()}):
            seen = await brand.data(f"/api/profiles/{ann}/360", **when)
            assert [one.get("backfill") for one in seen["events"]] == [None, True]
        assert [one.get("backfill") for one in await brand.data("/api/streams/events.normalized")] == [True, None]
        assert "backfill" not in (await brand.data(f"/api/profiles/{ann}/360"))["events"][1]["properties"]

    @pytest.mark.parametrize(
        ("path", "body"),
        [
            ("/api/integrations/track", {"event": "signup", "email": "bob@example.com"}),
            ("/api/integrations/pos", {"store_id": "s", "total": 5, "email": "bob@example.com"}),
            ("/api/integrations/shopify/webhook", {"id": 1, "email": "bob@example.com", "total_spent": "5", "items": []}),
            ("/api/events", [{"type": "signup", "identifiers": {"email": "bob@example.com"}}]),
        ],
    )
    async def test_every_door_takes_it(self, brand: Acting, path: str, body: Any) -> None:
        await brand.post(f"{path}?backfill=true", body)
        assert await brand.cypher("MATCH (e:Event {brand_id: $brand}) RETURN e.backfill AS mark") == [{"mark": True}]

    async def test_what_is_neither_yes_nor_no_is_refused(self, brand: Acting) -> None:
        body = {"type": "signup", "identifiers": ANN}
        refusal = await brand.refused("/api/events?backfill=yes", body)
        assert (refusal.status_code, "backfill must be true or false" in refusal.text) == (400, True)
        assert (await brand.refused("/api/events", {**body, "backfill": 1})).status_code == 422
