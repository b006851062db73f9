"""The fold: one step per log entry, over a working copy of the neighbourhood."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from app.domain.events import Event, ProfileImport, stable_id
from app.domain.identifiers import STRONG, Identifier, by_priority
from app.domain.judgements import SENDER_MERGE, Judgement, JudgementKind
from app.domain.orders import Told, buyer, is_taken, told, told_already
from app.domain.plan import Answer, Outcome, Plan, StoredEvent, StoredImport
from app.domain.profiles import IdentifierState, OpenLink, Profile, Standing, Tag
from app.domain.rules import Rules
from app.domain.state import Anchor, Entry, State, entry_id
from app.resolve.accounts import count, holders_of, so_far
from app.resolve.changes import changes
from app.resolve.founding import of_import
from app.resolve.intents import interest
from app.resolve.judge import decide, hoist
from app.resolve.rewriting import rewriting
from app.resolve.rules import Encounter, Objection, accepts, base_order, objection, together, without_strangers
from app.resolve.sightings import with_standing
from app.resolve.survivorship import attributes_of, earliest, latest, survive
from app.resolve.working import Working


class RegionNeeded(Exception):
    """An identifier is shared from now on, and the state does not hold the components that it joined."""


class Seen(NamedTuple):
    """An event in its place: who may be its person (best base first), its identifiers that nobody holds, and what was judged of
    the id that it founds or would found."""

    event: Event
    clock: int
    members: tuple[Profile, ...] = ()
    fresh: tuple[Identifier, ...] = ()
    own: frozenset[Tag] = frozenset()


class Fold:
    """Folds entries in arrival order into a working copy; `plan()` then says what changed.

    With `park`, an event that would need a region which the state lacks is stored as `parked`, joins nobody and teaches
    nothing, instead of raising RegionNeeded.
    """

    def __init__(self, state: State, rules: Rules, park: bool = False) -> None:
        self.state = state
        self.rules = rules
        self.park = park
        self.working = Working(state, rules)
        self.batch: list[tuple[int, Entry]] = []
        self.told: dict[str, StoredEvent] = {}
        self.rewritten_at: datetime | None = None
        self.because: dict[str, None] = {}

    def take(self, entry: Entry) -> None:
        match entry:
            case Event():
                self.event(entry)
            case ProfileImport():
                self.profile_import(entry)
            case Judgement():
                decide(self.working, [entry])

    def plan(self) -> Plan:
        if self.rewritten_at is not None:
            plan = rewriting(self.state, self.working, self.told, self.rewritten_at, "; ".join(self.because))
            return replace(plan, imports=tuple(StoredImport(e, at) for at, e in self.batch if isinstance(e, ProfileImport)))
        return changes(self.working)

    def event(self, event: Event) -> None:
        """One event: who it names, whether they are one person, and what it says of them."""
        known = self.working.known.get(event.event_id)
        if known is not None:
            self.working.answer(known.again(event.request_id, first_sight=event.event_id not in self.working.answered))
            return
        event = event.read_as(self.working.is_known)
        before = so_far(self.working, event)
        if before and (same := told_already(before, event, holders_of(self.working, event))) is not None:
            self.working.answer(Answer(same.event_id, event.type, Outcome.DUPLICATE, same.profile_id))
            return
        if before and is_taken(before, event):
            event = replace(event, lone=True)
        carried = self.working.meet(sorted(event.identifiers, key=by_priority))
        learnt = self.working.seen_together(carried)
        if learnt.crossing and self.park and self.state.region is None:
            self._store(event, 1, False, Answer(event.event_id, event.type, Outcome.PARKED))
            return
        self.working.learn(learnt.nodes)
        if learnt.crossing:
            self.replay(learnt.crossing, event.received_at)
        linkable = self.working.linkable(carried)
        if linkable:
            self._resolve(event, carried, linkable)
        else:
            self._follow(event, carried)

    def _resolve(self, event: Event, carried: tuple[Identifier, ...], linkable: tuple[Identifier, ...]) -> None:
        """Rules 4-7 of the semantics for an event that names somebody."""
        met = {identifier: self.working.holders(identifier) for identifier in linkable}
        fresh = tuple([identifier for identifier, holders in met.items() if not holders])
        clock = self._place(event, carried, frozenset().union(*met.values()), so_far(self.working, event))
        members = self._members(met)
        own = self.working.tags_of_founder(event)
        if len(members) == 1 and not fresh and not own:
            no = None
        else:
            tags = own.union(*(member.tags for member in members), *(self.working.tags_of(identifier) for identifier in fresh))
            no = objection(Encounter(members, fresh, tags), self.rules, joined=event.joins)
        seen = Seen(event, clock, members, fresh, own)
        if no is None:
            self._join(seen)
        else:
            self._keep_apart(seen, no)

    def _follow(self, event: Event, carried: tuple[Identifier, ...]) -> None:
        """Nobody is named: what is told of an order goes to its buyer (when that is known), anything else to nobody."""
        order = so_far(self.working, event)
        clock = self._place(event, carried, (), order)
        owner = buyer((*order, told(event, clock, False, None)))
        if owner is None:
            self._store(event, clock, False, Answer(event.event_id, event.type, Outcome.UNIDENTIFIED))
            return
        home = self.working.profiles[owner]
        matched = home.delivery_id != event.delivery_id
        self._attach(Seen(event, clock), home, (), matched)
        self._store(event, clock, matched, Answer(event.event_id, event.type, Outcome.ATTACHED, owner))

    def _place(self, event: Event, carried: tuple[Identifier, ...], met: Iterable[str], order: tuple[Told, ...]) -> int:
        """The event's place in the log: after whoever it met, and what was told of its order, whose person it may change."""
        people = {*met, *(one.profile_id for one in order if one.profile_id is not None)} if order else met
        everyone = [self.working.profiles[one] for one in people]
        return self.working.place(carried, everyone, (event.occurred_at, event.source), order)

    def _members(self, met: Mapping[Identifier, frozenset[str]]) -> tuple[Profile, ...]:
        """Those who may be this event's person, best base first."""
        everyone = [self.working.profiles[holder] for holder in frozenset().union(*met.values())]
        if len(everyone) > 1:
            everyone.sort(key=base_order)
        strongly = frozenset([holder for identifier, ids in met.items() if identifier.type in STRONG for holder in ids])
        return without_strangers(tuple(everyone), strongly, met, self.rules)

    def declare(self, identifier: Identifier, declared: Standing | None, at: datetime) -> None:
        """What an admin says of an identifier, now and from the beginning."""
        self.working.meet((identifier,))
        node = self.working.nodes[identifier]._replace(declared=declared)
        changed = with_standing(node, self.rules)
        self.working.learn((changed,))
        if changed.standing is not node.standing and node.clock > 0:
            self.replay((changed,), at)

    def replay(self, changed: Iterable[IdentifierState], at: datetime) -> None:
        """Standing holds from the beginning: whatever an identifier joined that is shared now comes apart (rules 3, 12)."""
        region = self.state.region
        if region is None:
            raise RegionNeeded
        old, log = self.working, [*region.log, *self.batch]
        self.working = replayed(self.state.brand_id, log, old.nodes.values(), region.issued, self.rules).working
        self.working.go_on_from(old)
        self.rewritten_at = at
        # Not its value: this stays with whoever it parted, where nobody would look for it when it is erased.
        self.because |= {f"{node.identifier.type} is {node.standing}": None for node in changed}

    def _store(self, event: Event, clock: int, matched: bool, answer: Answer) -> None:
        """An event is attached to whom its sender is told of."""
        stored = StoredEvent(event, clock, answer.profile_id, matched, answer)
        self.working.store(stored)
        if answer.outcome is not Outcome.PARKED:
            count(self.working, event, clock, matched, answer.profile_id)
        self.batch.append((clock, event))
        self.told[event.event_id] = stored

    def _join(self, seen: Seen) -> None:
        """No conflict: nobody creates, one attaches, several merge."""
        event, clock, members, fresh, _ = seen
        matched = any(member.delivery_id != event.delivery_id for member in members)
        merge_id = None
        if not members:
            home, outcome = self.working.found(event, None, clock), Outcome.CREATED
        elif len(members) == 1:
            home, outcome = members[0], Outcome.ATTACHED
        else:
            merge_id, outcome = stable_id(event.brand_id, "merge", event.event_id), Outcome.MERGED
            home = self._merged(event, members, merge_id)
        self._attach(seen, home, fresh, matched)
        if merge_id is not None:
            self.working.waiting.derive([home.profile_id])
        self._store(event, clock, matched, Answer(event.event_id, event.type, outcome, home.profile_id, merge_id))

    def _merged(self, event: Event, members: tuple[Profile, ...], merge_id: str) -> Profile:
        """By the rules, or by the event's sender: what they join is not counted as merged without a person."""
        reason, by = (SENDER_MERGE, event.source) if event.joins else ("identifier_match", "rules")
        home = self.working.merge(members, merge_id, reason, event.event_id, by, event.received_at)
        if event.joins:
            self.working.put(home._replace(cumulative=sum(member.cumulative for member in members)))
        return self.working.profiles[home.profile_id]

    def _keep_apart(self, seen: Seen, no: Objection) -> None:
        """Conflict or cap: nothing merges. The event attaches to its best compatible home and an open link stays."""
        event, clock, members, fresh, own = seen
        kept = together(fresh, self.working.tags_of, own, self.rules)
        tags = own.union(*(self.working.tags_of(identifier) for identifier in kept))
        home = next((member for member in members if accepts(member, kept, tags, self.rules)), None)
        created = home is None
        matched = home is not None and home.delivery_id != event.delivery_id
        home = home or self.working.found(event, None, clock)
        singles = [self.working.found(event, identifier, clock) for identifier in fresh if identifier not in kept]
        for single in singles:
            assert single.founded_on is not None
            self.working.hold(single.profile_id, (single.founded_on,))
        self._attach(seen, home, kept, matched)
        ids = frozenset({home.profile_id, *(m.profile_id for m in members), *(s.profile_id for s in singles)})
        drawn_at = self.working.drawn_at(clock)
        link = OpenLink(event.event_id, ids, no.rule, no.reason, drawn_at, event.received_at, self.rules.version)
        review_id = self.working.waiting.draw(link)
        outcome = Outcome.REVIEW if review_id else Outcome.CREATED if created else Outcome.ATTACHED
        self._store(event, clock, matched, Answer(event.event_id, event.type, outcome, home.profile_id, None, review_id))

    def _attach(self, seen: Seen, home: Profile, fresh: Iterable[Identifier], matched: bool) -> None:
        """The home profile takes `fresh` identifiers, what the event says of the person, and what was judged of it."""
        event, clock, _, _, own = seen
        self.working.hold(home.profile_id, fresh)
        profile = self.working.profiles[home.profile_id]
        wants = interest(profile, event, matched)
        if wants is not None:
            self.working.intents.extend(wants.shown)
            self.working.closed_intents.extend(wants.closed)
        self.working.put(
            profile._replace(
                clock=clock,
                tags=profile.tags | own,
                events=profile.events + 1,
                first_seen=earliest(profile.first_seen, event.occurred_at),
                last_seen=latest(profile.last_seen, event.occurred_at),
                attributes=survive(profile.attributes, attributes_of(event), self.rules.trust)
                if event.attributes
                else profile.attributes,
                bought=wants.bought if wants else profile.bought,
                intents=wants.waiting if wants else profile.intents,
            )
        )

    def profile_import(self, new: ProfileImport) -> None:
        """A profile as it is elsewhere: its identifiers are held beside whoever holds them already; nothing matches."""
        carried = self.working.meet(sorted(new.identifiers, key=by_priority))
        held = self.working.linkable(carried)
        clock = self.working.place(carried, (), (new.created_at, new.source))
        tags = self.working.tags_of_profile(new.profile_id)
        self.working.put(of_import(new, tags, clock, self.rules.trust), founded=True)
        self.working.hold(new.profile_id, held, judged_by_them=False)
        self.working.imports.append(StoredImport(new, clock))
        self.batch.append((clock, new))
        self.working.answer(Answer(new.profile_id, "profile_import", Outcome.CREATED, new.profile_id))


def replayed(
    brand_id: str,
    log: Iterable[tuple[int, Entry]],
    nodes: Iterable[IdentifierState],
    issued: Mapping[str, Anchor],
    rules: Rules,
) -> Fold:
    """A history again from nothing, under the standing that its identifiers have now, and with all DISTINCTs from the start.

    `log` gives each entry with its clock, in any order. Entries with equal clocks never touched one another, so their
    order is free; it is by id.
    """
    fresh = (with_standing(n, rules)._replace(holders=frozenset(), tags=frozenset(), clock=0) for n in nodes)
    fold = Fold(State(brand_id, {node.identifier: node for node in fresh}), rules)
    fold.working.anchors = issued
    ordered = in_order(log)
    apart = (entry for _, entry in ordered if isinstance(entry, Judgement) and entry.kind is JudgementKind.DISTINCT)
    hoisted = [judgement for judgement in apart if judgement.retracted_at is None]  # one taken back is as if never made
    hoist(fold.working, hoisted)
    for place, entry in ordered:
        fold.working.logged = place
        if not isinstance(entry, Judgement) or entry.kind is not JudgementKind.DISTINCT:
            fold.take(entry)
    fold.working.logged = None
    if hoisted:
        decide(fold.working, hoisted)
    return fold


def in_order(log: Iterable[tuple[int, Entry]]) -> list[tuple[int, Entry]]:
    """Entries in the order in which they are folded: by clock, equal ones by id."""
    return sorted(log, key=lambda row: (row[0], entry_id(row[1])))
