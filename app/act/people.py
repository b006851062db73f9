"""What is known of people whom an automation may write to."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from neo4j import AsyncManagedTransaction

from app.act.conditions import Facts
from app.act.consent import CHANNEL_OF, MAY_SAY, Message, consent
from app.domain.consent import ADDRESSES, CONSENTS, address_types
from app.domain.money import major
from app.graph.driver import Graph, rows
from app.graph.learnt import features_view
from app.graph.rows import attributes_from


@dataclass(frozen=True, slots=True)
class Person:
    """Who answers for a profile id today; `clock` is the log's (None: nothing was logged). `bought` and `wrote` are when they
    last bought, and wrote by WhatsApp (epoch milliseconds, until the job's clock); `held` are e-mails and numbers with when
    each was seen last; `sharing` are addresses that somebody else holds as well, each with that one's attributes."""

    profile_id: str
    clock: int | None
    facts: Facts
    held: tuple[tuple[str, str, int], ...]
    bought: int | None
    wrote: int | None
    messages: tuple[Message, ...]
    sharing: tuple[tuple[str, Mapping[str, str]], ...] = ()

    @property
    def attributes(self) -> Mapping[str, str]:
        found = self.facts["profile"]["attributes"]
        assert isinstance(found, dict)
        return found

    @property
    def prediction(self) -> Mapping[str, object]:
        return self.facts["prediction"]

    @property
    def predicted_at(self) -> int | None:
        """The clock of the prediction, in epoch milliseconds; None without one."""
        at = self.prediction.get("as_of")
        return at if isinstance(at, int) else None

    def addresses(self, channel: str) -> list[str]:
        """Where a message may go by this channel: e-mail addresses, or numbers with +. The one seen last first, of its kind."""
        held = [(ADDRESSES[channel].index(kind), -seen, value) for kind, value, seen in self.held if kind in ADDRESSES[channel]]
        return [_spelled(ADDRESSES[channel][place], value) for place, _, value in sorted(held)]

    def address(self, channel: str) -> str | None:
        """Where a message goes by this channel."""
        return next(iter(self.addresses(channel)), None)

    def consents(self, channel: str, to: str | None) -> bool | None:
        """Whether they want messages at this address. A no of somebody else who holds it is one as well, since that one reads
        what comes there; a yes is nobody's but their own."""
        if any(consent(channel, theirs, ()) is False for address, theirs in self.sharing if address == to):
            return False
        return consent(channel, self.attributes, self.messages)

    def names(self, products: Iterable[str]) -> dict[str, object]:
        """What a template may say of them."""
        profile, listed = self.facts["profile"], list(products)
        attributes = dict(self.attributes)
        whole = attributes.get("name", "")
        first, _, last = whole.partition(" ")
        names: dict[str, object] = {**attributes, "attributes": attributes}
        names["first_name"] = attributes.get("first_name") or first
        names["last_name"] = attributes.get("last_name") or last
        names["name"] = whole or " ".join(filter(None, (attributes.get("first_name"), attributes.get("last_name"))))
        names["product_name"], names["product_names"] = (listed[0] if listed else ""), listed
        names |= {name: profile[name] for name in ("lifetime_value", "currency", "total_orders")}
        names["segment"] = self.prediction.get("segment") or ""
        return names


async def read_people(tx: AsyncManagedTransaction, brand_id: str, profile_ids: Iterable[str], as_of: int) -> dict[str, Person]:
    """Who answers for each of these ids, under lock until the transaction ends. An id that nobody answers for is left out."""
    asked = _asked(brand_id, profile_ids, as_of)
    # Who was absorbed while we waited for the lock is found under their survivor, whom the second pass locks.
    for _ in range(2):
        await rows(tx, "act/people_lock", {"asked": asked})
    return _by_id(await rows(tx, "act/people", {"asked": asked}), as_of)


async def see_people(tx: AsyncManagedTransaction, brand_id: str, profile_ids: Iterable[str], as_of: int) -> dict[str, Person]:
    """As `read_people`, without locks."""
    return _by_id(await rows(tx, "act/people", {"asked": _asked(brand_id, profile_ids, as_of)}), as_of)


async def look_at_people(graph: Graph, brand_id: str, profile_ids: Iterable[str], as_of: int) -> dict[str, Person]:
    """As `see_people`, in a transaction of its own."""
    return _by_id(await graph.read("act/people", asked=_asked(brand_id, profile_ids, as_of)), as_of)


def _asked(brand_id: str, profile_ids: Iterable[str], as_of: int) -> dict[str, Any]:
    named = {"brand_id": brand_id, "profiles": sorted(set(profile_ids)), "as_of": as_of}
    written = {"written": sorted(CHANNEL_OF), "answered": sorted({one for by in CHANNEL_OF.values() for one in ADDRESSES[by]})}
    return {**named, **written, "may_say": MAY_SAY, "consents": sorted(CONSENTS), "addresses": address_types()}


def _by_id(found: Iterable[Mapping[str, Any]], as_of: int) -> dict[str, Person]:
    return {profile_id: person for row in found for person in [_person(row, as_of)] for profile_id in row["ids"]}


def _person(row: Mapping[str, Any], as_of: int) -> Person:
    profile = row["profile"]
    attributes = _attributes(profile["attributes"])
    facts = {
        "profile": {
            "profile_strength": profile["profile_strength"],
            "lifetime_value": major(profile["lifetime_value_minor"], profile["currency"]),
            "currency": profile["currency"],
            "total_orders": profile["total_orders"],
            "attributes": attributes,
        },
        # By the names that people read them under; days are until the job's clock, since features do not age.
        "features": features_view(row["features"] and {**row["features"], "as_of": as_of}) or {},
        "prediction": row["prediction"] or {},
        "journey": row["journey"] or {},
    }
    return Person(
        profile_id=profile["profile_id"],
        clock=profile["clock"],
        facts=facts,
        held=tuple((kind, value, last_seen or 0) for kind, value, last_seen in profile["held"]),
        bought=row["bought"],
        wrote=row["wrote"],
        messages=tuple((kind, at, properties) for kind, at, properties in row["messages"]),
        sharing=tuple((_spelled(kind, value), _attributes(theirs)) for kind, value, theirs in row["sharing"]),
    )


def _attributes(stored: str | None) -> dict[str, str]:
    return {attribute.name: attribute.value for attribute in attributes_from(stored or "[]")}


def _spelled(kind: str, value: str) -> str:
    """A number with +, any other address as it is."""
    return f"+{value}" if kind == "phone" else value
