"""How amounts and names are written, whatever was sent."""

import ast
import re
from pathlib import Path

import httpx
import pytest

from app.console.pages import money
from app.console.people import name_of
from app.console.saying import in_console
from app.settings import CHECKOUT
from tests.api.brand import Brand
from tests.console.looking import words

RIGHT_TO_LEFT, ZERO_WIDTH = "\u202e", "\u200b\u2060"
JOINED = "\u0646\u06cc\u0645\u200c\u0641\u0627"  # Persian is written with a joiner that is not seen


SAID_ON_PAGES = ("act", "review", "resolve", "learn", "graph")
ONLY_OF_THE_API = {"GET /api/keys", "POST /api/judgements/"}  # what no page does


def said_in(path: Path) -> list[str]:
    """Every text in a file; what is filled into one is an x."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    filled = [node for node in nodes if isinstance(node, ast.JoinedStr)]
    parts = {id(part) for node in filled for part in node.values}
    plain = [node.value for node in nodes if isinstance(node, ast.Constant) and id(node) not in parts]
    return [text for text in plain if isinstance(text, str)] + ["".join(map(_part, node.values)) for node in filled]


def _part(node: ast.expr) -> str:
    return str(node.value) if isinstance(node, ast.Constant) else "x"


def test_nothing_that_a_page_says_sends_its_reader_to_the_api() -> None:
    texts = [text for room in SAID_ON_PAGES for path in (CHECKOUT / "app" / room).rglob("*.py") for text in said_in(path)]
    named = [text for text in texts if re.search("(GET|POST|PUT|PATCH|DELETE) /api/", text)]
    assert len(named) > 15
    left = [text for text in map(in_console, named) if "/api/" in text]
    assert [text for text in left if not any(route in text for route in ONLY_OF_THE_API)] == []


@pytest.mark.parametrize(
    ("said", "here"),
    [
        ("no merge 'x' in this brand; GET /api/merges lists them", "no merge 'x' in this brand; the page Merges lists them"),
        ("look again then (GET /api/rules/runs)", "look again then (the page Rules)"),
        (
            "undone already; POST /api/merges/7-a/redo takes that back",
            "undone already; “Take the undo back” on its page takes that back",
        ),
        ("POST /api/keys and GET /api/nothing", "POST /api/keys and GET /api/nothing"),
    ],
)
def test_a_route_is_said_as_what_does_the_same_here(said: str, here: str) -> None:
    assert in_console(said) == here


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
        ({"first_name": "W" * 300, "last_name": "Lee"}, "W" * 80 + "\u2026 Lee"),
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
