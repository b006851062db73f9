"""Entries of the log as the graph gives them: events, imports and judgements, for a replay."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

import orjson

from app.domain.events import Event, Item, Money, ProfileImport, Visit
from app.domain.identifiers import Identifier
from app.domain.judgements import Judgement, JudgementKind, Side
from app.graph.rows import moment


class EventRow(NamedTuple):
    """An event of `region/entries`, in its order: lists cost the server half of what maps do."""

    event_id: str
    delivery_id: str
    source: str
    type: str
    clock: int
    matched: bool
    outcome: str | None
    order_id: str | None
    value_minor: int | None
    currency: str
    facts: str
    occurred_at: int
    received_at: int
    identifiers: list[list[str]]
    home: str | None
    moved_by: str | None
    intents: list[tuple[str, int, str, str | None]]
    revision: int
    lone: bool
    backfill: bool


def event_from(brand_id: str, row: EventRow) -> Event:
    """An event as the fold needs it: without the sender's words, which it does not look at."""
    facts = orjson.loads(row.facts)
    visit = facts["visit"]
    return Event(
        brand_id=brand_id,
        event_id=row.event_id,
        delivery_id=row.delivery_id,
        source=row.source,
        type=row.type,
        occurred_at=moment(row.occurred_at),
        received_at=moment(row.received_at),
        identifiers=tuple([Identifier(*pair) for pair in row.identifiers]),
        total=None if row.value_minor is None else Money(row.value_minor, row.currency),
        order_id=row.order_id,
        revision=row.revision,
        lone=row.lone,
        backfill=row.backfill,
        items=tuple([Item(*item) for item in facts["items"]]),
        visit=visit and Visit(visit[0], visit[1], _time(visit[2]), visit[3] and _time(visit[3]), visit[4]),
        attributes=tuple([(name, value) for name, value in facts["attributes"]]),
        joins=facts.get("joins", False),
    )


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def import_from(brand_id: str, row: Mapping[str, Any]) -> ProfileImport:
    return ProfileImport(
        brand_id=brand_id,
        profile_id=row["profile_id"],
        identifiers=tuple(Identifier(*pair) for pair in row["identifiers"]),
        lifetime_value=Money(row["lifetime_value_minor"], row["currency"]),
        total_orders=row["total_orders"],
        created_at=moment(row["created_at"]),
        received_at=moment(row["received_at"]),
        attributes=tuple((name, value) for name, value in orjson.loads(row["attributes"])),
        source=row["source"],
        fingerprint=row["fingerprint"],
        request_id=row["request_id"],
    )


def judgement_from(row: Mapping[str, Any]) -> Judgement:
    numbers = sorted({said[0] for said in (*row["profiles"], *row["identifiers"])})
    sides = tuple(
        Side(
            frozenset(profile_id for side, profile_id in row["profiles"] if side == number),
            frozenset(Identifier(type_name, value) for side, type_name, value in row["identifiers"] if side == number),
        )
        for number in numbers
    )
    return Judgement(
        judgement_id=row["judgement_id"],
        kind=JudgementKind(row["kind"]),
        sides=sides,
        decided_by=row["decided_by"],
        decided_at=moment(row["decided_at"]),
        reason=row["reason"],
        note=row["note"],
        review_id=row["review_id"],
        clock=row["clock"],
        retracted_at=moment(row["retracted_at"]),
    )
