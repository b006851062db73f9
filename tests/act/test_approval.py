"""A run that would reach more than 500 people waits for an admin; a smaller one does not."""

import httpx
import pytest

from tests.act.conftest import NOON, Acting, hours

MANY = "UNWIND range(1, $count) AS n WITH $brand + '|p' + n AS key, 'p' + n AS id "
PEOPLE = (
    MANY
    + "CREATE (p:ProfileId:Profile {key: key, brand_id: $brand, profile_id: id, profile_strength: 40, lifetime_value_minor: 0, "
    "currency: 'USD', total_orders: 1, attributes: '[]'}) "
    "CREATE (p)-[:HAS_IDENTIFIER]->(:Identifier {key: $brand + '|email|' + id + '@example.com', brand_id: $brand, type: 'email', "
    "value: id + '@example.com'}) "
    "CREATE (p)-[:HAS_PREDICTION]->(:Prediction {key: key, brand_id: $brand, profile_id: id, segment: 'champion', "
    "churn_score: 0.1, as_of: $at})"
)


async def champions(brand: Acting, count: int) -> None:
    """Made in the graph: by HTTP it would take a minute."""
    await brand.cypher("MERGE (:Brand {brand_id: $brand})")
    await brand.cypher(PEOPLE, count=count, at=NOON)


async def test_five_hundred_go_out(brand: Acting) -> None:
    await champions(brand, 500)
    did = await brand.job(NOON)
    assert (did["triggered"], did["waiting_for_approval"], did["sent"]) == (500, 0, 500)


@pytest.mark.parametrize(("decision", "sent", "skipped"), [("approve", 501, 0), ("reject", 0, 501)])
async def test_more_wait_for_a_person(brand: Acting, client: httpx.AsyncClient, decision: str, sent: int, skipped: int) -> None:
    await champions(brand, 501)
    did = await brand.job(NOON)
    assert (did["triggered"], did["waiting_for_approval"], did["sent"]) == (501, 501, 0)
    did = await brand.job(NOON + hours(1))
    assert (did["triggered"], did["sent"]) == (0, 0)
    [batch] = await brand.data("/api/automation-batches")
    assert (batch["people"], batch["automation_name"], batch["status"]) == (501, "VIP Customer Treatment", "waiting")
    path = f"/api/automation-batches/{batch['batch_id']}"
    assert (await brand.post(f"{path}/{decision}", {"note": "so be it"}))["data"]["people"] == 501
    for other in ("approve", "reject"):
        again = await client.post(f"{path}/{other}", headers={"x-brand-id": brand.brand_id})
        assert again.status_code == 409
    did = await brand.job(NOON + hours(2))
    assert (did["triggered"], did["sent"], did["skipped"]) == (0, sent, skipped)
    assert await brand.data("/api/automation-batches") == []
    assert (await client.post("/api/automation-batches/x/approve", headers={"x-brand-id": brand.brand_id})).status_code == 404
