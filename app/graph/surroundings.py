"""Reads the graph around a person, breadth first, one round trip a level. What it costs is bounded whatever the hub."""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable

from app.graph.driver import Graph
from app.graph.rows import Row, moment

FAN_OUT = 100  # edges of one kind followed from one node
ROWS = 10_000  # edges read in one level

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
"""What lies around nodes, as rows of `cypher/read/graph_around.cypher`."""

_PLACE = {label: place for place, label in enumerate(NAMED_BY)}


async def surroundings(graph: Graph, brand_id: str, profile_id: str, depth: int, limit: int) -> Row | None:
    """The nodes within `depth` edges of who answers for an id, at most `limit` of them, and the edges among them.

    Nearest first; in a level by kind, the newest first. `truncated` when something within the depth was left out.
    None for an id never issued.
    """
    found = await graph.read("read/graph_start", brand_id=brand_id, profile_id=profile_id)
    if not found:
        return None

    async def around(frontier: list[str]) -> list[Row]:
        return await graph.read("read/graph_around", brand_id=brand_id, nodes=frontier, fan_out=FAN_OUT + 1, rows=ROWS)

    return await walk(around, found[0], depth, limit)


async def walk(around: Around, start: Row, depth: int, limit: int) -> Row:
    """The same from a node on, whatever tells what lies around nodes."""
    nodes = {start["found"]: start}
    edges: dict[tuple[str, str, str], Row] = {}
    frontier, truncated = list(nodes), False
    for level in range(depth + 1):
        rows = await around(frontier)
        edges |= {(row["source"], row["target"], row["type"]): row for row in rows}
        # The pass after the last level finds the edges among what is there, and nothing new.
        new = _unseen(rows, nodes) if level < depth else []
        room = limit - len(nodes)
        truncated = truncated or len(new) > room or (level < depth and _cut_short(rows))
        nodes |= {row["found"]: row for row in new[:room]}
        frontier = [row["found"] for row in new[:room] if row["node"]["standing"] != "blocked"]
        if not frontier:
            break
    names = {place: _id(row) for place, row in nodes.items()}
    between = [_edge(row, names) for row in edges.values() if row["source"] in names and row["target"] in names]
    return {
        "nodes": [_node(row) for row in nodes.values()],
        "edges": sorted(between, key=lambda edge: (edge["source"], edge["target"], edge["type"])),
        "truncated": truncated,
    }


def _unseen(rows: Iterable[Row], nodes: dict[str, Row]) -> list[Row]:
    """The nodes of the next level, each once, in the order they are shown in."""
    new: dict[str, Row] = {}
    followed: Counter[tuple[str, str]] = Counter()
    for row in rows:
        followed[row["at"], row["type"]] += 1
        if row["found"] not in nodes and followed[row["at"], row["type"]] <= FAN_OUT:
            new.setdefault(row["found"], row)
    return sorted(new.values(), key=lambda row: (_PLACE[row["label"]], -(row["node"]["at"] or 0), _id(row)))


def _cut_short(rows: list[Row]) -> bool:
    """Whether a node has more edges of a kind than were followed, or the level more than were read."""
    followed = Counter((row["at"], row["type"]) for row in rows)
    return len(rows) >= ROWS or max(followed.values(), default=0) > FAN_OUT


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
