"""What admin routes refuse before anybody makes sense of it: each wrong value costs a complaint, and there may be a million."""

from typing import Any

import pytest

from app.api.bodies import MOST_VALUES, check_values
from app.problems import MOST_COMPLAINTS
from tests.api.brand import Brand

AUTOMATION = {"name": "Thanks", "trigger": "purchase", "channel": "sms", "template": "Thanks"}


def automation(value: Any) -> dict[str, Any]:
    return {**AUTOMATION, "conditions": [{"field": "profile.total_orders", "op": "in", "value": value}]}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/rules", {f"k{number}": 1 for number in range(MOST_VALUES + 1)}),
        ("/api/rules", {"blocked": [{f"k{number}": 1 for number in range(MOST_VALUES)}]}),
        ("/api/automations", automation([{}] * MOST_VALUES)),
        ("/api/automations", automation([[0] * 10] * (MOST_VALUES // 10))),
    ],
)
async def test_a_body_of_too_many_values_is_too_large(brand: Brand, path: str, body: Any) -> None:
    answer = await brand.refused(path, body)
    assert (answer.status_code, answer.headers["content-type"]) == (413, "application/problem+json")
    assert "10,000 values" in answer.json()["detail"]


async def test_as_many_as_there_is_a_use_for_are_read(brand: Brand) -> None:
    blocked = [{"type": "email", "value": f"till-{number}@shop.example"} for number in range(1_000)]
    assert (await brand.post("/api/rules", {"blocked": blocked}))["data"]["version"] == "1"


async def test_what_is_wrong_is_told_so_far(brand: Brand) -> None:
    told = (await brand.refused("/api/rules", {f"k{number}": 1 for number in range(3 * MOST_COMPLAINTS)})).json()
    assert (told["status"], len(told["errors"]), told["more"]) == (422, MOST_COMPLAINTS, 2 * MOST_COMPLAINTS)
    few = (await brand.refused("/api/rules", {"odd": 1})).json()
    assert (few["status"], len(few["errors"]), "more" in few) == (422, 1, False)


async def test_a_list_that_is_too_long_is_one_complaint(brand: Brand) -> None:
    told = (await brand.refused("/api/automations", automation([None] * 101))).json()
    assert told["status"] == 422
    assert len(told["errors"]) < 10


@pytest.mark.parametrize("body", [b'"' + b"x" * 3 * MOST_VALUES + b'"', b"0." + b"1" * 3 * MOST_VALUES, b"[" * 3 * MOST_VALUES])
def test_one_value_is_one_however_long(body: bytes) -> None:
    check_values(body, frozenset())
