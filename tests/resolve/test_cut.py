"""Laws of the cut over random worlds: without it two ids are two people, without any part of it they are still one."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.evidence import Component
from app.domain.profiles import Standing
from app.domain.state import entry_id
from app.resolve.cut import Cut, separating
from tests.resolve import test_laws, test_shared, test_undo
from tests.resolve.world import World

PAIRS = 3  # of one world; each part of each cut is a fold of its own


def component(world: World) -> Component:
    """Everything of a world, as the graph would give it."""
    said = {
        key: node.standing
        for key, node in world.state.identifiers.items()
        if node.declared is not None or node.standing is Standing.SHARED
    }
    return Component(world.brand, tuple(world.log), world.issued, said)


def without(world: World, removed: frozenset[str]) -> World:
    """The history again from nothing, without some of its evidence; shared identifiers are known to be."""
    again = World(world.rules, world.brand, issued=dict(world.issued), declared=dict(component(world).standings))
    again.log = [row for row in world.log if entry_id(row[1]) not in removed]
    rebuilt = again.rebuilt()
    rebuilt.issued = dict(world.issued)
    return rebuilt


def people(world: World, one: str, other: str) -> tuple[str | None, str | None]:
    found = tuple(where(world, profile_id) for profile_id in (one, other))
    return found[0], found[1]


def where(world: World, profile_id: str) -> str | None:
    """Who answers for an id: itself, its absorber, else whoever has what founded it (semantics, rule 2)."""
    found = world.state.find(profile_id)
    if found in world.state.profiles:
        return found
    anchor = world.issued.get(profile_id)
    if anchor is None:
        return None
    if anchor.founded_on is not None:
        return min(world.state.holders(anchor.founded_on), default=None)
    home = world.homes.get(anchor.founded_by)
    return home.profile_id if home else None


def joined(world: World) -> list[tuple[str, str]]:
    """Pairs of ids that answer for one person."""
    everyone = sorted(world.issued)
    pairs = [pair for pair in combinations(everyone, 2) if where(world, pair[0]) not in (None,)]
    return [pair for pair in pairs if where(world, pair[0]) == where(world, pair[1])][:PAIRS]


def obey(world: World) -> None:
    for one, other in joined(world):
        cut = separating(component(world), one, other, world.rules, all_smaller=10_000)
        removed = frozenset(entry_id(entry) for entry in cut.entries)
        assert bool(cut.reason) != bool(removed)
        assert not removed & {world.issued[profile_id].founded_by for profile_id in (one, other)}
        if cut.reason:
            assert "only a judgement" in cut.reason
            continue
        left, right = people(without(world, removed), one, other)
        assert None not in (left, right)
        assert left != right
        assert cut.checked == "all_smaller"
        for size in range(len(removed)):
            for part in combinations(sorted(removed), size):
                left, right = people(without(world, frozenset(part)), one, other)
                assert left == right


@given(test_laws.histories)
def test_without_the_cut_they_are_apart_and_without_less_they_are_not(history: list[tuple[str, object]]) -> None:
    obey(test_laws.live(history))


@given(test_undo.with_hubs)
def test_so_it_is_among_hubs_undos_and_splits(history: list[tuple[str, object]]) -> None:
    world = World(test_shared.RULES)
    test_undo.played(history, test_shared.RULES, world)
    obey(world)


crowded = st.lists(
    st.lists(st.sampled_from(["m0", "m1", "p0", "p1", "c0"]), min_size=1, max_size=2, unique=True), min_size=4, max_size=9
)


@given(crowded)
def test_so_it_is_when_much_says_the_same(history: list[list[str]]) -> None:
    obey(test_laws.live([("see", names) for names in history]))


def cut_of(world: World, one: str, other: str) -> Cut:
    return separating(component(world), one, other, world.rules)


def told(world: World, number: int) -> str:
    """The profile that the nth event was attached to when it came."""
    return list(world.stored.values())[number].answer.profile_id or ""


def test_the_one_event_that_joins_two_is_the_cut() -> None:
    world = World(test_laws.RULES)
    world.see("m1")
    world.see("p1")
    world.see("m1 p1")
    world.see("m1")
    cut = cut_of(world, told(world, 0), told(world, 1))
    assert [entry_id(entry) for entry in cut.entries] == [list(world.stored)[2]]


def test_a_bridge_is_cut_where_it_is_narrowest() -> None:
    """m1 - c1 is said once, c1 - p1 three times: what was said once is the cut."""
    world = World(test_laws.RULES)
    world.see("m1")
    world.see("p1")
    world.see("c1 p1")
    world.see("c1 p1")
    world.see("c1 p1")
    world.see("m1 c1")
    cut = cut_of(world, told(world, 0), told(world, 1))
    assert [entry_id(entry) for entry in cut.entries] == [list(world.stored)[5]]


def test_the_law_looks_at_what_people_judged_as_well() -> None:
    world = World(test_laws.RULES)
    world.see("l1")
    world.see("l2")
    (one, other) = sorted(world.state.profiles)
    (merged,) = world.merge([one, other]).judgements
    world.see("l1")
    assert cut_of(world, one, other).entries == (merged,)


def test_ids_whose_founders_share_an_identifier_are_parted_by_what_joined_them() -> None:
    """An import holds m1 beside its holder; the next event with m1 merges them. The graph has no cut, the fold has."""
    world = World(test_laws.RULES)
    first = world.see("m1").answers[0].profile_id
    second = world.bring("m1").answers[0].profile_id
    world.see("m1")
    assert first
    assert second
    cut = cut_of(world, first, second)
    assert [entry_id(entry) for entry in cut.entries] == [list(world.stored)[1]]


def test_two_ids_of_one_event_that_nothing_keeps_apart_are_parted_by_no_removal() -> None:
    """The import that had kept the second phone number from its event's person is gone from the log's standing: P(e2) sits
    with P(e1), because e2 by itself attaches there."""
    world = World(test_shared.RULES)
    world.see("m1 p1")
    world.see("m1")
    world.issued[world.stored[list(world.stored)[1]].event.event_id] = world.issued[told(world, 0)]._replace(
        founded_by=list(world.stored)[1]
    )
    cut = cut_of(world, told(world, 0), list(world.stored)[1])
    assert cut.entries == ()
    assert "only a judgement" in cut.reason


@pytest.mark.parametrize(("times", "checked"), [(3, "all_smaller"), (20, "each_alone"), (100, "as_a_whole")])
def test_how_far_a_cut_was_checked_is_said(times: int, checked: str) -> None:
    world = World(test_laws.RULES)
    world.see("m1")
    world.see("p1")
    for _ in range(times):
        world.see("m1 p1")
    cut = cut_of(world, told(world, 0), told(world, 1))
    assert (len(cut.entries), cut.checked) == (times, checked)
