"""What a review hangs on, by hand and against the definition: take it away and look."""

import time
from itertools import combinations

import networkx as nx
from hypothesis import given
from hypothesis import strategies as st

from app.resolve.bridges import Drawn, Member, Node, _drawn, structure
from tests.resolve.world import ids

NAMES = ["m0", "m1", "p0", "p1", "l0", "l1", "c0"]
people = st.lists(st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True), min_size=3, max_size=6)
links = st.lists(st.lists(st.sampled_from(NAMES), min_size=2, max_size=4, unique=True), min_size=1, max_size=4)


def member(name: str, held: str) -> Member:
    return Member(name, frozenset({name}), frozenset(ids(held)))


def link(name: str, profiles: str, carried: str, event: bool = True) -> Drawn:
    return Drawn(name, frozenset(profiles.split()), frozenset(ids(carried)), event)


def test_two_families_joined_by_one_event_are_proposed_apart() -> None:
    family = [member("a", "m0 p0"), member("b", "m1 p0"), member("c", "l0 p1"), member("d", "l1 p1")]
    found = structure(
        family, [link("e1", "a b", "p0"), link("e2", "c d", "p1"), link("e3", "b c", "m1 l0"), link("e4", "a b", "m0 m1")]
    )
    assert found.proposal is not None
    assert found.proposal.cut in found.bridges
    assert found.proposal.groups == (("a", "b"), ("c", "d"))
    assert Node("event", "e3") in found.points
    assert Node("profile", "a") not in found.points


def test_of_several_bridges_the_one_is_proposed_that_parts_most_evenly() -> None:
    family = [member(name, f"u{name} {home}") for name, home in zip("abcdefg", ["p0"] * 3 + ["p1"] * 2 + ["p2"] * 2, strict=True)]
    within = [link("e1", "a b c", "p0"), link("e2", "d e", "p1"), link("e3", "f g", "p2")]
    found = structure(family, [*within, link("e4", "c d", "uc ud"), link("e5", "e f", "ue uf")])
    assert found.proposal is not None
    assert found.proposal.groups == (("d", "e", "f", "g"), ("a", "b", "c"))
    assert list(found.bridges) == sorted(found.bridges)
    assert list(found.points) == sorted(found.points)


def test_what_was_held_but_never_carried_ties_nobody_and_what_was_carried_by_none_of_them_ties_them_itself() -> None:
    """All three hold p0, by imports, and no event says so; c was met through what it holds no longer."""
    found = structure([member("a", "m0 p0"), member("b", "m1 p0"), member("c", "l0 p0")], [link("e1", "a b c", "m0 m1 l1")])
    event = Node("event", "e1")
    assert found.points == (event, Node("identifier", "email:m0"), Node("identifier", "email:m1"))
    assert (event, Node("profile", "c")) in found.bridges


def test_a_star_is_proposed_apart_at_its_middle() -> None:
    cards = [member(f"p{n}", f"l{n} p0") for n in range(5)]
    found = structure(cards, [link("e1", "p0 p1 p2 p3 p4", "p0")])
    assert found.proposal is not None
    assert found.proposal.cut == (Node("identifier", "phone:p0"),)
    assert found.proposal.groups == tuple((f"p{n}",) for n in range(5))
    two = [member("a", "p0 l0 m0"), member("b", "p0"), member("c", "p0"), member("d", "m0")]
    found = structure(two, [link("e1", "a b c", "p0 l0"), link("e2", "a d", "m0")])
    assert found.proposal is not None
    assert found.proposal.cut == (Node("identifier", "phone:p0"),), "of two stars, that which holds the more together"
    assert found.proposal.groups == (("a", "d"), ("b",), ("c",))


def test_what_hangs_together_twice_has_no_bridge() -> None:
    ring = [member("a", "m0 p0 c0"), member("b", "m0 p0 c0"), member("c", "m0 p0 c0")]
    found = structure(ring, [link("e1", "a b c", "m0"), link("e2", "a b c", "p0")])
    assert (found.points, found.bridges, found.proposal) == ((), (), None)


def test_a_link_that_an_admin_asked_for_touches_its_profiles() -> None:
    found = structure([member(name, f"m{n}") for n, name in enumerate("abc")], [link("r", "a b c", "", event=False)])
    assert found.points == (Node("request", "r"),)
    assert found.proposal is not None
    assert found.proposal.groups == (("a",), ("b",), ("c",))


@given(people, links)
def test_points_and_bridges_are_what_parts_profiles_when_it_is_taken_away(
    held: list[list[str]], carried: list[list[str]]
) -> None:
    members = tuple(member(f"p{n}", " ".join(names)) for n, names in enumerate(held))
    drawn = tuple(Drawn(f"e{n}", frozenset(), frozenset(ids(names))) for n, names in enumerate(carried))
    graph = _drawn(members, drawn)
    found = structure(members, drawn)
    for node in graph:
        without = nx.Graph(graph)
        without.remove_node(node)
        assert (node in found.points) == parts_more(graph, without)
    for one, other in graph.edges:
        without = nx.Graph(graph)
        without.remove_edge(one, other)
        assert (tuple(sorted((one, other))) in found.bridges) == parts_more(graph, without)


def parts_more(graph: nx.Graph, without: nx.Graph) -> bool:  # type: ignore[type-arg]
    """Whether two profiles that hung together hang together no more."""
    profiles = [node for node in without if node.kind == "profile"]
    return any(nx.has_path(graph, *pair) and not nx.has_path(without, *pair) for pair in combinations(profiles, 2))


def test_a_review_of_hundreds_is_looked_through_at_once() -> None:
    """While it is, nobody else is served: to take each of its bridges away and look took a quarter of a minute."""
    family = [member(f"p{n:03}", f"u{n:03}") for n in range(300)]
    chain = [link(f"e{n:03}", "", f"u{n:03} u{n + 1:03}") for n in range(299)]
    began = time.process_time()
    found = structure(family, chain)
    assert time.process_time() - began < 1
    assert len(found.bridges) == 898
    assert found.proposal is not None
    assert list(map(len, found.proposal.groups)) == [150, 150]
