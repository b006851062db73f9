"""A page under observation, and a brand to look at."""

import html
import re
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from playwright.async_api import Page, Response, ViewportSize, expect

from tests.api.brand import Brand

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
WINDOW: ViewportSize = {"width": 1280, "height": 800}
THEMES: tuple[Literal["light"], Literal["dark"]] = ("light", "dark")
AA = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


class Look:
    """A page that remembers whom it asked and what it complained of. Leaving it fails when either is not clean."""

    def __init__(self, page: Page, site: str) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.foreign: list[str] = []
        page.on("console", lambda said: self.complaints.append(said.text) if said.type in {"error", "warning"} else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda asked: self.foreign.append(asked.url) if not asked.url.startswith((site, "about:")) else None)

    async def __aenter__(self) -> Self:
        await self.page.goto("about:blank")
        self.complaints.clear()
        self.foreign.clear()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.page.unroute_all()
        await self.page.set_viewport_size(WINDOW)
        await self.page.emulate_media(color_scheme=THEMES[0])
        if error is None:
            assert self.foreign == []
            assert self.complaints == [], self.complaints

    async def at(self, path: str) -> Response:
        """Opens a page and waits until all its parts have come."""
        response = await self.page.goto(path)
        assert response is not None
        await self.settled()
        return response

    async def settled(self) -> None:
        await expect(self.page.locator("[aria-busy=true]")).to_have_count(0)

    async def themes(self) -> AsyncIterator[str]:
        """Shows the page in the light, then in the dark."""
        for theme in THEMES:
            await self.page.emulate_media(color_scheme=theme)
            yield theme

    async def violations(self) -> list[str]:
        """What axe-core holds against WCAG AA, in the light and in the dark."""
        return [f"{theme}: {one}" async for theme in self.themes() for one in await self.violations_now()]

    async def violations_now(self) -> list[str]:
        """The same of the page as it is shown now."""
        if not await self.page.evaluate("'axe' in window"):  # half a megabyte of script, and each look would compile it anew
            await self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found: dict[str, Any] = await self.page.evaluate(
            "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']})", AA
        )
        return [f"{one['id']}: {node['target']} {node['failureSummary']}" for one in found["violations"] for node in one["nodes"]]

    async def overflow(self, width: int, height: int = 640) -> int:
        """By how many pixels the page is wider than a window of this size."""
        await self.page.set_viewport_size({"width": width, "height": height})
        return int(await self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def words(markup: str) -> str:
    """What a page says, for tests without a browser."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", markup))).strip()


@dataclass(frozen=True)
class Shop:
    """`person` is everything's; `absorbed` is an id that leads to them by `merge`; `review` is of others, and waits."""

    brand: Brand
    person: str
    absorbed: str
    merge: str
    review: str

    def path(self, rest: str = "") -> str:
        return f"/console/{self.brand.brand_id}/{rest}"

    @property
    def profile(self) -> str:
        return self.path(f"profiles/{self.person}")


async def filled(brand: Brand) -> Shop:
    """The first scenario, with names, scores, and every kind of identifier."""
    person = await brand.omnichannel()
    email = "sarah.johnson@email.com"
    await brand.see(email=email, cookie="cook-1", device="dev-1", anonymous_id="anon-1", user_id="U-1")
    named = {"first_name": "Sarah", "last_name": "Johnson", "city": "Austin"}
    await brand.post("/api/events", {"type": "account_updated", "identifiers": {"email": email}, "attributes": named})
    for job in ("predictions", "cart-abandonment"):
        await brand.post(f"/api/jobs/{job}/run", {"as_of": datetime(2024, 1, 20, 10, tzinfo=UTC).isoformat()})
    profile = await brand.data(f"/api/profiles/{person}")
    merges = await brand.data("/api/merges")
    review, _ = await waiting(brand)
    return Shop(brand, person, profile["merged_profile_ids"][0], merges[0]["merge_id"], review)


async def waiting(brand: Brand) -> tuple[str, list[str]]:
    """A review of people with one phone, each with a card of their own, the strongest last: its id, and theirs."""
    named = [f"{name}-{uuid.uuid4().hex[:6]}" for name in ("anna", "bert", "cleo", "dora")]
    ids = []
    for number, name in enumerate(named, 1):
        known = {"phone": "+15550199", **({"email": f"{name}@x.org"} if number == len(named) else {"loyalty_id": name})}
        traits = {"first_name": name.partition("-")[0].title(), "city": "Austin" if number < 3 else "Berlin", "country": "US"}
        ids.append(
            await brand.bring(profile_id=name, identifiers=known, attributes=traits, created_at=f"2024-01-0{number}T00:00:00Z")
        )
    told = await brand.see(phone="+15550199")
    return str(told["review_id"]), ids
