"""Features, scores and journeys, from events over HTTP to the 360 view."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.learn.segments import SEGMENTS
from tests.api.brand import SARAH, Brand

DAY_6 = "2024-01-20T10:00:00Z"


async def run(brand: Brand, job: str, as_of: str | None) -> Any:
    """Now, without a clock."""
    return (await brand.post(f"/api/jobs/{job}/run", {"as_of": as_of}))["data"]


async def order(brand: Brand, number: int, at: str, amount: str, email: str = "emma@x.org", **more: Any) -> str:
    currency = more.pop("currency", "USD")
    item = {"product_name": f"Thing {number}", "price": amount, **more}
    body = {"id": number, "email": email, "total_spent": amount, "items": [item], "created_at": at, "currency": currency}
    (told,) = await brand.shopify(body)
    return str(told["profile_id"])


async def test_sarah_is_a_loyal_customer_on_the_sixth_day(brand: Brand) -> None:
    sarah = await brand.omnichannel()
    await run(brand, "features", DAY_6)
    before = await brand.data(f"/api/profiles/{sarah}/360")
    assert before["predictions"] is None
    told = await run(brand, "predictions", DAY_6)
    assert (told["seen"], told["built"], told["scored"]) == (1, 0, 1)
    whole = await brand.data(f"/api/profiles/{sarah}/360")
    features, predictions, journey = whole["features"], whole["predictions"], whole["journey"]
    assert (features["recency_days"], features["activity_days"]) == (2.958, 0.792)
    assert (features["frequency"], features["monetary"], features["profile_strength"]) == (2, 215.49, 85)
    assert features["category_affinity"] == {"Apparel": 1, "Footwear": 1}
    # The message has no time of its own: it came when it came, long after this clock.
    assert features["channel_mix"] == {"pos": 2, "shopify": 1, "tracking": 1}
    assert (features["visits"], features["visit_minutes"], features["open_intents"]) == (1, 45, 1)
    assert features["identifiers"] == {"email": 1, "loyalty_id": 1, "phone": 1, "session": 1, "whatsapp": 1}
    assert predictions["segment"] == "loyal_customer"
    assert predictions["churn_score"] == pytest.approx(0.15, abs=0.10)
    assert predictions["predicted_ltv"] == pytest.approx(450, rel=0.35)
    assert (predictions["horizon_days"], predictions["model_source"]) == (30, "starter")
    assert predictions["predicted_ltv"] < predictions["predicted_ltv_90"] < predictions["predicted_ltv_365"]
    assert (journey["stage"], journey["previous_stage"]) == ("retention", None)
    assert journey["score"] == pytest.approx(78, abs=8)
    assert await brand.count("FeatureSet") == await brand.count("Prediction") == await brand.count("CustomerJourney") == 1
    found = await brand.data("/api/profiles", segment="loyal")
    assert [one["profile_id"] for one in found] == [sarah]
    for filters in ({"email": SARAH}, {"q": "sarah"}, {"q": "LOY-7"}):
        assert [one["profile_id"] for one in await brand.data("/api/profiles", segment="loyal", **filters)] == [sarah]
        assert await brand.data("/api/profiles", segment="champion", **filters) == []
    assert await brand.data("/api/profiles", segment="champion") == []


async def test_emma_falls_silent_and_comes_back(brand: Brand) -> None:
    for number, (at, amount) in enumerate((("2024-01-02", "150.00"), ("2024-02-01", "75.00"), ("2024-02-16", "100.00"))):
        emma = await order(brand, number, f"{at}T10:00:00Z", amount)
    await run(brand, "predictions", "2024-04-01T10:00:00Z")
    before = await brand.data(f"/api/profiles/{emma}/360")
    assert before["predictions"]["segment"] == "at_risk"
    assert before["predictions"]["churn_score"] == pytest.approx(0.75, abs=0.10)
    assert before["predictions"]["churn_score"] >= 0.70
    assert before["predictions"]["predicted_ltv"] == pytest.approx(350, rel=0.35)
    assert before["journey"]["stage"] == "at_risk"
    assert before["journey"]["score"] == pytest.approx(45, abs=8)
    await order(brand, 4, "2024-04-03T10:00:00Z", "120.00")
    await run(brand, "predictions", "2024-04-03T10:00:00Z")
    after = await brand.data(f"/api/profiles/{emma}/360")
    assert after["predictions"]["segment"] == "loyal_customer"
    assert after["predictions"]["churn_score"] == pytest.approx(0.25, abs=0.10)
    assert after["predictions"]["predicted_ltv"] == pytest.approx(600, rel=0.35)
    journey = after["journey"]
    assert (journey["previous_stage"], journey["stage"]) == ("at_risk", "retention")
    assert journey["previous_score"] == before["journey"]["score"]
    assert journey["score"] == pytest.approx(72, abs=8)
    assert [await brand.count(label) for label in ("Prediction", "PredictionHistory", "JourneyHistory")] == [1, 1, 1]


async def test_a_second_run_touches_only_what_changed(brand: Brand) -> None:
    for number in range(5):
        await order(brand, number, "2024-01-02T10:00:00Z", "10.00", f"p{number}@x.org")
    at = "2024-01-10T00:00:00Z"
    assert (await run(brand, "predictions", at))["scored"] == 5
    again = await run(brand, "predictions", at)
    assert (again["seen"], again["built"], again["scored"]) == (5, 0, 0)
    await order(brand, 9, "2024-01-05T10:00:00Z", "10.00", "p3@x.org")
    one = await run(brand, "predictions", at)
    assert (one["built"], one["scored"]) == (1, 1)
    later = await run(brand, "predictions", "2024-01-11T00:00:00Z")
    assert (later["built"], later["scored"]) == (0, 5), "features do not age, scores do"


async def test_a_clock_in_the_past_knows_only_what_had_happened(brand: Brand) -> None:
    emma = await order(brand, 1, "2024-01-02T10:00:00Z", "150.00")
    await order(brand, 2, "2024-02-01T10:00:00Z", "75.00")
    for at, orders in (("2024-03-01T00:00:00Z", 2), ("2024-01-15T00:00:00Z", 1), ("2024-02-02T00:00:00Z", 2)):
        await run(brand, "predictions", at)
        assert (await brand.data(f"/api/profiles/{emma}/360"))["features"]["orders"] == orders
    await run(brand, "predictions", "2024-01-01T00:00:00Z")
    whole = await brand.data(f"/api/profiles/{emma}/360")
    assert (whole["features"]["orders"], whole["predictions"], whole["journey"]) == (0, None, None)
    assert "no order" in whole["unscored_because"]


async def test_people_without_dated_orders_have_no_score_and_a_reason(brand: Brand) -> None:
    looked = (await brand.see(email="a@x.org"))["profile_id"]
    brought = await brand.bring(identifiers={"email": "b@x.org"}, lifetime_value=200, total_orders=2)
    await run(brand, "predictions", None)
    for profile_id, frequency in ((looked, 0), (brought, 2)):
        whole = await brand.data(f"/api/profiles/{profile_id}/360")
        assert whole["predictions"] is None
        assert "no order with a time" in whole["unscored_because"]
        assert whole["features"]["frequency"] == frequency


async def test_strange_money_and_clocks_give_sensible_numbers(brand: Brand) -> None:
    """A brand with one customer; amounts of nothing; orders at the same moment; a clock five years off."""
    await order(brand, 1, "2019-01-02T10:00:00Z", "0.00", "odd@x.org")
    odd = await order(brand, 2, "2024-01-02T10:00:00Z", "0.00", "odd@x.org")
    await order(brand, 3, "2024-01-02T10:00:00Z", "0.00", "odd@x.org")
    await run(brand, "predictions", "2024-01-02T10:00:00Z")
    scores = (await brand.data(f"/api/profiles/{odd}/360"))["predictions"]
    assert 0 <= scores["churn_score"] <= 1
    assert 0 <= scores["predicted_ltv"] < 20, "the starter's prior of an order's money, where a brand never saw any"
    assert scores["segment"] in {row.name for row in SEGMENTS}


@pytest.mark.parametrize("absurd", ["1000000000000.00", "25000.00"])
async def test_one_absurd_order_is_not_what_everybody_else_is_expected_to_spend(brand: Brand, absurd: str) -> None:
    """A brand that the starter scores: what an order comes to here is what most of them come to."""
    people = [await order(brand, n, "2024-01-02T10:00:00Z", f"{20 + n}.00", f"p{n}@x.org") for n in range(9)]
    clock = "2024-01-10T10:00:00Z"
    await run(brand, "predictions", clock)
    before = [(await brand.data(f"/api/profiles/{one}/360"))["predictions"] for one in people]
    rich = await order(brand, 10, "2024-01-02T10:00:00Z", absurd, "rich@x.org")
    await run(brand, "features", clock)
    after = [(await brand.post(f"/api/profiles/{one}/score", {"as_of": clock}))["data"]["predictions"] for one in (*people, rich)]
    for was, now in zip(before, after, strict=False):
        assert was["predicted_ltv"] < now["predicted_ltv"] < 1.5 * was["predicted_ltv"]
        assert was["spend_ratio"] / 2 < now["spend_ratio"] < was["spend_ratio"]
    assert after[-1]["predicted_ltv"] > float(absurd)
    assert after[-1]["segment"] == "potential_loyalist"


async def test_somebody_of_ten_thousand_orders_is_scored_like_anybody(brand: Brand) -> None:
    """A reseller, a canteen: what is kept of each order in one read may not be kept once more for each other one."""
    began = datetime(2023, 1, 1, tzinfo=UTC)
    told = {"source": "shop", "type": "purchase", "identifiers": {"email": "often@x.org"}}
    for start in range(0, 10_000, 1_000):
        orders = [(str(n), (began + timedelta(hours=n)).isoformat()) for n in range(start, start + 1_000)]
        bodies = [{**told, "occurred_at": at, "properties": {"order_id": n, "total": 1.1}} for n, at in orders]
        often = (await brand.post("/api/events", bodies))["data"]["events"][0]["profile_id"]
    assert (await run(brand, "predictions", "2024-03-01T00:00:00Z"))["set_aside"] == 0
    whole = await brand.data(f"/api/profiles/{often}/360")
    assert (whole["features"]["orders"], whole["features"]["monetary"]) == (10_000, 11_000.0)
    assert whole["features"]["mean_gap_days"] == pytest.approx(1 / 24)
    assert whole["predictions"]["predicted_ltv"] > 11_000


async def test_what_was_paid_back_beyond_all_spend_makes_nobody_else_poor(brand: Brand) -> None:
    ann, bob, zed = [await order(brand, n, "2024-01-02T10:00:00Z", "100.00", f"p{n}@x.org") for n in range(3)]
    paid_back = {"source": "shopify", "type": "refund", "occurred_at": "2024-01-03T10:00:00Z"}
    whose = {"identifiers": {"email": "p2@x.org"}, "properties": {"order_id": "other", "total": 5000}}
    await brand.post("/api/events", paid_back | whose)
    await run(brand, "predictions", "2024-01-10T10:00:00Z")
    found = [(await brand.data(f"/api/profiles/{one}/360"))["predictions"] for one in (ann, bob, zed)]
    assert [one["spend_ratio"] for one in found] == [1.5, 1.5, -73.5]


async def test_who_spends_in_another_currency_is_not_poor(brand: Brand) -> None:
    """The brand's currency is USD; one order in it must not make all others people who spent nothing."""
    for number in range(8):
        ann = await order(brand, number, f"2024-01-0{number + 1}T10:00:00Z", "100.00", "ann@x.org", currency="EUR")
    clock = {"as_of": "2024-01-10T10:00:00Z"}
    before = (await brand.post(f"/api/profiles/{ann}/score", clock))["data"]["predictions"]
    bob = await order(brand, 9, "2024-01-09T10:00:00Z", "1.00", "bob@x.org")
    zed = await order(brand, 10, "2024-01-09T10:00:00Z", "0.00", "zed@x.org")
    await run(brand, "features", clock["as_of"])
    found = {one: (await brand.post(f"/api/profiles/{one}/score", clock))["data"]["predictions"] for one in (ann, bob, zed)}
    assert (before["segment"], before["spend_ratio"]) == (found[ann]["segment"], found[ann]["spend_ratio"]) == ("champion", 1.0)
    assert (found[bob]["spend_ratio"], found[zed]["spend_ratio"]) == (2.0, 0.0)


async def test_scored_now_is_beside_the_brand_as_it_is_now(brand: Brand) -> None:
    ann = await order(brand, 1, "2024-01-02T10:00:00Z", "10.00", "ann@x.org")
    clock = {"as_of": "2024-01-03T10:00:00Z"}
    assert (await brand.post(f"/api/profiles/{ann}/score", clock))["data"]["predictions"]["spend_ratio"] == 1.0
    await order(brand, 2, "2024-01-02T10:00:00Z", "30.00", "bob@x.org")
    await run(brand, "features", clock["as_of"])
    assert (await brand.post(f"/api/profiles/{ann}/score", clock))["data"]["predictions"]["spend_ratio"] == 0.5


async def test_nobody_is_scored_by_a_clock_that_is_ahead(brand: Brand) -> None:
    """As no job runs by one: no later score would count for a stay in a segment until that moment has come."""
    one = await order(brand, 1, "2024-01-02T10:00:00Z", "10.00", "ahead@x.org")
    refused = await brand.refused(f"/api/profiles/{one}/score", {"as_of": "2099-01-01T00:00:00Z"})
    assert refused.status_code == 422
    assert "ahead" in refused.json()["detail"]
    assert await brand.count("Prediction") == 0
    told = await brand.post(f"/api/profiles/{one}/score", {"as_of": "2024-01-03T10:00:00Z"})
    assert told["data"]["predictions"]["as_of"] == "2024-01-03T10:00:00Z"


async def test_who_was_absorbed_keeps_no_score(brand: Brand) -> None:
    first = await order(brand, 1, "2024-01-02T10:00:00Z", "10.00", "a@x.org")
    second = await order(brand, 2, "2024-01-03T10:00:00Z", "10.00", "b@x.org")
    await run(brand, "predictions", "2024-01-04T00:00:00Z")
    assert await brand.count("Prediction") == 2
    await brand.post("/api/merges", {"profile_ids": [first, second]})
    told = await run(brand, "predictions", "2024-01-04T00:00:00Z")
    assert (told["built"], told["scored"], told["forgotten"]) == (1, 1, 1)
    assert [await brand.count(label) for label in ("FeatureSet", "Prediction", "CustomerJourney")] == [1, 1, 1]
    assert (await brand.data(f"/api/profiles/{second}/360"))["features"]["orders"] == 2


async def test_another_brand_is_scored_by_itself(brand: Brand, stranger: Brand) -> None:
    await order(brand, 1, "2024-01-02T10:00:00Z", "10.00", SARAH)
    assert (await run(stranger, "predictions", DAY_6))["seen"] == 0
    assert await brand.count("Prediction") == 0


async def test_one_person_is_scored_alone(brand: Brand) -> None:
    emma = await order(brand, 1, "2024-01-02T10:00:00Z", "150.00")
    other = await order(brand, 2, "2024-01-02T10:00:00Z", "10.00", "other@x.org")
    said = (await brand.post(f"/api/profiles/{emma}/score", {"as_of": "2024-01-05T00:00:00Z"}))["data"]
    assert said["predictions"]["segment"] == "new_customer"
    assert said["predictions"] == (await brand.data(f"/api/profiles/{emma}/360"))["predictions"]
    assert (await brand.data(f"/api/profiles/{other}/360"))["predictions"] is None
    told = await run(brand, "predictions", "2024-01-05T00:00:00Z")
    assert (told["built"], told["scored"]) == (1, 1)


async def test_a_jobs_clock_without_a_zone_is_utc(brand: Brand) -> None:
    for written in ("2024-01-15", "2024-01-15T01:00+01:00"):
        await brand.post("/api/jobs/features/run", {"as_of": written})
    assert [run["as_of"] for run in await brand.data("/api/jobs/features/runs")] == ["2024-01-15T00:00:00Z"] * 2
