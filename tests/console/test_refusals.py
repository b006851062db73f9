"""Errors are pages that say how to go on, parts are parts, and assets are what was listed. Without a browser."""

import asyncio
import html
import re
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from fastapi import APIRouter, FastAPI

from app.act.jobs import Runner
from app.act.queueing import Rules as MessageRules
from app.console.assets import VENDORED, load_assets
from app.console.desk import Desk
from app.console.pages import Pages
from app.console.router import console_router
from app.console.routes import page_route
from app.console.sections import SECTIONS
from app.domain.rules import Rules
from app.graph.deciding import decider
from app.graph.driver import Graph
from app.graph.rulebook import RuleBook
from app.graph.seal import Seal
from app.graph.senders import Senders
from app.main import create_app
from app.problems import status_of
from app.review.rehearse import Rehearsal
from app.settings import CHECKOUT, Settings
from app.telemetry.metrics import Metrics
from tests.conftest import new_brand
from tests.console.looking import words

PART = {"hx-request": "true"}


def asking(app: FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://constintel")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def here(graph: Graph) -> AsyncIterator[httpx.AsyncClient]:
    async with asking(create_app(graph, Settings(scheduler=False))) as opened:
        yield opened


async def test_a_database_that_is_away_is_told_on_a_page_and_in_a_part_as_a_part() -> None:
    """All at once, since each waits until the driver gives up."""
    graph = Graph.connect("bolt://127.0.0.1:9", "neo4j", "none")
    paths = ("/console", "/console/shop/search?q=a", "/console/shop/profiles/p")
    section = "/console/shop/profiles/p/scores"
    async with asking(create_app(graph, Settings(scheduler=False))) as away:
        *pages, part = await asyncio.gather(*(away.get(path) for path in paths), away.get(section, headers=PART))
    await graph.close()
    for path, page in zip(paths, pages, strict=True):
        assert (page.status_code, page.headers["content-type"]) == (503, "text/html; charset=utf-8")
        assert page.headers["retry-after"] == "2"
        assert f'href="{path}">Try again' in page.text
    assert part.status_code == 503
    assert part.text.startswith('<div class="failed" role="alert">')
    assert f'hx-get="{section}"' in part.text


FORM = {"origin": "http://constintel"}


async def test_a_form_that_meets_no_database_may_be_sent_again_as_it_was() -> None:
    graph = Graph.connect("bolt://127.0.0.1:9", "neo4j", "none")
    decision = {"version": "2", "keep": ["a", 'b"c'], "note": "<b>why</b>", "decided_by": "Kim"}
    secret = {"change": "instead", "secret": "s3cret-of-theirs"}
    async with asking(create_app(graph, Settings(scheduler=False))) as away:
        review, sender = await asyncio.gather(
            away.post("/console/shop/reviews/r/approve", data=decision, headers=FORM),
            away.post("/console/shop/senders/shopify/say", data=secret, headers=FORM),
        )
    await graph.close()
    assert (review.status_code, sender.status_code) == (503, 503)
    assert '<form method="post" action="/console/shop/reviews/r/approve" data-once>' in review.text
    hidden = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', review.text)
    assert [(name, html.unescape(value)) for name, value in hidden] == [
        ("version", "2"), ("keep", "a"), ("keep", 'b"c'), ("note", "<b>why</b>"), ("decided_by", "Kim"),
    ]  # fmt: skip
    assert "What you had written note <b>why</b> decided by Kim Look at it again" in words(review.text)
    assert ("s3cret" in sender.text, "Send it again" in sender.text) == (False, False)


async def test_what_was_written_for_a_decision_that_cannot_be_is_given_back(here: httpx.AsyncClient) -> None:
    said = {"version": "1", "note": "they share a flat", "decided_by": ""}
    answered = await here.post("/console/shop/reviews/none/reject", data=said, headers=FORM)
    assert answered.status_code == 404
    assert "What you had written note they share a flat Look at it again" in words(answered.text)
    assert "Send it again" not in answered.text
    wrong = await here.post("/console/shop/privacy/p/erase", data={"word": "no", "note": ""}, headers=FORM)
    assert (wrong.status_code, 'href="/console/shop/privacy/p">Look at it again' in wrong.text) == (400, True)


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/console/shop/profiles/nobody", 404, "nobody in brand shop has the profile id"),
        ("/console/assets/profiles/nobody", 404, "nobody in brand assets has the profile id"),
        ("/console/NoBrand/search", 404, "can be no brand"),
        ("/console?brand=No+Brand", 400, "can be no brand"),
        ("/console/shop/search?show=many", 400, "show: "),
        ("/console/shop/reviews/none", 404, "the list of reviews"),
        ("/console/shop/reviews?status=odd", 400, "choose one of pending, merged"),
        ("/console/shop/reviews?cursor=odd", 400, "cursor"),
        ("/console/shop/merges/none", 404, "the list of merges"),
        ("/console/shop/merges/none/undo", 404, "the list of merges"),
        ("/console/shop/automations/none", 404, "no automation"),
        ("/console/shop/automations/executions?status=odd", 400, "choose one of triggered, executed"),
        ("/console/shop/automations/approvals?status=odd", 400, "choose one of open, waiting"),
        ("/console/shop/models/none", 404, "no model"),
        ("/console/shop/models/roll-back", 409, "promote another"),
        ("/console/shop/models/starter/promote", 409, "scores already"),
        ("/console/shop/rules/7", 404, "the page Rules lists them"),
        ("/console/shop/rules/new?based_on=7", 404, "the page Rules lists them"),
        ("/console/shop/rules/0/promote", 409, "in force already"),
        ("/console/shop/rules/0/rollback", 409, "no roll-back of version 0"),
        ("/console/shop/rules/0/burn", 400, "there are promote and rollback"),
        ("/console/shop/rules/runs/none", 404, "no run"),
        ("/console/shop/operations/identifier/email/a@x.org", 404, "was ever seen in brand shop"),
        ("/console/shop/operations/identifier/shoe/1", 404, "was ever seen in brand shop"),
        ("/console/shop/operations/shared?cursor=odd", 400, "cursor"),
        ("/console/shop/graph?profile=nobody", 404, "search for a name"),
        ("/console/shop/graph?identifier=odd", 400, "write its type and value"),
        ("/console/shop/graph/data?start=profile:nobody", 404, "begin again from the search"),
        ("/console/shop/graph/around?node=events:odd", 404, "begin again from the search"),
        ("/console/shop/explain?profile=a&other=b", 404, "give a profile id, or an identifier"),
        ("/console/shop/no/such/page", 404, "the console has no page at"),
        ("/console/shop/reviews/r/reject", 404, "this address only takes a form; if you sent one"),
        ("/console/_assets/0/secrets.js", 404, "make setup"),
    ],
)
async def test_what_is_not_there_is_told_on_a_page(here: httpx.AsyncClient, path: str, status: int, said: str) -> None:
    answered = await here.get(path)
    assert (answered.status_code, answered.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert said in answered.text
    assert "<main" in answered.text


async def test_a_service_without_its_cypher_door_says_so(here: httpx.AsyncClient) -> None:
    ours = {"origin": "http://constintel"}
    answered = await here.post("/console/shop/cypher", data={"query": "RETURN 1"}, headers=ours)
    assert (answered.status_code, "without its Cypher door" in answered.text) == (404, True)


async def test_the_way_in(here: httpx.AsyncClient) -> None:
    ways = ["/", "/console/shop", "/console?brand=shop"]
    assert [(await here.get(way)).headers["location"] for way in ways] == [
        "/console", "/console/shop/search", "/console/shop/search",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "meant"), [("/console/", "/console"), ("/console/shop/search/?q=a", "/console/shop/search?q=a")]
)
async def test_an_address_that_ends_with_a_slash_leads_on(here: httpx.AsyncClient, typed: str, meant: str) -> None:
    assert (await here.get(typed)).headers["location"] == meant


async def test_assets_are_kept_for_ever_under_their_version_only(here: httpx.AsyncClient) -> None:
    assets = load_assets(CHECKOUT / "node_modules")
    current = await here.get(assets.address("console.css"))
    assert current.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert current.headers["content-encoding"] == "gzip"
    assert current.content == (await here.get(assets.address("console.css"), headers={"accept-encoding": ""})).content
    assert (await here.get("/console/_assets/other/console.css")).headers["cache-control"] == "no-store"


def test_all_that_is_listed_is_installed_and_served() -> None:
    assets = load_assets(CHECKOUT / "node_modules")
    assert assets.missing == ()
    assert assets.files.keys() >= VENDORED.keys()


async def test_without_what_set_up_installs_pages_show_and_say_so(graph: Graph, tmp_path: Path) -> None:
    app = FastAPI()

    async def nothing(brand_id: str) -> None:
        """No run begins here."""

    book = RuleBook(Rules())
    sending = MessageRules({}, require_consent=False)
    senders = Senders(graph, Seal(None, tmp_path))
    desk = Desk(None, sending, book, Rehearsal(graph, book, "USD"), nothing, Runner(graph, {}), Metrics([], "").figures, senders)
    app.include_router(console_router(graph, "US", decider(book, "USD"), status_of, Pages(load_assets(tmp_path)), desk))
    async with asking(app) as client:
        page = (await client.get("/console")).text
        assert "<code>make setup</code>" in page
        assert "htmx.js" not in page
    assert load_assets(tmp_path).version != load_assets(CHECKOUT / "node_modules").version


async def test_what_breaks_is_logged_and_told_on_a_page(caplog: pytest.LogCaptureFixture) -> None:
    router = APIRouter(route_class=page_route(Pages(load_assets(CHECKOUT / "node_modules")), status_of))

    @router.get("/console/{brand}/broken")
    async def broken(brand: str) -> None:
        raise RuntimeError("a bug")

    app = FastAPI()
    app.include_router(router)
    async with asking(app) as client:
        page = await client.get("/console/shop/broken")
    assert page.status_code == 500
    assert "<main" in page.text
    assert "a bug" not in page.text
    assert [str(record.exc_info[1]) for record in caplog.records if record.exc_info] == ["a bug"]


async def test_nobody_of_another_brand_is_shown(here: httpx.AsyncClient, brand_id: str) -> None:
    known = {"profile_id": f"known-{uuid.uuid4().hex}", "identifiers": {"email": "known@example.com"}}
    made = await here.post("/api/profiles", json=known, headers={"x-brand-id": brand_id})
    profile_id = made.json()["data"]["profile_id"]
    assert (await here.get(f"/console/{brand_id}/profiles/{profile_id}")).status_code == 200
    stranger = f"/console/{new_brand()}"
    for path in ("", *(f"/{one.name}" for one in SECTIONS)):
        assert (await here.get(f"{stranger}/profiles/{profile_id}{path}")).status_code == 404
    assert profile_id not in (await here.get(f"{stranger}/search?q=known@example.com")).text
