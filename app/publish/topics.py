"""The streams there are: where their entries come from, and how they are shown."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import orjson

from app.domain.errors import NotFound
from app.graph.changes import stream_key
from app.graph.rows import Row, moment
from app.graph.views import amount, carried_view


class Topic(NamedTuple):
    """A stream. `read` is the statement that reads a page; `field` the property of an event that this topic shows; `says` is for
    people."""

    read: str
    key: Callable[[str], str]  # of the node that knows the positions, from the brand's id
    field: str
    show: Callable[[Mapping[str, Any]], Row | None]
    says: str


class Change(NamedTuple):
    """A type of `identity.changes`: what stands in an entry of it, and what people read of it."""

    told: tuple[str, ...]
    says: str


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
        **({"backfill": True} if event["backfill"] else {}),
    }


_MERGE = ("merge_id", "profile_id", "merged_profile_ids", "review_id", "reason", "because", "decided_by")
_REVIEW = ("review_id", "version", "status", "profile_ids", "reason", "merge_id", "decided_by")
_LED = ("profile_id", "into", "merge_id", "because")
# What each type of `identity.changes` says. Those of an id say where it leads, so that whoever applies them in order has the
# map from every id ever issued to who answers for it: `into` another id, itself, or null for a tombstone.
CHANGES: Mapping[str, Change] = {
    "profile.created": Change(("profile_id", "into"), "an id is new, and a person"),
    "profile.merged": Change(_LED, "an id was absorbed by a merge"),
    "profile.unmerged": Change(_LED, "an id is a person again"),
    "profile.reassigned": Change(_LED, "a replay of the evidence led an id elsewhere by no one merge, or to nobody"),
    "profile.split": Change(
        ("profile_id", "profile_ids", "because"), "a person came apart; entries of the ids tell where each leads"
    ),
    "profile.erased": Change(("profile_id", "into"), "a person was erased: forget what you keep of this id; it leads to nobody"),
    "merge.completed": Change(_MERGE, "profiles became one"),
    "merge.undone": Change(_MERGE, "a merge was taken back"),
    "review.opened": Change(_REVIEW, "people wait for a decision"),
    "review.updated": Change(_REVIEW, "who waits in a review changed"),
    "review.decided": Change(_REVIEW, "a person decided"),
    "review.superseded": Change(_REVIEW, "there is nothing left to decide"),
}


ITSELF = frozenset({"profile.created", "profile.unmerged"})  # the id answers for itself


def _change(row: Mapping[str, Any]) -> Row:
    """Whom it concerns, by ids alone: what they were and are is read where it is kept."""
    told = {name: row.get(name) for name in CHANGES[row["type"]].told}
    if row["type"] in ITSELF:
        told["into"] = row["profile_id"]
    return {"position": row["position"], "type": row["type"], "occurred_at": moment(row["at"]), **told}


TOPICS = {
    "events.raw": Topic("publish/page", outbox_key, "raw", _raw, "every stored event, as its sender wrote it"),
    "events.normalized": Topic(
        "publish/page",
        outbox_key,
        "properties",
        _normalized,
        "the same events at the same positions, as understood, with the profile that each had then",
    ),
    "identity.changes": Topic(
        "publish/changes_page", stream_key, "", _change, "what became of ids, merges and reviews, by `type`"
    ),
}
