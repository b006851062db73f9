"""How amounts and names are written, whatever was sent."""

import httpx
import pytest

from app.console.pages import money
from app.console.people import name_of
from tests.api.brand import Brand
from tests.console.looking import words

RIGHT_TO_LEFT, ZERO_WIDTH = "\u202e", "\u200b\u2060"
JOINED = "\u0646\u06cc\u0645\u200c\u0641\u0627"  # Persian is written with a joiner that is not seen


@pytest.mark.parametrize(
    ("amount", "currency", "written"),
    [
        (500.0, "JPY", "500 JPY"),
        (1234.5, "KWD", "1,234.500 KWD"),
        (1.234, "KWD", "1.234 KWD"),
        (12.5, "USD", "12.50 USD"),
        (12_345.0, "USD", "12,345 USD"),
        (None, "USD", "-"),
    ],
)
def test_amounts_have_the_digits_of_their_currency(amount: float | None, currency: str, written: str) -> None:
    assert money(amount, currency) == written


@pytest.mark.parametrize(
    ("attributes", "called"),
    [
        ({"first_name": ZERO_WIDTH, "last_name": RIGHT_TO_LEFT}, "a@x.org"),
        ({"first_name": ZERO_WIDTH, "name": "Ann"}, "Ann"),
        ({"first_name": f"{RIGHT_TO_LEFT}nnA", "last_name": "Lee"}, "nnA Lee"),
        ({"first_name": JOINED}, JOINED),
        ({"first_name": "👩\u200d👧"}, "👩\u200d👧"),
    ],
)
def test_everybody_is_called_something_that_is_seen(attributes: dict[str, str], called: str) -> None:
    assert name_of({"identifiers": {"email": "a@x.org"}, "attributes": attributes}) == called


async def test_what_was_spent_in_another_currency_is_no_zero(client: httpx.AsyncClient, brand: Brand) -> None:
    said = {"total": 12_845, "currency": "JPY", "order_id": "o-1"}
    event = {"type": "purchase", "identifiers": {"email": "yen@x.org"}, "properties": said}
    (told,) = (await brand.post("/api/events", event))["data"]["events"]
    for page in ("search?q=yen", f"profiles/{told['profile_id']}"):
        shown = words((await client.get(f"/console/{brand.brand_id}/{page}")).text)
        assert "Lifetime value 12,845 JPY Orders" in shown, page
