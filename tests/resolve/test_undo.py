"""Undo (semantics, rule 11 and laws L4, L5): a merge taken back is a history in which it was forbidden from the start."""

from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.domain.errors import Conflict, ForbiddenPair, Unprocessable
from app.domain.identifiers import Identifier
from app.domain.judgements import Judgement, JudgementKind
from app.domain.profiles import Profile, ReviewStatus, Standing, Tag
from app.domain.rules import Rules
from app.resolve.fold import in_order
from app.resolve.intents import SCORE_BOUGHT_BEFORE, SCORE_FIRST_TIME
from tests.resolve.test_laws import act, brought, decided, joined, ordered, seen
from tests.resolve.test_shared import ONE, declared, live
from tests.resolve.world import LIMITS, World, essence, ids, partition

RULES = Rules(max_auto_merge=2, limits=LIMITS, fan_out=ONE)
BOUNDLESS = Rules(max_auto_merge=100, limits={}, fan_out=dict.fromkeys(ONE, 100))
FREE = Rules(max_auto_merge=5, limits={}, fan_out=dict.fromkeys(ONE, 100))

undone = st.tuples(st.just("undo"), st.integers(0, 1_000))
splitting = st.tuples(st.just("split"), st.integers(0, 1_000))
retracting = st.tuples(st.just("retract"), st.integers(0, 1_000))
taken_back = st.one_of(undone, undone, retracting, splitting)
histories = st.lists(st.one_of(seen, seen, seen, ordered, brought, joined, decided, taken_back), min_size=3, max_size=14)
with_hubs = st.lists(st.one_of(seen, seen, seen, ordered, brought, decided, declared, taken_back), min_size=3, max_size=14)
with_all = st.lists(st.one_of(seen, seen, ordered, brought, joined, decided, declared, taken_back), min_size=3, max_size=14)


def played(history: list[tuple[str, object]], rules: Rules, world: World | None = None) -> World:
    world = world or World(rules)
    for what, how in history:
        if what == "undo":
            if world.merges:
                world.undo(sorted(world.merges)[how % len(world.merges)])  # type: ignore[operator]
        elif what == "retract":
            if standing := said_no(world):
                world.retract(standing[how % len(standing)].judgement_id)  # type: ignore[operator]
        elif what == "rule":
            world.rule(how)  # type: ignore[arg-type]
        elif what == "split":
            split(world, how)  # type: ignore[arg-type]
        elif what == "declare":
            live([(what, how)], world=world)
        else:
            act(world, what, how)  # type: ignore[arg-type]
    return world


def split(world: World, pick: int) -> None:
    """One of those who alone hold two identifiers or more: the first of these, and the others."""
    held: dict[str, list[str]] = {}
    for identifier in sorted(world.state.identifiers):
        if len(holders := world.state.holders(identifier)) == 1:
            held.setdefault(min(holders), []).append(identifier.value)
    several = [(profile_id, values) for profile_id, values in sorted(held.items()) if len(values) > 1]
    if several:
        profile_id, values = several[pick % len(several)]
        with suppress(Unprocessable):  # of one import
            world.split(profile_id, [values[0], " ".join(values[1:])])


def said_no(world: World) -> list[Judgement]:
    """Every DISTINCT that holds: of undos, splits, rejected reviews, and those left out of an approval."""
    judgements = (entry for _, entry in world.log if isinstance(entry, Judgement))
    return [one for one in judgements if one.kind is JudgementKind.DISTINCT and one.retracted_at is None]


@given(histories)
def test_l4_undoing_is_the_history_in_which_it_was_forbidden_from_the_start(history: list[tuple[str, object]]) -> None:
    world = played(history, FREE)
    assert essence(world) == essence(world.rebuilt())


@given(with_all)
def test_l4_also_where_hubs_cross_and_admins_declare(history: list[tuple[str, object]]) -> None:
    world = played(history, RULES)
    assert essence(world) == essence(world.rebuilt())


@given(histories, st.integers(0, 1_000), st.lists(st.one_of(seen, seen, brought), max_size=6))
def test_they_never_merge_again_by_themselves(
    history: list[tuple[str, object]], which: int, later: list[tuple[str, object]]
) -> None:
    world = played(history, FREE)
    if not world.merges:
        return
    merge_id = sorted(world.merges)[which % len(world.merges)]
    base, absorbed = world.merges[merge_id]
    world.undo(merge_id)
    for what, how in later:
        act(world, what, how)  # type: ignore[arg-type]
    people = [world.state.find(one) for one in (base, *absorbed)]
    alive = [one for one in people if one in world.state.profiles]
    assert len(set(alive)) == len(alive)
    assert merge_id not in world.merges


@given(histories, st.integers(0, 1_000))
def test_l5_retracting_an_undo_equals_never_having_undone(history: list[tuple[str, object]], which: int) -> None:
    world = played(history, FREE)
    if not world.merges:
        return
    before = essence(world)
    world.undo(sorted(world.merges)[which % len(world.merges)])
    judgement = world.plans[-1].judgements[0]
    world.retract(judgement.judgement_id)
    assert essence(world) == before


@given(st.lists(st.one_of(seen, brought), min_size=2, max_size=12), st.integers(0, 1_000), st.lists(seen, max_size=8))
def test_l5_taken_back_later_it_is_the_history_without_an_undo_in_the_order_of_the_log(
    before: list[tuple[str, object]], which: int, between: list[tuple[str, object]]
) -> None:
    """What came to either side meanwhile never met, so its order is the log's. Nobody judges the other world, nor replays it."""
    world = played(before, FREE)
    if not world.merges:
        return
    world.undo(sorted(world.merges)[which % len(world.merges)])
    judgement = world.plans[-1].judgements[0]
    played(between, FREE, world)
    world.retract(judgement.judgement_id)
    never = World(FREE)
    for _, entry in in_order(world.log):
        if not isinstance(entry, Judgement):
            never.take([entry])
    assert essence(world) == essence(never)


@given(st.lists(seen, min_size=2, max_size=12), st.integers(0, 1_000), st.lists(seen, max_size=8))
def test_l5_taken_back_later_who_is_one_person_and_what_they_spent_is_as_if_never_undone(
    before: list[tuple[str, object]], which: int, between: list[tuple[str, object]]
) -> None:
    """In the order of arrival, too, where no cap and no limit makes an order matter."""
    world, never = played(before, BOUNDLESS), played(before, BOUNDLESS)
    if not world.merges:
        return
    world.undo(sorted(world.merges)[which % len(world.merges)])
    judgement = world.plans[-1].judgements[0]
    never.steps = world.steps  # the hour of the undo
    played(between, BOUNDLESS, world)
    played(between, BOUNDLESS, never)
    world.retract(judgement.judgement_id)
    assert people(world) == people(never)


def people(world: World) -> list[tuple[object, ...]]:
    """Everybody: what they hold, spent and did, without ids."""
    held: dict[str, list[Identifier]] = {}
    for identifier in sorted(world.state.identifiers):
        for holder in world.state.holders(identifier):
            held.setdefault(holder, []).append(identifier)
    return sorted((names, *_did(world.state.profiles[key])) for key, names in held.items())


def _did(profile: Profile) -> tuple[object, ...]:
    return profile.spend, profile.orders, profile.events, profile.first_seen, profile.last_seen, profile.attributes


@given(histories, st.integers(0, 1_000))
def test_l5_retracting_a_rejection_equals_never_having_rejected(history: list[tuple[str, object]], which: int) -> None:
    world = played(history, RULES)
    pending = sorted(world.state.pending(), key=lambda review: review.review_id)
    if not pending:
        return
    before = essence(world)
    world.reject(pending[which % len(pending)])
    world.retract(world.plans[-1].judgements[0].judgement_id)
    assert essence(world) == before


# What the second event founded is the first's person's in the end, and brings there what was judged of it.
WHAT_A_NO_SPEAKS_OF_IS_SOMEBODY_ELSES = [
    ("see", ["m1", "p0"]), ("see", ["m2", "p0"]), ("bring", ["m2"]), ("see", ["m2"]), ("undo", 0),
    ("declare", ("p0", Standing.LINKABLE)),
]  # fmt: skip


@given(with_hubs)
@example([("see", ["l0", "l1"]), ("bring", ["l1"]), ("see", ["l1"]), ("undo", 0)])  # two who hold but the same
@example(WHAT_A_NO_SPEAKS_OF_IS_SOMEBODY_ELSES)
def test_a_no_lies_on_whoever_answers_for_what_it_speaks_of_and_on_nobody_twice(history: list[tuple[str, object]]) -> None:
    world = played(history, RULES)
    for judgement in said_no(world):
        for number, side in enumerate(judgement.sides):
            tag = Tag(judgement.judgement_id, number)
            people = {one for profile_id in side.profile_ids if (one := answers_for(world, profile_id)) is not None}
            assert all(tag in world.state.profiles[one].tags for one in people)
            assert all(tag in world.state.identifiers[one].tags for one in side.identifiers)
    assert not any(world.forbidden([profile_id]) for profile_id in world.state.profiles)


def answers_for(world: World, profile_id: str) -> str | None:
    while profile_id not in world.state.profiles:
        into = world.placed[profile_id].into
        if into is None:
            return None
        profile_id = into
    return profile_id


@given(with_hubs)
@example([("see", ["l0", "l1"]), ("see", ["l1", "l2"]), ("declare", ("l2", Standing.BLOCKED))])  # it grew, and is what it was
def test_a_review_is_the_same_question_until_its_version_moves(history: list[tuple[str, object]]) -> None:
    world = World(RULES)
    for step in history:
        before = dict(world.state.reviews)
        played([step], RULES, world)
        for key, old in before.items():
            now = world.state.reviews[key]
            moved = (now.profile_ids, now.status) != (old.profile_ids, old.status)
            assert now.version > old.version if moved else now.version == old.version
            assert ReviewStatus.PENDING in {old.status, now.status} or now.status is old.status, "what was decided stays so"
            assert (now.created_at, now.event_id) == (old.created_at, old.event_id)


# The smallest killers


def test_money_orders_and_identifiers_go_back_to_whom_they_came_with() -> None:
    world = World(FREE)
    world.see("m1", value=10)
    world.see("p1", value=20)
    world.see("m1 p1", value=5)
    (merge_id,) = world.merges
    world.see("m1", value=7)
    world.see("p1", value=9)
    world.undo(merge_id)
    spent = {world.holder(name): dict(world.state.profiles[world.holder(name)].spend)["USD"] for name in ("m1", "p1")}
    assert sorted(spent.values()) in ([22, 29], [17, 34])
    assert sum(spent.values()) == 51
    assert not world.merges


def test_a_cart_is_not_scored_by_what_somebody_else_bought() -> None:
    world = World(FREE)
    world.see("m1", type_="page_view")
    world.see("p1")
    world.see("m1 p1", type_="page_view")
    (merge_id,) = world.merges
    (cart,) = world.see("m1", type_="cart_add").intents
    assert cart.score == SCORE_BOUGHT_BEFORE
    world.undo(merge_id)
    assert world.intents[cart.intent_id][0] == SCORE_FIRST_TIME
    assert essence(world) == essence(world.rebuilt())


def test_a_third_who_is_linked_to_one_side_is_never_of_the_other() -> None:
    world = World(FREE)
    for names in ("m1", "p1", "m1 p1"):
        world.see(names)
    (merge_id,) = world.merges
    world.undo(merge_id)
    world.see("m2 m1")
    third = world.see("m2 p1").answers[0]
    assert third.outcome != "merged"
    assert world.holder("m1") != world.holder("p1")
    assert world.holder("m2") == world.holder("m1")


def test_one_linked_to_both_at_once_stays_alone_and_one_review_of_three_opens() -> None:
    world = World(FREE)
    for names in ("m1", "p1", "m1 p1", "u1"):
        world.see(names)
    (merge_id,) = world.merges
    world.undo(merge_id)
    world.see("m1 p1 u1")
    assert len({world.holder(name) for name in ("m1", "p1", "u1")}) == 3
    assert len(world.review().profile_ids) == 3


def test_an_admins_merge_can_be_undone_and_is_then_refused() -> None:
    world = World(FREE)
    world.see("m1")
    world.see("p1")
    world.merge([world.holder("m1"), world.holder("p1")])
    (merge_id,) = world.merges
    world.undo(merge_id)
    assert partition(world.state) == {frozenset(ids("m1")), frozenset(ids("p1"))}
    with pytest.raises(ForbiddenPair):
        world.merge([world.holder("m1"), world.holder("p1")])


@pytest.mark.parametrize("more", ["", "l1"])
def test_admins_merges_are_undone_in_the_order_they_were_made_in(more: str) -> None:
    """The later merge spoke of all three. Without the earlier one it joins two; when these are parted it joins not the others."""
    world = World(FREE)
    for name in ("m1", "p1", "u1", *more.split()):
        world.see(name)
    world.merge(map(world.holder, ("p1", "u1", *more.split())))
    world.merge(map(world.holder, ("m1", "p1")))
    first, second = (merge for plan in world.plans for merge in (one.merge_id for one in plan.merges))
    no = world.undo(first).judgements[0]
    assert world.holder("m1") == world.holder("p1") != world.holder("u1")
    world.undo(second)
    assert partition(world.state) == {frozenset(ids(one)) for one in ("m1", "p1", "u1", *more.split())}
    assert not world.merges
    assert essence(world) == essence(world.rebuilt())
    world.retract(no.judgement_id)  # what was undone first was never undone: they are one again, and the other undo stands
    assert partition(world.state) == {frozenset(ids(one)) for one in ("m1", f"p1 u1 {more}")}


def test_a_merge_is_undone_when_a_split_left_part_of_it_to_the_evidence() -> None:
    """Nobody says of whose side they are by now who were one with all of them: they are of their own."""
    world = World(FREE)
    for name in ("m1", "p1", "u1", "l1", "m1 p1 u1"):
        world.see(name)
    world.merge([world.holder("m1"), world.holder("l1")])
    merge_id = world.plans[-1].merges[0].merge_id
    world.split(world.holder("m1"), ["p1", "u1"])
    assert merge_id in world.merges
    world.undo(merge_id)
    assert merge_id not in world.merges
    assert partition(world.state) == {frozenset(ids(one)) for one in ("m1", "p1", "u1", "l1")}


def test_an_approved_review_can_be_undone() -> None:
    world = World(replace(FREE, max_auto_merge=1))
    world.see("m1")
    world.see("p1")
    world.see("m1 p1")
    world.approve(world.review())
    (merge_id,) = world.merges
    world.undo(merge_id)
    assert world.holder("m1") != world.holder("p1")
    assert not world.state.pending()
    assert essence(world) == essence(world.rebuilt())


def test_a_review_that_was_approved_stays_so_when_its_person_is_split_elsewhere() -> None:
    """Its merge stands and cites it. Folded again it is of others by then, whom that decision joins before anybody is asked."""
    world = World(replace(FREE, limits={"loyalty_id": 1}))
    for names in ("l0 m0", "l1 m1", "l2 m2"):
        world.see(names)
    approved = []
    for names in ("m0 m1", "m1 m2"):
        world.see(names)
        approved.append(world.review().review_id)
        world.approve(world.review())
    merges = dict(world.merges)
    world.split(world.holder("l0"), ["l0 m0", "l1 m1"])
    assert len(world.merges) == len(merges) - 1
    assert [world.state.reviews[one].status for one in approved] == [ReviewStatus.MERGED] * 2
    assert essence(world) == essence(world.rebuilt())


def test_an_import_that_shares_an_identifier_does_not_merge_again() -> None:
    """Identifiers that both sides hold are in neither side: {p2}, import p2, {p2}, undo."""
    world = World(FREE)
    world.see("p2")
    world.bring("p2")
    world.see("p2")
    (merge_id,) = world.merges
    world.undo(merge_id)
    world.see("p2")
    assert len(world.state.profiles) == 2
    assert essence(world) == essence(world.rebuilt())


def test_undoing_twice_is_a_conflict() -> None:
    world = World(FREE)
    for names in ("m1", "p1", "m1 p1"):
        world.see(names)
    (merge_id,) = world.merges
    world.undo(merge_id)
    with pytest.raises(Conflict):
        world.undo(merge_id)


def test_an_undo_undone_merges_under_the_same_id() -> None:
    world = World(FREE)
    for names in ("m1", "p1", "m1 p1"):
        world.see(names)
    (merge_id,) = world.merges
    judgement = world.undo(merge_id).judgements[0]
    assert judgement.kind is JudgementKind.DISTINCT
    world.retract(judgement.judgement_id)
    assert set(world.merges) == {merge_id}


def test_a_split_gives_each_group_its_own_and_keeps_each_together() -> None:
    """SAME inside each group: they may have met only through the other group's identifiers."""
    world = World(FREE)
    for names in ("m1 p1", "p1 m2", "m2 u1", "u1 l1"):
        world.see(names)
    world.split(world.holder("m1"), ["m1 u1", "p1 m2", "l1"])
    assert partition(world.state) == {frozenset(ids(group)) for group in ("m1 u1", "p1 m2", "l1")}
    assert essence(world) == essence(world.rebuilt())
    world.see("m1 m2")
    assert partition(world.state) == {frozenset(ids(group)) for group in ("m1 u1", "p1 m2", "l1")}


@pytest.mark.parametrize("joined", ["merge", "m1 p1 l1", "m1 p1"])
def test_a_split_parts_imports_too(joined: str) -> None:
    """An import is not judged by what it holds, so a split has to name it: import m1, import p1, merge, split did nothing."""
    world = World(FREE)
    world.bring("m1 u1", value=10)
    world.bring("p1" if joined != "m1 p1" else "p1 l1", value=20)
    if joined == "merge":
        world.see("l1")
        world.merge(world.state.profiles)
    else:
        world.see(joined)
    world.split(world.holder("m1"), ["m1", "p1 l1"])
    assert partition(world.state) == {frozenset(ids("m1 u1")), frozenset(ids("p1 l1"))}
    assert essence(world) == essence(world.rebuilt())
    world.see("m1 p1")
    assert partition(world.state) == {frozenset(ids("m1 u1")), frozenset(ids("p1 l1"))}


def test_what_one_import_brought_is_not_split() -> None:
    world = World(FREE)
    world.bring("m1 p1")
    world.see("m1 l1")
    with pytest.raises(Unprocessable, match="brought"):
        world.split(world.holder("m1"), ["m1", "p1"])


def test_a_merge_that_other_rules_made_is_not_undone_before_the_new_ones_came_to_it() -> None:
    """Rules are in force at once, and come to everybody by and by. An undo in between folded what was never so, and was a 500."""
    world = World(replace(FREE, limits={"email": 1}))
    world.see("m0 m1")
    world.merge([world.holder("m0"), world.holder("m1")])
    (merge_id,) = world.merges
    world.rules = FREE
    with pytest.raises(Conflict, match="other rules"):
        world.undo(merge_id)


@pytest.mark.parametrize("groups", [["m1 p1"], ["m1", "m1 p1"], ["m1", ""], ["m1", "m2"]])
def test_groups_that_do_not_fit_are_refused(groups: list[str]) -> None:
    world = World(FREE)
    world.see("m1 p1")
    world.see("m2")
    with pytest.raises(Unprocessable):
        world.split(world.holder("m1"), groups)
