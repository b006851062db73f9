"""Laws of the semantics over HTTP, over random histories. (tests/resolve: the same over the core; tests/graph: over the graph;
tests/faults/test_two_processes.py: L1, L2, L3, L7 and L8.)"""

import random
from typing import Any

import httpx
import pytest

from tests.api.brand import Brand
from tests.api.test_identifiers import put
from tests.api.test_undo import undo

KEYS = {"e": "email", "p": "phone", "l": "loyalty_id", "c": "cookie"}
SEEDS = range(3)
LENGTH = 24


def value(atom: str) -> str:
    kind, n = atom[0], atom[1:]
    return {"e": f"p{n}@mail.org", "p": f"+1415555300{n}", "l": f"L-{n}", "c": f"cookie-{n}"}[kind]


def history(seed: int) -> list[dict[str, Any]]:
    """Purchases, views, carts, visits and words of consent of a few people, most of whom turn out to be one."""
    chance = random.Random(seed)
    atoms = [kind + n for kind in KEYS for n in "012"]
    return [_event(chance, n, chance.sample(atoms, chance.choice((1, 1, 2)))) for n in range(LENGTH)]


def _event(chance: random.Random, n: int, carried: list[str]) -> dict[str, Any]:
    properties: dict[str, dict[str, Any]] = {
        "purchase": {"order_id": f"o{n}", "total": 10 + n, "currency": "USD", "first_name": f"Name {n}"},
        "product_view": {"product_id": f"prod-{n % 3}", "product_name": "Boots"},
        "cart_add": {"product_id": f"prod-{n % 3}", "product_name": "Boots", "price": 20},
        "store_visit": {"store_id": f"store-{n % 2}", "check_in_at": f"2024-03-{n + 1:02}T10:00:00Z"},
        "page_view": {"url": f"https://shop.example/{n % 3}"},
    }
    kind = chance.choice(sorted(properties))
    said = {"attributes": {"email_consent": chance.choice(("yes", "no"))}} if kind == "page_view" else {}
    return {
        "type": kind,
        "occurred_at": f"2024-03-{n + 1:02}T10:00:00Z",
        "identifiers": {KEYS[atom[0]]: value(atom) for atom in carried},
        "properties": properties[kind],
        "idempotency_key": str(n),
        **said,
    }


async def take(brand: Brand, event: dict[str, Any]) -> dict[str, Any]:
    (told,) = (await brand.post("/api/events", event))["data"]["events"]
    return dict(told)


async def holders(brand: Brand, event: dict[str, Any]) -> list[str]:
    """Who holds what an event carries."""
    found = [await brand.data("/api/profiles", **{name: held}) for name, held in event["identifiers"].items()]
    return sorted({one["profile_id"] for people in found for one in people})


async def seen(brand: Brand) -> list[Any]:
    """All people and all open reviews, without ids and moments of arrival, which differ from brand to brand."""
    people = [await brand.data(f"/api/profiles/{one['profile_id']}/360") for one in await brand.pages("/api/profiles")]
    waiting = [
        sorted(_named(one) for one in review["profiles"]) for review in await brand.pages("/api/merge-queue", status="pending")
    ]
    return [sorted(map(_person, people), key=lambda one: str(one["identifiers"])), sorted(waiting)]


def _named(profile: dict[str, Any]) -> list[tuple[str, str]]:
    return sorted((one["type"], one["value"]) for one in profile["all_identifiers"])


def _person(whole: dict[str, Any]) -> dict[str, Any]:
    profile = whole["profile"]
    kept = ("profile_strength", "lifetime_values", "total_orders", "first_seen", "last_seen", "attributes")
    return {
        "identifiers": _named(profile),
        **{name: profile[name] for name in kept},
        "events": sorted((one["occurred_at"], one["type"], one["order_id"] or "") for one in whole["events"]),
        "orders": sorted((one["order_id"], one["total"]) for one in whole["orders"]),
        "visits": sorted((one["store_id"], one["check_in_at"]) for one in whole["store_visits"]),
        "intents": sorted((one["product_id"], one["shown_at"], one["status"]) for one in whole["product_intents"]),
    }


@pytest.mark.parametrize("seed", SEEDS)
async def test_l4_l5_an_undo_is_the_pair_forbidden_from_the_beginning_and_can_be_taken_back(
    brand: Brand, stranger: Brand, seed: int
) -> None:
    events, merged = history(seed), None
    for n, event in enumerate(events):
        told = await take(brand, event)
        if merged is None and told["outcome"] == "merged":
            merged = n, str(told["merge_id"])
    assert merged is not None, "a history without a merge shows nothing"
    at, merge_id = merged
    joined = await seen(brand)

    for event in events[:at]:
        await take(stranger, event)
    asked = {"profile_ids": await holders(stranger, events[at])}
    said = (await stranger.post("/api/merges", asked))["data"]
    assert said["outcome"] == "merged", str((events[at]["identifiers"], asked, await seen(stranger)))
    forbidden = said["merge_id"]
    await undo(stranger, forbidden)
    for event in events[at:]:
        assert (await take(stranger, event))["merge_id"] != forbidden

    await undo(brand, merge_id)
    apart = await seen(brand)
    assert apart == await seen(stranger)
    assert apart != joined
    await undo(brand, merge_id, "redo")
    assert await seen(brand) == joined


def at_a_kiosk(seed: int) -> list[dict[str, Any]]:
    """Eight people of whom some are two at first, at each other's shop and at a kiosk that all of them use."""
    chance = random.Random(seed)
    carried = (
        [[f"e{n}", "c9"] for n in range(8)] + [[f"e{n}", f"c{n}"] for n in range(8)] + [[f"p{n}", f"e{n}"] for n in range(4)]
    )
    carried += [[f"c{n}", f"p{n}"] for n in range(4)] + [["c9"], ["c9", "p1"], [f"e{chance.randrange(8)}", "c9", f"l{seed}"]]
    chance.shuffle(carried)
    return [_event(chance, n, atoms) for n, atoms in enumerate(carried)]


@pytest.mark.parametrize("seed", SEEDS)
async def test_l6_a_crossing_is_the_history_in_which_the_hub_never_linked(
    client: httpx.AsyncClient, brand: Brand, stranger: Brand, seed: int
) -> None:
    kiosk = f"cookie/{value('c9')}"
    assert (await put(client, stranger, kiosk, {"declared": "shared"})).status_code == 200
    for event in at_a_kiosk(seed):
        await take(brand, event)
        await take(stranger, event)
    assert (await brand.data(f"/api/identifiers/{kiosk}"))["status"] == "shared"
    assert await seen(brand) == await seen(stranger)
