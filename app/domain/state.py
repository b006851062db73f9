"""What `resolve` sees: the part of the graph that the events touch, frozen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from app.domain.events import Event, OrderKey, ProfileImport
from app.domain.identifiers import Identifier
from app.domain.judgements import Judgement
from app.domain.orders import Told, told
from app.domain.plan import Known, Moved, Outcome, Plan
from app.domain.profiles import IdentifierState, OpenLink, Profile, Review, ReviewStatus

Entry = Event | ProfileImport | Judgement


def entry_id(entry: Entry) -> str:
    """An entry's own id."""
    match entry:
        case Event():
            return entry.event_id
        case ProfileImport():
            return entry.profile_id
        case Judgement():
            return entry.judgement_id


class Anchor(NamedTuple):
    """What founded a profile: an event or import by id, and the identifier when that event founded several."""

    founded_by: str
    founded_on: Identifier | None


class Placed(NamedTuple):
    """Where an id that is no person leads: into whom, by which merge (None: by a replay); into nobody is a tombstone."""

    into: str | None
    merge_id: str | None


class Home(NamedTuple):
    """Whom an event is attached to, whether that profile existed before it, and the merge that moved it there."""

    profile_id: str | None
    matched: bool
    moved_by: str | None


@dataclass(frozen=True, slots=True)
class Region:
    """Whole components, whatever evidence is theirs: what a replay needs, and what stood before it (semantics, rule 12).

    `log` gives each entry with its clock. `issued` are the profile ids ever issued here, `placed` those of them that are
    no person today; `homes` is by event id, `intents` by intent id (score, status, converted_by), `merges` the standing ones.
    """

    log: tuple[tuple[int, Entry], ...] = ()
    issued: Mapping[str, Anchor] = field(default_factory=dict)
    placed: Mapping[str, Placed] = field(default_factory=dict)
    homes: Mapping[str, Home] = field(default_factory=dict)
    merges: Mapping[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    intents: Mapping[str, tuple[int, str, str | None]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class State:
    """A neighbourhood. `survivors` maps an absorbed id to who absorbed it, `known` the event ids already stored, `orders` what
    was told of each order.

    `region` is there when whole components were read.
    """

    brand_id: str = ""
    identifiers: Mapping[Identifier, IdentifierState] = field(default_factory=dict)
    profiles: Mapping[str, Profile] = field(default_factory=dict)
    survivors: Mapping[str, str] = field(default_factory=dict)
    links: Mapping[str, OpenLink] = field(default_factory=dict)
    reviews: Mapping[str, Review] = field(default_factory=dict)
    known: Mapping[str, Known] = field(default_factory=dict)
    orders: Mapping[OrderKey, tuple[Told, ...]] = field(default_factory=dict)
    region: Region | None = None

    @property
    def whole(self) -> Region:
        """The region, of a state that was read for a replay."""
        assert self.region is not None, "whoever folds again reads the region first"
        return self.region

    def find(self, profile_id: str) -> str:
        """Who answers for an id that was ever issued."""
        return find(self.survivors, profile_id)

    def after(self, plan: Plan) -> "State":
        """This state with a plan written: what the graph would hold.

        As there, an identifier is held by who survives: an id that was absorbed may be a person again later, and would
        then hold what it had lost.
        """
        survivors = {**self.survivors, **{gone.profile_id: gone.into for gone in plan.absorptions}}
        identifiers = {**self.identifiers, **{node.identifier: node for node in plan.identifiers}}
        links = {**self.links, **{link.link_id: link for link in plan.links}}
        gone = frozenset[str]()
        if plan.rewrite is not None:
            led = {one.profile_id: one.into for one in plan.rewrite.led}
            gone = frozenset(key for key, into in led.items() if into is None)
            kept = {key: into for key, into in survivors.items() if key not in {*plan.rewrite.revived, *gone}}
            survivors = {**kept, **{key: into for key, into in led.items() if into is not None}}
            identifiers.update(self._held_after(plan, identifiers))
            links = {key: link for key, link in links.items() if key not in plan.rewrite.dropped_links}
        profiles = {**self.profiles, **{profile.profile_id: profile for profile in plan.profiles}}
        return State(
            brand_id=self.brand_id,
            identifiers={key: _held_by_survivors(node, survivors) for key, node in identifiers.items()},
            profiles={key: profile for key, profile in profiles.items() if key not in survivors and key not in gone},
            survivors=survivors,
            links=links,
            reviews={**self.reviews, **{review.review_id: review for review in plan.reviews}},
            known={**self.known, **{s.event.event_id: Known(s.answer, s.event.request_id) for s in plan.events}},
            orders=self._orders_after(plan, survivors),
        )

    def _orders_after(self, plan: Plan, survivors: Mapping[str, str]) -> Mapping[OrderKey, tuple[Told, ...]]:
        """Orders with what the plan's events tell of them, and the profiles that their events are attached to by now."""
        moved = {one.event_id: one for one in (*plan.adopted, *(plan.rewrite.moved if plan.rewrite else ()))}
        orders = dict(self.orders)
        for stored in plan.events:
            order = stored.event.order
            if order is not None and stored.answer.outcome is not Outcome.PARKED:
                orders[order] = (*orders.get(order, ()), told(stored.event, stored.clock, stored.matched, stored.profile_id))
        return {order: tuple(_attached(one, moved, survivors) for one in known) for order, known in orders.items()}

    def _held_after(self, plan: Plan, identifiers: Mapping[Identifier, IdentifierState]) -> Mapping[Identifier, IdentifierState]:
        """Identifiers whose holders a replay changed."""
        assert plan.rewrite is not None
        changed: dict[Identifier, set[str]] = {}
        for hold in (*plan.rewrite.let_go, *plan.holds):
            changed.setdefault(hold.identifier, set(self.holders(hold.identifier)))
        for hold in plan.rewrite.let_go:
            changed[hold.identifier].discard(hold.profile_id)
        for hold in plan.holds:
            changed[hold.identifier].add(hold.profile_id)
        return {key: identifiers[key]._replace(holders=frozenset(held)) for key, held in changed.items()}

    def holders(self, identifier: Identifier) -> frozenset[str]:
        node = self.identifiers.get(identifier)
        return frozenset(self.find(holder) for holder in node.holders) if node else frozenset()

    def pending(self) -> tuple[Review, ...]:
        return tuple(review for review in self.reviews.values() if review.status is ReviewStatus.PENDING)


def _held_by_survivors(node: IdentifierState, survivors: Mapping[str, str]) -> IdentifierState:
    if survivors.keys().isdisjoint(node.holders):
        return node
    return node._replace(holders=frozenset(find(survivors, holder) for holder in node.holders))


def _attached(one: Told, moved: Mapping[str, Moved], survivors: Mapping[str, str]) -> Told:
    if one.event_id in moved:
        return one._replace(profile_id=moved[one.event_id].profile_id, matched=moved[one.event_id].matched)
    return one._replace(profile_id=find(survivors, one.profile_id)) if one.profile_id is not None else one


def find(survivors: Mapping[str, str], profile_id: str) -> str:
    """The end of a chain of absorptions."""
    while profile_id in survivors:
        profile_id = survivors[profile_id]
    return profile_id
