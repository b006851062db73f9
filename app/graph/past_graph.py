"""The graph around a person as it stood at a moment: the nodes and edges that the entries by then make, walked as today's."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from neo4j import AsyncManagedTransaction

from app.domain.events import Event, ProfileImport
from app.domain.identifiers import Identifier
from app.domain.past import Past
from app.domain.plan import Hold
from app.domain.profiles import IdentifierState, Standing
from app.domain.strength import strength
from app.graph.driver import Graph
from app.graph.past_merges import merges_then
from app.graph.past_views import answer_row, told_of
from app.graph.region import in_parts
from app.graph.rows import Row, identifier_text, key, millis
from app.graph.surroundings import FAN_OUT, ROWS, walk

# What a node may say, by the names of `cypher/read/graph_around.cypher`.
NAMES = (
    "profile_id", "profile_strength", "type", "value", "standing", "event_id", "source", "outcome", "merge_id", "reason",
    "decided_by", "review_id", "status", "visit_id", "store_name", "duration_minutes", "intent_id", "product_name", "score",
    "at", "undone_at",
)  # fmt: skip


class Drawn:
    """Nodes by a name of their own, and edges, of which each is found from both of its ends."""

    def __init__(self) -> None:
        self.nodes: dict[str, tuple[str, Row]] = {}
        self.edges: dict[str, list[Row]] = {}

    def node(self, place: str, label: str, said: Row) -> None:
        self.nodes[place] = label, {**dict.fromkeys(NAMES), **said}

    def edge(self, source: str, target: str, type_: str, merge_id: str | None = None) -> None:
        """Only between nodes that are drawn."""
        if source in self.nodes and target in self.nodes:
            row = {"source": source, "target": target, "type": type_, "merge_id": merge_id}
            self.edges.setdefault(source, []).append({"at": source, "found": target, **row})
            self.edges.setdefault(target, []).append({"at": target, "found": source, **row})

    def row(self, place: str) -> Row:
        label, said = self.nodes[place]
        return {"found": place, "label": label, "node": said}

    def _around(self, frontier: Iterable[str]) -> Iterator[Row]:
        for place in frontier:
            followed: Counter[str] = Counter()
            for edge in self.edges.get(place, ()):
                followed[edge["type"]] += 1
                if followed[edge["type"]] <= FAN_OUT + 1:
                    yield {**edge, **self.row(edge["found"])}

    async def around(self, frontier: list[str]) -> list[Row]:
        return [row for row, _ in zip(self._around(frontier), range(ROWS), strict=False)]


async def surroundings_then(graph: Graph, past: Past, currency: str, depth: int, limit: int) -> Row:
    """As `surroundings`, of who answered then. Raises Vanished."""
    drawn = Drawn()
    brand_id = past.whole.brand_id
    stored = await graph.look(lambda tx: _stored(tx, brand_id, past.whole.issued))
    _people(drawn, past, stored)
    for node in past.then.identifiers.values():
        drawn.node(f"i|{identifier_text(node.identifier)}", "Identifier", _identifier(past, node))
    _held(drawn, past, stored)
    _entries(drawn, past)
    _judged(drawn, past, await merges_then(graph, past, currency))
    seen = await walk(drawn.around, drawn.around, drawn.row(f"p|{past.person}"), depth, limit)
    events = [node for node in seen["nodes"] if node["label"] == "Event"]
    told = await told_of(graph, brand_id, (node["event_id"] for node in events))
    for node in events:
        node.update({name: said for name, said in answer_row(past, node["event_id"], told).items() if said is not None})
    return {**seen, "truncated": seen["truncated"] or past.whole.left_out}


async def _stored(tx: AsyncManagedTransaction, brand_id: str, profile_ids: Iterable[str]) -> dict[str, Row]:
    found = await in_parts(tx, "past/ids", "profiles", (key(brand_id, one) for one in profile_ids))
    return {row["profile"]["profile_id"]: row["profile"] for row in found}


def _people(drawn: Drawn, past: Past, stored: dict[str, Row]) -> None:
    for profile in past.then.profiles.values():
        said = {"profile_id": profile.profile_id, "profile_strength": strength(profile), "at": millis(profile.created_at)}
        drawn.node(f"p|{profile.profile_id}", "Profile", said)
    for profile_id in past.then.places:
        place = past.place(profile_id)
        label = "Tombstone" if place.into is None else "MergedProfile"
        drawn.node(f"p|{profile_id}", label, {"profile_id": profile_id, **_as_it_was(past, profile_id, stored)})
    for profile_id in past.then.places:
        place = past.place(profile_id)
        if place.into is not None:
            drawn.edge(f"p|{profile_id}", f"p|{place.into}", "MERGED_INTO", place.merge_id)


def _as_it_was(past: Past, profile_id: str, stored: dict[str, Row]) -> Row:
    """An absorbed profile keeps what it last was; so does the node of an id that no history issues any more."""
    was, row = past.then.absorbed.get(profile_id), stored.get(profile_id)
    if row is not None and (was is None or past.is_today):
        return {"profile_strength": row["profile_strength"], "at": row["created_at"]}
    assert was is not None, "an id that was never stored was absorbed"
    return {"profile_strength": strength(was), "at": millis(was.created_at)}


def _identifier(past: Past, node: IdentifierState) -> Row:
    first_seen, source = past.whole.seen.get(node.identifier, (node.first_seen, node.source))
    return {
        "type": node.identifier.type,
        "value": node.identifier.value,
        "standing": node.standing.value,
        # A placeholder's node is never written: nothing is learnt of it.
        "source": source if first_seen or node.standing is not Standing.BLOCKED else None,
        "at": millis(first_seen),
    }


def _held(drawn: Drawn, past: Past, stored: dict[str, Row]) -> None:
    moved = {
        Hold(profile_id, Identifier(type_name, value)): merge_id
        for profile_id, row in stored.items()
        for type_name, value, merge_id in row["held"]
    }
    for hold in past.then.holds:
        merge_id = moved.get(hold) if past.is_today else past.then.holds[hold]
        drawn.edge(f"p|{hold.profile_id}", f"i|{identifier_text(hold.identifier)}", "HAS_IDENTIFIER", merge_id)


def _entries(drawn: Drawn, past: Past) -> None:
    for _, entry in past.log:
        if isinstance(entry, Event):
            _event(drawn, past, entry)
        elif isinstance(entry, ProfileImport):
            said = {"profile_id": entry.profile_id, "source": entry.source, "at": millis(entry.created_at)}
            place = f"n|{entry.profile_id}"
            drawn.node(place, "ProfileImport", said)
            drawn.edge(place, f"p|{entry.profile_id}", "FOUNDED")
            for identifier in entry.identifiers:
                drawn.edge(place, f"i|{identifier_text(identifier)}", "CARRIES")
    for intent in past.then.intents.values():
        names: dict[str, Any] = {"intent_id": intent.intent_id, "product_name": intent.product_name}
        drawn.node(f"w|{intent.intent_id}", "ProductIntent", {**names, "score": intent.score, "status": intent.status})
        drawn.edge(f"e|{intent.event_id}", f"w|{intent.intent_id}", "SHOWED")


def _event(drawn: Drawn, past: Past, event: Event) -> None:
    place, home = f"e|{event.event_id}", past.home(event.event_id)
    said = {"event_id": event.event_id, "type": event.type, "source": event.source, "at": millis(event.occurred_at)}
    drawn.node(place, "Event", said)
    if home.profile_id is not None:
        drawn.edge(place, f"p|{home.profile_id}", "ATTACHED_TO", home.moved_by)
    for identifier in event.identifiers:
        drawn.edge(place, f"i|{identifier_text(identifier)}", "CARRIES")
    if event.visit is not None:
        visit = event.visit
        shown = {"store_name": visit.store_name, "duration_minutes": visit.duration_minutes}
        at = millis(visit.check_in_at)
        drawn.node(f"v|{event.event_id}", "StoreVisit", {"visit_id": event.event_id, **shown, "at": at})
        drawn.edge(place, f"v|{event.event_id}", "RECORDED")


def _judged(drawn: Drawn, past: Past, merges: Iterable[Row]) -> None:
    for merge in merges:
        names = ("merge_id", "reason", "decided_by", "undone_at")
        place = f"m|{merge['merge_id']}"
        drawn.node(place, "MergeHistory", {**{name: merge[name] for name in names}, "at": merge["decided_at"]})
        drawn.edge(place, f"p|{merge['base_profile_id']}", "KEPT")
        for gone in merge["merged_profile_ids"]:
            drawn.edge(place, f"p|{gone}", "ABSORBED")
    for review_id in past.then.reviews:
        review = past.review(review_id)
        said = {"review_id": review_id, "status": review.status.value, "reason": review.reason, "event_id": review.event_id}
        drawn.node(f"r|{review_id}", "MergeReview", {**said, "at": millis(review.created_at)})
        for profile_id in past.then.reviews[review_id].profile_ids:
            drawn.edge(f"r|{review_id}", f"p|{profile_id}", "CANDIDATE")
