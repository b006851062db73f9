"""Admins look at models and choose which one scores, behind a page that says what changes."""

import re

from playwright.async_api import expect

from app.graph.driver import Graph
from app.learn.registry import Trained, keep
from tests.api.brand import Brand
from tests.console.looking import Look

FORM = {"sec-fetch-site": "same-origin"}
DAY = 86_400_000
CARD = """# Model {}

Kind `bgnbd`, trained on this brand's **own** history.

* Customers: 412

| measure | own |
| --- | --: |
| auc | 0.8 |
"""
OLD = {"auc": 0.7, "brier": 0.2, "ece": 0.08, "ltv_mae": 9.0}
NEW = {"auc": 0.8, "brier": 0.15, "ece": 0.03, "ltv_mae": 7.0, "naive_ltv_mae": 8.0}


async def trained(graph: Graph, brand: Brand, model_id: str, parent: str) -> None:
    await keep(
        graph,
        brand.brand_id,
        Trained(
            model_id=model_id,
            parent_id=parent,
            kind="bgnbd",
            horizon=30,
            seed=41,
            customers=412,
            data_hash="0",
            window=(19_000 * DAY, 19_400 * DAY),
            parameters={},
            libraries={},
            metrics={"champion": OLD, "challenger": NEW},
            reasons=["ECE is good"],
            card=CARD.format(model_id),
            model="{}",
        ),
    )


async def drifted(brand: Brand) -> None:
    await brand.cypher(
        "UNWIND range(0, 5) AS week CREATE (:DriftReport {key: $brand + '|' + week, brand_id: $brand, customers: 400, "
        "worst: CASE week WHEN 0 THEN null ELSE week * 0.06 END, psi: CASE week WHEN 0 THEN '{}' ELSE '{\"spend\": 0.1}' END, "
        "verdict: 'moved', model_version: 'a', against: null, as_of: datetime('2024-01-01T00:00:00Z') + duration({weeks: week})})"
    )


async def test_a_model_is_looked_at_promoted_and_taken_back(look: Look, brand: Brand, graph: Graph) -> None:
    await trained(graph, brand, "bgnbd-one", "starter-0")
    await trained(graph, brand, "bgnbd-two", "bgnbd-one")
    await drifted(brand)
    page, here = look.page, f"/console/{brand.brand_id}/models"
    await look.at(here)
    await expect(page.get_by_role("img", name="Largest PSI by report")).to_have_accessible_description(re.compile("6 reports"))
    await expect(page.get_by_role("region", name="Drift table").locator("tbody tr")).to_have_count(6)
    assert (await look.overflow(320), await look.overflow(640)) == (0, 0)
    await page.get_by_role("link", name="bgnbd-one").click()
    await expect(page.get_by_role("region", name="Measures table").locator("tbody tr").first).to_contain_text("0.8 better")
    await expect(page.get_by_role("region", name="of the card")).to_contain_text("auc")
    await page.get_by_role("link", name="Promote").click()
    await expect(page.get_by_text("The starter model scores no more")).to_be_visible()
    assert await look.violations() == []
    assert (await look.overflow(320), await look.overflow(640)) == (0, 0)
    await page.get_by_role("button", name="Promote it").click()
    await expect(page.get_by_text("bgnbd-one scores from now on")).to_be_visible()
    # Somebody else looked at the page before that: theirs is refused, and so is the same form twice.
    stale = await page.request.post(f"{here}/bgnbd-two/promote", form={"instead_of": "starter"}, headers=FORM)
    assert (stale.status, "another model scores by now" in await stale.text()) == (409, True)
    for asked, status in (("bgnbd-one", 200), ("bgnbd-one", 409)):
        again = await page.request.post(f"{here}/bgnbd-two/promote", form={"instead_of": asked}, headers=FORM)
        assert again.status == status
    await page.goto(here)
    await page.get_by_role("link", name="Roll back").click()
    await expect(page.get_by_role("main")).to_contain_text("bgnbd-one scores this brand's people")
    await page.get_by_role("button", name="Go back to bgnbd-one").click()
    await expect(page.get_by_text("bgnbd-one scores from now on")).to_be_visible()
    late = await page.request.post(f"{here}/roll-back", form={"instead_of": "bgnbd-two"}, headers=FORM)
    assert late.status == 409
    found = await brand.cypher("MATCH (m:Model {brand_id: $brand}) RETURN m.model_id AS id, m.status AS status ORDER BY id")
    assert [one["status"] for one in found] == ["champion", "retired"]
