"""What of the graph is drawn: people, identifiers, merges and reviews as they are, events by their type. Pure.

An event is drawn with the person it belongs to: "x12" of a type, at one place. Visits and intents are not drawn, since each is
part of its event.
"""

from collections import Counter, deque
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from app.domain.identifiers import TYPES, Kind
from app.graph.rows import Row, millis

# What a node is drawn as, by its label; identifiers by what they say, events by their type.
KINDS = {
    "Profile": "person",
    "MergedProfile": "absorbed",
    "Tombstone": "erased",
    "MergeHistory": "merge",
    "MergeReview": "review",
}
PEOPLE = ("person", "absorbed", "erased")
OWNERS = {"Event": "ATTACHED_TO", "ProfileImport": "FOUNDED"}  # by which edge an event belongs to somebody
NOT_DRAWN = ("StoreVisit", "ProductIntent")


@dataclass(frozen=True, slots=True)
class Dot:
    """A node as it is drawn. `since` (epoch milliseconds) is when it was first seen, None when nobody knows; `times` are those of
    the events that it stands for, the earliest first, and `or_more` says that its person has more than were read; `name` is
    what names it, `standing` an identifier's."""

    id: str
    kind: str
    label: str
    since: int | None
    times: tuple[int, ...] = ()
    name: str = ""
    standing: str = ""
    or_more: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """An edge as it is drawn; `since` as of a dot, None when both of its ends say enough."""

    source: str
    target: str
    kind: str
    since: int | None = None


@dataclass(frozen=True, slots=True)
class Drawing:
    """What is drawn, the nearest to where it began first. `more` dots were left out; `or_more` says that those are not all."""

    dots: tuple[Dot, ...]
    lines: tuple[Line, ...]
    more: int = 0
    or_more: bool = False


def drawing(seen: Row, fan_out: int) -> Drawing:
    """Everything of an answer of `surroundings_of` that can be drawn; people are called by their ids yet."""
    nodes = {node["id"]: node for node in seen["nodes"] if node["label"] not in NOT_DRAWN}
    edges = [edge for edge in seen["edges"] if edge["source"] in nodes and edge["target"] in nodes]
    place = _places(nodes, edges)
    dots = _dots(nodes, place, _cut_short(edges, fan_out))
    lines = _lines(nodes, edges, place)
    near = _nearest_first(seen["nodes"][0]["id"], dots, lines)
    first = _first_seen(nodes, edges)
    ordered = tuple(replace(dots[one], since=first.get(one, dots[one].since)) for one in near)
    between = tuple(line for line in lines if line.source in near and line.target in near)
    return Drawing(ordered, between, or_more=seen["truncated"])


def at_most(whole: Drawing, most: int) -> Drawing:
    """The nearest of it."""
    kept = whole.dots[:most]
    return replace(whole, dots=kept, lines=_among(whole.lines, kept), more=len(whole.dots) - len(kept))


def neighbours(whole: Drawing, dot_id: str) -> Drawing:
    """A dot, what touches it, and whose the events among that are; with all lines of these, also to what is left out here."""
    beside = {dot_id, *_others(whole.lines, dot_id)}
    owners = {line.target for line in whole.lines if line.kind == "did" and line.source in beside}
    kept = tuple(dot for dot in whole.dots if dot.id in beside | owners)
    ids = {dot.id for dot in kept}
    return Drawing(kept, tuple(line for line in whole.lines if line.source in ids or line.target in ids), or_more=whole.or_more)


def start_of(dot_id: str) -> str:
    """The node of the graph to begin at when a dot is expanded: events are found at their person."""
    return f"profile:{dot_id.partition('@profile:')[2]}" if dot_id.startswith("events:") else dot_id


def people_of(drawn: Drawing) -> list[str]:
    return [dot.name for dot in drawn.dots if dot.kind in PEOPLE]


def called(drawn: Drawing, names: Mapping[str, str]) -> Drawing:
    """With what people are called, by profile id."""
    dots = (replace(dot, label=names.get(dot.name, dot.label)) if dot.kind in PEOPLE else dot for dot in drawn.dots)
    return replace(drawn, dots=tuple(dots))


def _places(nodes: Mapping[str, Row], edges: Iterable[Row]) -> dict[str, str]:
    """Where each node is drawn: events at the dot of their type and person. Events of nobody who is there have no place."""
    place = {name: name for name, node in nodes.items() if node["label"] not in OWNERS}
    for edge in edges:
        node = nodes[edge["source"]]
        if edge["type"] == OWNERS.get(node["label"]):
            place[edge["source"]] = f"events:{node.get('type', 'profile_import')}@{edge['target']}"
    return place


def _cut_short(edges: Iterable[Row], fan_out: int) -> set[str]:
    """The people of whom as many events were read as may be: there are more."""
    events = Counter(edge["target"] for edge in edges if edge["type"] in OWNERS.values())
    return {person for person, count in events.items() if count >= fan_out}


def _dots(nodes: Mapping[str, Row], place: Mapping[str, str], cut_short: Container[str]) -> dict[str, Dot]:
    dots: dict[str, Dot] = {}
    times: dict[str, list[int]] = {}
    for name, node in nodes.items():
        if name not in place:
            continue
        where, at = place[name], None if node["at"] is None else millis(node["at"])
        dots.setdefault(where, _dot(where, node, at))
        if node["label"] in OWNERS and at is not None:
            times.setdefault(where, []).append(at)
    for where, all_of_it in times.items():
        or_more = start_of(where) in cut_short
        dots[where] = replace(dots[where], times=tuple(sorted(all_of_it)), since=min(all_of_it), or_more=or_more)
    return dots


def _dot(where: str, node: Mapping[str, Any], at: int | None) -> Dot:
    label = node["label"]
    if label in OWNERS:
        return Dot(where, "events", node.get("type", "profile_import"), at, name=start_of(where))
    if label == "Identifier":
        kind = "identifier" if TYPES[node["type"]].kind is Kind.STRONG else "anonymous"
        return Dot(where, kind, node["value"], at, name=node["type"], standing=node["standing"])
    if label == "MergeHistory":
        return Dot(where, "merge", "undone merge" if "undone_at" in node else "merge", at, name=node["merge_id"])
    if label == "MergeReview":
        return Dot(where, "review", f"{node['status']} review", at, name=node["review_id"])
    return Dot(where, KINDS[label], node["profile_id"], at, name=node["profile_id"])


SAID = {
    "HAS_IDENTIFIER": "holds",
    "ATTACHED_TO": "did",
    "FOUNDED": "did",
    "CARRIES": "carried",
    "MERGED_INTO": "became",
    "KEPT": "kept",
    "ABSORBED": "absorbed",
    "CANDIDATE": "candidate",
}


def _lines(nodes: Mapping[str, Row], edges: Iterable[Row], place: Mapping[str, str]) -> tuple[Line, ...]:
    """Each once; one that several events drew is there since the first of them, and who became another since the merge."""
    since: dict[tuple[str, str, str], list[int]] = {}
    for edge in edges:
        if edge["source"] not in place or edge["target"] not in place:
            continue
        line = place[edge["source"]], place[edge["target"]], SAID[edge["type"]]
        said = nodes.get(f"mergehistory:{edge.get('merge_id')}") if edge["type"] == "MERGED_INTO" else nodes[edge["source"]]
        drawn = edge["type"] == "MERGED_INTO" or nodes[edge["source"]]["label"] in OWNERS
        times = since.setdefault(line, [])
        if drawn and said is not None and said["at"] is not None:
            times.append(millis(said["at"]))
    return tuple(Line(*line, min(times, default=None)) for line, times in sorted(since.items()))


def _nearest_first(start: str, dots: Mapping[str, Dot], lines: Sequence[Line]) -> dict[str, int]:
    """How many lines each dot is away from the first; those that no line leads to are left out."""
    beside: dict[str, list[str]] = {one: [] for one in dots}
    for line in lines:
        beside[line.source].append(line.target)
        beside[line.target].append(line.source)
    order = {one: place for place, one in enumerate(dots)}
    away, waiting = {start: 0}, deque([start])
    while waiting:
        one = waiting.popleft()
        for other in sorted(beside[one], key=order.__getitem__):
            if other not in away:
                away[other] = away[one] + 1
                waiting.append(other)
    return away


def _first_seen(nodes: Mapping[str, Row], edges: Iterable[Row]) -> dict[str, int]:
    """Since when people are there: since their first event, which may be older than their node. The events of who was absorbed
    are those that the merge moved."""
    first: dict[str, int] = {}
    moved: dict[str, int] = {}
    gone: dict[str, str] = {}
    for edge in edges:
        if edge["type"] == "MERGED_INTO" and "merge_id" in edge:
            gone[edge["source"]] = edge["merge_id"]
        at = nodes[edge["source"]]["at"]
        if edge["type"] not in OWNERS.values() or at is None:
            continue
        first[edge["target"]] = min(millis(at), first.get(edge["target"], millis(at)))
        if "merge_id" in edge:
            moved[edge["merge_id"]] = min(millis(at), moved.get(edge["merge_id"], millis(at)))
    return first | {one: moved[merge_id] for one, merge_id in gone.items() if merge_id in moved}


def _among(lines: Iterable[Line], dots: Iterable[Dot]) -> tuple[Line, ...]:
    ids = {dot.id for dot in dots}
    return tuple(line for line in lines if line.source in ids and line.target in ids)


def _others(lines: Iterable[Line], dot_id: str) -> Iterator[str]:
    for line in lines:
        if dot_id in {line.source, line.target}:
            yield line.target if line.source == dot_id else line.source
