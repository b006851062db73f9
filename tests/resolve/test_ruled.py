"""Rules hold from the beginning: other rules make of a history what they would have made of it, and back again."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.identifiers import Identifier
from app.domain.rules import Rules, rules_from
from app.resolve.ruled import KINDS, Difference, differences, digest, ruled_anew
from app.resolve.rules import OPTIONAL
from tests.resolve.test_shared import ONE, TWO
from tests.resolve.test_undo import FREE, RULES, played, with_hubs
from tests.resolve.world import LIMITS, World, essence, ids, partition

rules = st.builds(
    Rules,
    max_auto_merge=st.integers(1, 5),
    limits=st.sampled_from([{}, LIMITS, {"email": 1}]),
    fan_out=st.sampled_from([ONE, TWO, {}]),
    blocked=st.frozensets(st.sampled_from(ids("m0 p1 c0")), max_size=2),
    trust=st.just({}),
    off=st.frozensets(st.sampled_from(OPTIONAL)),
    version=st.sampled_from("123"),
)


@given(with_hubs, rules)
def test_other_rules_make_of_a_history_what_they_would_have_made_of_it(history: list[tuple[str, object]], new: Rules) -> None:
    world = played(history, RULES)
    world.rule(new)
    assert essence(world) == essence(world.rebuilt())


@given(with_hubs, rules)
def test_going_back_restores_what_stood(history: list[tuple[str, object]], new: Rules) -> None:
    world = played(history, RULES)
    before = essence(world)
    world.rule(new)
    world.rule(RULES)
    assert essence(world) == before


@given(with_hubs, rules, with_hubs)
def test_what_comes_after_a_change_of_rules_goes_by_the_new_ones(
    history: list[tuple[str, object]], new: Rules, later: list[tuple[str, object]]
) -> None:
    """An undo of an old merge too, and it alters no stranger."""
    world = played(history, RULES)
    world.rule(new)
    played(later, new, world)
    assert essence(world) == essence(world.rebuilt())


@given(with_hubs, rules)
def test_the_same_rules_change_nothing(history: list[tuple[str, object]], same: Rules) -> None:
    world = played(history, same)
    assert ruled_anew(world.with_region(()), replace(same, version="again"), world._now()) is None


def test_what_a_person_said_of_some_later_is_not_why_the_others_wait() -> None:
    world = World(Rules(limits=LIMITS))
    for names in ("m0 l0", "m1 l1", "p0 l2", "u0 l3", "m0 m1 p0", "p0 u0"):
        world.see(names)
    world.approve(world.review(), {world.holder("p0"), world.holder("u0")})
    assert (world.review().profile_ids, len(world.review().link_ids)) == ({world.holder("m0"), world.holder("m1")}, 1)
    assert world.rule(world.rules) is None, "the same rules again"


def test_a_rejected_review_stays_rejected() -> None:
    world = World(RULES)
    for names in ("m0", "m0 m1 m2"):
        world.see(names)
    world.reject(world.review())
    assert ruled_anew(world.with_region(()), replace(RULES, version="again"), world._now()) is None


def test_an_id_that_a_replay_led_to_somebody_absorbed_since_leads_there_still() -> None:
    """By way of who was absorbed, which is as good as straight: nothing is written."""
    strict = Rules(max_auto_merge=1, limits={}, fan_out=ONE)
    history = [("see", ["m2"]), ("see", ["m0", "m1"]), ("split", 0), ("see", ["m0", "m1", "m2"]), ("retract", 0), ("approve", 0)]
    world = played(history, strict)
    assert ruled_anew(world.with_region(()), replace(strict, version="again"), world._now()) is None


def test_an_id_stays_with_whom_it_leads_to_whoever_is_brought_in_later() -> None:
    """P(e#l1) leads to who holds l1; an import that holds it as well is not where the event went."""
    strict, loose = replace(RULES, fan_out={}), replace(RULES, fan_out={}, limits={})
    world = World(strict)
    world.see("l0 l1")
    single = world.holder("l1")
    world.rule(loose)
    home = world.holder("l1")
    assert world.placed[single].into == home != single
    for _ in range(8):
        world.bring("l1")
    assert ruled_anew(world.with_region(()), replace(loose, version="again"), world._now()) is None


def test_reviews_that_met_keep_their_id_when_they_are_folded_again() -> None:
    """The earliest link names a review. A replay counts clocks anew, and one side's were raised by a split."""
    seen_by_many = replace(RULES, fan_out={})
    world = World(seen_by_many)
    for names in ("m0 p0", "p0", "p0", "p0"):
        world.see(names)
    world.split(world.holder("m0"), ["m0", "p0"])
    for names in ("m1 l1", "m1", "m1", "m1 l0"):  # one review
        world.see(names)
    for names in ("m0 u1", "m0 u0"):  # another: later by its clock, earlier when counted anew
        world.see(names)
    assert len(list(world.state.pending())) == 2
    world.see("m0 m1")
    assert essence(world.rebuilt())["reviews"] == essence(world)["reviews"]
    assert ruled_anew(world.with_region(()), replace(seen_by_many, version="again"), world._now()) is None


@given(with_hubs, rules)
def test_differences_tell_who_becomes_whom(history: list[tuple[str, object]], new: Rules) -> None:
    world = played(history, RULES)
    before = world.state
    plan = ruled_anew(world.with_region(()), new, world._now())
    if plan is None:
        return
    found = differences(world.with_region(()), plan)
    after = before.after(plan)
    told = {kind: {one.about for one in found if one.kind == kind} for kind in KINDS}
    assert told["merged"] | told["dissolved"] == before.profiles.keys() - after.profiles.keys()
    assert told["split"] | told["created"] == after.profiles.keys() - before.profiles.keys()
    opened = {one.review_id for one in after.pending()} - {one.review_id for one in before.pending()}
    assert told["review_opened"] | told["review_changed"] >= opened
    assert all(one.anchor in before.profiles or isinstance(one.anchor, Identifier) for one in found)
    for one in found:
        if one.kind in {"merged", "dissolved"}:
            assert one.anchor == one.about
            assert one.with_ == ((after.find(one.about),) if one.kind == "merged" else ())
        elif one.kind == "split":
            assert one.with_ == (one.anchor,)
        elif one.kind == "changed":
            assert after.profiles[one.about]._replace(clock=0) != before.profiles[one.about]._replace(clock=0)
        elif one.kind != "created":
            asked = after if one.kind != "review_closed" else before
            assert one.with_ == tuple(sorted(asked.reviews[one.about].profile_ids))
            assert (one.kind == "review_opened") == (one.about not in before.reviews)
    assert list(found) == sorted(found, key=lambda one: (KINDS.index(one.kind), one.about))


def test_a_tighter_limit_splits_and_a_looser_one_joins_again() -> None:
    world = World(FREE)
    for names in ("m1 l1", "l1 m2"):
        world.see(names)
    assert partition(world.state) == {frozenset(ids("m1 m2 l1"))}
    region = world.with_region(())
    tight = replace(FREE, limits={"email": 1}, version="1")
    plan = ruled_anew(region, tight, world._now())
    assert plan is not None
    assert [one.kind for one in differences(region, plan)] == ["split", "changed", "review_opened"]
    world.rule(tight)
    assert len(world.state.profiles) == 2
    world.rule(FREE)
    assert partition(world.state) == {frozenset(ids("m1 m2 l1"))}


def test_a_value_that_the_brand_blocks_links_nobody_and_may_link_again() -> None:
    world = World(FREE)
    for names in ("m1 p1", "p1 m2"):
        world.see(names)
    world.rule(replace(FREE, blocked=frozenset(ids("p1")), version="1"))
    assert len(world.state.profiles) == 2
    assert not world.state.holders(*ids("p1"))
    world.see("p1 m3")
    assert len(world.state.profiles) == 3
    world.rule(FREE)
    assert partition(world.state) == {frozenset(ids("m1 m2 m3 p1"))}


STOPPED = {
    "over_the_limit": (Rules(limits={"email": 1}), ("m1", "m2", "m1 m2")),
    "above_the_cap": (Rules(max_auto_merge=1, limits={}), ("m1", "m2", "m1 m2")),
    "above_the_cumulative_cap": (Rules(max_auto_merge=2, limits={}), ("m1", "m2", "m3", "m4", "m1 m2", "m1 m3", "m1 m4")),
}


@pytest.mark.parametrize("guard", OPTIONAL)
def test_a_guard_that_is_off_stops_nothing(guard: str) -> None:
    strict, history = STOPPED[guard]
    world = World(strict)
    for names in history:
        world.see(names)
    assert len(world.state.profiles) == 2
    world.rule(replace(strict, off=frozenset({guard}), version="1"))
    assert len(world.state.profiles) == 1
    assert not world.state.pending()


def test_a_persons_no_cannot_be_switched_off() -> None:
    world = World(replace(FREE, off=frozenset({"human_said_no", *OPTIONAL})))
    for names in ("m1", "p1", "m1 p1"):
        world.see(names)
    (merge_id,) = world.merges
    world.undo(merge_id)
    assert len(world.state.profiles) == 2


@given(rules)
def test_rules_are_kept_as_text(one: Rules) -> None:
    assert rules_from(one.version, one.to_json()) == one


def test_a_digest_does_not_depend_on_order_and_tells_apart() -> None:
    one, two = Difference("merged", "a", ("b",), "a"), Difference("split", "a", ("b",), "b")
    assert digest([one, two]) == digest([two, one]) == (digest([one]) + digest([two])) % 2**128
    assert digest([one]) != digest([two])
