"""A run that would reach more than 500 people waits for an admin; a smaller one does not."""

import asyncio
from datetime import UTC, datetime

import pytest
from neo4j import AsyncDriver, AsyncManagedTransaction

from app.act.queueing import close_batches
from app.graph.driver import Graph, Rows, rows
from app.settings import Settings
from tests.act.conftest import NOON, Acting, Services, hours
from tests.conftest import new_brand

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

GATHERED = (
    "MERGE (:Brand {brand_id: $brand}) WITH 1 AS one UNWIND ['a', 'b'] AS a CREATE (b:AutomationBatch {key: $brand + '|' + a, "
    "brand_id: $brand, batch_id: a, automation_id: a, open_of: $brand + '|' + a, status: 'open', unsettled: true, "
    "created_at: datetime()}) WITH a UNWIND range(1, 3) AS n WITH $brand + '|' + a AS batch, a + n AS id "
    "CREATE (:AutomationExecution {key: batch + n, brand_id: $brand, execution_id: id, profile_id: id, waits_in: batch})"
).replace("batch + n", "$brand + '|x|' + id")


async def champions(brand: Acting, count: int) -> None:
    """Made in the graph: by HTTP it would take a minute."""
    await brand.cypher("MERGE (:Brand {brand_id: $brand})")
    await brand.cypher(PEOPLE, count=count, at=NOON)


async def few(services: Services, driver: AsyncDriver, most: int) -> Acting:
    """A brand of a service that asks a person from a few people on."""
    return Acting(new_brand(), await services.client(approval_above=most), driver)


async def test_five_go_out_and_a_sixth_within_the_day_waits(services: Services, driver: AsyncDriver) -> None:
    """However often the job runs, and whatever clock it is given."""
    brand = await few(services, driver, 5)
    await champions(brand, 5)
    did = await brand.job(NOON)
    assert (did["triggered"], did["waiting_for_approval"], did["sent"]) == (5, 0, 5)
    await brand.cypher(PEOPLE.replace("range(1, $count)", "[6]"), at=NOON + hours(30))
    did = await brand.job(NOON + hours(30))
    assert (did["triggered"], did["waiting_for_approval"], did["sent"]) == (1, 1, 0)
    [batch] = await brand.data("/api/automation-batches")
    await brand.post(f"/api/automation-batches/{batch['batch_id']}/approve", None)
    assert (await brand.job(NOON + hours(30)))["sent"] == 1
    # A day later the first five count no more, and the approved one never did.
    await brand.cypher("MATCH (b:AutomationBatch {brand_id: $brand}) SET b.created_at = b.created_at - duration('P1D')")
    await brand.cypher(PEOPLE.replace("range(1, $count)", "range(7, 11)"), at=NOON + hours(31))
    assert (await brand.job(NOON + hours(31)))["sent"] == 5


async def test_a_run_is_counted_over_all_automations(services: Services, driver: AsyncDriver) -> None:
    brand = await few(services, driver, 5)
    await champions(brand, 3)
    for number in range(3):
        await brand.does(f"c{number}@example.com", NOON - hours(3), "cart_add", {}, phone=f"+1555012{number}")
    did = await brand.job(NOON)
    assert (did["triggered"], did["waiting_for_approval"], did["sent"]) == (6, 6, 0)
    assert len(await brand.data("/api/automation-batches")) == 2


async def test_who_cannot_be_written_to_does_not_count(services: Services, driver: AsyncDriver) -> None:
    brand = await few(services, driver, 5)
    for number in range(4):
        await brand.does(f"c{number}@example.com", NOON - hours(3), "cart_add")
    assert (await brand.job(NOON))["skipped"] == 4
    await champions(brand, 5)
    assert (await brand.job(NOON))["sent"] == 5


def test_five_hundred_unless_told() -> None:
    assert Settings.model_fields["approval_above"].default == 500


@pytest.mark.parametrize(("decision", "sent", "skipped"), [("approve", 6, 0), ("reject", 0, 6)])
async def test_more_wait_for_a_person(services: Services, driver: AsyncDriver, decision: str, sent: int, skipped: int) -> None:
    brand = await few(services, driver, 5)
    client = brand._client
    await champions(brand, 6)
    did = await brand.job(NOON)
    assert (did["triggered"], did["waiting_for_approval"], did["sent"]) == (6, 6, 0)
    did = await brand.job(NOON + hours(1))
    assert (did["triggered"], did["sent"]) == (0, 0)
    [batch] = await brand.data("/api/automation-batches")
    assert (batch["people"], batch["automation_name"], batch["status"]) == (6, "VIP Customer Treatment", "waiting")
    path = f"/api/automation-batches/{batch['batch_id']}"
    assert (await brand.post(f"{path}/{decision}", {"note": "so be it"}))["data"]["people"] == 6
    for other in ("approve", "reject"):
        again = await client.post(f"{path}/{other}", headers={"x-brand-id": brand.brand_id})
        assert again.status_code == 409
    did = await brand.job(NOON + hours(2))
    assert (did["triggered"], did["sent"], did["skipped"]) == (0, sent, skipped)
    assert await brand.data("/api/automation-batches") == []
    assert (await client.post("/api/automation-batches/x/approve", headers={"x-brand-id": brand.brand_id})).status_code == 404


async def test_two_that_end_their_gathering_at_once_are_counted_together(graph: Graph, brand: Acting) -> None:
    """Three people each, and five may be reached: one run lost its lease to another, which goes on."""
    await brand.cypher(GATHERED)
    counted, other_has_come = asyncio.Event(), asyncio.Event()

    async def first(tx: AsyncManagedTransaction) -> Rows:
        since = int(datetime.now(UTC).timestamp() - 86_400) * 1000
        asked = {"brand_id": brand.brand_id, "automations": ["a"], "most": 5, "since": since}
        found = await rows(tx, "act/batches_close", {"asked": asked})
        counted.set()
        await other_has_come.wait()
        return found

    one = asyncio.create_task(graph.write(first))
    await counted.wait()
    other = asyncio.create_task(close_batches(graph, brand.brand_id, frozenset({"b"}), 5))
    await asyncio.wait({other}, timeout=0.3)
    other_has_come.set()
    assert [row["status"] for row in await one] == ["released"]
    assert await other == 3, "they wait for a person"
