"""Takes out of the graph what an erasure said goes. Under the locks of whoever decided it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from neo4j import AsyncManagedTransaction

from app.domain.consent import address_types
from app.domain.identifiers import STRONG, TYPES, Identifier
from app.domain.naming import names_of
from app.domain.state import State
from app.graph.changes import tell_erased
from app.graph.driver import Rows, rows
from app.graph.neighbourhood import let_go
from app.graph.region import AT_ONCE, in_parts
from app.graph.rows import Row, identifier_text, key, millis
from app.privacy.scrubbing import scrubbed, scrubbed_facts, scrubbed_snapshots
from app.resolve.erasing import Forgotten

ANONYMOUS = sorted(TYPES.keys() - STRONG)


@dataclass(frozen=True, slots=True)
class Found:
    """What the graph knows besides of who goes: `parked`, events that wait and carry some of it (who name nobody else go too);
    `executions` of automations (their keys), how many `messages` these sent, and the number of `merges`."""

    parked: Rows
    executions: tuple[str, ...]
    messages: int
    merges: int


async def look_for(tx: AsyncManagedTransaction, brand_id: str, gone: Forgotten) -> Found:
    people = [key(brand_id, one) for one in gone.profile_ids]
    identifiers = [key(brand_id, *one) for one in gone.identifiers]
    asked = (("profiles", people), ("events", [key(brand_id, one) for one in gone.events]), ("identifiers", identifiers))
    addresses = address_types()
    found = [row for kind, keys in asked for row in await in_parts(tx, "privacy/messages", kind, keys, addresses=addresses)]
    sent = {row["key"]: row["messages"] for row in found}
    (merged,) = await rows(tx, "privacy/merged", {"touched": {"profiles": people}})
    parked = await in_parts(tx, "privacy/parked", "identifiers", identifiers, anonymous=ANONYMOUS)
    return Found(parked, tuple(sorted(sent)), sum(sent.values()), merged["merges"])


async def forget(tx: AsyncManagedTransaction, state: State, left: State, gone: Forgotten, found: Found, at: datetime) -> None:
    """`left` is what stays of `state`."""
    brand_id, parked = state.brand_id, found.parked
    await rows(tx, "privacy/forget_messages", {"plan": {"executions": found.executions}})
    waiting = {row["event_id"]: gone.identifiers for row in parked if row["held"]}
    await tell_erased(tx, brand_id, sorted(gone.profile_ids), at)
    await _forget_identifiers(tx, brand_id, gone)
    await _strip(tx, brand_id, {**waiting, **gone.stripped})
    await _forget_in_snapshots(tx, left, gone)
    events = gone.events | {row["event_id"] for row in parked if not row["held"]}
    await in_parts(tx, "privacy/forget_events", "events", (key(brand_id, one) for one in events))
    ids = [key(brand_id, one) for one in sorted(gone.profile_ids)]
    await rows(tx, "privacy/forget_people", {"plan": {"profiles": ids, "at": millis(at)}})
    # What waited may have carried what nobody was seen with yet.
    await let_go(tx, {carried for row in parked for carried in row["carried"]})
    before, after = state.whole.issued, left.whole.issued
    anchors = [{"profile": key(brand_id, one), "founded_by": to.founded_by} for one, to in after.items() if before[one] != to]
    await rows(tx, "privacy/anchor", {"plan": {"rows": anchors}})
    decisions = {
        "judgements": [key(brand_id, one) for one, of_others in gone.judgements.items() if of_others is None],
        "silent": [key(brand_id, one) for one, of_others in gone.judgements.items() if of_others is not None],
        "reviews": [key(brand_id, one) for one, review in state.reviews.items() if review.profile_ids <= gone.profile_ids],
    }
    await rows(tx, "privacy/forget_decisions", {"plan": decisions})


async def _strip(tx: AsyncManagedTransaction, brand_id: str, stripped: Mapping[str, Collection[Identifier]]) -> None:
    strange = {key(brand_id, event_id): sorted(identifiers) for event_id, identifiers in stripped.items()}
    written = {row["key"]: row for row in await in_parts(tx, "privacy/written", "events", strange)}
    left = [_left_of(written[event], identifiers, brand_id) for event, identifiers in strange.items()]
    for first in range(0, len(left), AT_ONCE):
        await rows(tx, "privacy/strip", {"plan": {"rows": left[first : first + AT_ONCE]}})


def _left_of(row: Row, identifiers: Collection[Identifier], brand_id: str) -> Row:
    names = names_of(identifiers)
    return {
        "event": row["key"],
        "identifiers": [key(brand_id, *one) for one in identifiers],
        "raw": scrubbed(row["raw"], names),
        "properties": scrubbed(row["properties"], names),
        "facts": scrubbed_facts(row["facts"], names),
    }


async def _forget_in_snapshots(tx: AsyncManagedTransaction, left: State, gone: Forgotten) -> None:
    """Merges of others show what these held once, which may have been erased people's."""
    others = [key(left.brand_id, one) for one in left.whole.issued]
    changed = []
    for row in await in_parts(tx, "privacy/snapshots", "profiles", others):
        without = {name: scrubbed_snapshots(row[name], gone.identifiers) for name in ("before", "after")}
        if without != {name: row[name] for name in without}:
            changed.append({"key": row["key"], **without})
    await rows(tx, "privacy/snapshots_write", {"plan": {"rows": changed}})


async def _forget_identifiers(tx: AsyncManagedTransaction, brand_id: str, gone: Forgotten) -> None:
    asked = {
        "identifiers": [key(brand_id, *one) for one in sorted(gone.identifiers)],
        "anonymous": ANONYMOUS,
        "instead": {identifier_text(one): identifier_text(other) for one, other in gone.stand_ins.items()},
    }
    await rows(tx, "privacy/forget_identifiers", {"plan": asked})
