"""A second reading of the semantics, rule by rule and with no thought for speed: who is who, told from the log alone.

It shares no code with `app/resolve`. Of orders, money and intents it knows nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import networkx as nx

from app.domain.events import Event, ProfileImport, stable_id
from app.domain.identifiers import Identifier
from app.domain.judgements import Judgement, JudgementKind
from app.domain.profiles import Standing
from app.domain.rules import Rules
from app.domain.state import Anchor, Entry, entry_id

PRIORITY = ("user_id", "loyalty_id", "email", "phone", "device", "cookie")
STRONG = frozenset(PRIORITY[:4])
CONFIRMED = (40, 50, 60, 70, 75, 80)

Tags = frozenset[tuple[str, int]]


@dataclass
class Person:
    id: str
    created_at: Any
    tags: Tags
    held: set[Identifier] = field(default_factory=set)
    events: set[str] = field(default_factory=set)
    absorbed: set[str] = field(default_factory=set)
    confirmed: int = 0
    cumulative: int = 0

    @property
    def strong(self) -> set[Identifier]:
        return {one for one in self.held if one.type in STRONG}

    @property
    def strength(self) -> int:
        types = {one.type for one in self.held}
        score = 40 if types & STRONG else 10 if types else 0
        if types >= {"email", "phone"}:
            score = min(95, 75 + 10 * ("loyalty_id" in types) + 5 * ("cookie" in types) + 5 * ("device" in types))
        return max(score, CONFIRMED[min(self.confirmed, 5)]) if types & {"email", "phone", "loyalty_id"} else score

    @property
    def place(self) -> tuple[int, Any, str]:
        """The base rule: highest strength, then oldest, then smallest id."""
        return -self.strength, self.created_at, self.id


def clash(tags: Iterable[tuple[str, int]]) -> bool:
    return any(one[0] == other[0] for one, other in combinations(set(tags), 2))


def shared(events: Iterable[Event], declared: Mapping[Identifier, Standing], rules: Rules) -> set[Identifier]:
    """Rule 3: carried with too many values of a strong type, an anonymous one also through its anonymous neighbours."""
    seen: nx.Graph[Identifier] = nx.Graph()
    for event in events:
        seen.add_edges_from(combinations(event.identifiers, 2))
    found = {one for one, standing in declared.items() if standing is not Standing.LINKABLE}
    for one in seen.nodes - declared.keys():
        near = set(seen[one])
        if one.type not in STRONG:
            near.update(other for neighbour in seen[one] if neighbour.type not in STRONG for other in seen[neighbour])
        values = [sum(other.type == kind for other in near) for kind in STRONG - {one.type}]
        if max(values) > rules.fan_out.get(one.type, len(near)):
            found.add(one)
    return found


class Reading:
    """Rule 1: the log in its order, under what holds from the beginning. Then `people`, `homes` of events, and `reviews`."""

    def __init__(
        self,
        log: Iterable[tuple[int, Entry]],
        issued: Mapping[str, Anchor],
        declared: Mapping[Identifier, Standing],
        rules: Rules,
    ) -> None:
        entries = [entry for _, entry in sorted(log, key=lambda row: (row[0], entry_id(row[1])))]
        self.rules = rules
        self.issued = issued
        self.shared = shared((one for one in entries if isinstance(one, Event)), declared, rules)
        self.people: dict[str, Person] = {}
        self.into: dict[str, str] = {}
        self.holders: dict[Identifier, list[str]] = {}
        self.homes: dict[str, str] = {}
        self.links: list[set[str]] = []
        self.tags: dict[object, set[tuple[str, int]]] = {}
        for said in entries:
            if isinstance(said, Judgement) and said.kind is JudgementKind.DISTINCT and said.retracted_at is None:
                for number, side in enumerate(said.sides):  # rule 10
                    for atom in (*side.profile_ids, *side.identifiers):
                        self.tags.setdefault(atom, set()).add((said.judgement_id, number))
        for entry in entries:
            self.take(entry)

    def take(self, entry: Entry) -> None:
        match entry:
            case Event():
                self.event(entry)
            case ProfileImport():
                new = self.found(entry.profile_id, entry.created_at)
                self.hold(new, set(entry.identifiers) - self.shared)
            case Judgement(kind=JudgementKind.SAME):
                self.same(entry)
            case Judgement(kind=JudgementKind.PROPOSED):
                self.links.append({one.id for one in self.meant(entry)})

    # Who is meant

    def find(self, profile_id: str) -> str:
        while profile_id in self.into:
            profile_id = self.into[profile_id]
        return profile_id

    def where(self, profile_id: str) -> str | None:
        """Rule 2."""
        if self.find(profile_id) in self.people:
            return self.find(profile_id)
        founded_by, founded_on = self.issued[profile_id]
        sits = self.homes.get(founded_by) if founded_on is None else next(iter(self.holders.get(founded_on, ())), None)
        return None if sits is None else self.find(sits)

    def meant(self, said: Judgement) -> list[Person]:
        ids = {self.where(one) for side in said.sides for one in side.profile_ids} - {None}
        ids |= {self.find(one) for side in said.sides for each in side.identifiers for one in self.holders.get(each, ())}
        return sorted((self.people[str(one)] for one in ids), key=lambda one: one.place)

    # What is done

    def tagged(self, atom: object) -> Tags:
        return frozenset(self.tags.get(atom, ()))

    def found(self, profile_id: str, at: Any) -> Person:
        return self.people.setdefault(profile_id, Person(profile_id, at, self.tagged(profile_id)))

    def hold(self, person: Person, identifiers: Iterable[Identifier]) -> None:
        person.held.update(identifiers)
        for one in identifiers:
            self.holders.setdefault(one, []).append(person.id)

    def merge(self, base: Person, others: Iterable[Person]) -> None:
        for other in others:
            base.cumulative += other.cumulative + bool(other.strong)
            base.confirmed += other.confirmed
            base.held |= other.held
            base.events |= other.events
            base.absorbed |= other.absorbed | {other.id}
            base.tags |= other.tags
            self.into[other.id] = base.id
            del self.people[other.id]

    def same(self, said: Judgement) -> None:
        """Rule 9."""
        taken: list[Person] = []
        for one in self.meant(said):
            if not clash(one.tags.union(*(other.tags for other in taken))):
                taken.append(one)
        if taken:
            self.merge(taken[0], taken[1:])
            taken[0].cumulative = 0

    def exceeds(self, members: Iterable[set[Identifier]], fresh: Iterable[Identifier]) -> bool:
        """Rule 5 (b)."""
        for kind, limit in self.rules.limits.items():
            each = [{one for one in held if one.type == kind} for held in (*members, set(fresh))]
            if len(set().union(*each)) > max(limit, *map(len, each[:-1]), 0):
                return True
        return False

    def event(self, event: Event) -> None:
        named = [one for one in event.identifiers if one not in self.shared]
        named.sort(key=lambda one: (PRIORITY.index(one.type), one.value))
        if not named:
            return
        members = self.met(named)
        fresh = [one for one in named if not self.holders.get(one)]
        own = self.tagged(stable_id(event.brand_id, "profile", event.event_id))
        tags = own.union(*(one.tags for one in members), *map(self.tagged, fresh))
        strong = sum(one.cumulative for one in members) + sum(bool(one.strong) for one in members[1:])
        conflict = self.exceeds([one.strong for one in members], fresh)
        capped = len(members) > 1 and max(len(members), strong) > self.rules.max_auto_merge
        if clash(tags) or ((conflict or capped) and not event.joins):
            self.keep_apart(event, members, fresh, own)
            return
        matched = bool(members)
        home = members[0] if members else self.found(stable_id(event.brand_id, "profile", event.event_id), event.received_at)
        counted = sum(one.cumulative for one in members)
        self.merge(home, members[1:])
        home.cumulative = counted if event.joins else home.cumulative  # a sender's word is neither counted nor a person's
        self.attach(event, home, fresh, own, matched)

    def met(self, named: list[Identifier]) -> list[Person]:
        """M, without whoever is met through an anonymous identifier alone and would be a conflict."""
        by = {one: {self.find(holder) for holder in self.holders.get(one, ())} for one in named}
        everyone = sorted((self.people[one] for one in set().union(*by.values())), key=lambda one: one.place)
        strongly = set().union(*(ids for one, ids in by.items() if one.type in STRONG))
        members = [one for one in everyone if one.id in strongly]
        for one in everyone:
            if one.id not in strongly and not (one.strong and self.exceeds([other.strong for other in (*members, one)], named)):
                members.append(one)
        return sorted(members, key=lambda one: one.place)

    def keep_apart(self, event: Event, members: list[Person], fresh: list[Identifier], own: Tags) -> None:
        """Rule 7."""
        kept: list[Identifier] = []
        tags = own
        for one in fresh:
            if not clash(tags | self.tagged(one)) and not self.exceeds([], [*kept, one]):
                kept.append(one)
                tags |= self.tagged(one)
        fits = (one for one in members if not clash(one.tags | tags) and not self.exceeds([one.strong], kept))
        home = next(fits, None)
        matched = home is not None
        home = home or self.found(stable_id(event.brand_id, "profile", event.event_id), event.received_at)
        drawn = {home.id, *(one.id for one in members)}
        for one in fresh:
            if one not in kept:
                single = self.found(stable_id(event.brand_id, "profile", event.event_id, *one), event.received_at)
                self.hold(single, [one])
                single.tags |= self.tagged(one)
                drawn.add(single.id)
        self.attach(event, home, kept, own, matched)
        self.links.append(drawn)

    def attach(self, event: Event, home: Person, fresh: list[Identifier], own: Tags, matched: bool) -> None:
        self.hold(home, fresh)
        home.tags = home.tags.union(own, *map(self.tagged, fresh))
        home.events.add(event.event_id)
        home.confirmed += matched and event.is_purchase
        self.homes[event.event_id] = home.id

    @property
    def reviews(self) -> set[frozenset[str]]:
        """Rule 8."""
        asked: nx.Graph[str] = nx.Graph()
        for link in self.links:
            for one, other in combinations({self.find(profile_id) for profile_id in link}, 2):
                if not clash(self.people[one].tags | self.people[other].tags):
                    asked.add_edge(one, other)
        return set(map(frozenset, nx.connected_components(asked)))
