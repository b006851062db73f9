"""A small world to fold: named people's identifiers, a log, and an admin who decides."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from app.domain.events import Event, Item, Money, ProfileImport, event_id, stable_id
from app.domain.identifiers import Identifier
from app.domain.judgements import Act, Judgement
from app.domain.orders import Reckoning
from app.domain.plan import Hold, Plan, StoredEvent
from app.domain.profiles import Profile, Review, Standing, clash
from app.domain.rules import Rules
from app.domain.state import Anchor, Entry, Home, Placed, Region, State
from app.resolve import decisions, undo
from app.resolve.erasing import Forgotten, erased
from app.resolve.resolve import RegionNeeded, declare, replay, resolve
from app.resolve.ruled import ruled_anew

BRAND = "world"
START = datetime(2024, 1, 1, tzinfo=UTC)
TYPES = {"m": "email", "p": "phone", "l": "loyalty_id", "u": "user_id", "c": "cookie", "d": "device"}
LIMITS = {"loyalty_id": 1, "user_id": 1, "email": 2, "phone": 2}


def ids(names: str | Iterable[str]) -> tuple[Identifier, ...]:
    """`"m1 l2"` -> the e-mail m1 and the loyalty card l2."""
    words = names.split() if isinstance(names, str) else names
    return tuple(Identifier(TYPES[word[0]], word) for word in words)


def event(
    number: int,
    names: str | Iterable[str],
    value: int = 1,
    delivery: str | None = None,
    type_: str = "purchase",
    when: int | None = None,
    brand: str = BRAND,
    order: str | None = None,
    revision: int = 0,
    joins: bool = False,
    either: str = "",
) -> Event:
    paid = {"purchase": value, "order_updated": value, "refund": -value or None}.get(type_)
    return Event(
        brand_id=brand,
        event_id=event_id(brand, "test", str(number)),
        delivery_id=delivery or stable_id(brand, "delivery", str(number)),
        source="test",
        type=type_,
        occurred_at=START + timedelta(hours=number if when is None else when),
        received_at=START + timedelta(hours=number),
        identifiers=ids(names),
        joins=joins,
        either=ids(either),
        total=None if paid is None else Money(paid, "USD"),
        order_id=order,
        revision=revision,
        items=(Item(f"product{number % 2}", None, None, None, 1),) if type_ in {"purchase", "cart_add"} else (),
        attributes=(("last_event", str(number)),),
    )


def imported(number: int, names: str | Iterable[str], value: int = 0, brand: str = BRAND) -> ProfileImport:
    at = START + timedelta(hours=number)
    orders = 2 if value else 0
    return ProfileImport(brand, stable_id(brand, "import", str(number)), ids(names), Money(value, "USD"), orders, at, at)


@dataclass
class World:
    """The live state after each step, and the log that a rebuild would start from."""

    rules: Rules = field(default_factory=Rules)
    brand: str = BRAND
    state: State = field(default_factory=State)
    log: list[tuple[int, Entry]] = field(default_factory=list)
    steps: int = 0
    plans: list[Plan] = field(default_factory=list)
    stored: dict[str, StoredEvent] = field(default_factory=dict)
    issued: dict[str, Anchor] = field(default_factory=dict)
    placed: dict[str, Placed] = field(default_factory=dict)
    homes: dict[str, Home] = field(default_factory=dict)
    brought: dict[Hold, str | None] = field(default_factory=dict)
    merges: dict[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    intents: dict[str, tuple[int, str, str | None]] = field(default_factory=dict)
    reckoned: dict[str, Reckoning] = field(default_factory=dict)
    declared: dict[Identifier, Standing] = field(default_factory=dict)
    replays: int = 0

    def __post_init__(self) -> None:
        self.state = State(brand_id=self.brand)

    def take(self, entries: Sequence[Entry]) -> Plan:
        try:
            plan = resolve(self.state, entries, (), self.rules)
        except RegionNeeded:
            self.replays += 1
            plan = resolve(self.with_region(ids_of(entries)), entries, (), self.rules)
        return self._written(plan)

    def declare(self, name: str, standing: Standing | None) -> Plan:
        (identifier,) = ids(name)
        if standing is None:
            self.declared.pop(identifier, None)
        else:
            self.declared[identifier] = standing
        return self._written(declare(self.with_region({identifier}), identifier, standing, self.rules, self._now()))

    def with_region(self, seeds: Iterable[Identifier]) -> State:
        """The components around these identifiers, whole, as the graph would be read."""
        region = Region(tuple(self.log), self.issued, self.placed, self.homes, self.merges, self.intents)
        return replace(self.state, region=region)

    def see(self, names: str | Iterable[str], **more: object) -> Plan:
        self.steps += 1
        return self.take([event(self.steps, names, brand=self.brand, **more)])  # type: ignore[arg-type]

    def bring(self, names: str | Iterable[str], value: int = 0) -> Plan:
        self.steps += 1
        return self.take([imported(self.steps, names, value, self.brand)])

    def reject(self, review: Review) -> Plan:
        members = self._members(review)
        return self._decide(decisions.reject(self._act(), review, members, self._holders()))

    def approve(self, review: Review, chosen: Iterable[str] | None = None) -> Plan:
        members = self._members(review)
        wanted = set(review.profile_ids if chosen is None else chosen)
        taken = [m for m in members if m.profile_id in wanted]
        left = [m for m in members if m.profile_id not in wanted]
        return self._decide(decisions.approve(self._act(), review, taken, left, self._holders()))

    def merge(self, profile_ids: Iterable[str]) -> Plan:
        members = [self.state.profiles[profile_id] for profile_id in sorted(profile_ids)]
        self.steps += 1
        return self._decide([decisions.merge_request(self._act(), members, self.rules.max_auto_merge)])

    def undo(self, merge_id: str) -> Plan:
        """Undoes a standing merge."""
        self.steps += 1
        state = self.with_region(())
        judgement = undo.apart(self._act(), state, merge_id, self.rules)
        return self._written(undo.judged_anew(state, [judgement], self._now(), "undo", self.rules))

    def split(self, profile_id: str, groups: Sequence[str]) -> Plan:
        """Splits a profile into these groups of its identifiers."""
        self.steps += 1
        state = self.with_region(())
        named = [frozenset(ids(group)) for group in groups]
        judgements = undo.groups_apart(self._act(), state, profile_id, named)
        return self._written(undo.judged_anew(state, judgements, self._now(), "split", self.rules))

    def retract(self, judgement_id: str) -> Plan:
        """Takes a DISTINCT back."""
        at = next(n for n, (_, entry) in enumerate(self.log) if getattr(entry, "judgement_id", "") == judgement_id)
        clock, judgement = self.log[at]
        assert isinstance(judgement, Judgement)
        again = undo.retracted(judgement, self._now())
        plan = undo.judged_anew(self.with_region(()), [again], self._now(), "retract", self.rules)
        self.log[at] = (clock, again)
        return self._written(plan)

    def rule(self, rules: Rules) -> Plan | None:
        """Other rules are in force from now on, and hold from the beginning."""
        self.rules = rules
        plan = ruled_anew(self.with_region(()), rules, self._now())
        return plan and self._written(plan)

    def erase(self, *profile_ids: str, elsewhere: str = "") -> Forgotten:
        """Everything of these people goes. `elsewhere` is carried outside of the region as well."""
        self.steps += 1
        gone, left, plan = erased(
            self.with_region(()), frozenset(profile_ids), set(ids(elsewhere)), str(self.steps), self.rules, self._now()
        )
        region = left.whole
        self.state, self.log = replace(left, region=None), list(region.log)
        self.issued, self.placed, self.homes = dict(region.issued), dict(region.placed), dict(region.homes)
        self.merges = dict(region.merges)
        self.brought = {
            hold: by
            for hold, by in self.brought.items()
            if hold.profile_id not in gone.people and hold.identifier not in gone.identifiers
        }
        self.declared = {one: standing for one, standing in self.declared.items() if one not in gone.identifiers}
        if plan is not None:
            self._written(plan)
        return gone

    def rebuilt(self) -> "World":
        again = World(self.rules, self.brand)
        again._written(replay(self.brand, self.log, self.rules, self.issued, self.declared))
        return again

    def review(self) -> Review:
        (only,) = self.state.pending()
        return only

    def holder(self, name: str) -> str:
        (only,) = self.state.holders(*ids(name))
        return only

    def forbidden(self, profile_ids: Iterable[str]) -> bool:
        return clash(tag for profile_id in profile_ids for tag in self.state.profiles[profile_id].tags)

    def _decide(self, judgements: Iterable[object]) -> Plan:
        return self._written(resolve(self.state, (), tuple(judgements), self.rules))  # type: ignore[arg-type]

    def _written(self, plan: Plan) -> Plan:
        self.state = self.state.after(plan)
        self.log += [(stored.clock, stored.event) for stored in plan.events]
        self.log += [(new.clock, new.imported) for new in plan.imports]
        self.log += [(judgement.clock, judgement) for judgement in plan.judgements]
        self._placed(plan)
        self._found_again(plan)
        self.plans.append(plan)
        self.stored.update({stored.event.event_id: stored for stored in plan.events})
        return plan

    def _placed(self, plan: Plan) -> None:
        """What the graph keeps of ids, events, merges and intents."""
        born = [p for p in plan.profiles if p.profile_id in plan.founded] + list(plan.stillborn)
        merges = dict(plan.brought)
        for hold in plan.holds:
            self.brought.setdefault(hold, merges.get(hold))
        self.issued |= {profile.profile_id: Anchor(profile.founded_by, profile.founded_on) for profile in born}
        for gone in plan.absorptions:
            self.placed[gone.profile_id] = Placed(gone.into, gone.merge_id)
            for key, home in self.homes.items():
                if home.profile_id == gone.profile_id:
                    self.homes[key] = Home(gone.survivor, home.matched, gone.moved_by)
            for hold in [hold for hold in self.brought if hold.profile_id == gone.profile_id]:
                del self.brought[hold]
                self.brought.setdefault(hold._replace(profile_id=gone.survivor), gone.moved_by)
        self.homes |= {one.event.event_id: Home(one.profile_id, one.matched, one.moved_by) for one in plan.events}
        self.homes |= {one.event_id: Home(one.profile_id, one.matched, one.moved_by) for one in plan.adopted}
        self.merges |= {merge.merge_id: (merge.base_id, merge.absorbed_ids) for merge in plan.merges}
        self.reckoned |= dict(plan.reckoned)
        self.intents |= {one.intent_id: (one.score, one.status, one.converted_by) for one in plan.intents}
        self.intents |= {key: (self.intents[key][0], status, by) for key, status, by in plan.closed_intents}
        if plan.rewrite is not None:
            self.homes |= {one.event_id: Home(one.profile_id, one.matched, one.moved_by) for one in plan.rewrite.moved}
            self.placed |= {one.profile_id: Placed(one.into, one.merge_id) for one in plan.rewrite.led}
            for key in plan.rewrite.revived:
                del self.placed[key]
            self.brought = {hold: by for hold, by in self.brought.items() if hold not in plan.rewrite.let_go} | merges
            for key in plan.rewrite.unmade:
                del self.merges[key]
            self.intents |= {key: (score, *self.intents[key][1:]) for key, score in plan.rewrite.rescored}
            for key in plan.rewrite.dropped_intents:
                del self.intents[key]

    def _found_again(self, plan: Plan) -> None:
        """What an event founded once, and led to nobody, leads where the event is."""
        for one in plan.adopted:
            founded = stable_id(self.brand, "profile", one.event_id)
            if one.profile_id is not None and self.placed.get(founded) == Placed(None, None):
                self.placed[founded] = Placed(one.profile_id, None)
                self.state = replace(self.state, survivors={**self.state.survivors, founded: one.profile_id})

    def _members(self, review: Review) -> list[Profile]:
        return [self.state.profiles[profile_id] for profile_id in sorted(review.profile_ids)]

    def _holders(self) -> dict[Identifier, frozenset[str]]:
        return {identifier: self.state.holders(identifier) for identifier in self.state.identifiers}

    def _act(self) -> Act:
        return Act(self.brand, "admin", self._now(), str(self.steps))

    def _now(self) -> datetime:
        return START + timedelta(hours=self.steps)


def rebuilds(world: World) -> bool:
    return essence(world) == essence(world.rebuilt())


def people(*groups: str) -> set[frozenset[Identifier]]:
    """As `partition` has them."""
    return {frozenset(ids(group)) for group in groups}


def ids_of(entries: Iterable[Entry]) -> set[Identifier]:
    return {identifier for entry in entries for identifier in getattr(entry, "identifiers", ())}


def essence(world: World) -> dict[str, object]:
    """All that a state says of people: what two histories must agree on. Clocks and review versions are left out."""
    state = world.state
    seen = {identifier: node for identifier, node in state.identifiers.items() if node.first_seen is not None}
    return {
        "profiles": {key: profile._replace(clock=0) for key, profile in state.profiles.items()},
        "holders": {identifier: state.holders(identifier) for identifier in seen},
        "seen": {i: (n.standing, n.seen_with, n.through, n.first_seen, n.last_seen, n.tags) for i, n in seen.items()},
        "events": dict(world.homes),
        "brought": dict(world.brought),
        "merges": dict(world.merges),
        "intents": dict(world.intents),
        "reviews": sorted((sorted(review.profile_ids), review.review_id) for review in state.pending()),
    }


def partition(state: State) -> set[frozenset[Identifier]]:
    """Who holds what together: the people, as sets of identifiers."""
    held: dict[str, set[Identifier]] = {}
    for identifier in state.identifiers:
        for holder in state.holders(identifier):
            held.setdefault(holder, set()).add(identifier)
    return {frozenset(group) for group in held.values()}
