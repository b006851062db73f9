"""Shopify's orders as its exports hold them, into its door."""

from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from app.importing.formats import SOURCES, Format
from app.importing.records import Record, UnreadableFile
from tests.importing.conftest import Importing

ORDERS = {"x-shopify-topic": "orders/create"}
REFUND = {
    "id": 71,
    "order_id": 1001,
    "created_at": "2024-03-02T10:00:00Z",
    "refund_line_items": [],
    "transactions": [{"kind": "refund", "status": "success", "amount": "20.00", "currency": "USD"}],
}
ORDER = {
    "id": 1001,
    "name": "#1001",
    "email": "ann@shop.example",
    "created_at": "2024-03-01T10:00:00Z",
    "updated_at": "2024-03-02T10:00:00Z",
    "currency": "USD",
    "total_price": "100.00",
    "current_total_price": "80.00",
    "line_items": [{"product_id": 5, "title": "Hat", "price": "100.00", "quantity": 1}],
    "refunds": [REFUND],
}
GRAPHQL = [
    {
        "id": "gid://shopify/Order/1001",
        "name": "#1001",
        "createdAt": "2024-03-01T10:00:00Z",
        "updatedAt": "2024-03-02T10:00:00Z",
        "email": "ann@shop.example",
        "currencyCode": "USD",
        "totalPriceSet": {"shopMoney": {"amount": "100.0", "currencyCode": "USD"}},
        "currentTotalPriceSet": {"shopMoney": {"amount": "80.0", "currencyCode": "USD"}},
        "customer": {
            "id": "gid://shopify/Customer/9",
            "firstName": "Ann",
            "defaultPhoneNumber": {"phoneNumber": "+12025550123"},
            "defaultAddress": {"city": "Bern", "countryCodeV2": "CH"},
        },
        "refunds": [
            {
                "id": "gid://shopify/Refund/71",
                "createdAt": "2024-03-02T10:00:00Z",
                "totalRefundedSet": {"shopMoney": {"amount": "20.0", "currencyCode": "USD"}},
            }
        ],
    },
    {
        "id": "gid://shopify/LineItem/51",
        "title": "Hat",
        "quantity": 1,
        "originalUnitPriceSet": {"shopMoney": {"amount": "100.0", "currencyCode": "USD"}},
        "product": {"id": "gid://shopify/Product/5", "productType": "Hats"},
        "__parentId": "gid://shopify/Order/1001",
    },
]
PLACED = {**ORDER, "current_total_price": "100.00", "updated_at": "2024-03-01T10:00:01Z", "refunds": []}
HEADER = (
    "Name,Email,Financial Status,Currency,Total,Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,"
    "Billing Name,Billing City,Billing Country,Phone,Cancelled at,Refunded Amount,Id\n"
)
CSV = (
    "#1001,ann@shop.example,partially_refunded,USD,100.00,2024-03-01 05:00:00 -0500,1,Hat,60.00,H-1,"
    "Ann Smith,Bern,CH,'+12025550123,,20.00,1001\n"
    "#1001,ann@shop.example,,,,2024-03-01 05:00:00 -0500,2,Socks,20.00,S-1,,,,,,,\n"
    "#1002,bob@shop.example,paid,USD,30.00,2024-03-03 10:00:00 +0000,1,Socks,30.00,S-1,Bob,,,,,0.00,1002\n"
)


def lines(path: Path, *rows: object) -> Path:
    path.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
    return path


def read(path: Path, form: Format = Format.JSONL, **place: int) -> list[Record]:
    return list(SOURCES["shopify"].reader(path, form).records(place))


async def people(url: str, brand_id: str) -> dict[str, Any]:
    async with httpx.AsyncClient(base_url=url, headers={"x-brand-id": brand_id}) as http:
        found = (await http.get("/api/profiles")).json()["data"]
    return {one["identifiers"]["email"]: one for one in found}


def figures(person: dict[str, Any]) -> tuple[float, int]:
    return person["lifetime_value"], person["total_orders"]


@pytest.mark.parametrize("form", ["rest", "graphql", "csv"])
async def test_an_order_and_its_refund_are_taken(
    importing: Importing, url: str, brand_id: str, tmp_path: Path, form: str
) -> None:
    if form == "csv":
        file = tmp_path / "orders.csv"
        file.write_text(HEADER + CSV)
    else:
        file = lines(tmp_path / "orders.jsonl", *([ORDER] if form == "rest" else GRAPHQL))
    done = await importing(file, "--source", "shopify")
    assert done.exit_code == 0, done.output
    ann = (await people(url, brand_id))["ann@shop.example"]
    assert figures(ann) == (80, 1)
    if form != "rest":
        assert (ann["identifiers"]["phone"], ann["attributes"]["city"]) == ("12025550123", "Bern")
    again = await importing(file, "--source", "shopify")
    assert (again.exit_code, "duplicate" in again.output, "attached" in again.output) == (0, True, False), again.output
    assert figures((await people(url, brand_id))["ann@shop.example"]) == (80, 1)


async def test_what_came_live_is_not_counted_again(importing: Importing, url: str, brand_id: str, tmp_path: Path) -> None:
    """The order and the refund had their webhooks; the export tells them again, under other keys."""
    async with httpx.AsyncClient(base_url=url, headers={"x-brand-id": brand_id}) as http:
        for number, (topic, body) in enumerate((("orders/create", PLACED), ("refunds/create", REFUND))):
            headers = {"x-shopify-topic": topic, "x-shopify-webhook-id": f"w{number}"}
            assert (await http.post("/api/integrations/shopify/webhook", json=body, headers=headers)).status_code == 200
    done = await importing(lines(tmp_path / "orders.jsonl", ORDER), "--source", "shopify")
    assert "1 rows: 2 duplicate" in done.output, done.output
    assert figures((await people(url, brand_id))["ann@shop.example"]) == (80, 1)


async def test_what_was_imported_is_not_counted_again_when_it_comes(
    importing: Importing, url: str, brand_id: str, tmp_path: Path
) -> None:
    await importing(lines(tmp_path / "orders.jsonl", ORDER), "--source", "shopify")
    async with httpx.AsyncClient(base_url=url, headers={"x-brand-id": brand_id}) as http:
        for number, (topic, body) in enumerate((("orders/create", PLACED), ("refunds/create", REFUND))):
            headers = {"x-shopify-topic": topic, "x-shopify-webhook-id": f"w{number}"}
            answer = await http.post("/api/integrations/shopify/webhook", json=body, headers=headers)
            assert [one["outcome"] for one in answer.json()["data"]["events"]] == ["duplicate"]
    assert figures((await people(url, brand_id))["ann@shop.example"]) == (80, 1)


async def test_an_edited_order_comes_to_what_it_comes_to_now(
    importing: Importing, url: str, brand_id: str, tmp_path: Path
) -> None:
    edited = {**ORDER, "total_price": "120.00"}
    await importing(lines(tmp_path / "orders.jsonl", edited), "--source", "shopify")
    assert figures((await people(url, brand_id))["ann@shop.example"]) == (80, 1)


async def test_a_sender_that_signs_is_signed_for(importing: Importing, url: str, brand_id: str, tmp_path: Path) -> None:
    file, secret = lines(tmp_path / "orders.jsonl", ORDER), tmp_path / "secret"
    secret.write_text("hush\n")
    said = {"secrets": ["hush"], "shop_domain": "ann.myshopify.com"}
    async with httpx.AsyncClient(base_url=url, headers={"x-brand-id": brand_id}) as http:
        assert (await http.put("/api/sources/shopify", json=said)).status_code == 200
    refused = await importing(file, "--source", "shopify")
    assert (refused.exit_code, "401 " in refused.output) == (2, True), refused.output
    done = await importing(file, "--source", "shopify", "--secret-file", secret, "--shop", "ann.myshopify.com")
    assert (done.exit_code, "1 rows: 1 created, 1 attached" in done.output) == (0, True), done.output
    wrong = await importing(file, "--secret-file", secret)
    assert (wrong.exit_code, "nobody signs" in wrong.output) == (2, True)


@pytest.mark.parametrize("edges", [5, True, {"a": 1}, [1], [{"node": 2}]])
@pytest.mark.parametrize("name", ["lineItems", "refunds"])
def test_a_connection_of_another_shape_holds_nothing(tmp_path: Path, name: str, edges: object) -> None:
    order = {key: value for key, value in GRAPHQL[0].items() if key != "refunds"}
    (record,) = read(lines(tmp_path / "orders.jsonl", {**order, name: {"edges": edges}}))
    assert [body["id"] for body in record.content] == ["gid://shopify/Order/1001"]


async def test_a_bad_order_is_written_down_as_it_stands(importing: Importing, tmp_path: Path) -> None:
    bad = {**ORDER, "id": 1002, "total_price": "lots", "current_total_price": None, "refunds": []}
    file = lines(tmp_path / "orders.jsonl", ORDER, bad)
    done = await importing(file, "--source", "shopify")
    assert (done.exit_code, "2 rows: 1 created, 1 attached, 1 refused" in done.output) == (1, True), done.output
    (told,) = map(orjson.loads, file.with_name("orders.jsonl.rejected.jsonl").read_bytes().splitlines())
    assert (told["line"], told["row"]) == (2, bad)


async def test_an_order_called_off_since_it_came_live_is_told_of(
    importing: Importing, url: str, brand_id: str, tmp_path: Path
) -> None:
    async with httpx.AsyncClient(base_url=url, headers={"x-brand-id": brand_id}) as http:
        await http.post("/api/integrations/shopify/webhook", json=PLACED, headers=ORDERS)
    assert figures((await people(url, brand_id))["ann@shop.example"])[1] == 1
    await importing(lines(tmp_path / "orders.jsonl", {**ORDER, "cancelled_at": "2024-03-02T10:00:00Z"}), "--source", "shopify")
    assert figures((await people(url, brand_id))["ann@shop.example"]) == (0, 0)


class TestBulk:
    def test_both_ways_to_ask_for_lines_say_the_same(self, tmp_path: Path) -> None:
        order, line = GRAPHQL
        nested = [{**order, "lineItems": shape} for shape in ({"nodes": [line]}, {"edges": [{"node": line}]})]
        (behind,) = read(lines(tmp_path / "a.jsonl", *GRAPHQL))
        assert [one.content for one in read(lines(tmp_path / "b.jsonl", *nested))] == [behind.content] * 2
        (hat,) = behind.content[0]["line_items"]  # type: ignore[misc]
        assert (hat["product_id"], hat["title"], hat["price"]) == ("gid://shopify/Product/5", "Hat", "100.0")

    def test_a_line_without_its_order_is_told(self, tmp_path: Path) -> None:
        found = read(lines(tmp_path / "a.jsonl", GRAPHQL[1], ORDER))
        assert ["groupObjects" in one.fault for one in found] == [True, False]

    def test_it_goes_on_behind_whole_orders(self, tmp_path: Path) -> None:
        file = lines(tmp_path / "a.jsonl", *GRAPHQL, ORDER, *GRAPHQL)
        found = read(file)
        assert [(one.line, len(one.content)) for one in found] == [(1, 2), (3, 2), (4, 2)]
        assert read(file, **found[0].behind) == found[1:]


class TestExport:
    def test_rows_of_an_order_are_one(self, tmp_path: Path) -> None:
        file = tmp_path / "a.csv"
        file.write_text(HEADER + CSV)
        ann, bob = read(file, Format.CSV)
        assert [line["title"] for line in ann.content[0]["line_items"]] == ["Hat", "Socks"]  # type: ignore[union-attr]
        assert ann.content[0]["created_at"] == "2024-03-01T05:00:00-05:00"
        assert (len(ann.content), len(bob.content), bob.line) == (2, 1, 4)

    def test_another_csv_is_told(self, tmp_path: Path) -> None:
        file = tmp_path / "a.csv"
        file.write_text("Name,Email\n")
        with pytest.raises(UnreadableFile, match="no export of Shopify's orders: no column is called Total, Created at"):
            read(file, Format.CSV)


async def test_a_list_is_taken_whole_or_refused_whole(url: str, brand_id: str) -> None:
    async with httpx.AsyncClient(base_url=url, headers={"x-brand-id": brand_id}) as http:
        bad = await http.post("/api/integrations/shopify/webhook", json=[ORDER, 7, {"a": 1}])
        assert (bad.status_code, bad.json()["indexes"]) == (422, [1, 2])
        twice = {**ORDERS, "x-shopify-webhook-id": "w"}
        for outcomes in (["created", "attached"], ["duplicate", "duplicate"]):
            answer = await http.post("/api/integrations/shopify/webhook", json=[ORDER, {**ORDER, "id": 1002}], headers=twice)
            assert [one["outcome"] for one in answer.json()["data"]["events"]] == outcomes
