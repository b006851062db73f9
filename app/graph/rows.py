"""Domain objects as graph properties and back. Times travel as epoch milliseconds, which the driver packs cheaply."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, overload

import orjson

from app.domain.events import Item, Money
from app.domain.identifiers import Identifier
from app.domain.orders import Told
from app.domain.profiles import (
    Attribute,
    IdentifierState,
    OpenIntent,
    OpenLink,
    Profile,
    Review,
    ReviewStatus,
    Standing,
    Tag,
)
from app.domain.search import search_text
from app.domain.strength import strength

Row = dict[str, Any]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
DAY_MS = timedelta(days=1) // _MILLISECOND
CROWDED = 4  # identifiers seen with so many others are in an index of their own; the least fan-out limit is 5


@overload
def millis(at: datetime) -> int: ...
@overload
def millis(at: None) -> None: ...
@overload
def millis(at: datetime | None) -> int | None: ...
def millis(at: datetime | None) -> int | None:
    return None if at is None else (at - EPOCH) // _MILLISECOND


@overload
def moment(milliseconds: int) -> datetime: ...
@overload
def moment(milliseconds: None) -> None: ...
@overload
def moment(milliseconds: int | None) -> datetime | None: ...
def moment(milliseconds: int | None) -> datetime | None:
    return None if milliseconds is None else EPOCH + milliseconds * _MILLISECOND


def key(brand_id: str, *parts: str) -> str:
    """The string under a uniqueness constraint. A brand id holds no `|`, so no two brands can share one."""
    return "|".join((brand_id, *parts))


def identifier_text(identifier: Identifier) -> str:
    return f"{identifier.type}|{identifier.value}"


def identifier_from(text: str) -> Identifier:
    return Identifier(*text.split("|", 1))


def tag_texts(tags: Iterable[Tag]) -> list[str]:
    return sorted(f"{tag.judgement_id}|{tag.side}" for tag in tags)


def tags_from(texts: Iterable[str] | None) -> frozenset[Tag]:
    return frozenset(Tag(judgement_id, int(side)) for judgement_id, side in (text.split("|") for text in texts or ()))


def spend_from(texts: Iterable[str] | None) -> tuple[tuple[str, int], ...]:
    return tuple((currency, int(minor)) for currency, minor in (text.split("|") for text in texts or ()))


def profile_row(profile: Profile, brand_id: str, currency: str) -> Row:
    """A profile's after-image. Strength and the amount in the brand's `currency` are there for people to query."""
    return {
        "key": key(brand_id, profile.profile_id),
        "brand_id": brand_id,
        "profile_id": profile.profile_id,
        "founded_by": profile.founded_by,
        "founded_on": identifier_text(profile.founded_on) if profile.founded_on else None,
        "delivery_id": profile.delivery_id,
        "search": search_text(profile, brand_id),
        "strong": sorted(identifier_text(held) for held in profile.strong),
        "anonymous": sorted(profile.anonymous),
        "absorbed": sorted(profile.absorbed),
        "profile_strength": strength(profile),
        "lifetime_value_minor": dict(profile.spend).get(currency, 0),
        "currency": currency,
        "spend": [f"{name}|{minor}" for name, minor in profile.spend],
        "total_orders": profile.orders,
        "opening_spend": [f"{name}|{minor}" for name, minor in profile.opening_spend],
        "opening_orders": profile.opening_orders,
        "confirmed": profile.confirmed,
        "event_count": profile.events,
        "size_class": profile.events.bit_length(),
        "cumulative": profile.cumulative,
        "tags": tag_texts(profile.tags),
        "clock": profile.clock,
        "attributes": orjson.dumps(
            [[a.name, a.value, millis(a.occurred_at), a.given_by, a.source] for a in profile.attributes]
        ).decode(),
        "bought": list(profile.bought),
        "intents": orjson.dumps(
            [[millis(intent.shown_at), intent.intent_id, intent.keys] for intent in profile.intents]
        ).decode(),
    }


def profile_times(profile: Profile) -> dict[str, int | None]:
    """The times of a profile's after-image, in epoch milliseconds."""
    times = {"created_at": profile.created_at, "first_seen": profile.first_seen, "last_seen": profile.last_seen}
    return {name: millis(at) for name, at in times.items()}


def profile_from(row: Mapping[str, Any]) -> Profile:
    return Profile(
        profile_id=row["profile_id"],
        founded_by=row["founded_by"],
        delivery_id=row["delivery_id"],
        created_at=moment(row["created_at"]),
        founded_on=identifier_from(row["founded_on"]) if row.get("founded_on") else None,
        first_seen=moment(row["first_seen"]),
        last_seen=moment(row["last_seen"]),
        strong=frozenset(identifier_from(text) for text in row["strong"]),
        anonymous=frozenset(row["anonymous"]),
        absorbed=frozenset(row["absorbed"]),
        spend=spend_from(row["spend"]),
        orders=row["total_orders"],
        opening_spend=spend_from(row["opening_spend"]),
        opening_orders=row["opening_orders"],
        confirmed=row["confirmed"],
        events=row["event_count"],
        cumulative=row["cumulative"],
        tags=tags_from(row["tags"]),
        clock=row["clock"],
        attributes=attributes_from(row["attributes"]),
        bought=tuple(row["bought"]),
        intents=tuple(OpenIntent(moment(at), intent_id, tuple(keys)) for at, intent_id, keys in orjson.loads(row["intents"])),
    )


def attributes_from(text: str) -> tuple[Attribute, ...]:
    return tuple(Attribute(name, value, moment(at), *giver) for name, value, at, *giver in orjson.loads(text))


def identifier_row(node: IdentifierState, brand_id: str) -> Row:
    return {
        "key": key(brand_id, *node.identifier),
        "standing": node.standing.value,
        "declared": node.declared.value if node.declared else None,
        "seen_with": sorted(identifier_text(other) for other in node.seen_with),
        "through": sorted(identifier_text(other) for other in node.through),
        "tags": tag_texts(node.tags),
        "clock": node.clock,
        "source": node.source,
        "seen_beside": beside if (beside := len(node.seen_with) + len(node.through)) >= CROWDED else None,
    }


def identifier_state_from(row: Mapping[str, Any]) -> IdentifierState:
    return IdentifierState(
        identifier=Identifier(row["type"], row["value"]),
        holders=frozenset(row["holders"]),
        standing=Standing(row["standing"]),
        declared=Standing(row["declared"]) if row["declared"] else None,
        seen_with=frozenset(identifier_from(text) for text in row["seen_with"] or ()),
        through=frozenset(identifier_from(text) for text in row["through"] or ()),
        tags=tags_from(row["tags"]),
        clock=row["clock"],
        first_seen=moment(row["first_seen"]),
        last_seen=moment(row["last_seen"]),
        source=row["source"] or "",
    )


def told_from(row: Mapping[str, Any]) -> Told:
    return Told(
        row["event_id"],
        row["type"],
        moment(row["at"]),
        None if row["minor"] is None else Money(row["minor"], row["currency"]),
        row["clock"],
        row["matched"],
        row["profile_id"],
        row["revision"] or 0,
        tuple(key for item in orjson.loads(row["facts"])["items"] for key in Item(*item).keys) if row["facts"] else (),
        row["backfill"] is True,
    )


def sighted_from(row: Mapping[str, Any]) -> IdentifierState:
    """Of an identifier only what tells whether it links people: its standing, and what it was seen with."""
    return IdentifierState(
        Identifier(row["type"], row["value"]),
        standing=Standing(row["standing"]),
        declared=Standing(row["declared"]) if row["declared"] else None,
        seen_with=frozenset(map(identifier_from, row["seen_with"] or ())),
        through=frozenset(map(identifier_from, row["through"] or ())),
    )


def link_row(link: OpenLink, brand_id: str) -> Row:
    return {
        "key": key(brand_id, link.link_id),
        "brand_id": brand_id,
        "link_id": link.link_id,
        "profile_ids": sorted(link.profile_ids),
        "rule": link.rule,
        "reason": link.reason,
        "clock": link.clock,
        "rule_version": link.rule_version,
    }


def link_from(row: Mapping[str, Any]) -> OpenLink:
    ids, version = frozenset(row["profile_ids"]), row.get("rule_version") or ""
    return OpenLink(row["link_id"], ids, row["rule"], row["reason"], row["clock"], moment(row["opened_at"]), version)


def review_row(review: Review, brand_id: str) -> Row:
    return {
        "key": key(brand_id, review.review_id),
        "brand_id": brand_id,
        "review_id": review.review_id,
        "version": review.version,
        "status": review.status.value,
        "reason": review.reason,
        "event_id": review.event_id,
        "profile_ids": sorted(review.profile_ids),
    }


def review_from(row: Mapping[str, Any]) -> Review:
    return Review(
        row["review_id"],
        frozenset(row["link_ids"]),
        frozenset(row["profile_ids"]),
        row["reason"],
        row["event_id"],
        moment(row["created_at"]),
        row["version"],
        ReviewStatus(row["status"]),
    )
