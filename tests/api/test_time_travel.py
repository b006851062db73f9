"""Time travel over HTTP: today seen through it is today, and a moment is what a brand told only so much would show."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest

from app.api.past import Then
from app.domain.past import Moments, Past
from app.domain.rules import Rules
from app.graph.driver import Graph
from app.graph.past_graph import surroundings_then
from app.graph.past_views import three_sixty_then
from app.graph.rows import Row
from app.graph.rulebook import RuleBook
from tests.api.brand import Brand
from tests.api.test_merges import PHONE, two_people_who_are_one
from tests.api.test_rules import done, draft, one_of_two_mails

LAST = "9999-12-31T23:59:59Z"
LATEST = datetime(9999, 12, 31, tzinfo=UTC)
MAIL = "a@x.org"
VIEWS = ("", "/360", "/graph?depth=1", "/graph?depth=4&limit=1000")


async def ids_of(brand: Brand) -> list[str]:
    return sorted(row["id"] for row in await brand.cypher("MATCH (p:ProfileId {brand_id: $brand}) RETURN p.profile_id AS id"))


async def assert_now_is_today(brand: Brand) -> None:
    """Of every id ever issued, every view: the same answer, word by word."""
    for profile_id in await ids_of(brand):
        for view in VIEWS:
            path = f"/api/profiles/{profile_id}{view}"
            also = "&" if "?" in path else "?"
            today = await brand.get(path)
            then = await brand.get(f"{path}{also}as_of={LAST}&known_at={LAST}")
            assert then.status_code == today.status_code, (path, then.text)
            if today.status_code == 200:
                assert then.json() == today.json(), path


async def test_now_is_today_after_the_first_scenario(brand: Brand) -> None:
    await brand.omnichannel()
    await assert_now_is_today(brand)


async def test_now_is_today_after_a_merge_its_undo_and_the_undo_of_that(brand: Brand) -> None:
    _, _, merge_id = await two_people_who_are_one(brand)
    await brand.see(did="purchase", properties={"total": 5, "currency": "EUR", "name": "Ann"}, email=MAIL)
    await brand.bring(profile_id="imported", identifiers={"email": MAIL}, lifetime_value=3, total_orders=1)
    await assert_now_is_today(brand)
    await brand.post(f"/api/merges/{merge_id}/undo", {})
    await brand.see(email=MAIL, phone=PHONE)
    await assert_now_is_today(brand)
    await brand.post(f"/api/merges/{merge_id}/redo", {})
    await assert_now_is_today(brand)


async def test_now_is_today_when_a_hub_has_healed(brand: Brand) -> None:
    for number in range(2):
        await brand.see(email=f"p{number}@x.org")
    for number in range(7):
        await brand.see(cookie="kiosk", email=f"p{number}@x.org")
    await brand.see(email="noreply@shop.com", user_id="u-1")
    await assert_now_is_today(brand)


async def test_now_is_today_with_a_review_pending(brand: Brand) -> None:
    await brand.see(loyalty_id="L1", email=MAIL)
    await brand.see(loyalty_id="L2", phone=PHONE)
    told = await brand.see(loyalty_id="L1", phone=PHONE)
    assert told["outcome"] == "review"
    await assert_now_is_today(brand)


async def test_now_is_today_of_what_was_learnt(brand: Brand) -> None:
    sarah = await brand.omnichannel()
    for day in ("18", "20"):
        await brand.post("/api/jobs/predictions/run", {"as_of": f"2024-01-{day}T10:00:00Z"})
    today = await brand.data(f"/api/profiles/{sarah}/360")
    assert await brand.data(f"/api/profiles/{sarah}/360?known_at={LAST}") == today
    before = await brand.data(f"/api/profiles/{sarah}/360?as_of=2024-01-19T00:00:00Z")
    assert today["predictions"]["as_of"] == "2024-01-20T10:00:00Z"
    assert before["predictions"]["as_of"] == before["journey"]["as_of"] == "2024-01-18T10:00:00Z"
    assert before["journey"]["previous_stage"] is None
    known = await brand.data(f"/api/profiles/{sarah}/360?known_at={before['predictions']['scored_at']}")
    assert known["predictions"] == before["predictions"]
    assert known["features"] is None, "features keep no history"


async def test_a_kiosk_linked_people_until_it_was_known_for_one(brand: Brand) -> None:
    """Those whom it had joined are looked for through it, though it links nobody today."""
    first = await brand.post("/api/events", met(0))
    for number in range(1, 7):
        await brand.post("/api/events", met(number))
    profile_id = first["data"]["events"][0]["profile_id"]
    today = await brand.data(f"/api/profiles/{profile_id}")
    assert today["identifiers"] == {"email": "p0@x.org"}
    before = await brand.data(f"/api/profiles/{profile_id}/360?as_of=2024-01-03T00:00:00Z")
    assert before["profile"]["identifiers"] == {"email": "p2@x.org", "cookie": "kiosk"}
    assert before["events_total"] == 3
    drawn = await brand.data(f"/api/profiles/{profile_id}/graph?as_of=2024-01-03T00:00:00Z&depth=1")
    assert sum(edge["type"] == "HAS_IDENTIFIER" for edge in drawn["edges"]) == 4


def met(number: int) -> dict[str, Any]:
    who = {"cookie": "kiosk", "email": f"p{number}@x.org"}
    return {"type": "page_view", "identifiers": who, "occurred_at": f"2024-01-0{number + 1}T00:00:00Z"}


async def test_what_an_admin_declared_since_was_not_known_then(brand: Brand) -> None:
    for number in range(2):
        told = await brand.see(phone=PHONE, email=f"p{number}@x.org")
    put = brand._client.put
    for said in ("shared", None, "blocked"):
        declared = await put(
            "/api/identifiers/phone/442071234567", json={"declared": said}, headers={"x-brand-id": brand.brand_id}
        )
        assert declared.status_code == 200
    (row,) = await brand.cypher(
        "MATCH (i:Identifier {brand_id: $brand, type: 'phone'}) RETURN [x IN i.declarations | toInteger(split(x, '|')[0])] AS at"
    )
    held = []
    for at in (row["at"][0] - 1, *row["at"]):
        known = f"{at / 1000:.3f}"  # seconds since 1970 are a time with a zone as well
        shown = await brand.data(f"/api/profiles/{told['profile_id']}?known_at={known}")
        held.append(sorted(shown["identifiers"]))
    assert held == [["email", "phone"], ["email"], ["email", "phone"], ["email"]]


async def test_rules_put_in_force_since_were_not_known_then(brand: Brand) -> None:
    await one_of_two_mails(brand)
    (today,) = await brand.data("/api/profiles")
    known = f"/api/profiles/{today['profile_id']}?known_at={today['created_at']}"
    path = f"/api/profiles/{today['profile_id']}?known_at={await last_heard(brand)}"
    assert await brand.data(path) == today
    await done(brand, await draft(brand, limits={"email": 1}), "promote")
    assert len(await brand.data("/api/profiles")) == 2
    assert await brand.data(path) == today
    assert len((await brand.data(known))["all_identifiers"]) == 2, "when only the first event was known"
    await assert_now_is_today(brand)


async def test_a_moment_without_a_zone_is_utc(brand: Brand) -> None:
    """As the times of events are: one API, one way to write a time."""
    for day, mail in ((1, "ann@example.org"), (2, "ann@example.com")):
        event = {"type": "signup", "identifiers": {"user_id": "ann", "email": mail}, "occurred_at": f"2024-01-0{day}"}
        (told,) = (await brand.post("/api/events", event))["data"]["events"]
    path = f"/api/profiles/{told['profile_id']}"
    for moment in (
        "2024-01-01",
        "2024-01-01 12:00",
        "2024-01-01T23:59:59.9",
        "2024-01-02T00:30:00+01:00",
        "2024-01-02T00:30 0100",
    ):
        assert len((await brand.data(f"{path}?as_of={moment}"))["all_identifiers"]) == 2, moment
    assert len((await brand.data(f"{path}?as_of=2024-01-02"))["all_identifiers"]) == 3


async def last_heard(brand: Brand) -> str:
    (row,) = await brand.cypher("MATCH (e:Event {brand_id: $brand}) RETURN toString(max(e.received_at)) AS at")
    return str(row["at"])


@pytest.mark.parametrize("view", ["", "/360", "/graph"])
async def test_who_was_not_there_yet_is_not_found_and_says_from_when(brand: Brand, stranger: Brand, view: str) -> None:
    body = {"type": "login", "identifiers": {"email": MAIL}, "occurred_at": "2024-02-01T12:00:00Z"}
    told = (await brand.post("/api/events", body))["data"]["events"][0]
    path = f"/api/profiles/{told['profile_id']}{view}"
    for moment, says in (
        ("as_of=2024-01-01T00:00:00Z", "as_of=2024-02-01T12:00:00Z on"),
        ("as_of=2024-01-01T01:00:00+01:00", "no event by as_of=2024-01-01T00:00:00Z names"),
        ("known_at=2024-02-02T00:00:00Z", "known_at=20"),
    ):
        answer = await brand.get(f"{path}?{moment}")
        assert answer.status_code == 404
        assert says in answer.json()["detail"], answer.text
    assert (await brand.get(f"{path}?as_of=2024-02-01T12:00:00Z")).status_code == 200
    assert (await brand.get("/api/profiles/nobody?as_of=2024-01-01T00:00:00Z")).status_code == 404
    assert (await stranger.get(f"{path}?as_of=2024-03-01T00:00:00Z")).status_code == 404


@pytest.mark.parametrize(
    "moment",
    [
        "as_of=yesterday",
        "as_of=2024-02-30",
        "known_at=2024-01-01T00:00:00Europe",
        "as_of=",
        "known_at=0x1",
        "as_of=0001-01-01T00:00:00%2B14:00",
    ],
)
async def test_what_is_no_time_is_refused(brand: Brand, moment: str) -> None:
    answer = await brand.get(f"/api/profiles/x?{moment}")
    assert answer.status_code == 422
    assert moment.partition("=")[0] in answer.json()["detail"]


async def test_too_many_events_are_refused_not_cut_short(brand: Brand, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        told = await brand.see(email=MAIL)
    monkeypatch.setattr("app.graph.region.look_at_region.__defaults__", (2,))
    answer = await brand.get(f"/api/profiles/{told['profile_id']}?as_of={LAST}")
    assert answer.status_code == 409
    assert "more than 2 events" in answer.json()["detail"]


async def test_what_was_shown_at_a_moment_is_shown_of_it_however_often_its_merges_were_undone_since(brand: Brand) -> None:
    """An undo that was taken back and made again had only its last time, and snapshots were those of whoever wrote them last."""
    first, second, merge_id = await two_people_who_are_one(brand)
    shown: list[tuple[str, str, Any]] = []

    async def look() -> None:
        at = datetime.now(UTC).isoformat()
        shown.extend([(at, path, await brand.data(path)) for path in paths])

    paths = [f"/api/profiles/{one}{view}" for one in (first, second) for view in ("", "/360", "/graph?depth=2")]
    await look()
    for what in ("undo", "redo", "undo", "redo"):
        await brand.post(f"/api/merges/{merge_id}/{what}", {})
        await look()
        await brand.see(did="purchase", properties={"total": 5, "currency": "EUR"}, email=MAIL)
    await brand.post(f"/api/merges/{merge_id}/undo", {})
    await brand.see(email=MAIL, phone=PHONE)
    for at, path, then in shown:
        found = await brand.get(path, known_at=at) if "?" not in path else await brand.get(f"{path}&known_at={quote(at)}")
        assert found.json().get("data") == then, (at, path)


@pytest.mark.parametrize("view", ["360", "graph"])
async def test_who_is_erased_between_the_reads_of_a_past_is_read_again(brand: Brand, graph: Graph, view: str) -> None:
    profile_id = (await brand.see(email=MAIL))["profile_id"]
    times = 0

    async def erased_meanwhile(past: Past) -> Row:
        nonlocal times
        times += 1
        await brand.post("/api/erasures", {"type": "email", "value": MAIL})
        if view == "360":
            return await three_sixty_then(graph, past, profile_id, "USD", 10)
        return await surroundings_then(graph, past, "USD", 4, 10)

    then = Then(graph, RuleBook(Rules()), brand.brand_id, profile_id, Moments(LATEST, None))
    assert await then.seen(erased_meanwhile) is None, "as of an id that leads to nobody"
    assert times == 1
