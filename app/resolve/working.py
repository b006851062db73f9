"""The fold's working copy: cheap to change, and able to say what changed as a Plan."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from app.domain.blocked import is_blocked
from app.domain.events import Event, OrderKey
from app.domain.identifiers import STRONG, Identifier
from app.domain.judgements import Judgement
from app.domain.orders import Reckoning, Told
from app.domain.plan import Answer, Hold, Intent, Known, StoredEvent, StoredImport
from app.domain.profiles import IdentifierState, Merge, Profile, Standing, Tag
from app.domain.rules import Rules
from app.domain.state import Anchor, State, find
from app.resolve.arrivals import Gone
from app.resolve.founding import of_event, profile_id_of
from app.resolve.sightings import beside, with_standing
from app.resolve.survivorship import earliest, latest, unite
from app.resolve.waiting import Waiting


class Learnt(NamedTuple):
    """Identifiers after what was seen, and those of them that linked people until now and are shared by it."""

    nodes: tuple[IdentifierState, ...]
    crossing: tuple[IdentifierState, ...]


NOTHING_LEARNT = Learnt((), ())


class Working:
    """Copies of the neighbourhood's maps, and a list of everything new."""

    def __init__(self, state: State, rules: Rules) -> None:
        self.rules = rules
        self.brand_id = state.brand_id
        self.at_first = state.identifiers  # never changed: who held what before
        self.nodes = dict(state.identifiers)
        self.profiles = dict(state.profiles)
        self.survivors = dict(state.survivors)
        self.known = dict(state.known)
        self.orders: dict[OrderKey, tuple[Told, ...]] = dict(state.orders)
        self.reckoned: dict[str, Reckoning] = {}
        self.adopted: dict[str, str] = {}  # stored event id -> the profile that it is attached to from now on
        self.waiting = Waiting(state, self.profiles, self.survivors)
        self.atom_tags: dict[str | Identifier, frozenset[Tag]] = {}
        self.touched_nodes: dict[Identifier, None] = {}
        self.touched_profiles: dict[str, None] = {}
        self.founded: set[str] = set()
        self.holds: list[Hold] = []
        self.stillborn: list[Profile] = []
        self.absorbed: dict[str, Gone] = {}  # by profile id
        self.events: list[StoredEvent] = []
        self.imports: list[StoredImport] = []
        self.merges: list[Merge] = []
        self.held_before: dict[str, int] = {}  # merge id -> how many of the holds were there before it
        self.judgements: list[Judgement] = []
        self.intents: list[Intent] = []
        self.closed_intents: list[tuple[str, str, str | None]] = []
        self.answers: list[Answer] = []
        self.answered: set[str] = set()
        self.homes: dict[str, str] = {}  # event id -> the profile it was attached to at first
        self.first_holders: dict[Identifier, str] = {}  # in a replay: who was the first to hold each identifier
        self.anchors: Mapping[str, Anchor] = {}  # in a replay: what founded each id that may be named
        self.logged: int | None = None  # in a replay: the place in the log of the entry that is folded

    # Identifiers

    def meet(self, carried: Iterable[Identifier]) -> tuple[Identifier, ...]:
        """Those of what an event carried that are no placeholders; identifiers never seen before get their node.

        What an admin or the brand's rules call blocked is still seen: evidence must not depend on when that was said.
        """
        for identifier in carried:
            node = self.nodes.get(identifier)
            if node is None or node.clock == 0:  # a node is there before it is first seen: whoever locks it creates it
                tags = self.atom_tags.get(identifier, frozenset())
                first = with_standing(node or IdentifierState(identifier, tags=tags), self.rules)
                if first != node:
                    self._put_node(first)
        met = ((identifier, self.nodes[identifier]) for identifier in carried)
        return tuple(one for one, node in met if node.standing is not Standing.BLOCKED or not is_blocked(one))

    def is_known(self, identifier: Identifier) -> bool:
        """Whether anything was seen with it before: whoever locks a node creates it."""
        node = self.nodes.get(identifier)
        return node is not None and node.clock > 0

    def linkable(self, carried: Iterable[Identifier]) -> tuple[Identifier, ...]:
        return tuple(identifier for identifier in carried if self.nodes[identifier].standing is Standing.LINKABLE)

    def place(
        self,
        identifiers: Iterable[Identifier],
        everyone: Iterable[Profile],
        seen: tuple[datetime, str] | None = None,
        order: Iterable[Told] = (),
    ) -> int:
        """The next place in the log of all that is locked here (a Lamport clock), and moves their clocks to it.

        Everyone met moves, even who takes no part: what was decided saw them as they were. `seen` says when the identifiers
        were seen, and by which source; `order` is what was told before of the order that this tells of.
        """
        nodes = [self.nodes[identifier] for identifier in identifiers]
        met = list(everyone)
        clock = 1 + max([0, *[node.clock for node in nodes], *[one.clock for one in met], *[one.clock for one in order]])
        for node in nodes:
            self._put_node(_seen(node, clock, *seen) if seen else node._replace(clock=clock))
        for profile in met:
            self.put(profile._replace(clock=clock))
        return clock

    def seen_together(self, carried: tuple[Identifier, ...]) -> Learnt:
        """What an event teaches of what is carried beside what; `learn` takes it in."""
        if len(carried) < 2:
            return NOTHING_LEARNT
        nodes = tuple(with_standing(node, self.rules) for node in beside(self.nodes, carried))
        changed = (node for node in nodes if node.standing is not self.nodes[node.identifier].standing)
        return Learnt(nodes, tuple(node for node in changed if node.clock > 0))

    def learn(self, nodes: Iterable[IdentifierState]) -> None:
        for node in nodes:
            self._put_node(node)

    def holders(self, identifier: Identifier) -> frozenset[str]:
        held = self.nodes[identifier].holders
        if len(held) == 1:
            (only,) = held
            return held if only not in self.survivors else frozenset({self.find(only)})
        return frozenset(self.find(holder) for holder in held)

    def hold(self, profile_id: str, identifiers: Iterable[Identifier], judged_by_them: bool = True) -> None:
        """The profile holds these from now on, and is judged by what was judged of them.

        An import is not: it comes as it is, and may well hold what both sides of a judgement hold.
        """
        identifiers = tuple(identifiers)
        if not identifiers:
            return
        profile = self.profiles[profile_id]
        for identifier in identifiers:
            node = self.nodes[identifier]
            self._put_node(node._replace(holders=node.holders | {profile_id}))
            self.holds.append(Hold(profile_id, identifier))
            self.first_holders.setdefault(identifier, profile_id)
        self.put(
            profile._replace(
                strong=profile.strong.union(identifier for identifier in identifiers if identifier.type in STRONG),
                anonymous=profile.anonymous.union(identifier.type for identifier in identifiers if identifier.type not in STRONG),
                tags=profile.tags.union(*(self.tags_of(i) for i in identifiers)) if judged_by_them else profile.tags,
            )
        )

    def _put_node(self, node: IdentifierState) -> None:
        self.nodes[node.identifier] = node
        self.touched_nodes[node.identifier] = None

    # Profiles

    def find(self, profile_id: str) -> str:
        return find(self.survivors, profile_id)

    def where(self, profile_id: str) -> str | None:
        """Who answers for an id that was ever issued: itself, its absorber, else where what founded it sits now (rule 2)."""
        found = self.find(profile_id)
        if found in self.profiles:
            return found
        founded_by, founded_on = self.anchors.get(profile_id, ("", None))
        if founded_on is not None:
            first = self.first_holders.get(founded_on)  # imports that came later hold it as well
            return self.find(first) if first is not None else None
        home = self.homes.get(founded_by)
        return self.find(home) if home is not None else None

    def put(self, profile: Profile, founded: bool = False) -> None:
        self.profiles[profile.profile_id] = profile
        self.touched_profiles[profile.profile_id] = None
        if founded:
            self.founded.add(profile.profile_id)

    def found(self, event: Event, founded_on: Identifier | None, clock: int) -> Profile:
        """A new profile, anchored in the event (and in an identifier, when the event founds several)."""
        profile_id = profile_id_of(event, founded_on)
        profile = of_event(event, founded_on, profile_id, self.tags_of_profile(profile_id), clock)
        self.put(profile, founded=True)
        return profile

    def merge(
        self,
        members: tuple[Profile, ...],
        merge_id: str,
        reason: str,
        because: str,
        decided_by: str,
        decided_at: datetime,
        note: str = "",
    ) -> Profile:
        """The first member absorbs the rest. Nothing physical is lost: absorbed ids keep resolving to it."""
        base, *others = members
        self.held_before[merge_id] = len(self.holds)
        after = base
        for other in others:
            after = unite(after, other, self.rules.trust)
            self.survivors[other.profile_id] = base.profile_id
            self.absorbed[other.profile_id] = Gone(len(self.absorbed), base.profile_id, merge_id)
            self.waiting.inherit(base.profile_id, other.profile_id)
            if other.profile_id in self.founded:
                self.founded.remove(other.profile_id)
                self.stillborn.append(other)
            del self.profiles[other.profile_id]
            self.touched_profiles.pop(other.profile_id, None)
        expired = {intent.intent_id for member in members for intent in member.intents} - {i.intent_id for i in after.intents}
        self.closed_intents.extend((intent_id, "expired", None) for intent_id in sorted(expired))
        self.put(after)
        absorbed = tuple(other.profile_id for other in others)
        self.merges.append(
            Merge(
                merge_id,
                base.profile_id,
                absorbed,
                reason,
                because,
                decided_by,
                decided_at,
                members,
                after,
                note,
                self.rules.version,
            )
        )
        return after

    def tag(self, identifier: Identifier, tag: Tag) -> None:
        node = self.nodes.get(identifier)
        if node is not None:
            self._put_node(node._replace(tags=node.tags | {tag}))

    def tags_of(self, identifier: Identifier) -> frozenset[Tag]:
        return self.nodes[identifier].tags

    def tags_of_founder(self, event: Event) -> frozenset[Tag]:
        """What was judged of the id that an event founds, or would found."""
        return self.tags_of_profile(profile_id_of(event)) if self.atom_tags else frozenset()

    def tags_of_profile(self, profile_id: str) -> frozenset[Tag]:
        """What was judged of a profile id before the profile itself was there (in a replay)."""
        return self.atom_tags.get(profile_id, frozenset())

    def go_on_from(self, old: "Working") -> None:
        """This copy, of a history told again, takes the place of `old` in the middle of a batch."""
        self.known, self.answers, self.answered = old.known, old.answers, old.answered
        self.judgements = old.judgements
        top = old.beyond()  # whoever was folded again has moved, whether or not anything is other than it was
        self.nodes.update((identifier, node._replace(clock=top)) for identifier, node in tuple(self.nodes.items()))
        self.profiles.update((key, profile._replace(clock=top)) for key, profile in tuple(self.profiles.items()))

    def drawn_at(self, clock: int) -> int:
        """The place of an open link in the log: its entry's own, so that counting anew changes no order of links (rule 8)."""
        return clock if self.logged is None else self.logged

    def beyond(self) -> int:
        """A place in the log after everything that is here."""
        return 1 + max([0, *(node.clock for node in self.nodes.values()), *(one.clock for one in self.profiles.values())])

    # What changed

    def answer(self, answer: Answer) -> None:
        self.answers.append(answer)
        self.answered.add(answer.event_id)

    def store(self, stored: StoredEvent) -> None:
        self.events.append(stored)
        if stored.profile_id is not None:
            self.homes[stored.event.event_id] = stored.profile_id
        self.known[stored.event.event_id] = Known(stored.answer, stored.event.request_id)
        self.answer(stored.answer)


def _seen(node: IdentifierState, clock: int, at: datetime, source: str) -> IdentifierState:
    first, last = earliest(node.first_seen, at), latest(node.last_seen, at)
    return node._replace(clock=clock, first_seen=first, last_seen=last, source=node.source or source)
