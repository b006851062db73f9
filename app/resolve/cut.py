"""Which evidence holds two ids together: a minimal set without which the same log makes two people of them. Pure.

The evidence is a graph of entries (events, imports, what people judged the same) and the identifiers they carry or speak of.
What founded the two ids has to stay: without it they are not two people but fewer. The minimum cut of that graph is where the
search begins, because whatever the fold joins is connected there. The fold itself decides: it joins less than all that is
connected (limits, caps, judgements), so a cut is tried by folding the log without it, and so is every smaller one.

What identifiers stand for (shared, blocked, linkable) stays as the whole history showed it: nobody unlearns a hub.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations, pairwise

import networkx as nx

from app.domain.events import Event, ProfileImport
from app.domain.evidence import Component
from app.domain.identifiers import Identifier
from app.domain.judgements import JudgementKind
from app.domain.profiles import Standing
from app.domain.rules import Rules
from app.domain.state import Anchor, Entry, entry_id
from app.resolve.fold import in_order, replayed
from app.resolve.resolve import evidence
from app.resolve.working import Working

# How many entries are folded at the most (some 15,000 a second) to try every part of a cut, and to put each piece back alone.
# Who asks waits, so for ordinary people both together take some hundredths of a second.
ALL_SMALLER = 300
EACH_ALONE = 3_000

Node = Identifier | tuple[str, object]
"""In the graph of evidence: an identifier, or an entry's way `in` and `out` (the same where it cannot be removed)."""


@dataclass(frozen=True, slots=True)
class Cut:
    """The entries without which two ids are two people, the earliest first; or `reason`, why there are none.

    `checked`: `all_smaller` (no smaller part of it separates them), `each_alone` (putting back any one of them does not
    separate them; so many that not all parts were tried), `as_a_whole` (it separates them; a part of it may do as well).
    """

    entries: tuple[Entry, ...] = ()
    checked: str = ""
    reason: str = ""


def separating(component: Component, one: str, other: str, rules: Rules, all_smaller: int = ALL_SMALLER) -> Cut:
    """What to take away of the evidence so that two ids of one person are two. `component` must hold both, whole.

    `all_smaller` is how many entries may be folded to try every part of what was found.
    """
    trial = _Trial(component, (one, other), rules)
    if not trial.together():
        return Cut(reason="the evidence of these people changed while it was read; ask again")
    start = _minimum(trial)
    if start is None or not trial.apart(start):
        start = _by_folding(trial)
    if start is None:
        return Cut(
            reason="what founded the two ids ties them together by itself, so no evidence that is left out would separate them; "
            "only a judgement can (a split, or the undo of a merge)"
        )
    found, checked = _smallest(trial, start, all_smaller)
    return Cut(tuple(entry for _, entry in in_order(component.log) if entry_id(entry) in found), checked)


class _Trial:
    """Folds the log without some of its entries and looks where the two ids are."""

    def __init__(self, component: Component, ids: tuple[str, str], rules: Rules) -> None:
        self.component = component
        self.ids = ids
        self.rules = rules
        self.nodes = evidence(component.brand_id, component.log, rules, component.standings)
        self.linkable = {node.identifier for node in self.nodes if node.standing is Standing.LINKABLE}
        founders = {component.issued[profile_id].founded_by for profile_id in ids if profile_id in component.issued}
        self.entries = {entry_id(entry): entry for _, entry in in_order(component.log) if _joins(entry)}
        self.removable = self.entries.keys() - founders

    def folded(self, without: frozenset[str]) -> Working:
        log = (row for row in self.component.log if entry_id(row[1]) not in without)
        return replayed(self.component.brand_id, log, self.nodes, self.component.issued, self.rules).working

    def together(self) -> bool:
        one, other = map(self.folded(frozenset()).where, self.ids)
        return one is not None and one == other

    def apart(self, without: frozenset[str]) -> bool:
        return separated(self.folded(without), self.ids)


def separated(working: Working, ids: tuple[str, str]) -> bool:
    """Whether two ids answer for two people: both are somebody, and not the same."""
    one, other = map(working.where, ids)
    return one is not None and other is not None and one != other


def _joins(entry: Entry) -> bool:
    """Whether an entry may hold people together: what keeps them apart, or only asks, does not."""
    return isinstance(entry, Event | ProfileImport) or entry.kind is JudgementKind.SAME


# The minimum cut of the graph


def _minimum(trial: _Trial) -> frozenset[str] | None:
    """The ids of the fewest entries that all ways from one id to the other lead through; None when some way has none."""
    begin, end = (_atom(profile_id, trial) for profile_id in trial.ids)
    if begin == end:
        return None
    graph, groups = _drawn(trial)
    graph.add_nodes_from((begin, end))
    try:
        _, (near, far) = nx.minimum_cut(graph, begin, end)
    except nx.NetworkXUnbounded:
        return None
    crossed = (ids for group, ids in groups.items() if ("in", group) in near and ("out", group) in far)
    return frozenset().union(*crossed)


def _drawn(trial: _Trial) -> tuple["nx.DiGraph[Node]", dict[object, list[str]]]:
    """The graph, and which entries each of its groups stands for: those that tie the same, of which none is spoken of."""
    spoken_of = {atom for entry in trial.entries.values() for atom in _sides(entry, trial) if not isinstance(atom, Identifier)}
    groups: dict[object, list[str]] = {}
    ties: dict[object, frozenset[Node]] = {}
    for key, entry in trial.entries.items():
        touched = frozenset((*_carried(entry, trial), *_sides(entry, trial)))
        alone = key not in trial.removable or ("in", key) in spoken_of
        group: object = key if alone else touched
        ties[group] = touched
        groups.setdefault(group, []).append(key)
    graph: nx.DiGraph[Node] = nx.DiGraph()
    for group, ids in groups.items():
        fixed = ids[0] not in trial.removable
        begin: Node = ("in", group)
        end: Node = begin if fixed else ("out", group)
        if not fixed:
            graph.add_edge(begin, end, capacity=len(ids))
        for node in sorted(ties[group], key=repr):
            graph.add_edge(node if isinstance(node, Identifier) else _end(node, trial), begin)
            graph.add_edge(end, node)
    return graph, groups


def _atom(profile_id: str, trial: _Trial) -> Node:
    """Where an id stands in the graph: with the identifier that it was founded on, else with what founded it."""
    anchor = trial.component.issued.get(profile_id, Anchor(profile_id, None))
    return anchor.founded_on if anchor.founded_on is not None else ("in", anchor.founded_by)


def _end(node: tuple[str, object], trial: _Trial) -> Node:
    """Where the way out of an entry begins."""
    return ("out", node[1]) if node[1] in trial.removable else node


def _carried(entry: Entry, trial: _Trial) -> Iterator[Node]:
    if isinstance(entry, Event | ProfileImport):
        yield from (identifier for identifier in entry.identifiers if identifier in trial.linkable)


def _sides(entry: Entry, trial: _Trial) -> Iterator[Node]:
    """The atoms that a person judged to be the same."""
    if isinstance(entry, Event | ProfileImport):
        return
    for side in entry.sides:
        yield from (identifier for identifier in side.identifiers if identifier in trial.linkable)
        yield from (_atom(profile_id, trial) for profile_id in side.profile_ids)


# Where the graph has no cut, and where a part of it will do


def _by_folding(trial: _Trial) -> frozenset[str] | None:
    """Takes away the last act that joins the two, again and again, until they are apart. None when no act does.

    For ids whose founding evidence carries an identifier in common: connected, and yet joined only by something else.
    """
    without: frozenset[str] = frozenset()
    while (len(without) + 1) * len(trial.component.log) <= EACH_ALONE:
        working = trial.folded(without)
        if separated(working, trial.ids):
            return without
        causes = [cause for cause in _causes(working, trial.ids) if cause in trial.removable]
        if not causes:
            return None
        order = {key: place for place, key in enumerate(trial.entries)}
        without |= {max(causes, key=order.__getitem__)}
    return None


def _causes(working: Working, ids: tuple[str, str]) -> list[str]:
    """What decided the merges on the way between two ids."""
    because = {merge.merge_id: merge.because for merge in working.merges}
    tree: nx.Graph[str] = nx.Graph()
    for profile_id, gone in working.absorbed.items():
        tree.add_edge(profile_id, gone.into, because=because[gone.merge_id])
    one, other = (_seat(working, profile_id) for profile_id in ids)
    if one is None or other is None or one not in tree or other not in tree or not nx.has_path(tree, one, other):
        return []
    return [tree.edges[left, right]["because"] for left, right in pairwise(nx.shortest_path(tree, one, other))]


def _seat(working: Working, profile_id: str) -> str | None:
    """The profile that an id's founding evidence first went to."""
    if profile_id in working.profiles or profile_id in working.survivors:
        return profile_id
    anchor = working.anchors.get(profile_id)
    if anchor is None:
        return None
    if anchor.founded_on is None:
        return working.homes.get(anchor.founded_by)
    node = working.nodes.get(anchor.founded_on)
    return min(node.holders, default=None) if node else None


def _smallest(trial: _Trial, start: frozenset[str], all_smaller: int) -> tuple[frozenset[str], str]:
    """The smallest part of a set that separates, and how it was looked for."""
    size = len(trial.component.log)
    if 2 ** len(start) * size <= all_smaller:
        return next((part for part in _parts(start) if trial.apart(part)), start), "all_smaller"
    if len(start) * size > EACH_ALONE:
        return start, "as_a_whole"
    found = start
    while smaller := next((found - {key} for key in sorted(found) if trial.apart(found - {key})), None):
        found = smaller
    return found, "each_alone"


def _parts(whole: Iterable[str]) -> Iterator[frozenset[str]]:
    """Its proper parts, the smaller first; not the empty one."""
    keys = sorted(whole)
    return (frozenset(part) for size in range(1, len(keys)) for part in combinations(keys, size))
