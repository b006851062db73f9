"""The streams there are: where their entries come from, and how they are shown."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import orjson

from app.domain.errors import NotFound
from app.graph.changes import stream_key
from app.graph.rows import Row, moment
from app.graph.views import amount, carried_view


class Topic(NamedTuple):
    """A stream. `read` is the statement that reads a page; `field` the property of an event that this topic shows."""

    read: str
    key: Callable[[str], str]  # of the node that knows the positions, from the brand's id
    field: str
    show: Callable[[Mapping[str, Any]], Row | None]


def topic_of(name: str) -> Topic:
    """Raises NotFound for a topic that there is none of."""
    if name not in TOPICS:
        raise NotFound(f"no stream {name[:60]!r}; the streams are {', '.join(TOPICS)}")
    return TOPICS[name]


def outbox_key(brand_id: str) -> str:
    """Both event streams show the same entries at the same positions."""
    return brand_id


def _raw(row: Mapping[str, Any]) -> Row | None:
    """What the sender sent, as text. An erased event leaves its position behind."""
    event = row["event"]
    if event is None:
        return None
    return {
        "position": row["position"],
        "event_id": event["event_id"],
        "source": event["source"],
        "type": event["type"],
        "received_at": moment(event["received_at"]),
        "raw": event["text"],
    }


def _normalized(row: Mapping[str, Any]) -> Row | None:
    """What we understood, and who it was attached to at that time."""
    event = row["event"]
    if event is None:
        return None
    value = amount(event)
    return {
        "position": row["position"],
        "event_id": event["event_id"],
        "type": event["type"],
        "source": event["source"],
        "occurred_at": moment(event["occurred_at"]),
        "received_at": moment(event["received_at"]),
        "profile_id": row["profile_id"],
        "outcome": event["outcome"],
        "merge_id": event["merge_id"],
        "review_id": event["review_id"],
        "identifiers": carried_view(event["identifiers"]),
        "properties": orjson.loads(event["text"]),
        **({} if value is None else {"value": value, "currency": event["currency"]}),
    }


_MERGE = ("merge_id", "profile_id", "merged_profile_ids", "review_id", "reason", "because", "decided_by")
_REVIEW = ("review_id", "version", "status", "profile_ids", "reason", "merge_id", "decided_by")
_LED = ("profile_id", "into", "merge_id", "because")
# What each type of `identity.changes` says. Those of an id say where it leads, so that whoever applies them in order has the
# map from every id ever issued to who answers for it: `into` another id, itself, or null for a tombstone.
CHANGE_SAYS: Mapping[str, tuple[str, ...]] = {
    "profile.created": ("profile_id", "into"),  # a new id, which is a person
    "profile.merged": _LED,  # absorbed by a merge
    "profile.unmerged": _LED,  # a person again
    "profile.reassigned": _LED,  # a replay of the evidence led it elsewhere by no one merge, or to nobody
    "profile.split": ("profile_id", "profile_ids", "because"),  # who came out of it; the map is told by the entries of these
    "profile.erased": ("profile_id", "into"),
    "merge.completed": _MERGE,
    "merge.undone": _MERGE,
    "review.opened": _REVIEW,
    "review.updated": _REVIEW,
    "review.decided": _REVIEW,
    "review.superseded": _REVIEW,
}


ITSELF = frozenset({"profile.created", "profile.unmerged"})  # the id answers for itself


def _change(row: Mapping[str, Any]) -> Row:
    """Whom it concerns, by ids alone: what they were and are is read where it is kept."""
    told = {name: row.get(name) for name in CHANGE_SAYS[row["type"]]}
    if row["type"] in ITSELF:
        told["into"] = row["profile_id"]
    return {"position": row["position"], "type": row["type"], "occurred_at": moment(row["at"]), **told}


TOPICS = {
    "events.raw": Topic("publish/page", outbox_key, "raw", _raw),
    "events.normalized": Topic("publish/page", outbox_key, "properties", _normalized),
    "identity.changes": Topic("publish/changes_page", stream_key, "", _change),
}
