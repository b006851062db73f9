"""What a replay changed: the components as they stood, beside the same ones folded anew, as rows to write."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from app.domain.identifiers import Identifier
from app.domain.plan import Hold, Intent, Led, Moved, Parted, Plan, Rewrite, StoredEvent
from app.domain.profiles import IdentifierState, Merge, Profile, Review, ReviewStatus
from app.domain.state import Home, Placed, Region, State
from app.resolve.arrivals import arrival, brought
from app.resolve.working import Working


def rewriting(state: State, working: Working, told: Mapping[str, StoredEvent], at: datetime, because: str) -> Plan:
    """The plan that makes the graph hold `working`, where it held `state`.

    `told` are this batch's own events as they were answered: a replay in the middle of a batch changes whose they are,
    never what their senders hear.
    """
    region = state.region or Region()
    held_before, held_now = _held(state.identifiers, state.holders), _held(working.nodes, working.holders)
    homes = homes_of(working)
    intents = intents_of(working)
    links = {link.link_id: link for link in working.waiting.new_links}
    stillborn = tuple(gone for gone in working.stillborn if gone.profile_id not in region.issued)
    return Plan(
        answers=tuple(working.answers),
        events=tuple(
            replace(one, profile_id=home.profile_id, matched=home.matched, moved_by=home.moved_by)
            for one, home in ((one, homes[one.event.event_id]) for one in told.values())
        ),
        identifiers=_learnt(state, working),
        profiles=tuple(p for key, p in working.profiles.items() if p != state.profiles.get(key)),
        founded=frozenset(working.profiles.keys() - region.issued.keys()),
        stillborn=stillborn,
        holds=tuple(sorted(held_now - held_before)),
        brought=tuple(sorted(brought(working.holds, working.absorbed).items())),
        merges=tuple(with_held(working, merge) for merge in working.merges if _is_other(region, merge)),
        links=tuple(link for key, link in links.items() if state.links.get(key) != link),
        reviews=_reviews(state.reviews, working.waiting.reviews),
        judgements=tuple(working.judgements),
        intents=tuple(intent for key, intent in intents.items() if key not in region.intents),
        closed_intents=_closed(region, intents),
        reckoned=tuple(working.reckoned.items()),
        rewrite=Rewrite(
            at=at,
            because=because,
            moved=_moved(region, homes),
            revived=tuple(sorted(working.profiles.keys() & region.placed.keys())),
            led=_led(region, working, stillborn),
            parted=_parted(state, region, working),
            let_go=tuple(sorted(held_before - held_now)),
            unmade=tuple(sorted(region.merges.keys() - {merge.merge_id for merge in working.merges})),
            dropped_links=tuple(sorted(state.links.keys() - links.keys())),
            dropped_intents=tuple(sorted(region.intents.keys() - intents.keys())),
            rescored=tuple((key, one.score) for key, one in intents.items() if _is_rescored(region, one)),
        ),
    )


def _held(identifiers: Iterable[Identifier], holders: Callable[[Identifier], frozenset[str]]) -> set[Hold]:
    return {Hold(holder, identifier) for identifier in identifiers for holder in holders(identifier)}


def _learnt(state: State, working: Working) -> tuple[IdentifierState, ...]:
    """Identifiers of which more is known than who holds them."""
    nobody: frozenset[str] = frozenset()
    before = {key: node._replace(holders=nobody) for key, node in state.identifiers.items()}
    return tuple(node for key, node in working.nodes.items() if node._replace(holders=nobody) != before.get(key))


def _is_other(region: Region, merge: Merge) -> bool:
    """Whether a merge did not stand before, or was of others."""
    return region.merges.get(merge.merge_id) != (merge.base_id, merge.absorbed_ids)


def with_held(working: Working, merge: Merge) -> Merge:
    """A merge of a replay, and what each of its profiles held just before it: by now they may hold other things."""
    holds = working.holds[: working.held_before[merge.merge_id]]
    constituents = {one.profile_id: one.constituents for one in merge.before}
    held = {key: frozenset(hold.identifier for hold in holds if hold.profile_id in ids) for key, ids in constituents.items()}
    return replace(merge, held=held)


def homes_of(working: Working) -> dict[str, Home]:
    """Where each event ended up, and by which merge."""
    homes = {}
    for stored in working.events:
        at, moved_by = stored.profile_id, None
        if at is not None:
            at, _, moved_by = arrival(working.absorbed, at)
        homes[stored.event.event_id] = Home(at, stored.matched, moved_by)
    return homes


def _moved(region: Region, homes: Mapping[str, Home]) -> tuple[Moved, ...]:
    """Events that were stored before and belong elsewhere now."""
    return tuple(
        Moved(key, now.profile_id, now.matched, now.moved_by)
        for key, now in homes.items()
        if key in region.homes and region.homes[key] != now
    )


def intents_of(working: Working) -> dict[str, Intent]:
    found = {intent.intent_id: intent for intent in working.intents}
    for intent_id, status, converted_by in working.closed_intents:
        found[intent_id] = replace(found[intent_id], status=status, converted_by=converted_by)
    return found


def _closed(region: Region, intents: Mapping[str, Intent]) -> tuple[tuple[str, str, str | None], ...]:
    """Intents that were stored before and stand differently now."""
    return tuple(
        (key, intent.status, intent.converted_by)
        for key, intent in intents.items()
        if key in region.intents and region.intents[key][1:] != (intent.status, intent.converted_by)
    )


def _is_rescored(region: Region, intent: Intent) -> bool:
    return intent.intent_id in region.intents and region.intents[intent.intent_id][0] != intent.score


def _led(region: Region, working: Working, stillborn: Iterable[Profile]) -> tuple[Led, ...]:
    """Ids that are no person now, where they were one or led elsewhere."""
    ids = (region.issued.keys() | {profile.profile_id for profile in stillborn}) - working.profiles.keys()
    merges = {profile_id: Placed(gone.into, gone.merge_id) for profile_id, gone in working.absorbed.items()}
    now = {key: merges.get(key) or Placed(working.where(key), None) for key in sorted(ids)}
    return tuple(
        Led(key, place.into, place.merge_id)
        for key, place in now.items()
        if not _leads_there(region.placed.get(key), place, working)
    )


def _leads_there(old: Placed | None, place: Placed, working: Working) -> bool:
    """Whether an id leads where it should: straight, or, where no merge took it, by way of whoever was absorbed since."""
    if old is None or old == place:
        return old == place
    return old.merge_id is None and place.merge_id is None and old.into is not None and working.where(old.into) == place.into


def _parted(state: State, region: Region, working: Working) -> tuple[Parted, ...]:
    """Who is a person now, and whose founding evidence was somebody else's before."""
    parts: dict[str, list[str]] = {}
    for profile_id in sorted(working.profiles.keys() - state.profiles.keys()):
        home = region.homes.get(working.profiles[profile_id].founded_by)
        origin = state.find(profile_id) if profile_id in region.issued else home and home.profile_id
        if origin is not None and origin != profile_id:
            parts.setdefault(origin, []).append(profile_id)
    return tuple(Parted(origin, tuple(ids)) for origin, ids in sorted(parts.items()))


def _reviews(before: Mapping[str, Review], now: Mapping[str, Review]) -> tuple[Review, ...]:
    """Reviews that are new, moved or ended. One that came and went within the replay was never seen, and is not told; one that a
    person decided, or that ended, stays as it ended unless it waits again, whatever it would be made of now."""
    changed = []
    for key, review in now.items():
        old = before.get(key)
        if old is None and review.status is ReviewStatus.PENDING:
            changed.append(review)
        elif old is not None and _said(old) != _said(review) and ReviewStatus.PENDING in {old.status, review.status}:
            changed.append(replace(review, version=old.version + 1, created_at=old.created_at))
    for key, old in before.items():
        if key not in now and old.status is ReviewStatus.PENDING:
            changed.append(replace(old, status=ReviewStatus.SUPERSEDED, version=old.version + 1))
    return tuple(changed)


def _said(review: Review) -> tuple[object, ...]:
    return review.status, review.profile_ids, review.link_ids
