"""The console of a service that asks for keys: who comes in, what they see and may do, and how it ends."""

import html
import re
import uuid
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from playwright.async_api import Browser, expect

from app.access.sessions import COOKIE, LASTS, Sessions
from app.console.pages import admins_only
from app.domain.access import ApiKey, Role
from app.graph.api_keys import ApiKeys
from app.graph.driver import Graph
from app.main import create_app, sealed_by
from app.settings import Settings
from tests.api.brand import Brand
from tests.console.looking import Look, filled, waiting, words
from tests.serving import serving

SIGN_IN = "/console/sign-in"
OURS = {"sec-fetch-site": "same-origin"}
ADMIN = ApiKey("shop", "k", "n", "admin", "", datetime.now(UTC))
CLOSED = Settings(access="keys", request_deadline_s=60, scheduler=False, public_url="https://identity.shop.example")


@pytest.fixture(scope="module")
def app(graph: Graph) -> FastAPI:
    return create_app(graph, CLOSED)


@pytest_asyncio.fixture(loop_scope="session")
async def visitor(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A browser's cookies, and none yet."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://constintel", headers=OURS) as opened:
        yield opened


async def issued(brand: Brand, role: Role = "admin") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for one in ("admin", role):
        found = (await brand.post("/api/keys", {"role": one, "name": f"the {one}"}))["data"]
    return found


async def signed_in(visitor: httpx.AsyncClient, key: str, to: str = "") -> httpx.Response:
    return await visitor.post(SIGN_IN, data={"key": key, "to": to})


async def test_who_is_not_signed_in_is_asked_to_and_comes_back_to_the_page(visitor: httpx.AsyncClient, brand: Brand) -> None:
    key = (await issued(brand, "analyst"))["key"]
    asked = f"/console/{brand.brand_id}/search?q=sarah"
    sent = await visitor.get(asked)
    assert sent.status_code == 303
    form = await visitor.get(sent.headers["location"])
    assert (form.status_code, form.headers["cache-control"]) == (200, "no-store")
    (to,) = re.findall(r'name="to" value="([^"]*)"', form.text)
    answer = await signed_in(visitor, key, to)
    assert (answer.status_code, answer.headers["location"]) == (303, asked)
    page = await visitor.get(asked)
    assert page.status_code == 200
    assert "the analyst" in words(page.text)
    assert "Sign out" in words(page.text)


async def test_the_cookie_is_for_the_console_alone(visitor: httpx.AsyncClient, brand: Brand) -> None:
    key = (await issued(brand))["key"]
    said = (await signed_in(visitor, key)).headers["set-cookie"]
    assert re.fullmatch(rf"{COOKIE}=[^;]+; HttpOnly; Max-Age=43200; Path=/console; SameSite=strict", said)
    by_https = await visitor.post(SIGN_IN, data={"key": key}, headers={"host": "identity.shop.example"})
    assert by_https.headers["set-cookie"].endswith("; Secure")
    for path in ("/api/profiles", "/api/cypher"):
        cookie = {"cookie": said.partition(";")[0], "x-brand-id": brand.brand_id}
        assert (await visitor.get(path, headers=cookie)).status_code == 401


async def test_a_brands_first_event_brings_a_key(visitor: httpx.AsyncClient, brand: Brand) -> None:
    await signed_in(visitor, (await issued(brand))["key"])
    said = html.unescape((await visitor.get(f"/console/{brand.brand_id}/search")).text)
    assert '-H "Authorization: Bearer $CONSTINTEL_API_KEY" \\\n' in said


@pytest.mark.parametrize(
    "to", ["https://evil.example/", "//evil.example", "/api/keys", "console", "/consoles", "/\\evil.example"]
)
async def test_nobody_is_led_elsewhere(visitor: httpx.AsyncClient, brand: Brand, to: str) -> None:
    answer = await signed_in(visitor, (await issued(brand))["key"], to)
    assert answer.headers["location"] == f"/console/{brand.brand_id}/search"
    assert 'name="to" value=""' in (await visitor.get(SIGN_IN, params={"to": to})).text


async def test_what_opens_nothing_is_told(visitor: httpx.AsyncClient, brand: Brand) -> None:
    ingest, revoked = await issued(brand, "ingest"), await issued(brand, "analyst")
    await brand.call("DELETE", f"/api/keys/{revoked['key_id']}")
    for key, why in (
        ("", "no key of this service"),
        ("ci_no", "no key"),
        (ingest["key"], "sends events"),
        (revoked["key"], "revoked"),
    ):
        answer = await signed_in(visitor, key)
        assert (answer.status_code, why in words(answer.text)) == (403, True), words(answer.text)
        assert "set-cookie" not in answer.headers


async def test_no_other_site_signs_anybody_in_or_out(visitor: httpx.AsyncClient, brand: Brand) -> None:
    key = (await issued(brand))["key"]
    foreign = {"sec-fetch-site": "cross-site", "origin": "https://evil.example"}
    for path in (SIGN_IN, "/console/sign-out"):
        answer = await visitor.post(path, data={"key": key}, headers=foreign)
        assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)


async def test_a_key_shows_its_own_brand_only(visitor: httpx.AsyncClient, brand: Brand, stranger: Brand) -> None:
    await issued(stranger)
    await stranger.see(email="secret@b.example")
    await signed_in(visitor, (await issued(brand))["key"])
    for path in ("/", "/console", f"/console?brand={stranger.brand_id}"):
        answer = await visitor.get(path, follow_redirects=True)
        assert (answer.status_code, answer.url.path) == (200, f"/console/{brand.brand_id}/search")
    for path in ("search", "search?q=secret", "reviews", "operations", "first-event", "cypher"):
        answer = await visitor.get(f"/console/{stranger.brand_id}/{path}")
        assert (answer.status_code, "secret@" in answer.text) == (403, False)


async def test_an_analyst_looks_and_changes_nothing(visitor: httpx.AsyncClient, brand: Brand) -> None:
    await signed_in(visitor, (await issued(brand, "analyst"))["key"])
    await brand.data("/api/automations")
    refused = await visitor.post(f"/console/{brand.brand_id}/operations/jobs/run", data={"name": "outbox"})
    assert (refused.status_code, "has the role analyst" in words(refused.text)) == (403, True)
    form = {"name": "x", "automation_id": str(uuid.uuid4())}
    tried = await visitor.post(f"/console/{brand.brand_id}/automations/new/draft", data=form)
    assert tried.status_code == 200
    assert await brand.data("/api/jobs/outbox/runs") == []


class Buttons(HTMLParser):
    """What a page leads to, and where each of its buttons that can be pressed would send: (method, address)."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.sends: list[tuple[str, str]] = []
        self.barred: list[str] = []
        self._form = ("get", "")
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        if tag == "a":
            self.links.append(has.get("href", ""))
        elif tag == "form":
            self._form = (has.get("method", "get"), has.get("action", ""))
        elif tag == "button" and has.get("type", "submit") == "submit":
            if "disabled" not in has:
                self.sends.append((has.get("formmethod", self._form[0]), has.get("formaction", self._form[1])))
            elif "hidden" not in has:
                self.barred.append(has["title"])


async def looked_through(visitor: httpx.AsyncClient, brand: Brand) -> dict[str, Buttons]:
    """Every page of a brand's console that links lead to, one of each kind."""
    begin = f"/console/{brand.brand_id}/"
    ahead, seen = [f"{begin}search"], dict[str, Buttons]()
    while ahead:
        path = ahead.pop(0)
        kind = re.sub(r"(?<=/)[^/?]*(\d|%)[^/?]*", "*", path.removeprefix(begin).partition("?")[0])
        if kind in seen or not path.startswith(begin) or "/export" in path:
            continue
        page = await visitor.get(path)
        assert page.status_code == 200, (path, words(page.text))
        seen[kind] = Buttons(page.text)
        ahead += [html.unescape(one.partition("#")[0]) for one in seen[kind].links]
    return seen


async def busy(brand: Brand) -> None:
    """Something on every page."""
    shop = await filled(brand)
    await brand.call("PUT", "/api/sources/shopify", json={"secrets": ["s" * 20]})
    await brand.post("/api/rules", {"limits": {"email": 2}})
    await brand.post(f"/api/merges/{shop.merge}/undo", {})


async def test_no_button_that_an_analyst_can_press_is_refused(visitor: httpx.AsyncClient, brand: Brand) -> None:
    await busy(brand)
    await signed_in(visitor, (await issued(brand, "analyst"))["key"])
    pages = await looked_through(visitor, brand)
    posts = {address for page in pages.values() for method, address in page.sends if method == "post"} - {"/console/sign-out"}
    answers = {address: (await visitor.post(address)).status_code for address in posts}
    assert answers
    assert 403 not in answers.values(), answers
    barred = [title for page in pages.values() for title in page.barred]
    assert len(pages) > 25
    assert len(barred) > 20
    assert all("role admin" in title and "role analyst" in title for title in barred)


def test_only_who_may_not_is_barred() -> None:
    key = ApiKey("b", "k", 'the "till"', "admin", "", datetime.now(UTC))
    assert admins_only(None) == admins_only(key) == ""
    barred = admins_only(replace(key, role="analyst"))
    assert barred.startswith(' disabled title="The key')
    assert barred.count('"') == 2


async def test_a_decision_is_by_the_key_whatever_name_is_typed(visitor: httpx.AsyncClient, brand: Brand) -> None:
    await signed_in(visitor, (await issued(brand))["key"])
    ids = [await brand.bring(identifiers={"email": f"{name}@a.example"}) for name in ("ann", "bob")]
    merge_id = (await brand.post("/api/merges", {"profile_ids": ids}))["data"]["merge_id"]
    for typed in ("", "Ann"):
        undone = await visitor.post(f"/console/{brand.brand_id}/merges/{merge_id}/undo", data={"decided_by": typed})
        assert undone.status_code == 303
        await brand.post(f"/api/merges/{merge_id}/redo", {})
    judged = await brand.cypher(
        "MATCH (j:Judgement {brand_id: $brand}) WHERE j.retracted_at IS NOT NULL RETURN j.decided_by AS by ORDER BY by"
    )
    assert [row["by"] for row in judged] == ["Ann (the admin)", "the admin"]


async def test_a_session_ends_with_its_key(visitor: httpx.AsyncClient, app: FastAPI, brand: Brand) -> None:
    admin, analyst = await issued(brand), await issued(brand, "analyst")
    await signed_in(visitor, analyst["key"])
    here = f"/console/{brand.brand_id}/search"
    assert (await visitor.get(here)).status_code == 200
    bearer = {"authorization": f"Bearer {admin['key']}", "x-brand-id": brand.brand_id}
    assert (await visitor.delete(f"/api/keys/{analyst['key_id']}", headers=bearer)).status_code == 200
    assert (await visitor.get(here)).headers["location"].startswith(SIGN_IN)
    part = await visitor.get(
        f"/console/{brand.brand_id}/waiting", headers={"hx-request": "true", "hx-current-url": f"http://c{here}"}
    )
    assert (part.status_code, part.headers["hx-redirect"]) == (401, f"{SIGN_IN}?to=%2Fconsole%2F{brand.brand_id}%2Fsearch")
    broken = {"hx-request": "true", "hx-current-url": "http://["}
    assert (await visitor.get(f"/console/{brand.brand_id}/waiting", headers=broken)).headers["hx-redirect"] == f"{SIGN_IN}?to=%2F"
    sent = await visitor.post(f"/console/{brand.brand_id}/operations/jobs/run", data={"name": "outbox"})
    assert (sent.status_code, "sign in" in words(sent.text)) == (401, True)


def hidden(markup: str) -> dict[str, str]:
    """What a page's forms send by themselves."""
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', markup)
    return {name: html.unescape(value) for name, value in found}


async def test_what_was_written_while_a_session_ended_comes_back_after_signing_in(
    visitor: httpx.AsyncClient, brand: Brand
) -> None:
    here = f"/console/{brand.brand_id}/reviews/r%3F"
    fields = {"version": "3", "note": '<i>"a & b"</i> ü', "decided_by": ""}
    late = await visitor.post(f"{here}/reject", data=fields)
    assert (late.status_code, late.headers["cache-control"]) == (401, "no-store")
    assert 'note <i>"a & b"</i> ü' in words(late.text)
    left = hidden(late.text)
    assert left["to"] == here
    key = (await issued(brand))["key"]
    wrong = await visitor.post(SIGN_IN, data={**left, "key": "ci_no"})
    assert (wrong.status_code, hidden(wrong.text)) == (403, left)
    back = await visitor.post(SIGN_IN, data={**left, "key": key})
    assert (back.status_code, back.headers["cache-control"], COOKIE in back.headers["set-cookie"]) == (200, "no-store", True)
    assert hidden(back.text) == fields
    assert f'<form method="post" action="{here}/reject" data-once>' in back.text
    assert f'href="{here}">Look at it again' in back.text
    assert 'note <i>"a & b"</i> ü' in words(back.text)
    again = await visitor.post(f"{here}/reject", data=hidden(back.text))
    assert again.status_code == 404  # there is no such review


async def test_what_was_sent_too_late_goes_to_no_other_brand_and_nowhere_else(
    visitor: httpx.AsyncClient, brand: Brand, stranger: Brand
) -> None:
    key = (await issued(brand))["key"]
    for to in (f"/console/{stranger.brand_id}/rules/x", "https://evil.example/", "//evil.example", "/api/merges", ""):
        answer = await visitor.post(SIGN_IN, data={"key": key, "sent_to": to, "sent": "note=of+theirs"})
        assert (answer.status_code, "of theirs" in answer.text) == (303, False)
        assert answer.headers["location"] == f"/console/{brand.brand_id}/search"


async def test_nothing_is_kept_of_a_foreign_page_of_a_secret_or_of_what_is_no_form(
    visitor: httpx.AsyncClient, brand: Brand
) -> None:
    here = f"/console/{brand.brand_id}/senders/shopify/say"
    for sent in (
        {"data": {"note": "of theirs"}, "headers": {"sec-fetch-site": "cross-site"}},
        {"data": {"note": "of theirs", "secret": "s3cret"}},
        {"json": {"note": "of theirs"}},
        {"data": {"note": "of theirs" + "x" * 70_000}},
    ):
        late = await visitor.post(here, **sent)
        assert (late.status_code, "of theirs" in late.text, "s3cret" in late.text) == (401, False, False)
    long = await visitor.post(here, data={"note": "of theirs" + "&" * 20_000})
    assert (long.status_code, "of theirs" in long.text, "sent" in hidden(long.text)) == (401, True, False)


async def test_what_is_sent_while_the_graph_is_away_comes_back_where_keys_are_asked_for() -> None:
    graph = Graph.connect("bolt://127.0.0.1:9", "neo4j", "none")
    transport = httpx.ASGITransport(create_app(graph, CLOSED), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://constintel", headers=OURS) as visitor:
        sealed = Sessions(sealed_by(CLOSED, "session"), ApiKeys(graph)).begin(ADMIN, datetime.now(UTC))
        cookie = {"cookie": f"{COOKIE}={sealed}"}
        away = await visitor.post("/console/shop/reviews/r/reject", data={"note": "they share a flat"}, headers=cookie)
    await graph.close()
    assert (away.status_code, hidden(away.text)) == (503, {"note": "they share a flat"})


async def test_signing_out_ends_it(visitor: httpx.AsyncClient, brand: Brand) -> None:
    await signed_in(visitor, (await issued(brand))["key"])
    assert (await visitor.post("/console/sign-out")).headers["location"] == SIGN_IN
    assert (await visitor.get(f"/console/{brand.brand_id}/search")).status_code == 303


async def test_what_was_not_sealed_as_a_session_is_none(visitor: httpx.AsyncClient, graph: Graph, brand: Brand) -> None:
    """As an admin could have a sender's secret sealed by the service, and read it in the graph."""
    made = await issued(brand)
    key = ApiKey(brand.brand_id, made["key_id"], "n", "admin", "", datetime.now(UTC))
    ours, as_a_secret = (Sessions(sealed_by(CLOSED, purpose), ApiKeys(graph)) for purpose in ("session", ""))
    now = datetime.now(UTC)
    gone = ApiKey(brand.brand_id, "nobody", "n", "admin", "", now)
    for cookie, comes_in in (
        (ours.begin(key, now), True),
        (ours.begin(key, now - LASTS), False),
        (ours.begin(key, now - LASTS + timedelta(minutes=1)), True),
        (ours.begin(gone, now), False),
        (as_a_secret.begin(key, now), False),
        (f"{brand.brand_id}|{made['key_id']}", False),
        ("\xff", False),
    ):
        answer = await visitor.get(
            f"/console/{brand.brand_id}/search", headers={b"cookie": f"a=b; {COOKIE}={cookie}".encode("latin-1")}
        )
        assert (answer.status_code == 200) == comes_in, answer.headers


async def test_a_link_in_a_letter_opens_what_it_leads_to(visitor: httpx.AsyncClient, brand: Brand) -> None:
    """A browser sends the cookie along only when one of our own pages asks."""
    answer = await visitor.get(f"/console/{brand.brand_id}/reviews?a=1", headers={"sec-fetch-site": "cross-site"})
    assert (answer.status_code, f'href="/console/{brand.brand_id}/reviews?a=1"' in answer.text) == (401, True)
    assert 'http-equiv="refresh"' in answer.text


async def test_where_no_key_is_asked_for_nobody_signs_in(client: httpx.AsyncClient, brand: Brand) -> None:
    await issued(brand)
    sent = await client.get(SIGN_IN, params={"to": f"/console/{brand.brand_id}/search"})
    assert (sent.status_code, sent.headers["location"]) == (303, f"/console/{brand.brand_id}/search")
    assert "Sign out" not in words((await client.get(f"/console/{brand.brand_id}/search")).text)


async def test_an_analyst_sees_in_a_browser_what_only_an_admin_may(chromium: Browser, app: FastAPI, brand: Brand) -> None:
    review, _ = await waiting(brand)
    key = (await issued(brand, "analyst"))["key"]
    async with serving(app) as site:
        context = await chromium.new_context(base_url=site)
        page = await context.new_page()
        async with Look(page, site) as look:
            await look.at(f"/console/{brand.brand_id}/reviews/{review}")
            await page.get_by_label("Your key").fill(key)
            await page.get_by_role("button", name="Sign in").click()
            await look.settled()
            for name in ("Approve", "Reject"):
                button = page.get_by_role("button", name=name)
                await expect(button).to_be_disabled()
                await expect(button).to_have_attribute("title", re.compile("takes one of role admin; ask an admin"))
            await page.keyboard.press("a")
            await page.get_by_label("Why (for those").press("Enter")
            await expect(page.get_by_text("reads only")).to_be_visible()
            assert (await brand.data(f"/api/merge-queue/{review}"))["status"] == "pending"
            assert await look.violations() == []
            assert await look.overflow(320) <= 0
        await context.close()


async def test_what_is_being_written_stays_in_a_browser_when_the_session_ends(
    chromium: Browser, app: FastAPI, brand: Brand
) -> None:
    """Where a part of the page is asked for, it stays on the page; where the form is sent, it comes back after signing in."""
    key = (await issued(brand))["key"]
    async with serving(app) as site:
        context = await chromium.new_context(base_url=site)
        page = await context.new_page()
        async with Look(page, site) as look:
            await look.at(f"/console/{brand.brand_id}/automations/new")
            await page.get_by_label("Your key").fill(key)
            await page.get_by_role("button", name="Sign in").click()
            await look.settled()
            await page.get_by_label("Name", exact=True).fill("Written for an hour")
            await context.clear_cookies()
            await page.get_by_role("button", name="Add a condition").click()
            await expect(page.get_by_role("alert")).to_contain_text("What you wrote stays here")
            await expect(page.get_by_label("Name", exact=True)).to_have_value("Written for an hour")
            await page.get_by_role("button", name="Make it").click()
            await expect(page.get_by_text("Nothing was taken.")).to_be_visible()
            await expect(page.locator("main")).to_contain_text("Written for an hour")
            assert await look.overflow(320) <= 0
            look.complaints[:] = [one for one in look.complaints if "401" not in one]
            assert await look.violations() == []
            await page.get_by_label("Your key").fill(key)
            await page.get_by_role("button", name="Sign in").click()
            await expect(page.get_by_role("heading", name="You are signed in")).to_be_visible()
            assert await look.violations() == []
            assert await look.overflow(320) <= 0
            await page.get_by_role("button", name="Send it now").click()
            await expect(page.get_by_role("alert")).to_contain_text("to be mended")
            await expect(page.get_by_label("Name", exact=True)).to_have_value("Written for an hour")
            look.complaints.clear()  # the browser itself tells of the 422
        await context.close()


async def test_in_a_browser(chromium: Browser, app: FastAPI, brand: Brand) -> None:
    """From the address of a review's page to its brand, and out again; and from a page of another site straight in."""
    key = (await issued(brand))["key"]
    async with serving(app) as site:
        context = await chromium.new_context(base_url=site)
        page = await context.new_page()
        async with Look(page, site) as look:
            await look.at(f"/console/{brand.brand_id}/reviews")
            await expect(page).to_have_title("Sign in - ConstIntel")
            assert await look.violations() == []
            assert await look.overflow(320) <= 0
            await page.get_by_label("Your key").fill(key)
            await page.get_by_role("button", name="Sign in").click()
            await expect(page).to_have_url(f"{site}/console/{brand.brand_id}/reviews")
            await look.settled()
            assert await look.violations() == []
            assert await look.overflow(320) <= 0
            await page.get_by_role("button", name="Sign out").click()
            await expect(page).to_have_title("Sign in - ConstIntel")
            await page.goto(f"/console/{brand.brand_id}/reviews")
            await expect(page).to_have_title("Sign in - ConstIntel")
            await page.get_by_label("Your key").fill(key)
            await page.get_by_role("button", name="Sign in").click()
            await expect(page.get_by_role("heading", name="Reviews")).to_be_visible()
        await page.goto(f'data:text/html,<a href="{site}/console/{brand.brand_id}/merges">a letter</a>')
        async with page.expect_response(lambda answer: answer.status == 401):  # without the cookie
            await page.get_by_text("a letter").click()
        await expect(page.get_by_role("heading", name="Merges")).to_be_visible()
        await context.close()
