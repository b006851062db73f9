"""Neo4j's values as JSON."""

from base64 import b64encode
from collections.abc import Callable
from typing import Any

from neo4j.graph import Node, Path, Relationship
from neo4j.spatial import Point
from neo4j.time import Date, DateTime, Duration, Time
from neo4j.vector import Vector


def plain(value: object) -> Any:
    """What JSON has no word for, as orjson's `default`: called for each such value, again for what it returns.

    Nodes and relationships become objects with their element ids, temporal values and durations ISO 8601 text, bytes
    base64 text. NaN and the infinities become null by themselves; integers keep all their 64 bits.
    Raises TypeError for a type that Neo4j had not got when this was written.
    """
    for kind, convert in _CONVERSIONS.items():
        if isinstance(value, kind):
            return convert(value)
    raise TypeError(f"values of type {type(value).__name__} have no JSON form here")


def _node(node: Node) -> dict[str, Any]:
    return {"id": node.element_id, "labels": sorted(node.labels), "properties": dict(node)}


def _relationship(edge: Relationship) -> dict[str, Any]:
    start, end = (node.element_id if node else None for node in edge.nodes)
    return {"id": edge.element_id, "type": edge.type, "start": start, "end": end, "properties": dict(edge)}


def _path(path: Path) -> dict[str, Any]:
    return {"nodes": list(path.nodes), "relationships": list(path.relationships)}


def _point(point: Point) -> dict[str, Any]:
    return {"srid": point.srid, "coordinates": list(point)}


def _base64(value: bytes) -> str:
    return b64encode(value).decode("ascii")


_CONVERSIONS: dict[type, Callable[[Any], Any]] = {
    Node: _node,
    Relationship: _relationship,
    Path: _path,
    Date: Date.iso_format,
    DateTime: DateTime.iso_format,
    Time: Time.iso_format,
    Duration: Duration.iso_format,
    Point: _point,
    bytes: _base64,
    bytearray: _base64,
    Vector: Vector.to_native,
}
