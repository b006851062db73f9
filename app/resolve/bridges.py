"""What a big review hangs on: the evidence and people without which it would fall apart, and the split that this suggests.

The evidence is a graph: profiles hold identifiers, and the events that drew the review's links carried them. (A link that an
admin asked for touches its profiles itself.) Pure; articulation points and bridges by the blocks that networkx finds.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple, cast

import networkx as nx

from app.domain.identifiers import Identifier

FEWEST = 3  # profiles: two hang together by whatever there is


class Node(NamedTuple):
    """`name` is a profile's id, an identifier as `type:value`, an event's id, or that of what an admin asked for."""

    kind: Literal["profile", "identifier", "event", "request"]
    name: str


@dataclass(frozen=True, slots=True)
class Member:
    """A profile of a review: all ids it answers for, and what it holds."""

    profile_id: str
    constituents: frozenset[str]
    held: frozenset[Identifier]


@dataclass(frozen=True, slots=True)
class Drawn:
    """An open link: the profiles as they were, and what its event carried (`event` False: an admin's request carried nothing)."""

    link_id: str
    profile_ids: frozenset[str]
    carried: frozenset[Identifier]
    event: bool = True


@dataclass(frozen=True, slots=True)
class Proposal:
    """The groups of profiles that come apart without `cut`: a bridge's two ends, or one piece of evidence."""

    cut: tuple[Node, ...]
    groups: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Structure:
    """`points`: without each of these alone the review falls apart; `bridges`: pairs whose tie alone holds it together."""

    points: tuple[Node, ...]
    bridges: tuple[tuple[Node, Node], ...]
    proposal: Proposal | None


def structure(members: Iterable[Member], links: Iterable[Drawn]) -> Structure:
    """Of bridges only those that part profiles from profiles, whatever hangs on one profile alone."""
    graph = _drawn(tuple(members), tuple(links))
    weighed = _weighed(graph)
    points, bridges = tuple(sorted(weighed.parts)), tuple(sorted(weighed.least))
    cut = _weakest(weighed) or _star(weighed)
    return Structure(points, bridges, Proposal(cut, _parted(graph, *cut)) if cut else None)


def _drawn(members: tuple[Member, ...], links: tuple[Drawn, ...]) -> "nx.Graph[Node]":
    graph: nx.Graph[Node] = nx.Graph()
    said = frozenset().union(*(link.carried for link in links))
    holders: dict[Identifier, list[str]] = {}
    answering = {one: member.profile_id for member in members for one in member.constituents}
    for member in members:
        graph.add_node(Node("profile", member.profile_id))
        for one in member.held & said:
            graph.add_edge(Node("profile", member.profile_id), _identifier(one))
            holders.setdefault(one, []).append(member.profile_id)
    for link in links:
        here = Node("event" if link.event else "request", link.link_id)
        known = [one for one in link.carried if one in holders]
        graph.add_edges_from((here, _identifier(one)) for one in known)
        met = {answering[one] for one in link.profile_ids if one in answering}
        strangers = met.difference(*(holders[one] for one in known))
        graph.add_edges_from((here, Node("profile", profile_id)) for profile_id in strangers)
    return graph


def _identifier(identifier: Identifier) -> Node:
    return Node("identifier", str(identifier))


def _ends(one: Node, other: Node) -> tuple[Node, Node]:
    return (one, other) if one < other else (other, one)


def _parted(graph: "nx.Graph[Node]", *cut: Node) -> tuple[tuple[str, ...], ...]:
    """The groups of profiles without a node, or without the edge between two; the largest first."""
    nodes: nx.Graph[Node] = nx.Graph(graph)
    if len(cut) == 2:
        nodes.remove_edge(*cut)
    else:
        nodes.remove_nodes_from(cut)
    found = (tuple(sorted(node.name for node in part if node.kind == "profile")) for part in nx.connected_components(nodes))
    return tuple(sorted((group for group in found if group), key=lambda group: (-len(group), group)))


@dataclass(frozen=True, slots=True)
class _Weighed:
    """By point, into how many groups of profiles its component falls without it; by bridge, how many profiles the smallest group
    of all has then."""

    parts: Mapping[Node, int]
    least: Mapping[tuple[Node, Node], int]


def _weighed(graph: "nx.Graph[Node]") -> _Weighed:
    """By the tree of its blocks (biconnected components, of which one of two nodes is a bridge): each edge of it knows how many
    profiles lie behind it. To take each bridge away and look takes their square."""
    tree: nx.Graph[Node | int] = nx.Graph()
    tree.add_nodes_from(graph)
    for number, block in enumerate(cast("Iterable[set[Node]]", nx.biconnected_components(graph))):
        tree.add_edges_from((number, node) for node in block)
    parts: dict[Node, int] = {}
    least: dict[tuple[Node, Node], int] = {}
    hung = [_hung(tree, min(component)) for component in nx.connected_components(graph)]
    for one in hung:
        others = [other.whole for other in hung if other is not one]
        behind: dict[Node, list[int]] = {}
        for node, before in one.parents.items():
            below, above = one.below[node], one.whole - one.below[node]
            if not isinstance(node, Node):
                behind.setdefault(_node(before), []).append(below)
                continue
            behind.setdefault(node, []).append(above)
            if tree.degree(before) == 2 and below and above:
                least[_ends(_node(one.parents[before]), node)] = min(count for count in (below, above, *others) if count)
        parts |= {node: groups for node, counts in behind.items() if (groups := sum(map(bool, counts))) > 1}
    return _Weighed(parts, least)


class _Hung(NamedTuple):
    """A tree of blocks by a node of it: who hangs on whom, how many profiles hang below each (itself among them), and in all."""

    parents: Mapping[Node | int, Node | int]
    below: Mapping[Node | int, int]
    whole: int


def _hung(tree: "nx.Graph[Node | int]", by: Node) -> _Hung:
    parents = {node: before for before, node in nx.dfs_edges(tree, by)}
    below = {node: int(isinstance(node, Node) and node.kind == "profile") for node in (by, *parents)}
    for node in reversed(parents):
        below[parents[node]] += below[node]
    return _Hung(parents, below, below[by])


def _node(hung: Node | int) -> Node:
    """Blocks hang on nodes, and nodes on blocks."""
    assert isinstance(hung, Node)
    return hung


def _weakest(weighed: _Weighed) -> tuple[Node, ...]:
    """The bridge that parts the review most evenly, if one leaves no profile by itself."""
    even = [ends for ends, least in weighed.least.items() if least > 1]
    return min(even, key=lambda ends: (-weighed.least[ends], ends), default=())


def _star(weighed: _Weighed) -> tuple[Node, ...]:
    """Where every bridge parts but one profile from the rest: the piece of evidence that holds the most groups together."""
    evidence = [point for point in weighed.parts if point.kind != "profile"]
    return (min(evidence, key=lambda point: (-weighed.parts[point], point)),) if evidence else ()
