"""Search over names and identifiers, through HTTP and the graph's full-text index."""

import asyncio
from typing import Any

import pytest

from app.graph.people import FRESH_MS
from tests.api.brand import WHATSAPP, Brand


async def person(brand: Brand, first: str, last: str, **held: Any) -> str:
    told = await brand.post(
        "/api/events",
        {"type": "identify", "identifiers": held, "properties": {}, "attributes": {"first_name": first, "last_name": last}},
    )
    return str(told["data"]["events"][0]["profile_id"])


async def found(brand: Brand, text: str, **more: Any) -> list[str]:
    return [one["profile_id"] for one in await brand.data("/api/profiles", q=text, **more)]


@pytest.mark.parametrize(
    "text",
    ["Sarah", "sarah johnson", "JOHNSON", "joh", "johnson sar", "jonson", "johnsno", "sarha", "Sára", "sarah.johnson@email.com",
     "sarah.j", "sarah@email", "email.com", "sarah.jonson@email.com", "loy-7", "LOY-789456", "loy789", "789456", "+1-555-0123",
     "555-0123", "15550123", "+1 (555) 01", "1555", "001 555 0123"],
)  # fmt: skip
async def test_what_a_person_is_found_by(brand: Brand, text: str) -> None:
    sarah = await person(brand, "Sarah", "Johnson", email="sarah.johnson@email.com", phone="+1-555-0123", loyalty_id="LOY-789456")
    await person(brand, "Tim", "Becker", email="tim@shop.org", phone="+442071234567", loyalty_id="LAY-123")
    assert await found(brand, text) == [sarah]


@pytest.mark.parametrize("text", ["山田花子", "山田花", "花子山田", "山田 花子", "山"])
async def test_a_name_is_found_as_its_script_writes_it(brand: Brand, text: str) -> None:
    hanako = await person(brand, "花子", "山田", email="hanako@example.jp")
    await person(brand, "太郎", "田中", email="taro@example.jp")
    assert await found(brand, text) == [hanako]


async def test_hangul_is_found_as_well(brand: Brand) -> None:
    minsu = await person(brand, "민수", "김", email="minsu@example.kr")
    assert await found(brand, "김민수") == [minsu]


@pytest.mark.parametrize(
    "text",
    ["sarahxyz johnson", "jnsn", "srh", "sarah tim", "zz", "loy-8", "555-9", "sarah AND", "brand", "*", "a?", "s*h",
     "/.*/", "search:sarah~", "[a TO z]", "{", "\\", '"sarah tim"', "sarah OR tim", "NOT tim", "-tim", "&& ||", "x" * 512],
)  # fmt: skip
async def test_what_nobody_is_found_by_and_no_syntax_gets_through(brand: Brand, text: str) -> None:
    await person(brand, "Sarah", "Johnson", email="sarah.johnson@email.com", phone="+1-555-0123", loyalty_id="LOY-789456")
    assert await found(brand, text) == []


async def test_the_best_come_first(brand: Brand) -> None:
    typo = await person(brand, "Bob", "Jonson", user_id="u-1")
    begun = await person(brand, "Bob", "Johnsonville", user_id="u-2")
    exact = await person(brand, "Bob", "Johnson", user_id="u-3")
    assert await found(brand, "johnson") == [exact, begun, typo]
    assert [one["profile_id"] for one in await brand.pages("/api/profiles", q="johnson", limit=1)] == [exact, begun, typo]


async def test_who_is_stored_is_found_at_once_and_who_is_renamed_by_the_new_name(brand: Brand) -> None:
    for number in range(20):
        made = await person(brand, f"Name{number}", "Same", user_id=f"u-{number}")
        assert await found(brand, f"name{number}x"[:-1]) == [made]
    await person(brand, "Renamed", "Same", user_id="u-7")
    assert await found(brand, "name7") == []
    assert len(await found(brand, "renamed")) == 1


async def test_the_index_answers_later_as_the_search_did_at_once(brand: Brand) -> None:
    names = [("Sarah", "Johnson"), ("Sara", "Johnsen"), ("Johnson", "Sarah"), ("Hanna", "O'Neil"), ("Ana-Maria", "Johns")]
    for number, (first, last) in enumerate(names):
        await person(
            brand, first, last, user_id=f"U-{number}0", email=f"{first}.{number}@shop.org".lower(), phone=f"+1555012{number}"
        )
    asked = ["johnson", "jonson", "sara", "sarah", "sarha johnson", "oneil", "o'neil", "ana-maria", "anamaria", "maria joh",
             "shop.org", "sarah.0@shop", "u-20", "555012", "1 555 0123", "+1 555 0121", "hana", "srah"]  # fmt: skip
    at_once = {text: await found(brand, text) for text in asked}
    await asyncio.sleep((FRESH_MS + 1_500) / 1000)
    assert {text: await found(brand, text) for text in asked} == at_once
    assert [text for text in asked if not at_once[text]] == []


async def test_an_absorbed_profile_is_found_through_the_survivor_only(brand: Brand) -> None:
    one = await person(brand, "Ann", "Archer", email="ann@x.org")
    other = await person(brand, "Anna", "Baker", phone="+442071234567")
    await brand.see(email="ann@x.org", phone="+442071234567")
    assert await found(brand, "+44 20 7123 4567") == await found(brand, "ann@x.org") == [one]
    assert await found(brand, other) == [one]


async def test_a_brand_finds_its_own_only(brand: Brand, stranger: Brand) -> None:
    ours = await person(brand, "Sarah", "Johnson", email="s@x.org")
    theirs = await person(stranger, "Sarah", "Jonson", email="s@x.org")
    for text in ("sarah", "s@x", "johnson", "sar"):
        assert await found(brand, text) == [ours]
        assert await found(stranger, text) == [theirs]


async def test_filters_hold_beside_a_search(brand: Brand) -> None:
    made = [await person(brand, "Sarah", f"N{n}", email=f"s{n}@x.org") for n in range(3)]
    assert await found(brand, "sarah", email="s1@x.org") == [made[1]]
    assert await found(brand, "sarah", email="nobody@x.org") == []


async def test_pages_stay_right_while_people_arrive(brand: Brand) -> None:
    made = {await person(brand, "Sarah", f"N{n}", user_id=f"u-{n}") for n in range(9)}
    response = (await brand.get("/api/profiles", q="sarah", limit=4)).json()
    seen = [one["profile_id"] for one in response["data"]]
    await asyncio.gather(*(person(brand, "Sarah", f"Later{n}", user_id=f"l-{n}") for n in range(5)))
    while response["next"]:
        response = (await brand.get("/api/profiles", q="sarah", limit=4, cursor=response["next"])).json()
        seen += [one["profile_id"] for one in response["data"]]
    assert len(seen) == len(set(seen))
    assert made <= set(seen)


async def test_anonymous_identifiers_are_still_found_by_how_they_begin(brand: Brand) -> None:
    told = [await brand.see(cookie=f"cookie-abc{n}") for n in range(3)]
    listed = [one["profile_id"] for one in await brand.pages("/api/profiles", q="cookie-a", limit=1)]
    assert listed == [one["profile_id"] for one in told]


async def test_a_number_as_it_is_written_at_home(brand: Brand) -> None:
    await brand.post("/api/integrations/twilio/webhook", WHATSAPP)
    made = await person(brand, "Tim", "Home", phone="+44 7700 900456")
    for text in ("07700 900456", "07700 900", "0044 7700", "+44 7700-900"):
        assert await found(brand, text) == [made]


async def test_a_cursor_of_another_list_is_refused(brand: Brand) -> None:
    await person(brand, "Sarah", "A", user_id="u-1")
    await person(brand, "Sarah", "B", user_id="u-2")
    cursor = (await brand.get("/api/profiles", q="sarah", limit=1)).json()["next"]
    assert (await brand.get("/api/profiles", cursor=cursor)).status_code == 400
    assert (await brand.get("/api/merges", cursor=cursor)).status_code == 400
    for bad in ("garbage", "WyJwcm9maWxlcyIsIiJd", "W10"):
        assert (await brand.get("/api/profiles", q="sarah", cursor=bad)).status_code == 400
