"""Reads the graph around a person, breadth first, one round trip a level. What it costs is bounded whatever the hub."""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from app.graph.driver import Graph, rows
from app.graph.rows import Row, moment
from app.graph.whole import settled

FAN_OUT = 100  # edges of one kind followed from one node, where nobody asks for more
ROWS = 10_000  # edges read in one level; of the last level, of which only the edges are read, three times as many
LEVEL_S = 15.0  # to read one level: thousands of nodes take longer than what one person has around them

# The labels in the order they are shown in within a level, each with the property that names the node.
NAMED_BY = {
    "Profile": "profile_id",
    "MergedProfile": "profile_id",
    "Tombstone": "profile_id",
    "Identifier": "value",
    "MergeHistory": "merge_id",
    "MergeReview": "review_id",
    "ProfileImport": "profile_id",
    "Event": "event_id",
    "StoreVisit": "visit_id",
    "ProductIntent": "intent_id",
}
Around = Callable[[list[str]], Awaitable[list[Row]]]
"""What lies around nodes: rows of at, found, source, target, type, merge_id, label, node, as `_edge_around` makes them."""

_PLACE = {label: place for place, label in enumerate(NAMED_BY)}


@settled
async def surroundings(graph: Graph, brand_id: str, profile_id: str, depth: int, limit: int) -> Row | None:
    """The nodes within `depth` edges of who answers for an id, at most `limit` of them, and the edges among them.

    Nearest first; in a level by kind, the newest first. `truncated` when something within the depth was left out.
    None for an id never issued.
    """
    found = await graph.read("read/graph_start", brand_id=brand_id, profile_id=profile_id)
    return await _walk_stored(graph, brand_id, found[0], depth, limit, FAN_OUT) if found else None


@settled
async def surroundings_of(graph: Graph, brand_id: str, node_id: str, depth: int, limit: int, fan_out: int) -> Row | None:
    """The same around any profile, identifier, merge or review, by its id in such an answer, with up to `fan_out` edges of
    each kind of each node. None when there is no such node."""
    kind, _, name = node_id.partition(":")
    named = name.replace(":", "|", 1) if kind == "identifier" else name
    found = await graph.read("read/graph_node", brand_id=brand_id, kind=kind, named=named)
    return await _walk_stored(graph, brand_id, found[0], depth, limit, fan_out) if found else None


async def _walk_stored(graph: Graph, brand_id: str, start: Row, depth: int, limit: int, fan_out: int) -> Row:
    followed: list[str] = []

    async def read(name: str, nodes: list[str], **asked: object) -> list[list[Any]]:
        parameters = {"brand_id": brand_id, "nodes": nodes, **asked}
        (row,) = await graph.look(lambda tx: rows(tx, name, parameters), LEVEL_S)
        return list(row["found"])

    async def around(frontier: list[str]) -> list[Row]:
        followed.extend(frontier)
        found = await read("read/graph_around", frontier, known=followed, fan_out=fan_out + 1, rows=ROWS)
        return [_edge_around(*one) for one in found]

    async def among(last: list[str]) -> list[Row]:
        found = await read("read/graph_edges", last, rows=3 * ROWS)
        return [dict(zip(("source", "target", "type", "merge_id"), one, strict=True)) for one in found]

    return await walk(around, among, start, depth, limit, fan_out)


def _edge_around(at: str, other: str, outward: bool, kind: str, merge_id: str | None, label: str, node: Row | None) -> Row:
    source, target = (at, other) if outward else (other, at)
    told = {"merge_id": merge_id, "label": label, "node": node}
    return {"at": at, "found": other, "source": source, "target": target, "type": kind, **told}


async def walk(around: Around, among: Around, start: Row, depth: int, limit: int, fan_out: int = FAN_OUT) -> Row:
    """The same from a node on, whatever tells what lies around nodes. `among` gives the edges that begin at nodes, at least those
    to others that are there: all that is asked of the last level."""
    nodes = {start["found"]: start}
    edges: dict[tuple[str, str, str], Row] = {}
    frontier, truncated = list(nodes), False
    for level in range(depth + 1):
        found = await (around if level < depth else among)(frontier)
        edges |= {(row["source"], row["target"], row["type"]): row for row in found}
        # The pass after the last level finds the edges among what is there, and nothing new.
        new = _unseen(found, nodes, fan_out) if level < depth else []
        room = limit - len(nodes)
        truncated = truncated or len(new) > room or (level < depth and _cut_short(found, fan_out))
        nodes |= {row["found"]: row for row in new[:room]}
        frontier = [row["found"] for row in new[:room] if row["node"].get("standing") != "blocked"]
        if not frontier:
            break
    names = {place: _id(row) for place, row in nodes.items()}
    between = [_edge(row, names) for row in edges.values() if row["source"] in names and row["target"] in names]
    return {
        "nodes": [_node(row) for row in nodes.values()],
        "edges": sorted(between, key=lambda edge: (edge["source"], edge["target"], edge["type"])),
        "truncated": truncated,
    }


def _unseen(found: Iterable[Row], nodes: dict[str, Row], fan_out: int) -> list[Row]:
    """The nodes of the next level, each once, in the order they are shown in."""
    new: dict[str, Row] = {}
    followed: Counter[tuple[str, str]] = Counter()
    for row in found:
        followed[row["at"], row["type"]] += 1
        if row["found"] not in nodes and followed[row["at"], row["type"]] <= fan_out:
            new.setdefault(row["found"], row)
    return sorted(new.values(), key=lambda row: (_PLACE[row["label"]], -(row["node"]["at"] or 0), _id(row)))


def _cut_short(found: list[Row], fan_out: int) -> bool:
    """Whether a node has more edges of a kind than were followed, or the level more than were read."""
    followed = Counter((row["at"], row["type"]) for row in found)
    return len(found) >= ROWS or max(followed.values(), default=0) > fan_out


def _id(row: Row) -> str:
    """A node's id in the answer: its kind and what names it, which no other node of the brand has."""
    node = row["node"]
    name = f"{node['type']}:{node['value']}" if row["label"] == "Identifier" else node[NAMED_BY[row["label"]]]
    # A profile keeps its id when it is absorbed.
    kind = "profile" if row["label"] in {"MergedProfile", "Tombstone"} else row["label"].lower()
    return f"{kind}:{name}"


def _node(row: Row) -> Row:
    said = {name: value for name, value in row["node"].items() if value is not None and name != "at"}
    undone = {"undone_at": moment(said.pop("undone_at"))} if "undone_at" in said else {}
    return {"id": _id(row), "label": row["label"], **said, **undone, "at": moment(row["node"]["at"])}


def _edge(row: Row, names: dict[str, str]) -> Row:
    by_merge = {"merge_id": row["merge_id"]} if row["merge_id"] else {}
    return {"source": names[row["source"]], "target": names[row["target"]], "type": row["type"], **by_merge}
