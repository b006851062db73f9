"""Ids are anchored in what made them (semantics, rule 2), and are the same in every release: a rebuild under new code must find
the people that links and mails already name."""

import uuid

from app.domain.events import NAMESPACE
from app.domain.rules import Rules
from tests.resolve.world import BRAND, World, event, ids

RULES = Rules(max_auto_merge=1, limits={"loyalty_id": 1})


def named(*parts: str) -> str:
    return str(uuid.uuid5(NAMESPACE, "".join(f"{len(part)}:{part}" for part in (BRAND, *parts))))


def e(number: int) -> str:
    return event(number, "m0").event_id


def test_what_an_event_founds_is_named_after_it() -> None:
    world = World(RULES)
    answer = world.see("l0 l1").answers[0]
    assert e(1) == named("event", "test", "1")
    assert (answer.profile_id, world.holder("l1")) == (named("profile", e(1)), named("profile", e(1), *ids("l1")[0]))
    assert answer.review_id == named("review", e(1))
    assert (world.review().event_id, world.review().created_at) == (e(1), event(1, "m0").received_at)
    assert [one.intent_id for one in world.see("m0", type_="cart_add").intents] == [named("intent", e(2), "0")]


def test_a_merge_is_named_after_what_decided_it() -> None:
    world = World(Rules())
    for names in ("m0", "p0", "m0 p0"):
        world.see(names)
    merge_id = named("merge", e(3))
    assert set(world.merges) == {merge_id}
    (undo,) = world.undo(merge_id).judgements
    assert undo.judgement_id == named("undo", merge_id, "4")
    world.see("m1")
    (asked,) = world.merge([world.holder("m1"), world.holder("p0")]).judgements
    assert asked.judgement_id == named("merge-request", str(world.steps))
    assert set(world.merges) == {named("merge", asked.judgement_id)}


def test_a_decision_is_named_after_what_was_asked_as_it_was() -> None:
    world = World(RULES)
    for names in ("m0", "m1", "m2", "m0 m1", "m1 m2"):
        world.see(names)
    review, three = world.review(), [world.holder(name) for name in ("m0", "m1", "m2")]
    asked = (review.review_id, str(review.version))
    apart, same = world.approve(review, three[:2]).judgements
    assert (apart.judgement_id, same.judgement_id) == (named("leave-out", *asked, three[2]), named("approve", *asked))
    assert {apart.review_id, same.review_id} == {review.review_id}
    world.see("m3")
    world.see("m2 m3")
    review = world.review()
    (no,) = world.reject(review).judgements
    assert no.judgement_id == named("reject", review.review_id, str(review.version))
