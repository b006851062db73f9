"""The Cypher page: what runs and what does not, what is shown of it, and what is taken away as a file."""

import io
import re
from collections.abc import Mapping

import httpx
import pytest
from arro3.io import read_parquet
from playwright.async_api import expect

from app.console import query
from app.console.cookbook import cookbook
from tests.console.looking import Look, Shop

FORM = {"sec-fetch-site": "same-origin"}
PART = {**FORM, "hx-request": "true"}
PEOPLE = "MATCH path = (p:Profile {brand_id: $brand})-[:HAS_IDENTIFIER]->(i) RETURN path, i.value AS value ORDER BY value"


async def sent(client: httpx.AsyncClient, shop: Shop, data: Mapping[str, str], rest: str = "") -> httpx.Response:
    return await client.post(shop.path(f"cypher{rest}"), data=data, headers=PART if rest == "" else FORM)


async def test_a_query_runs_when_it_is_sent_and_its_answer_is_shown_as_table_and_drawing(look: Look, shop: Shop) -> None:
    page = look.page
    await look.at(shop.path("cypher?q=CREATE+(n:Planted)+RETURN+n"))
    editor, answer = page.get_by_label("Query"), page.locator("#answer")
    await expect(answer).to_contain_text("Nothing was run yet")
    await page.get_by_role("button", name="Run").click()
    await expect(answer.get_by_role("alert")).to_contain_text("not allowed")
    assert await shop.brand.cypher("MATCH (n:Planted) RETURN n") == []
    await editor.fill(PEOPLE)
    await page.route("**/cypher", lambda route: route.abort())
    await editor.press("Control+Enter")
    await expect(answer.get_by_role("alert")).to_contain_text("does not answer")
    await page.unroute_all()
    look.complaints.clear()  # the browser itself tells of what did not come
    await answer.get_by_role("button", name="Try again").click()
    await expect(answer).to_contain_text(re.compile(r"rows\s+in [\d.]+ ms\.\s+That is all; at most 100 were asked for"))
    await expect(answer.get_by_role("row").filter(has_text="sarah.johnson@email.com")).not_to_have_count(0)
    await expect(answer.locator("[data-drawn]")).to_have_count(1)
    assert await answer.locator("canvas").count() > 0
    assert await look.violations() == []
    assert (await look.overflow(320), await look.overflow(640)) == (0, 0)
    await page.reload()
    await expect(editor).to_have_value(PEOPLE)
    await expect(answer).to_contain_text("Nothing was run yet")
    ran = page.get_by_role("region", name="What you ran").get_by_role("listitem")
    await expect(ran).to_have_count(1)
    await editor.fill("")
    await ran.get_by_role("button").click()
    await expect(editor).to_have_value(PEOPLE)
    await page.get_by_role("button", name="Forget it").click()
    await expect(ran).to_have_count(0)


async def test_every_worked_query_runs(client: httpx.AsyncClient, shop: Shop) -> None:
    for recipe in cookbook():
        answered = await sent(client, shop, {"q": recipe.query, "parameters": recipe.parameters})
        assert "data-ran=" in answered.text, (recipe.title, answered.text)


async def test_what_is_cut_is_said_and_what_is_wrong_too(client: httpx.AsyncClient, shop: Shop) -> None:
    many = (await sent(client, shop, {"q": "UNWIND range(1, 200) AS n RETURN n", "rows": "100"})).text
    assert "at most 100 rows were asked for" in many
    assert many.count("<tr>") == 101
    wrong = await sent(client, shop, {"q": "RETURN $x", "parameters": "{x: 1}"})
    assert (wrong.status_code, "parameters: " in wrong.text) == (200, True)
    assert (await sent(client, shop, {"q": "RETURN 1", "rows": "7"})).status_code == 400
    whole = await client.post(shop.path("cypher"), data={"q": "RETURN '<b>' AS n"}, headers=FORM)
    assert ("&lt;b&gt;" in whole.text, "<main" in whole.text) == (True, True)


async def test_an_answer_is_taken_away_as_csv_and_as_parquet(
    client: httpx.AsyncClient, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = {"q": "UNWIND [1, 2] AS n RETURN n, '=' + $brand AS brand"}
    sheet = await sent(client, shop, asked, "/csv")
    name = f"'={shop.brand.brand_id}"
    assert (sheet.headers["content-type"], sheet.text) == (
        "text/csv; charset=utf-8; header=present", f"n,brand\r\n1,{name}\r\n2,{name}\r\n",
    )  # fmt: skip
    assert sheet.headers["content-disposition"] == f'attachment; filename="{shop.brand.brand_id}-cypher.csv"'
    file = await sent(client, shop, asked, "/parquet")
    assert read_parquet(io.BytesIO(file.content)).read_all()["n"].to_pylist() == [1, 2]
    assert (await sent(client, shop, asked, "/xlsx")).status_code == 404
    assert (await sent(client, shop, {"q": "CREATE (n)"}, "/csv")).status_code == 400
    monkeypatch.setattr(query, "MOST_ROWS", 1)
    part = await sent(client, shop, asked, "/csv")
    assert (part.status_code, "more than 1 rows" in part.text) == (422, True)
