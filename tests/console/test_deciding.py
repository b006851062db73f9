"""Admins decide: a review, by mouse and by keys, once and never on what has moved; and a merge taken back."""

import asyncio
import re

import httpx
import pytest
from playwright.async_api import Route, expect

from tests.api.brand import Brand
from tests.console.looking import Look, waiting, words

FORM = {"sec-fetch-site": "same-origin"}


def path(brand: Brand, *rest: str) -> str:
    return "/".join(("/console", brand.brand_id, *rest))


async def status(brand: Brand, review: str) -> str:
    return str((await brand.data(f"/api/merge-queue/{review}"))["status"])


async def test_those_kept_merge_as_the_summary_said_and_who_is_left_out_stays(look: Look, brand: Brand) -> None:
    review, (anna, bert, cleo, dora) = await waiting(brand)
    await look.at(path(brand, "reviews", review))
    lines = look.page.locator("table.compare").first.locator("tbody tr")
    await expect(lines.filter(has_text="City")).to_contain_text("Conflict")
    await expect(lines.filter(has_text="Country")).to_contain_text("Agree")
    await expect(lines.filter(has_text="Loyalty card")).to_contain_text("Conflict")
    summary = look.page.locator("#outlook")
    await expect(summary).to_contain_text("Anna, Bert and Cleo will be merged into Dora")
    await look.page.get_by_label("Keep Anna").uncheck()
    await look.page.get_by_label("Keep Dora").uncheck()
    await expect(summary).to_contain_text("Cleo will be merged into Bert")
    await expect(summary).to_contain_text("not the same person: Anna, Dora")
    await look.page.reload()
    await expect(look.page.get_by_label("Keep Anna")).not_to_be_checked()
    await expect(summary).to_contain_text("Cleo will be merged into Bert")
    await look.page.get_by_label("Your name").fill("Kim")
    await look.page.get_by_role("button", name="Approve").click()
    await look.page.get_by_role("link", name="See before and after").click()
    await expect(look.page.get_by_role("heading", level=1)).to_have_text("2 profiles became Cleo")
    (merge,) = await brand.data("/api/merges")
    assert (merge["base_profile_id"], merge["merged_profile_ids"], merge["decided_by"]) == (bert, [cleo], "Kim")
    assert (await brand.data(f"/api/profiles/{anna}"))["merged_profile_ids"] == []
    assert (await brand.data(f"/api/profiles/{dora}"))["merged_profile_ids"] == []


async def test_ten_stand_side_by_side_and_what_is_compared_stays_in_sight(look: Look, brand: Brand) -> None:
    ids = [(await brand.see(email=f"one{number}@y.org"))["profile_id"] for number in range(10)]
    review = (await brand.post("/api/merges", {"profile_ids": ids}))["data"]["review_id"]
    await look.at(path(brand, "reviews", review))
    await expect(look.page.get_by_role("checkbox", name="Keep")).to_have_count(10)
    await expect(look.page.locator("#outlook")).to_contain_text("10 profiles become one")
    for width in (320, 1280):
        assert await look.overflow(width) == 0
        table = look.page.locator(".scroll").filter(has=look.page.locator("table.compare")).first
        lefts = await table.evaluate(
            """box => {
              box.scrollLeft = 0;
              const [name, cell] = [box.querySelector("tbody th"), box.querySelector("tbody td")];
              const before = [name, cell].map((one) => one.getBoundingClientRect().left);
              box.scrollLeft = 120;
              return [name, cell].map((one, at) => before[at] - one.getBoundingClientRect().left);
            }"""
        )
        assert lefts == [0, 120], width


async def test_keys_move_decide_and_help_but_not_while_one_types(look: Look, brand: Brand) -> None:
    older, _ = await waiting(brand)
    ids = [(await brand.see(email=f"{name}@y.org"))["profile_id"] for name in "abcd"]
    newer = (await brand.post("/api/merges", {"profile_ids": ids}))["data"]["review_id"]
    await look.at(path(brand, "reviews"))
    press = look.page.keyboard.press
    for key in "jjjkj":  # past the end and back
        await press(key)
    await press("k")
    await press("Enter")
    await expect(look.page).to_have_url(re.compile(f"{newer}$"))
    await press("?")
    await expect(look.page.get_by_role("dialog", name="Keys")).to_be_visible()
    await press("r")
    await press("Escape")
    await look.page.get_by_label("Why").press_sequentially("rasjk?")
    await press("Enter")
    await expect(look.page.get_by_label("Why")).to_have_value("rasjk?")
    await look.page.locator("main").focus()
    for key, shown in (("j", older), ("k", newer), ("s", older)):
        await press(key)
        await expect(look.page).to_have_url(re.compile(f"{shown}$"))
        await look.settled()
    await press("r")
    await expect(look.page.get_by_role("heading", level=1)).to_have_text("Decided: rejected")
    assert (await status(brand, older), await status(brand, newer)) == ("rejected", "pending")
    await look.at(path(brand, "reviews", newer))
    await press("a")
    await expect(look.page.get_by_text("Merged.")).to_be_visible()


async def test_keys_of_one_letter_can_be_switched_off(look: Look, brand: Brand) -> None:
    """Who dictates says letters, and must not approve by them."""
    review, _ = await waiting(brand)
    await look.at(path(brand, "reviews", review))
    switch, told = look.page.get_by_role("button", name="Shortcuts"), look.page.locator("[aria-keyshortcuts]")
    await expect(told.and_(look.page.get_by_role("searchbox"))).to_have_attribute("aria-keyshortcuts", "/")
    await switch.click()
    await expect(switch).to_have_text("Shortcuts: off")
    await expect(told).to_have_count(0)
    await look.page.reload()
    await look.settled()
    await expect(switch).to_have_text("Shortcuts: off")
    for key in ("a", "r", "/", "?"):
        await look.page.keyboard.press(key)
    await expect(look.page.get_by_role("searchbox")).not_to_be_focused()
    await expect(look.page.get_by_role("dialog")).to_have_count(0)
    await expect(look.page.locator("form[data-once]")).to_have_attribute("data-once", "")
    assert await look.violations() == []
    assert await look.overflow(320) <= 0
    await switch.click()
    await expect(told.and_(look.page.get_by_role("button", name="Reject"))).to_have_attribute("aria-keyshortcuts", "r")
    await look.page.keyboard.press("/")
    await expect(look.page.get_by_role("searchbox")).to_be_focused()
    assert await status(brand, review) == "pending"


async def test_a_review_that_moved_is_not_decided(look: Look, brand: Brand) -> None:
    review, _ = await waiting(brand)
    await look.at(path(brand, "reviews", review))
    await brand.bring(profile_id="late", identifiers={"phone": "+15550199"})
    await brand.see(phone="+15550199")
    await look.page.get_by_role("button", name="Approve").click()
    await expect(look.page.get_by_role("heading", level=1)).to_have_text("The review moved or was decided meanwhile")
    assert (await status(brand, review), await brand.data("/api/merges")) == ("pending", [])
    await look.page.get_by_role("link", name="Look at it again").click()
    await expect(look.page.locator("#outlook")).to_contain_text("5 profiles become one")
    look.complaints.clear()  # the browser itself tells of the 409


@pytest.mark.parametrize("look", ["plain"], indirect=True)
async def test_a_review_is_decided_without_javascript_too(look: Look, brand: Brand) -> None:
    review, _ = await waiting(brand)
    await look.page.goto(path(brand, "reviews", review))
    for button in await look.page.locator("button[type=button]").all():  # they do nothing by themselves
        await expect(button).to_be_hidden()
    await look.page.get_by_label("Keep Anna").uncheck()
    await look.page.get_by_role("button", name="Show what would become of those kept").click()
    await expect(look.page.locator("#outlook")).to_contain_text("3 profiles become one")
    await look.page.get_by_role("button", name="Approve").click()
    await expect(look.page.get_by_text("Merged.")).to_be_visible()
    (merge,) = await brand.data("/api/merges")
    assert len(merge["merged_profile_ids"]) == 2


TWICE = """button => {
  let sent = 0;
  window.addEventListener("submit", (event) => { sent += event.defaultPrevented ? 0 : 1; });
  button.click();
  button.click();
  return [sent, getComputedStyle(button).cursor, document.getElementById("live").textContent];
}"""


async def test_a_double_click_sends_one_form_and_is_seen_to_wait(look: Look, brand: Brand) -> None:
    review, _ = await waiting(brand)
    await look.at(path(brand, "reviews", review))
    assert await look.page.get_by_role("button", name="Approve").evaluate(TWICE) == [
        1, "progress", "Sent; the answer is on its way.",
    ]  # fmt: skip
    await expect(look.page.get_by_text("Merged.")).to_be_visible()
    assert len(await brand.data("/api/merges")) == 1


STOPPED = """async button => {
  button.click();
  await new Promise((then) => setTimeout(then, 300));
  const was = button.form.dataset.once;
  const told = new Promise((then) => navigation.addEventListener("navigateerror", then, {once: true}));
  window.stop();
  await told;
  return [was, button.form.dataset.once, document.getElementById("live").textContent];
}"""


async def test_a_form_whose_answer_was_stopped_can_be_sent_again(look: Look, brand: Brand) -> None:
    review, _ = await waiting(brand)
    await look.at(path(brand, "reviews", review))
    await look.page.route("**/reject", lambda _: None)  # sent, and never answered
    reject = look.page.get_by_role("button", name="Reject")
    assert await reject.evaluate(STOPPED) == [
        "sent", "", "Stopped before an answer came. Look whether it was taken, or send it again.",
    ]  # fmt: skip
    await look.page.unroute("**/reject")
    await reject.click()
    await expect(look.page.get_by_text("Rejected").first).to_be_visible()
    assert await status(brand, review) == "rejected"


PROXY = "<html><title>502</title><h1>502 Bad Gateway</h1></html>"


async def test_what_nobody_answered_is_there_again_and_gone_once_it_was_answered(look: Look, brand: Brand) -> None:
    """By the way back, as after a proxy's error, and by the page that a starting service leads to in the end."""
    page, (review, _) = look.page, await waiting(brand)
    await look.at(path(brand, "reviews", review))
    note, reject = page.get_by_label("Why (for those"), page.get_by_role("button", name="Reject")

    async def away(route: Route) -> None:
        await route.fulfill(status=502, content_type="text/html", body=PROXY)

    for back in ("back", "onward"):
        await note.fill(f"they share a flat, {back}")
        await page.route("**/reject", away)
        await reject.click()
        await expect(page.get_by_role("heading", name="502")).to_be_visible()
        await page.unroute("**/reject")
        if back == "back":
            await page.go_back()
        else:
            await page.goto(path(brand, "reviews", review, "reject"))
            await page.get_by_role("link", name="Look at it again").click()
        await look.settled()
        await expect(note).to_have_value(f"they share a flat, {back}")
        await expect(page.locator("#live")).to_contain_text("What you had written is here again.")
    await page.reload()
    await expect(note).to_have_value("")
    await note.fill("they share a flat")
    await reject.click()
    await expect(page.get_by_text("Rejected").first).to_be_visible()
    assert await page.evaluate("sessionStorage.getItem('sent')") is None
    assert (await brand.data(f"/api/merge-queue/{review}"))["status"] == "rejected"
    look.complaints.clear()  # the browser itself tells of the 502 and the 404


async def test_lists_go_on_page_by_page(client: httpx.AsyncClient, brand: Brand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.console.reviews.PAGE", 1)
    review, _ = await waiting(brand)
    ids = [(await brand.see(email=f"{name}@y.org"))["profile_id"] for name in "abcd"]
    newer = (await brand.post("/api/merges", {"profile_ids": ids}))["data"]["review_id"]
    first = (await client.get(path(brand, "reviews"))).text
    assert (newer in first, review in first) == (True, False)
    (older,) = re.findall(r'href="([^"]+)">Older<', first)
    second = (await client.get(older.replace("&amp;", "&"))).text
    assert (newer in second, review in second, ">Older<" in second) == (False, True, False)
    assert "No review is here." in (await client.get(path(brand, "reviews?status=merged"))).text


async def test_of_many_values_those_that_others_have_too_are_seen_and_the_rest_is_folded(
    client: httpx.AsyncClient, brand: Brand
) -> None:
    ids = [(await brand.see(email=f"{name}@x.org", cookie=f"{name}-0"))["profile_id"] for name in ("ann", "bob")]
    await brand.post(
        "/api/events", [{"type": "seen", "identifiers": {"email": "ann@x.org", "cookie": f"c-{n}"}} for n in range(11)]
    )
    merge = (await brand.post("/api/merges", {"profile_ids": ids}))["data"]["merge_id"]
    page = await client.get(path(brand, "merges", merge))
    cells = re.findall(r"<td[^>]*>(.*?)</td>", page.text[page.text.index(">cookie<") :], re.DOTALL)
    assert [words(cell).startswith(first) for cell, first in zip(cells[:3], ("ann-0", "bob-0", "ann-0"), strict=True)] == [
        True
    ] * 3
    assert [re.findall(r"<summary>(.*?)</summary>", cell) for cell in cells[:3]] == [["4 more"], [], ["5 more"]]


async def test_one_alone_is_nothing_to_approve(client: httpx.AsyncClient, brand: Brand) -> None:
    review, ids = await waiting(brand)
    for kept, refused in ((ids[:1], True), (ids[:2], False)):
        shown = await client.get(path(brand, "reviews", review), params={"chosen": "true", "keep": kept})
        assert (shown.status_code, "Keep at least two to approve." in shown.text) == (200, refused)


async def test_of_two_forms_at_once_one_applies(client: httpx.AsyncClient, brand: Brand) -> None:
    review, ids = await waiting(brand)
    form = {"version": "1", "keep": ids}
    answers = await asyncio.gather(
        *(client.post(path(brand, "reviews", review, "approve"), data=form, headers=FORM) for _ in range(2))
    )
    assert sorted(one.status_code for one in answers) == [303, 409]
    assert (await client.get(path(brand, "reviews", review).replace(brand.brand_id, "another"))).status_code == 404
    (stale,) = (one for one in answers if one.status_code == 409)
    assert "The review moved or was decided meanwhile" in stale.text
    assert len(await brand.data("/api/merges")) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "http://["},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {},
    ],
)
async def test_a_form_of_another_site_changes_nothing(client: httpx.AsyncClient, brand: Brand, headers: dict[str, str]) -> None:
    answered = await client.post(path(brand, "reviews", "r", "reject"), data={"version": "1"}, headers=headers)
    assert (answered.status_code, "did not come from the console" in answered.text) == (403, True)


async def test_a_form_that_says_nothing_is_refused(client: httpx.AsyncClient, brand: Brand) -> None:
    where = path(brand, "reviews", "r", "approve")
    origin = {"origin": f"{client.base_url.scheme}://{client.base_url.netloc.decode()}"}
    answers = [
        await client.post(where, data={"version": "one"}, headers=origin),
        await client.post(where, json={"version": 1}, headers=origin),
        await client.post(where, content="version=%ff", headers={**origin, "content-type": "application/x-www-form-urlencoded"}),
        await client.post(where, data={"version": "1", "note": "x" * 70_000}, headers=origin),
    ]
    assert [one.status_code for one in answers] == [400, 400, 400, 413]
    longer = await client.post(where, data={"version": "1", "note": "x" * 2_001}, headers=origin)
    assert (longer.status_code, "2001 characters are more than 2000" in longer.text) == (400, True)


async def test_of_two_tabs_that_undo_or_redo_the_second_is_told_how_it_stands(client: httpx.AsyncClient, brand: Brand) -> None:
    review, _ = await waiting(brand)
    await brand.post(f"/api/merge-queue/{review}/approve", {})
    (merge,) = await brand.data("/api/merges")
    for form, said in (("undo", "is undone already"), ("redo", "stands: its undo was taken back already")):
        there = path(brand, "merges", merge["merge_id"], form)
        first, second = [await client.post(there, data={"note": "mine"}, headers=FORM) for _ in range(2)]
        assert (first.status_code, second.status_code) == (303, 409)
        assert said in second.text
        assert "What you had written note mine Look at it again" in words(second.text)


async def test_an_undo_says_what_comes_apart_and_takes_it_apart(look: Look, brand: Brand) -> None:
    review, ids = await waiting(brand)
    await brand.post(f"/api/merge-queue/{review}/approve", {})
    await look.at(path(brand, "merges"))
    await look.page.locator("ol.people").get_by_role("link").click()
    await expect(look.page.locator("table.compare")).to_contain_text("After")
    await look.page.get_by_role("link", name="See what comes apart").click()
    await expect(look.page.locator("#undo")).to_contain_text("Anna, Bert, Cleo will be people again, beside Dora")
    await look.page.keyboard.press("Tab")  # from where the link was that is gone
    await expect(look.page.get_by_label("Why")).to_be_focused()
    assert len((await brand.data(f"/api/profiles/{ids[3]}"))["merged_profile_ids"]) == 3
    await look.page.get_by_label("Your name").fill("Kim")
    await look.page.get_by_role("button", name="Undo this merge").click()
    await expect(look.page.get_by_role("status").filter(has_text="Undone")).to_be_visible()
    assert (await brand.data(f"/api/profiles/{ids[0]}"))["merged_profile_ids"] == []
    (judged,) = await brand.cypher("MATCH (j:Judgement {brand_id: $brand, reason: 'undo'}) RETURN j.decided_by AS by")
    assert judged["by"] == "Kim"
    await look.page.get_by_label("Why").fill("they are")
    await look.page.get_by_role("button", name="Take the undo back").click()
    await expect(look.page.get_by_role("link", name="See what comes apart")).to_be_visible()
    assert len((await brand.data(f"/api/profiles/{ids[3]}"))["merged_profile_ids"]) == 3
