"""Why ids are, or are not, one person: through HTTP, after real merges and decisions."""

from functools import partial
from typing import Any

import httpx
import pytest

from app.domain.rules import Rules
from app.domain.state import entry_id
from app.graph.driver import Graph
from app.graph.evidence import evidence_of_pair
from app.graph.region import look_at_region
from app.resolve.resolve import replay
from tests.api.brand import Brand
from tests.api.test_identifiers import put
from tests.api.test_queue import conflict

PHONE = "+442071234567"


async def explain(brand: Brand, one: str, other: str) -> Any:
    return await brand.data(f"/api/profiles/{one}/explain", **{"with": other})


def ties(step: Any) -> set[tuple[str, str, str]]:
    return {(tie["type"], tie["value"], tie["held_by"]) for tie in step["ties"]}


async def test_an_automatic_merge_cites_its_event_and_what_it_carried(brand: Brand) -> None:
    first = await brand.see(email="a@x.org")
    second = await brand.see(phone=PHONE)
    both = await brand.see(email="a@x.org", phone=PHONE)
    for one, other in ((first, second), (second, first)):
        said = await explain(brand, one["profile_id"], other["profile_id"])
        assert said["one_person"] is True
        (step,) = said["steps"]
        assert step["between"] == [one["profile_id"], other["profile_id"]]
        assert (step["merge_id"], step["event"]["event_id"]) == (both["merge_id"], both["event_id"])
        assert (step["reason"], step["decided_by"], step["judgement"]) == ("identifier_match", "rules", None)
        assert ties(step) == {
            ("email", "a@x.org", first["profile_id"]),
            ("phone", PHONE[1:], second["profile_id"]),
        }
        cited = {tie["type"]: [event["event_id"] for event in tie["seen_in"]] for tie in step["ties"]}
        assert cited == {"email": [first["event_id"]], "phone": [second["event_id"]]}
        assert f"{first['profile_id']} absorbed {second['profile_id']} by merge {both['merge_id']}" in said["says"]
        assert both["merge_id"] in said["would_separate"][0]
    assert step["event"]["occurred_at"].endswith("Z")


async def test_two_who_met_through_a_third_are_explained_step_by_step(brand: Brand) -> None:
    told = [await brand.see(email=f"m{i}@x.org") for i in range(3)]
    merges = [await brand.see(email=f"m{i}@x.org", phone=PHONE) for i in range(3)]
    made = [merge["merge_id"] for merge in merges if merge["merge_id"]]
    said = await explain(brand, told[1]["profile_id"], told[2]["profile_id"])
    assert [step["merge_id"] for step in said["steps"]] == made
    assert said["steps"][0]["between"][0] == told[1]["profile_id"]
    assert said["steps"][0]["between"][1] == said["steps"][1]["between"][0]
    assert said["steps"][1]["between"][1] == told[2]["profile_id"]


async def test_people_joined_by_their_browser_are_tied_by_its_cookie(brand: Brand) -> None:
    await brand.post(
        "/api/events", [{"type": "x", "identifiers": {"cookie": "c-1"}}, {"type": "x", "identifiers": {"cookie": "c-2"}}]
    )
    both = await brand.see(cookie=["c-1", "c-2"])  # type: ignore[arg-type]
    (profile,) = await brand.data("/api/profiles")
    (gone,) = profile["merged_profile_ids"]
    (step,) = (await explain(brand, gone, profile["profile_id"]))["steps"]
    assert step["event"]["event_id"] == both["event_id"]
    assert {tie["held_by"] for tie in step["ties"]} == {gone, profile["profile_id"]}


async def test_a_merge_that_was_asked_for_says_by_whom_and_why(brand: Brand) -> None:
    made = [(await brand.see(email=f"{name}@x.org"))["profile_id"] for name in "ab"]
    told = (await brand.post("/api/merges", {"profile_ids": made, "note": "they rang us"}))["data"]
    said = await explain(brand, *made)
    (step,) = said["steps"]
    assert (step["merge_id"], step["event"], step["note"]) == (told["merge_id"], None, "they rang us")
    assert (step["judgement"]["kind"], step["judgement"]["decided_by"]) == ("same", "admin")
    assert '"they rang us"' in said["says"]


async def test_an_approved_review_says_what_was_asked_and_which_event_asked(brand: Brand) -> None:
    review_id, members = await conflict(brand, "a")
    opened = (await brand.data(f"/api/merge-queue/{review_id}"))["event_id"]
    await brand.post(f"/api/merge-queue/{review_id}/approve", {})
    (step,) = (await explain(brand, *members))["steps"]
    assert step["reason"] == "manual_review"
    assert (step["review"]["review_id"], step["review"]["rules"]) == (review_id, ["over_the_limit"])
    assert [event["event_id"] for event in step["events"]] == [opened]


async def test_people_whom_a_review_kept_apart(brand: Brand) -> None:
    review_id, members = await conflict(brand, "a")
    waiting = await explain(brand, *members)
    assert waiting["one_person"] is False
    assert [review["review_id"] for review in waiting["apart"]["reviews"]] == [review_id]
    assert waiting["apart"]["objection"]["rule"] == "over_the_limit"
    assert len(waiting["apart"]["events"]) == 1
    assert f"approving review {review_id}" in waiting["would_join"][0]
    await brand.post(f"/api/merge-queue/{review_id}/reject", {"note": "father and son"})
    said = await explain(brand, *members)
    assert said["one_person"] is False
    (judgement,) = said["apart"]["judgements"]
    assert (judgement["kind"], judgement["decided_by"], judgement["note"]) == ("distinct", "admin", "father and son")
    assert judgement["review_id"] == review_id
    assert said["apart"]["reviews"] == []
    assert said["apart"]["objection"]["rule"] == "human_said_no"
    assert "father and son" in said["says"]
    assert "no evidence overrides it" in said["would_join"][0]


async def test_people_above_the_cap_wait_and_say_so(brand: Brand) -> None:
    for number in range(5):
        await brand.bring(profile_id=f"prof-{number}", identifiers={"email": "customer@example.com"})
    told = await brand.see(email="customer@example.com")
    said = await explain(brand, "prof-0", "prof-4")
    (review,) = said["apart"]["reviews"]
    assert review["reason"] == "Auto-merge blocked: 5 profiles exceed threshold of 3"
    assert [event["event_id"] for event in said["apart"]["events"]] == [told["event_id"]]
    assert {"identifier": {"type": "email", "value": "customer@example.com", "standing": "linkable"}} in said["apart"]["nearest"]
    await brand.post(f"/api/merge-queue/{told['review_id']}/approve", {})
    steps = (await explain(brand, "prof-1", "prof-4"))["steps"]
    assert [step["between"] for step in steps] == [["prof-1", "prof-0"], ["prof-0", "prof-4"]]


async def test_strangers_have_nothing_in_common_and_are_told_what_would_join_them(brand: Brand) -> None:
    one = (await brand.see(email="a@x.org"))["profile_id"]
    other = (await brand.see(phone=PHONE))["profile_id"]
    said = await explain(brand, one, other)
    assert said["apart"] == {"judgements": [], "reviews": [], "events": [], "nearest": [], "objection": None, "guard": None}
    assert "no evidence" in said["says"]
    assert any("email:a@x.org" in way and f"phone:{PHONE[1:]}" in way for way in said["would_join"])
    third = (await brand.see(user_id="u-1"))["profile_id"]
    fourth = (await brand.see(user_id="u-2"))["profile_id"]
    assert any("would open a review" in way for way in (await explain(brand, third, fourth))["would_join"])


async def test_a_person_at_anothers_browser_is_near_by_the_cookie(brand: Brand) -> None:
    one = (await brand.see(user_id="u-1", cookie="c-1"))["profile_id"]
    other = (await brand.see(user_id="u-2", cookie="c-1"))["profile_id"]
    assert one != other
    said = await explain(brand, one, other)
    nearest = said["apart"]["nearest"]
    assert (nearest[0], nearest[-1]) == ({"profile_id": one}, {"profile_id": other})
    assert {"identifier": {"type": "cookie", "value": "c-1", "standing": "linkable"}} in nearest


async def test_why_everything_on_a_profile_belongs_to_it(brand: Brand) -> None:
    sarah = await brand.omnichannel()
    said = await brand.data(f"/api/profiles/{sarah}/explain")
    held = (await brand.data(f"/api/profiles/{sarah}"))["all_identifiers"]
    assert [(one["type"], one["value"]) for one in said["identifiers"]] == [(one["type"], one["value"]) for one in held]
    for one in said["identifiers"]:
        assert one["events"], one
        for event in one["events"]:
            assert {"type": one["type"], "value": one["value"]} in event["identifiers"]
        assert f"{one['type']}:{one['value']}" in one["says"]
    assert {one["type"]: one["events"][0]["source"] for one in said["identifiers"]} == {
        "email": "shopify", "phone": "twilio", "whatsapp": "twilio", "loyalty_id": "pos", "session": "tracking",
    }  # fmt: skip
    (gone,) = said["absorbed"]
    assert gone["judgement"]["decided_by"] == "admin"
    assert said["truncated"] is False
    absorbed = await brand.data(f"/api/profiles/{gone['profile_id']}/explain")
    assert absorbed == {**said, "merged_from": gone["profile_id"]}


async def test_an_import_is_cited_as_one(brand: Brand) -> None:
    made = await brand.bring(identifiers={"email": "a@x.org"})
    (why,) = (await brand.data(f"/api/profiles/{made}/explain"))["identifiers"]
    assert why["says"] == f"import {made} carried email:a@x.org, and founded {made}"


async def test_ids_that_are_not_there(brand: Brand, stranger: Brand) -> None:
    one = (await brand.see(email="a@x.org"))["profile_id"]
    for path, params in ((one, {"with": "nobody"}), ("nobody", {"with": one}), ("nobody", {})):
        response = await brand.get(f"/api/profiles/{path}/explain", **params)
        assert response.status_code == 404
        assert "nobody" in response.json()["detail"]
    assert (await stranger.get(f"/api/profiles/{one}/explain")).status_code == 404
    assert (await stranger.get(f"/api/profiles/{one}/explain", **{"with": one})).status_code == 404
    same = await explain(brand, one, one)
    assert (same["one_person"], same["steps"]) == (True, [])


async def guard(brand: Brand, one: str, other: str) -> Any:
    return (await explain(brand, one, other))["apart"]["guard"]


def met_by(said: Any) -> tuple[int, str, str | None]:
    return said["place"], said["guard"], said["event"] and said["event"]["event_id"]


async def test_every_step_says_by_which_rules_when_and_from_where(brand: Brand) -> None:
    one = await brand.see(email="a@x.org")
    other = await brand.see(phone=PHONE)
    await brand.see(email="a@x.org", phone=PHONE)
    (step,) = (await explain(brand, one["profile_id"], other["profile_id"]))["steps"]
    assert (step["rule"], step["rule_version"], step["source"]) == ("identifier_match", Rules().version, "canonical")
    assert step["decided_at"].endswith("Z")
    third = (await brand.see(user_id="u-1"))["profile_id"]
    await brand.post("/api/merges", {"profile_ids": [one["profile_id"], third]})
    (step,) = (await explain(brand, one["profile_id"], third))["steps"]
    assert (step["rule"], step["rule_version"], step["source"]) == (None, Rules().version, "admin")


async def test_a_decided_review_tells_the_guard_that_had_stopped_the_rules(brand: Brand) -> None:
    review_id, members = await conflict(brand, "a")
    opened = (await brand.data(f"/api/merge-queue/{review_id}"))["event_id"]
    waiting = await guard(brand, *members)
    assert met_by(waiting) == (3, "over_the_limit", opened)
    assert waiting["rule_version"] == Rules().version
    await brand.post(f"/api/merge-queue/{review_id}/approve", {})
    (step,) = (await explain(brand, *members))["steps"]
    assert step["guard"] == waiting


async def test_a_persons_no_is_the_first_guard_and_names_the_event_that_met_it(brand: Brand) -> None:
    one, other = [(await brand.see(email=f"{name}@x.org"))["profile_id"] for name in "ab"]
    merge_id = (await brand.post("/api/merges", {"profile_ids": [one, other]}))["data"]["merge_id"]
    await brand.post(f"/api/merges/{merge_id}/undo", {})
    assert met_by(await guard(brand, one, other)) == (1, "human_said_no", None)
    again = await brand.see(email=["a@x.org", "b@x.org"])  # type: ignore[arg-type]
    assert met_by(await guard(brand, one, other)) == (1, "human_said_no", again["event_id"])


async def test_placeholders_shared_identifiers_and_strangers_are_guards_too(brand: Brand) -> None:
    one = await brand.see(user_id="u-1", email="guest@guest.com")
    other = await brand.see(user_id="u-2", email="guest@guest.com")
    said = await guard(brand, one["profile_id"], other["profile_id"])
    assert met_by(said) == (2, "blocked_value", other["event_id"])
    one = await brand.see(user_id="u-3", cookie="c-1")
    other = await brand.see(user_id="u-4", cookie="c-1")
    said = await guard(brand, one["profile_id"], other["profile_id"])
    assert met_by(said) == (3, "over_the_limit", other["event_id"])
    assert "met only through cookie:c-1" in said["reason"]
    cards = [await brand.see(loyalty_id=f"l-{n}", phone=PHONE) for n in range(8)]
    said = await guard(brand, cards[0]["profile_id"], cards[7]["profile_id"])
    assert met_by(said)[:2] == (3, "over_the_limit")
    many = [await brand.see(loyalty_id=f"k-{n}", cookie="kiosk") for n in range(8)]
    said = await guard(brand, many[6]["profile_id"], many[7]["profile_id"])
    assert met_by(said) == (4, "shared_identifier", many[7]["event_id"])


async def test_without_the_cited_evidence_they_are_two_and_without_less_they_are_one(
    brand: Brand, graph: Graph, stranger: Brand
) -> None:
    """Two bridges lead from the e-mail to the phone number; each alone holds them together. Nothing in the graph is deleted:
    the log is folded without what the answer cites, and another brand is built without it."""
    seen = [
        {"email": "a@x.org"},
        {"phone": PHONE},
        {"email": "a@x.org", "cookie": "c-1"},
        {"email": "a@x.org", "cookie": "c-1"},
        {"phone": PHONE, "cookie": "c-1"},
        {"email": "a@x.org", "loyalty_id": "l-1"},
        {"phone": PHONE, "loyalty_id": "l-1"},
        {"phone": PHONE},
    ]
    told = [await brand.see(**carried) for carried in seen]
    one, other = told[0]["profile_id"], told[1]["profile_id"]
    said = await explain(brand, one, other)
    assert said["one_person"] is True
    assert said["separation"]["checked"] == "all_smaller"
    cited = {piece["id"] for piece in said["separation"]["cut"]}
    assert len(cited) == 2
    assert cited <= {event["event_id"] for event in told[2:]}
    component = (await evidence_of_pair(graph, brand.brand_id, one, other)).component
    assert component is not None

    def people(without: set[str]) -> int:
        log = [row for row in component.log if entry_id(row[1]) not in without]
        return len({stored.profile_id for stored in replay(brand.brand_id, log, Rules(), component.issued).events})

    assert people(cited) == 2
    assert [people({piece}) for piece in sorted(cited)] == [1, 1]
    for carried, event in zip(seen, told, strict=True):
        if event["event_id"] not in cited:
            await stranger.see(**carried)
    assert len(await stranger.data("/api/profiles")) == 2


async def test_what_people_judged_is_evidence_and_founders_that_tie_are_not(brand: Brand) -> None:
    one = (await brand.see(email="a@x.org"))["profile_id"]
    made = await brand.bring(identifiers={"email": "b@x.org"})
    await brand.post("/api/merges", {"profile_ids": [one, made]})
    (piece,) = (await explain(brand, one, made))["separation"]["cut"]
    assert (piece["kind"], piece["type"], piece["source"]) == ("judgement", "same", "admin")
    assert (await explain(brand, one, one))["separation"] is None


async def test_people_who_hold_nothing_are_explained_too(brand: Brand, client: httpx.AsyncClient) -> None:
    """No identifier leads to their evidence any more."""
    one, other = [await brand.bring(identifiers={"email": mail}) for mail in ("a@x.org", "b@x.org")]
    await brand.post("/api/merges", {"profile_ids": [one, other]})
    for mail in ("a@x.org", "b@x.org"):
        assert (await put(client, brand, f"email/{mail}", {"declared": "shared"})).status_code == 200
    (piece,) = (await explain(brand, one, other))["separation"]["cut"]
    assert (piece["kind"], piece["type"]) == ("judgement", "same")


async def test_too_much_evidence_has_no_cut_and_says_so(brand: Brand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.graph.evidence.look_at_region", partial(look_at_region, most=3))
    one = (await brand.see(email="a@x.org"))["profile_id"]
    other = (await brand.see(phone=PHONE))["profile_id"]
    await brand.see(email="a@x.org", phone=PHONE)
    assert (await explain(brand, one, other))["separation"]["reason"] is None
    await brand.see(email="a@x.org")
    said = await explain(brand, one, other)
    assert said["one_person"] is True
    assert said["separation"]["cut"] is None
    assert "more than 3 events belong to these people" in said["separation"]["reason"]
