"""The smallest counter-examples that killed tempting alternatives (shared semantics, "Smallest killers"), as they apply
before replay. Each ends with: the live state is the rebuild."""

import pytest

from app.domain.errors import ForbiddenPair
from app.domain.rules import Rules
from tests.resolve.world import LIMITS, World, partition, people, rebuilds

RULES = Rules(max_auto_merge=2, limits=LIMITS)
CAP_ONE = Rules(max_auto_merge=1, limits=LIMITS)


def test_a_conflicting_new_identifier_is_not_dropped() -> None:
    world = World(RULES)
    world.see("l1 l2")
    second = world.see("l2").answers[0]
    assert partition(world.state) == people("l1", "l2")
    assert second.outcome == "attached"
    assert second.profile_id == world.holder("l2")
    assert rebuilds(world)


def test_conflicting_new_identifiers_do_not_stay_together() -> None:
    world = World(RULES)
    world.see("l0 l1 p2")
    assert partition(world.state) == people("l0 p2", "l1")
    world.bring("l1")
    world.see("l0 l1")
    world.reject(world.review())
    assert partition(world.state) == people("l0 p2", "l1")
    assert rebuilds(world)


def test_nothing_merges_on_conflict_not_even_the_compatible_rest() -> None:
    world = World(Rules(max_auto_merge=3, limits={**LIMITS, "loyalty_id": 1}))
    world.see("l2")
    world.see("m2")
    world.bring("m2")
    world.see("m2 l2 l1")
    review = world.review()
    assert len(review.profile_ids) == 3
    assert partition(world.state) == people("l2", "m2 l1", "m2")
    world.approve(review, sorted(review.profile_ids)[:2])
    assert rebuilds(world)


def test_one_home_rule_for_caps_and_conflicts() -> None:
    world = World(RULES)
    world.see("m0")
    world.see("c2")
    world.bring("m0")
    before = world.see("m0 c2").answers[0]
    world.reject(world.review())
    assert world.state.find(str(before.profile_id)) == before.profile_id
    assert rebuilds(world)


def test_a_no_binds_profiles_and_not_only_their_identifiers() -> None:
    """Two imports share one identifier: nothing is held by one of them alone, and they stay apart all the same."""
    world = World(CAP_ONE)
    world.bring("m0")
    world.bring("m0")
    world.see("m0")
    world.reject(world.review())
    answer = world.see("m0").answers[0]
    assert answer.outcome == "attached"
    assert len(world.state.profiles) == 2
    assert not world.state.pending()
    assert rebuilds(world)
    world.bring("m0")
    world.see("m0")
    world.reject(world.review())
    assert [len(profile.tags) for profile in world.state.profiles.values()] == [2, 2, 1], "the first no still holds"
    assert rebuilds(world)


def test_what_both_sides_hold_belongs_to_no_side() -> None:
    world = World(CAP_ONE)
    world.see("p2")
    world.bring("p2")
    world.see("p2")
    plan = world.reject(world.review())
    assert all(not side.identifiers for judgement in plan.judgements for side in judgement.sides)
    assert rebuilds(world)


def test_the_event_is_an_atom_too() -> None:
    world = World(RULES)
    world.see("l1 l2")
    review = world.review()
    world.reject(review)
    world.see("l1 l2")
    assert partition(world.state) == people("l1", "l2")
    assert not world.state.pending()
    assert rebuilds(world)


def test_approved_values_do_not_count_against_the_limit_again() -> None:
    world = World(RULES)
    world.see("l1 l2")
    world.approve(world.review())
    later = [world.see(names).answers[0].outcome for names in ("l1 l2", "l1", "l2 m0")]
    assert later == ["attached", "attached", "attached"]
    assert not world.state.pending()
    assert rebuilds(world)


def test_attach_after_attach_does_not_grow_without_end() -> None:
    """Limits hold for e-mail and phone too: {m0,p0},{p0,m1},{m1,p1}... stops at its limit and asks."""
    world = World(Rules(limits={"email": 2, "phone": 2}))
    outcomes = [world.see(names).answers[0].outcome for names in ("m0 p0", "p0 m1", "m1 p1", "p1 m2")]
    assert outcomes == ["created", "attached", "attached", "review"]
    assert rebuilds(world)


def test_a_chain_of_pair_merges_does_not_walk_past_the_cap() -> None:
    world = World(Rules(max_auto_merge=3, limits={}))
    for name in ("m0", "m1", "m2", "m3", "m4", "m5"):
        world.see(name)
    outcomes = [world.see(pair).answers[0].outcome for pair in ("m0 m1", "m1 m2", "m2 m3", "m3 m4", "m4 m5")]
    assert outcomes == ["merged", "merged", "merged", "review", "merged"]
    world.approve(world.review())
    outcomes = [world.see(names).answers[0].outcome for names in ("m6", "m7", "m8", "m9", "m0 m6", "m0 m7", "m0 m8", "m0 m9")]
    assert outcomes[4:] == ["merged", "merged", "merged", "review"], "a person decided, so the count begins anew"
    assert rebuilds(world)


def test_a_stranger_at_the_same_browser_does_not_join_and_asks_nobody() -> None:
    world = World(RULES)
    world.see("u1 c0")
    answer = world.see("u2 c0").answers[0]
    assert answer.outcome == "created"
    assert partition(world.state) == people("u1 c0", "u2")
    assert not world.state.pending()
    assert rebuilds(world)


def test_the_subset_is_apart_from_those_left_out_who_stay_pending() -> None:
    world = World(Rules(max_auto_merge=3, limits={}))
    for name in ("m0", "m1", "m2", "m3", "m4"):
        world.see(name)
    world.see("m0 m1 m2 m3 m4")
    review = world.review()
    pair = sorted(review.profile_ids)[:2]
    world.approve(review, pair)
    left = world.review()
    assert left.profile_ids == review.profile_ids - set(pair)
    assert left.version > review.version
    survivor = world.state.find(pair[0])
    assert all(world.forbidden([survivor, other]) for other in left.profile_ids)
    with pytest.raises(ForbiddenPair):
        world.merge([survivor, *left.profile_ids])
    assert rebuilds(world)


def test_a_review_whose_profiles_became_one_is_superseded() -> None:
    world = World(Rules(max_auto_merge=2, limits={}))
    for name in ("m0", "m1", "m2"):
        world.see(name)
    world.see("m0 m1 m2")
    review = world.review()
    world.merge([world.holder("m0"), world.holder("m1")])
    assert world.review().version > review.version
    world.merge([world.holder("m0"), world.holder("m2")])
    assert world.state.reviews[review.review_id].status == "superseded"
    assert rebuilds(world)
