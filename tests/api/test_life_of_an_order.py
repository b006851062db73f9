"""What is learnt of an order that was edited, paid back and called off: each once it had happened, by the clock of the job."""

import dataclasses
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest

from app.graph.driver import Graph
from app.graph.rows import DAY_MS, millis
from app.learn.portions import Portions
from app.learn.purchases import Histories, Purchases, purchases_at
from app.learn.scoring import SEEN, purchases_of
from app.learn.training_job import AT_ONCE, gathered
from tests.api.brand import Brand

DAYS = {"purchase": "01", "order_updated": "03", "refund": "05", "order_cancelled": "07"}


def told(type_: str, **properties: object) -> dict[str, Any]:
    return {
        "source": "shop",
        "type": type_,
        "occurred_at": f"2024-05-{DAYS[type_]}T10:00:00Z",
        "identifiers": {"email": "ann@mail.org"},
        "properties": {"order_id": "A-1", "currency": "USD", **properties},
        "idempotency_key": type_,
    }


async def learnt_from(graph: Graph, brand: Brand, at: datetime) -> Histories:
    """What a training with this clock reads of the brand."""
    past = await gathered(graph, Portions(graph, AT_ONCE), brand.brand_id, millis(at), lambda figures: None)
    return Histories.flat(past)


@pytest.mark.parametrize("order", [1, -1])
async def test_features_and_scores_follow_the_life_of_an_order(brand: Brand, order: int) -> None:
    other = {**told("purchase", total=10), "idempotency_key": "other", "properties": {"order_id": "A-2", "total": 10}}
    life = [told("purchase", total=100), told("order_updated", total=80), told("refund", total=30), told("order_cancelled")]
    (person, *_) = {one["profile_id"] for one in (await brand.post("/api/events", [other, *life[::order]]))["data"]["events"]}
    for day, orders, spent in (("02", 2, 110.0), ("04", 2, 90.0), ("06", 2, 60.0), ("08", 1, 10.0)):
        await brand.post("/api/jobs/predictions/run", {"as_of": f"2024-05-{day}T10:00:00Z"})
        whole = await brand.data(f"/api/profiles/{person}/360")
        assert (whole["features"]["orders"], whole["features"]["monetary"]) == (orders, spent), day
        assert whole["predictions"]["predicted_ltv"] >= spent
        assert (whole["profile"]["total_orders"], whole["profile"]["lifetime_value"]) == (1, 10.0)
        assert whole["features"]["activities"] == 0  # what a shop does with an order is nothing that its buyer did


@pytest.mark.parametrize("order", [1, -1])
async def test_models_learn_from_what_was_known_at_each_cut(brand: Brand, graph: Graph, order: int) -> None:
    """An order that was called off after a cut was one at the cut: without it, who will leave is told by what nobody knew yet.
    And what they learn from is what they are asked of later: money is less what was paid back."""
    other = {**told("purchase", order_id="A-2", total=10), "idempotency_key": "other"}
    edit = {**told("order_updated", total=70), "idempotency_key": "again", "occurred_at": "2024-05-04T10:00:00Z"}
    rest = {**told("refund", order_id="A-2"), "idempotency_key": "rest", "occurred_at": "2024-05-06T10:00:00Z"}
    life = [told("purchase", total=100), told("order_updated", total=80), edit, told("refund", total=30), told("order_cancelled")]
    await brand.post("/api/events", [other, *life[::order], rest])
    later = await learnt_from(graph, brand, datetime.fromisoformat("2024-06-01T00:00:00Z"))
    for hours in range(0, 9 * 24, 12):
        at = datetime.fromisoformat("2024-05-01T00:00:00Z") + timedelta(hours=hours)
        cut = purchases_at(later, millis(at) / DAY_MS)
        await brand.post("/api/jobs/features/run", {"as_of": at.isoformat()})
        fields = ", ".join(f"{name}: f.{name}{'.epochMillis' if name.endswith('_at') else ''}" for name in SEEN)
        (row,) = await brand.cypher(f"MATCH (f:FeatureSet {{brand_id: $brand}}) RETURN {{{fields}}} AS f")
        asked = purchases_of([row["f"]], millis(at))
        for name in (one.name for one in dataclasses.fields(Purchases)):
            np.testing.assert_allclose(getattr(cut, name), getattr(asked, name), rtol=1e-12, err_msg=f"{name} at {at}")


async def test_nothing_is_told_of_somebody_whose_only_order_was_called_off(brand: Brand) -> None:
    (answer,) = (await brand.post("/api/events", told("purchase", total=100)))["data"]["events"]
    person = answer["profile_id"]
    await brand.post("/api/jobs/predictions/run", {"as_of": "2024-05-08T10:00:00Z"})
    assert (await brand.data(f"/api/profiles/{person}/360"))["predictions"]["predicted_ltv"] >= 100
    await brand.post("/api/events", told("order_cancelled"))
    await brand.post("/api/jobs/predictions/run", {"as_of": "2024-05-08T11:00:00Z"})
    whole = await brand.data(f"/api/profiles/{person}/360")
    assert (whole["predictions"], whole["journey"]) == (None, None)
    assert whole["unscored_because"]


@pytest.mark.parametrize("who", ["ann", "help"])
async def test_an_order_that_was_edited_twice_is_worth_what_was_said_last_by_then(brand: Brand, graph: Graph, who: str) -> None:
    """By the buyer or by somebody else's profile; clocks go over it both ways, and features that hold are not built again."""
    await brand.bring(identifiers={"email": "help@mail.org"})
    edits = [("03", 80), ("06", 50), ("09", 70)]
    edited = [
        {
            **told("order_updated", total=total),
            "idempotency_key": day,
            "occurred_at": f"2024-05-{day}T10:00:00Z",
            "identifiers": {"email": f"{who}@mail.org"},
        }
        for day, total in edits
    ]
    answers = (await brand.post("/api/events", [told("purchase", total=100), *edited]))["data"]["events"]
    for day, spent in (("02", 100), ("04", 80), ("05", 80), ("07", 50), ("10", 70), ("08", 50), ("04", 80), ("02", 100)):
        at = datetime.fromisoformat(f"2024-05-{day}T10:00:00Z")
        await brand.post("/api/jobs/predictions/run", {"as_of": at.isoformat()})
        whole = await brand.data(f"/api/profiles/{answers[0]['profile_id']}/360")
        assert whole["features"]["monetary"] == spent, day
        assert whole["predictions"]["predicted_ltv"] >= spent, day
        assert purchases_at(await learnt_from(graph, brand, at), millis(at) / DAY_MS).spend.tolist() == [spent], day


async def test_an_order_that_another_profile_called_off_is_no_order_from_then_on(brand: Brand) -> None:
    """An assistant cancels from an address of their own: nothing of it is the buyer's, and jobs' clocks go over it both ways."""
    (answer,) = (await brand.post("/api/events", told("purchase", total=100)))["data"]["events"]
    await brand.bring(identifiers={"email": "help@mail.org"})
    await brand.post("/api/events", {**told("order_cancelled"), "identifiers": {"email": "help@mail.org"}})
    for day, orders in (("06", 1), ("08", 0), ("06", 1), ("08", 0)):
        await brand.post("/api/jobs/features/run", {"as_of": f"2024-05-{day}T10:00:00Z"})
        found = await brand.data(f"/api/profiles/{answer['profile_id']}/360")
        assert found["features"]["orders"] == orders, day
