"""Erasing a person: nothing of theirs is left, and everybody else is what their own evidence says."""

from dataclasses import replace

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.events import Event, Money, ProfileImport
from app.domain.identifiers import Identifier
from app.domain.judgements import Judgement
from app.domain.orders import AS_IT_CAME
from app.domain.profiles import Standing
from app.domain.rules import Rules
from app.domain.state import State
from app.resolve.erasing import Forgotten
from app.resolve.ruled import ruled_anew
from app.resolve.sightings import ERASED
from tests.resolve.test_laws import brought, decided, ordered, seen
from tests.resolve.test_shared import ONE, declared
from tests.resolve.test_undo import FREE, RULES, played, taken_back
from tests.resolve.world import LIMITS, World, essence, ids, partition, people

erasing = st.tuples(st.just("erase"), st.integers(0, 1_000))
without_hubs = st.lists(st.one_of(seen, seen, seen, ordered, brought, decided, taken_back, erasing), min_size=3, max_size=14)
with_hubs = st.lists(
    st.one_of(seen, seen, seen, ordered, brought, decided, declared, taken_back, erasing), min_size=3, max_size=14
)
MARTIAL = Rules(max_auto_merge=2, limits=LIMITS)


def lived(history: list[tuple[str, object]], rules: Rules) -> tuple[World, list[Forgotten]]:
    world, gone = World(rules), []
    for what, how in history:
        if what != "erase":
            played([(what, how)], rules, world)
        elif everyone := sorted(world.state.profiles):
            gone.append(world.erase(everyone[how % len(everyone)]))  # type: ignore[operator]
    return world, gone


@given(without_hubs)
def test_who_stays_is_what_a_rebuild_of_the_evidence_that_is_left_gives(history: list[tuple[str, object]]) -> None:
    for rules in (FREE, replace(MARTIAL, fan_out=dict.fromkeys(ONE, 100))):
        world, _ = lived(history, rules)
        assert told(world) == told(world.rebuilt())


def told(world: World) -> dict[str, object]:
    """All that is said of people and orders, but for who was seen beside whom: who is forgotten there stays counted."""
    counts = {key: how for key, how in world.reckoned.items() if how != AS_IT_CAME and key in world.homes}
    said = essence(world) | {"counts": counts}
    seen_at = {one: (row[0], *row[3:]) for one, row in said.pop("seen").items()}  # type: ignore[attr-defined]
    return said | {"seen": {one: (row[0], row[3]) for one, row in seen_at.items()}}


@given(with_hubs)
def test_to_fold_again_what_is_left_changes_nothing(history: list[tuple[str, object]]) -> None:
    """Also where hubs crossed: what was shared stays shared, though who shared it is gone."""
    world, _ = lived(history, RULES)
    assert ruled_anew(world.with_region(()), world.rules, world._now()) is None


@given(with_hubs, st.integers(0, 1_000))
def test_nothing_of_theirs_is_left(history: list[tuple[str, object]], pick: int) -> None:
    world, _ = lived(history, RULES)
    if not world.state.profiles:
        return
    everyone = sorted(world.state.profiles)
    profile_id = everyone[pick % len(everyone)]
    theirs = frozenset(one for one in world.state.identifiers if world.state.holders(one) == {profile_id})
    gone = world.erase(profile_id)
    assert profile_id in gone.people
    assert theirs <= gone.identifiers
    assert gone.identifiers.isdisjoint(named_in(world))
    assert gone.profile_ids.isdisjoint({*world.state.profiles, *world.state.survivors, *world.issued, *world.placed})
    assert gone.profile_ids.isdisjoint({home.profile_id for home in world.homes.values()})
    assert gone.profile_ids.isdisjoint(one for link in world.state.links.values() for one in link.profile_ids)
    assert gone.profile_ids.isdisjoint(one for review in world.state.pending() for one in review.profile_ids)
    assert gone.events.isdisjoint(world.homes)


def named_in(world: World) -> set[Identifier]:
    """Every identifier that anything that is kept names."""
    named: set[Identifier] = set()
    for node in world.state.identifiers.values():
        named |= {node.identifier, *node.seen_with, *node.through}
    for profile in world.state.profiles.values():
        named |= profile.strong
    for _, entry in world.log:
        if isinstance(entry, Judgement):
            named |= {one for side in entry.sides for one in side.identifiers}
        else:
            named |= set(entry.identifiers)
    return named


@given(with_hubs, st.integers(0, 1_000))
def test_who_had_nothing_to_do_with_them_is_as_before(history: list[tuple[str, object]], pick: int) -> None:
    world, _ = lived(history, RULES)
    if not world.state.profiles:
        return
    everyone = sorted(world.state.profiles)
    profile_id = everyone[pick % len(everyone)]
    strangers = everyone_apart_from(world, profile_id)
    before = {one: world.state.profiles[one] for one in strangers}
    world.erase(profile_id)
    assert {one: world.state.profiles.get(one) for one in strangers} == before


def everyone_apart_from(world: World, profile_id: str) -> set[str]:
    """Profiles that no chain of entries, identifiers, orders and judgements leads to from this one."""
    ties = nx.Graph()
    ties.add_nodes_from(world.state.profiles)
    for _, entry in world.log:
        match entry:
            case Event():
                ties.add_edges_from((entry.event_id, one) for one in entry.identifiers)
                ties.add_edges_from((entry.event_id, one) for one in (entry.order, world.homes[entry.event_id].profile_id) if one)
            case ProfileImport():
                ties.add_edges_from((world.state.find(entry.profile_id), one) for one in entry.identifiers)
            case Judgement():
                for side in entry.sides:
                    ties.add_edges_from((entry.judgement_id, world.state.find(one)) for one in side.profile_ids)
                    ties.add_edges_from((entry.judgement_id, one) for one in side.identifiers)
    ties.add_edges_from((key, one) for key in world.state.identifiers for one in world.state.holders(key))
    return world.state.profiles.keys() - nx.node_connected_component(ties, profile_id)


def test_an_event_that_comes_again_after_the_erasure_is_a_duplicate_still() -> None:
    world = World(RULES)
    world.see("m0 p0")
    sent = [entry for _, entry in world.log]
    world.erase(world.holder("m0"))
    assert world.take(sent).is_empty
    assert not world.state.profiles


def test_the_same_address_later_is_a_new_person() -> None:
    world = World(RULES)
    world.see("m0 p0")
    (old,) = world.state.profiles
    world.erase(old)
    world.see("m0")
    assert world.holder("m0") != old
    assert world.state.profiles[world.holder("m0")].orders == 1


def test_a_hub_stays_shared_when_one_who_shared_it_is_erased() -> None:
    """Else the erasure of one would join two others."""
    world = World(Rules(limits=LIMITS, fan_out={"cookie": 2}))
    for name in ("m0", "m1", "m2"):
        world.see([name, "c0"])
    assert len(world.state.profiles) == 3
    world.erase(world.holder("m0"))
    world.see("m3 c0")
    node = world.state.identifiers[ids("c0")[0]]
    assert node.standing is Standing.SHARED
    assert sorted(one.value.startswith(ERASED) for one in node.seen_with) == [False, False, False, True]
    assert len(world.state.profiles) == 3


def test_another_ones_event_that_carried_theirs_stays_without_it() -> None:
    world = World(MARTIAL)
    world.see("l0 m0")
    world.see("l1 p1 m1")
    world.see("l1 m0")  # a conflict: two cards. It is l1's, and a review waits
    (review,) = world.state.pending()
    stays = world.holder("l1")
    gone = world.erase(world.holder("l0"))
    assert len(gone.stripped) == 1
    assert set(world.state.profiles) == {stays}
    assert world.state.profiles[stays].orders == 2
    assert not world.state.pending()
    assert {one for _, entry in world.log for one in getattr(entry, "identifiers", ())} == {*ids("l1 p1 m1")}
    assert review.review_id not in {one.review_id for one in world.state.pending()}


@pytest.mark.parametrize("after", [{}, {"type_": "order_cancelled"}])
def test_an_order_counts_as_it_came_when_who_told_otherwise_of_it_is_erased(after: dict[str, str]) -> None:
    """Also where nobody spends anything else by that, since the order is called off."""
    world = World(FREE)
    world.see("m0", value=14, order="o1")
    world.see("m1", value=12, order="o1", type_="order_updated")
    if after:
        world.see("m2", order="o1", **after)
    world.erase(world.holder("m1"))
    assert told(world) == told(world.rebuilt())
    assert all(how.revised is None for how in world.reckoned.values())


def test_a_refund_of_all_is_of_nothing_when_who_bought_is_erased() -> None:
    world = World(FREE)
    world.see("m0", value=14, order="o1")
    world.see("m1", value=0, order="o1", type_="refund")
    (refund,) = world.reckoned
    assert world.reckoned[refund].revised == Money(-14, "USD")
    world.erase(world.holder("m0"))
    assert world.reckoned == {refund: AS_IT_CAME}
    assert not world.state.profiles[world.holder("m1")].spend


def test_who_is_known_by_nothing_else_goes_too() -> None:
    """An identifier that did not fit got a profile of its own, made by an event that is erased."""
    world = World(RULES)
    world.see("l0 l1")
    assert len(world.state.profiles) == 2
    gone = world.erase(world.holder("l0"))
    assert len(gone.people) == 2
    assert not world.state.profiles


def test_whose_own_evidence_speaks_for_them_stays() -> None:
    world = World(RULES)
    world.see("l0 l1")
    world.see("l1 p1")
    single = world.holder("l1")
    world.erase(world.holder("l0"))
    assert world.state.find(single) == world.holder("l1")
    assert partition(world.state) == people("l1 p1")
    assert world.state.profiles[world.holder("l1")].orders == 1


def test_a_person_of_many_merges_goes_with_all_their_ids() -> None:
    world = World(FREE)
    world.see("m0")
    world.see("p0")
    world.see("m0 p0")
    issued = set(world.issued)
    gone = world.erase(world.holder("m0"))
    assert gone.profile_ids == issued
    assert world.state == State("world", known=world.state.known)


def test_what_was_judged_of_them_and_others_holds_among_the_others() -> None:
    world = World(RULES)
    for name in ("l0", "l1", "l2"):
        world.see(name)
    world.see("l0 l1 l2")
    world.reject(world.review())
    world.erase(world.holder("l0"))
    (said,) = [entry for _, entry in world.log if isinstance(entry, Judgement)]
    assert len(said.sides) == 2
    world.see("l1 l2")
    assert world.holder("l1") != world.holder("l2")
    assert not world.state.pending()


def test_what_joined_several_still_joins_those_who_are_left() -> None:
    """An admin's merge of three was taken back, one of them erased, and that taking back is taken back too."""
    world = World(FREE)
    for name in ("m1", "p1", "u1"):
        world.see(name)
    world.merge(map(world.holder, ("m1", "p1", "u1")))
    (merge_id,) = world.merges
    (no,) = world.undo(merge_id).judgements
    world.erase(world.holder("m1"))
    assert partition(world.state) == people("p1", "u1")
    world.retract(no.judgement_id)
    assert partition(world.state) == people("p1 u1")
    assert essence(world) == essence(world.rebuilt())


def test_who_was_split_stays_so_when_a_part_is_erased() -> None:
    """The sides of such a judgement are identifiers alone."""
    world = World(FREE)
    for name in ("m1", "p1", "u1", "m1 p1 u1"):
        world.see(name)
    world.split(world.holder("m1"), ["m1", "p1", "u1"])
    world.erase(world.holder("u1"))
    world.see("m1 p1")
    assert world.holder("m1") != world.holder("p1")


def test_what_nobody_may_hold_goes_with_who_alone_carried_it() -> None:
    (kiosk,) = ids("c0")
    for imported, beside, elsewhere, goes in (
        (False, None, "", True),
        (True, None, "", True),
        (False, "p1 c0", "", False),
        (True, "p1 c0", "", False),
        (False, None, "c0", False),
    ):
        world = World(FREE)
        world.declare("c0", Standing.SHARED)
        (world.bring if imported else world.see)("m1 c0")
        if beside is not None:
            world.see(beside)
        gone = world.erase(world.holder("m1"), elsewhere=elsewhere)
        assert (kiosk in gone.identifiers) is goes
