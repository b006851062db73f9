"""How the identity graph is doing, after people, hubs, merges, undos and reviews."""

from datetime import UTC, datetime

from app.graph.health import DAYS
from tests.api.brand import Brand
from tests.api.test_queue import conflict

PHONE = "+442071234567"


async def test_a_brand_nobody_has_seen_has_empty_figures(brand: Brand) -> None:
    said = await brand.data("/api/graph/health")
    assert said["components"] == {"by_size": [], "largest": []}
    assert said["identifiers"] == {"by_type": {}, "shared": [], "near_limit": []}
    assert [len(said[name]) for name in ("merges_per_day", "undos_per_day")] == [DAYS, DAYS]
    assert sum(one["count"] for one in said["merges_per_day"] + said["undos_per_day"]) == 0
    assert said["reviews"] == {
        "pending_by_age": {"under_1_day": 0, "1_to_7_days": 0, "7_to_30_days": 0, "over_30_days": 0},
        "oldest_created_at": None,
    }
    assert said["conflicts"] == []


async def test_people_by_size_and_the_largest(brand: Brand, stranger: Brand) -> None:
    await brand.bring(identifiers={"email": "imported@x.org"})
    for name, times in (("a", 1), ("b", 2), ("c", 3), ("d", 9)):
        for _ in range(times):
            last = await brand.see(email=f"{name}@x.org")
    said = (await brand.data("/api/graph/health"))["components"]
    assert [(one["events_from"], one["events_to"], one["profiles"]) for one in said["by_size"]] == [
        (0, 0, 1), (1, 1, 1), (2, 3, 2), (8, 15, 1),
    ]  # fmt: skip
    assert not any(one["at_least"] for one in said["by_size"])
    assert [one["events"] for one in said["largest"]] == [9, 3, 2, 1, 0]
    assert said["largest"][0] == {
        "profile_id": last["profile_id"], "events": 9, "identifiers": 1, "absorbed": 0, "reviews": [],
    }  # fmt: skip
    assert (await stranger.data("/api/graph/health"))["components"]["by_size"] == []


async def test_what_links_too_many_and_what_soon_will(brand: Brand) -> None:
    for number in range(7):
        await brand.see(loyalty_id=f"l-{number}", cookie="kiosk")
    for number in range(5):
        await brand.see(loyalty_id=f"k-{number}", cookie="family")
    for number in range(9):
        await brand.see(loyalty_id=f"c-{number}", phone=PHONE)
    said = await brand.data("/api/graph/health")
    identifiers = said["identifiers"]
    assert identifiers["shared"] == [{"type": "cookie", "value": "kiosk", "fan_out": 7, "limit": 5, "status": "shared"}]
    assert [(one["value"], one["fan_out"], one["limit"]) for one in identifiers["near_limit"]] == [
        ("family", 5, 5), (PHONE[1:], 9, 10),
    ]  # fmt: skip
    assert identifiers["by_type"]["cookie"] == {
        "limit": 5,
        "shared": 1,
        "by_fan_out": [{"fan_out": 5, "identifiers": 1}, {"fan_out": 7, "identifiers": 1}],
    }
    assert said["sampled"]["all_identifiers"] is True


async def test_merges_undos_reviews_and_conflicts_of_today(brand: Brand) -> None:
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    for name in "ab":
        made = [(await brand.see(email=f"{name}{side}@x.org"))["profile_id"] for side in "12"]
        told = await brand.post("/api/merges", {"profile_ids": made})
    await brand.post(f"/api/merges/{told['data']['merge_id']}/undo", {})
    review_id, members = await conflict(brand, "a")
    said = await brand.data("/api/graph/health")
    assert said["merges_per_day"][-1] == {"day": today, "count": 2}
    assert said["undos_per_day"][-1] == {"day": today, "count": 1}
    assert said["reviews"]["pending_by_age"] == {"under_1_day": 1, "1_to_7_days": 0, "7_to_30_days": 0, "over_30_days": 0}
    assert said["reviews"]["oldest_created_at"] == (await brand.data(f"/api/merge-queue/{review_id}"))["created_at"]
    assert said["conflicts"] == [{"rule": "over_the_limit", "links": 1, "reviews": 1}]
    waiting = {one["profile_id"] for one in said["components"]["largest"] if review_id in one["reviews"]}
    assert waiting == set(members)


async def test_old_reviews_are_told_by_their_age(brand: Brand) -> None:
    for name, days in (("a", 2), ("b", 10), ("c", 400)):
        review_id, _ = await conflict(brand, name)
        await brand.cypher(
            "MATCH (r:MergeReview {key: $key}) SET r.created_at = datetime() - duration({days: $days})",
            key=f"{brand.brand_id}|{review_id}",
            days=days,
        )
    ages = (await brand.data("/api/graph/health"))["reviews"]["pending_by_age"]
    assert ages == {"under_1_day": 0, "1_to_7_days": 1, "7_to_30_days": 1, "over_30_days": 1}
