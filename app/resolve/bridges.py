"""What a big review hangs on: the evidence and people without which it would fall apart, and the split that this suggests.

The evidence is a graph: profiles hold identifiers, and the events that drew the review's links carried them. (A link that an
admin asked for touches its profiles itself.) Pure; articulation points and bridges by networkx.
"""

from collections.abc import Iterable
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
    whole = len(_parted(graph))
    points = tuple(sorted(point for point in nx.articulation_points(graph) if len(_parted(graph, point)) > whole))
    parting = {
        _ends(one, other): _parted(graph, one, other) for one, other in cast("Iterable[tuple[Node, Node]]", nx.bridges(graph))
    }
    bridges = {ends: groups for ends, groups in parting.items() if len(groups) > whole}
    return Structure(points, tuple(sorted(bridges)), _weakest(bridges) or _star(graph, points))


def _drawn(members: tuple[Member, ...], links: tuple[Drawn, ...]) -> "nx.Graph[Node]":
    graph: nx.Graph[Node] = nx.Graph()
    said = frozenset().union(*(link.carried for link in links))
    for member in members:
        graph.add_node(Node("profile", member.profile_id))
        graph.add_edges_from((Node("profile", member.profile_id), _identifier(one)) for one in member.held & said)
    for link in links:
        here = Node("event" if link.event else "request", link.link_id)
        for member in members:
            known = member.held & link.carried
            graph.add_edges_from((here, _identifier(one)) for one in known)
            if not known and member.constituents & link.profile_ids:
                graph.add_edge(here, Node("profile", member.profile_id))
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


def _weakest(bridges: dict[tuple[Node, Node], tuple[tuple[str, ...], ...]]) -> Proposal | None:
    """The bridge that parts the review most evenly, if it leaves no profile by itself."""
    even = {ends: groups for ends, groups in bridges.items() if min(map(len, groups)) > 1}
    if not even:
        return None
    ends = min(even, key=lambda ends: (-min(map(len, even[ends])), ends))
    return Proposal(ends, even[ends])


def _star(graph: "nx.Graph[Node]", points: Iterable[Node]) -> Proposal | None:
    """Where every bridge parts but one profile from the rest: the piece of evidence that holds the most groups together."""
    evidence = {point: _parted(graph, point) for point in points if point.kind != "profile"}
    if not evidence:
        return None
    point = min(evidence, key=lambda point: (-len(evidence[point]), point))
    return Proposal((point,), evidence[point])
