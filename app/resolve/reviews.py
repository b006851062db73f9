"""Reviews are derived: the connected components of the open links over pairs that no judgement forbids."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations, pairwise

import networkx as nx

from app.domain.events import stable_id
from app.domain.profiles import OpenLink, Profile, clash


@dataclass(frozen=True, slots=True)
class Component:
    """Profiles that open links join, and those links, the earliest first."""

    profile_ids: frozenset[str]
    links: tuple[OpenLink, ...]

    @property
    def earliest(self) -> OpenLink:
        return self.links[0]


def components(links: Iterable[OpenLink], find: Callable[[str], str], profiles: Mapping[str, Profile]) -> tuple[Component, ...]:
    """The components of two or more profiles, each with its links.

    `find` gives who answers for an id now; `profiles` must hold each of those.
    """
    drawn: nx.Graph[str] = nx.Graph()
    contributing: dict[str, list[OpenLink]] = {}
    for link in sorted(links, key=lambda link: link.place):
        current = sorted({find(profile_id) for profile_id in link.profile_ids})
        pairs = _permitted(current, profiles)
        drawn.add_edges_from(pairs)
        for profile_id in {profile_id for pair in pairs for profile_id in pair}:
            contributing.setdefault(profile_id, []).append(link)
    return tuple(_component(members, contributing) for members in nx.connected_components(drawn))


def _permitted(current: list[str], profiles: Mapping[str, Profile]) -> list[tuple[str, str]]:
    """Pairs that no judgement forbids. Where nobody was ever judged, a path joins them all as well as a clique would."""
    if not any(profiles[profile_id].tags for profile_id in current):
        return list(pairwise(current))
    return [(a, b) for a, b in combinations(current, 2) if not clash(profiles[a].tags | profiles[b].tags)]


def _component(members: Iterable[str], contributing: Mapping[str, list[OpenLink]]) -> Component:
    ids = frozenset(members)
    links = {link.link_id: link for member in ids for link in contributing[member]}
    return Component(ids, tuple(sorted(links.values(), key=lambda link: link.place)))


def named(found: Iterable[Component], find: Callable[[str], str], brand_id: str) -> dict[str, Component]:
    """Each component under its review id: its earliest link's, made unique where one link fell into several components.

    Which of those it is, is told by the first of the link's own profiles in it, as they were when the link was drawn:
    whoever joins later changes no id.
    """
    by_id: dict[str, Component] = {}
    for first, component in sorted(((_first(component, find), component) for component in found), key=lambda one: one[0]):
        review_id = stable_id(brand_id, "review", component.earliest.link_id)
        if review_id in by_id:
            review_id = stable_id(brand_id, "review", component.earliest.link_id, first)
        by_id[review_id] = component
    return by_id


def _first(component: Component, find: Callable[[str], str]) -> str:
    return min(old for old in component.earliest.profile_ids if find(old) in component.profile_ids)
