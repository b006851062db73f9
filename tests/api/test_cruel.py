"""A brand of cruel inputs through every job: sensible numbers or none and why, never NaN, never a job that fails."""

import math
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.api.brand import Brand

AS_OF = datetime(2026, 6, 1, tzinfo=UTC)
JOBS = ("features", "predictions", "training", "drift", "cart-abandonment", "automations")
MUG = {"product_id": "M" * 512, "product_name": "Mug", "category": "NaN", "price": "20", "quantity": 1_000_000}
NAN = {"product_id": "nan", "product_name": "Infinity", "price": "0", "quantity": 1}


def event(person: int, number: int, days: float, **properties: object) -> dict[str, Any]:
    return {
        "source": "shop",
        "type": properties.pop("type", "purchase"),
        "occurred_at": (AS_OF - timedelta(days=days)).isoformat(),
        "identifiers": {"email": f"c{person}@x.org"},
        "properties": {"currency": "USD", "order_id": f"{person}-{number}", **properties},
        "idempotency_key": f"{person}-{number}",
    }


def cruel(person: int, number: int) -> dict[str, Any]:
    """What each of these has of the brand is another cruelty: long ids, one instant, nothing paid, yen, 1971, refunds beyond."""
    days = 31 + 20.0 * number
    kinds = (
        event(person, number, days, total=9_999_999_999, items=[MUG]),
        event(person, number, 31, total=20, items=[NAN]),
        event(person, number, days, total=0),
        event(person, number, days, total=1999, currency="JPY"),
        event(person, number, 20_240 if number else 31, total=20),
        event(person, number, days, total=20 + 60 * number, **({"type": "refund"} if number else {})),
        event(person, number, 31, type="page_view"),
    )
    return kinds[person % len(kinds)]


def numbers(value: object) -> Iterator[float]:
    if isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from numbers(one)
    elif isinstance(value, float):
        yield value


async def test_no_job_fails_and_every_number_is_one(brand: Brand) -> None:
    await brand.post("/api/events", [cruel(person, number) for person in range(140) for number in range(3)])
    when = {"as_of": AS_OF.isoformat()}
    told = {job: (await brand.post(f"/api/jobs/{job}/run", when))["data"] for job in JOBS}
    assert (told["predictions"]["scored"], told["training"]["customers"], told["training"]["trained"]) == (120, 120, 1)
    for model in await brand.data("/api/models"):
        await brand.post(f"/api/models/{model['model_id']}/promote", {})
        await brand.post("/api/jobs/predictions/run", when)
        for one in await brand.data("/api/profiles", limit=14):
            whole = await brand.data(f"/api/profiles/{one['profile_id']}/360")
            scores = whole["predictions"]
            assert all(math.isfinite(number) for number in numbers(whole))
            assert (scores is None) == (whole["unscored_because"] is not None)
            if scores is not None:
                assert 0 <= scores["churn_score"] <= 1
                assert scores["predicted_ltv"] <= scores["predicted_ltv_90"] <= scores["predicted_ltv_365"] < 1e13
                assert scores["predicted_ltv"] >= min(0, whole["profile"]["lifetime_value"])  # more may be paid back than spent
                assert all(map(math.isfinite, numbers(await brand.data(f"/api/profiles/{one['profile_id']}/prediction"))))


async def test_a_clock_five_years_behind_or_ahead(brand: Brand) -> None:
    """Ahead it is refused, of an event as of a job; behind, nothing has happened yet, and that is why there is no score."""
    await brand.post("/api/events", [event(1, 1, 0, total=20)])
    ahead = {**event(1, 2, 0, total=20), "occurred_at": "2031-06-01T00:00:00Z"}
    answers = [await brand.refused("/api/events", [ahead])]
    answers.append(await brand.refused("/api/jobs/predictions/run", {"as_of": "2031-06-01T00:00:00Z"}))
    assert [one.status_code for one in answers] == [422, 422]
    for job in JOBS:
        await brand.post(f"/api/jobs/{job}/run", {"as_of": "2021-06-01T00:00:00Z"})
    (one,) = await brand.data("/api/profiles")
    whole = await brand.data(f"/api/profiles/{one['profile_id']}/360")
    assert whole["predictions"] is None
    assert whole["unscored_because"]
