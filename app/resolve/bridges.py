"""What a big review hangs on: the evidence and people without which it would fall apart, and the split that this suggests.

The evidence is a graph: profiles hold identifiers, and the events that drew the review's links carried them. (A link that an
admin asked for touches its profiles itself.) Pure; articulation points and bridges as Hopcroft and Tarjan (1973) find them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

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
    """Each edge is looked at a few times, however many bridges there are: to take each away and look takes their square."""
    parts: dict[Node, int] = {}
    least: dict[tuple[Node, Node], int] = {}
    walks = [_walked(graph, min(component)) for component in nx.connected_components(graph)]
    for walk in walks:
        whole = walk.profiles[walk.root]
        others = [other.profiles[other.root] for other in walks if other is not walk]
        apart: dict[Node, list[int]] = {}
        for node, before in walk.parents.items():
            below = walk.profiles[node]
            if walk.back[node] >= walk.places[before]:
                apart.setdefault(before, []).append(below)
            if walk.back[node] > walk.places[before] and 0 < below < whole:
                least[_ends(before, node)] = min(one for one in (below, whole - below, *others) if one)
        for node, found in apart.items():
            rest = whole - sum(found) - (node.kind == "profile")
            groups = sum(map(bool, (*found, rest)))
            if groups > 1:
                parts[node] = groups
    return _Weighed(parts, least)


class _Walk(NamedTuple):
    """A component walked depth first: each node's place, whom it was reached from, how far back another way leads from what is
    behind it, and how many profiles are there."""

    root: Node
    places: Mapping[Node, int]
    parents: Mapping[Node, Node]
    back: Mapping[Node, int]
    profiles: Mapping[Node, int]


def _walked(graph: "nx.Graph[Node]", root: Node) -> _Walk:
    parents: dict[Node, Node] = {node: before for before, node in nx.dfs_edges(graph, root)}
    places = {node: place for place, node in enumerate((root, *parents))}
    back, profiles = dict(places), {node: int(node.kind == "profile") for node in places}
    for node in reversed(tuple(places)):
        before = parents.get(node)
        back[node] = min([back[node], *(places[other] for other in graph[node] if other != before)])
        if before is not None:
            back[before] = min(back[before], back[node])
            profiles[before] += profiles[node]
    return _Walk(root, places, parents, back, profiles)


def _weakest(weighed: _Weighed) -> tuple[Node, ...]:
    """The bridge that parts the review most evenly, if one leaves no profile by itself."""
    even = [ends for ends, least in weighed.least.items() if least > 1]
    return min(even, key=lambda ends: (-weighed.least[ends], ends), default=())


def _star(weighed: _Weighed) -> tuple[Node, ...]:
    """Where every bridge parts but one profile from the rest: the piece of evidence that holds the most groups together."""
    evidence = [point for point in weighed.parts if point.kind != "profile"]
    return (min(evidence, key=lambda point: (-weighed.parts[point], point)),) if evidence else ()
