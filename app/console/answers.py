"""What the Cypher door answers, as a page shows it: a table of texts, and the nodes and relationships to draw. Pure."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

LONGEST_CELL = 300  # characters that a page shows of one value
MOST_CELLS = 20_000
MOST_DRAWN = 300  # nodes
LONGEST_CAPTION = 24

# A node is told by the first of these that it has, else by its label.
CAPTIONS = ("value", "name", "type", "reason", "segment", "profile_id", "event_id")
NODE = {"id", "labels", "properties"}
PATH = {"nodes", "relationships"}
RELATIONSHIP = {"id", "type", "start", "end", "properties"}


@dataclass(frozen=True, slots=True)
class Answer:
    """`truncated`: there were more rows than were asked for."""

    columns: tuple[str, ...]
    rows: list[list[Any]]
    truncated: bool
    ms: float


def answer_of(body: bytes) -> Answer:
    said = orjson.loads(body)["data"]
    return Answer(tuple(said["columns"]), said["rows"], said["truncated"], said["ms"])


def text_of(value: object) -> str:
    """A value in words: texts as they are, nothing for null, all else as JSON."""
    if value is None:
        return ""
    return value if isinstance(value, str) else orjson.dumps(value).decode()


@dataclass(frozen=True, slots=True)
class Cell:
    text: str
    kind: str  # null, number, text or other


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of an answer that a page shows; `cut` counts values that are longer than it shows."""

    rows: tuple[tuple[Cell, ...], ...]
    cut: int


def table_of(answer: Answer) -> Table:
    most = MOST_CELLS // max(1, len(answer.columns))
    whole = [[(_said(value), _kind(value)) for value in row] for row in answer.rows[:most]]
    cut = sum(len(text) > LONGEST_CELL for row in whole for text, _ in row)
    return Table(tuple(tuple(Cell(_short(text, LONGEST_CELL), kind) for text, kind in row) for row in whole), cut)


def _said(value: object) -> str:
    """A value as the page says it: nodes, relationships and paths much as Cypher writes them, all else as `text_of`."""
    if not isinstance(value, dict):
        return text_of(value)
    if value.keys() == PATH:
        return " - ".join(_captions(value["nodes"]))
    if not _is_drawable(value):
        return text_of(value)
    if value.keys() == RELATIONSHIP:
        return f"[:{value['type']} {text_of(value['properties'])}]"
    return f"(:{':'.join(value['labels'])} {text_of(value['properties'])})"


def _captions(nodes: Any) -> Iterator[str]:
    for one in nodes if isinstance(nodes, list) else [nodes]:
        is_node = isinstance(one, dict) and one.keys() == NODE and _is_drawable(one)
        yield _node("", one)["caption"] if is_node else text_of(one)


def _kind(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return "number"
    return "text" if isinstance(value, str) else "other"


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[:most] + " ..."


@dataclass(frozen=True, slots=True)
class Drawing:
    """Nodes by id, in the order they were answered, relationships between them, and how many nodes are too many to draw."""

    nodes: Mapping[str, Mapping[str, str]]
    edges: Mapping[str, Mapping[str, str]]
    left_out: int

    def to_json(self) -> str:
        return orjson.dumps({"nodes": list(self.nodes.values()), "edges": list(self.edges.values())}).decode()

    def labels(self) -> dict[str, int]:
        """How many nodes are drawn of each label."""
        counts: dict[str, int] = {}
        for node in self.nodes.values():
            counts[node["label"]] = counts.get(node["label"], 0) + 1
        return counts


def drawing_of(rows: Iterable[Sequence[object]]) -> Drawing:
    """What an answer holds of the graph, each thing once; a relationship to what was not answered is not drawn."""
    nodes: dict[str, Mapping[str, str]] = {}
    edges: dict[str, Mapping[str, str]] = {}
    beyond: set[str] = set()
    for thing in _things(rows):
        key = str(thing["id"])
        if thing.keys() == RELATIONSHIP:
            edges[key] = {"id": key, "source": str(thing["start"]), "target": str(thing["end"]), "type": str(thing["type"])}
        elif key not in nodes and len(nodes) >= MOST_DRAWN:
            beyond.add(key)
        else:
            nodes[key] = _node(key, thing)
    drawn = {key: edge for key, edge in edges.items() if edge["source"] in nodes and edge["target"] in nodes}
    return Drawing(nodes, drawn, len(beyond))


def _node(key: str, thing: Mapping[str, Any]) -> Mapping[str, str]:
    labels, properties = thing["labels"], thing["properties"]
    label = labels[0] if labels else "node"
    caption = next((text_of(properties[name]) for name in CAPTIONS if properties.get(name) is not None), label)
    return {"id": key, "label": label, "caption": _short(caption, LONGEST_CAPTION)}


def _things(rows: Iterable[Sequence[object]]) -> Iterator[Mapping[str, Any]]:
    """Nodes and relationships, however deep they lie in lists, maps and paths."""
    waiting: deque[object] = deque(value for row in rows for value in row)
    while waiting:
        value = waiting.popleft()
        if isinstance(value, list):
            waiting.extendleft(reversed(value))
        elif isinstance(value, dict):
            if _is_drawable(value):
                yield value
            else:
                waiting.extendleft(reversed(list(value.values())))


def _is_drawable(value: Mapping[str, Any]) -> bool:
    """Whether it looks like a node or a relationship; somebody's map may as well, and is drawn then."""
    if value.keys() == RELATIONSHIP:
        return True
    labels = value.get("labels")
    named = isinstance(labels, list) and all(isinstance(label, str) for label in labels)
    return value.keys() == NODE and named and isinstance(value["properties"], dict)
