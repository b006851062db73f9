"""Erasing people: what of a region is theirs, and what everybody else is without it. Pure.

Their events, imports and identifiers go, as if they had never come; what is left is folded again. So whoever stays is what
their own evidence says, now and in every later replay. One thing is remembered: beside how many people an identifier was seen.
A hub stays shared, though who shared it is forgotten; else erasing one person could join others.
"""

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, replace
from datetime import datetime

from app.domain.blocked import is_blocked
from app.domain.events import Event, ProfileImport, stable_id
from app.domain.identifiers import Identifier
from app.domain.judgements import Judgement, JudgementKind, Side
from app.domain.naming import names_of
from app.domain.orders import AS_IT_CAME, COUNTED, Reckoning
from app.domain.plan import Plan
from app.domain.profiles import IdentifierState, Standing
from app.domain.rules import Rules
from app.domain.state import Anchor, Entry, Region, State, entry_id
from app.resolve.fold import in_order
from app.resolve.ruled import changes_nothing, refolded
from app.resolve.sightings import ERASED


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What an erasure takes out of a region.

    `people` are profiles, `profile_ids` all ids that led to them; `events` and `imports` their evidence, by id. `identifiers`
    are those that nobody else holds or carries. `stripped` are events of others, and what they carried of whom is erased: they
    stay without. `judgements` are those that spoke of them: None where nothing is left to say, else what it says of others.
    `stand_ins` is what others were seen with instead.
    """

    people: frozenset[str]
    profile_ids: frozenset[str]
    events: frozenset[str]
    imports: frozenset[str]
    identifiers: frozenset[Identifier]
    stripped: Mapping[str, frozenset[Identifier]]
    judgements: Mapping[str, Judgement | None]
    stand_ins: Mapping[Identifier, Identifier]


def erased(
    state: State, people: Set[str], elsewhere: Set[Identifier], erasure_id: str, rules: Rules, at: datetime
) -> tuple[Forgotten, State, Plan | None]:
    """What goes with `people`, the region without it, and what that changes for others (None: nothing).

    Whoever is known by nothing but what goes with them, goes too. `elsewhere` are identifiers that entries outside of the
    region carry as well. `state` must hold the whole components of these people.
    """
    while True:
        gone = _forgotten(state, frozenset(people), elsewhere, erasure_id)
        left = without(state, gone)
        plan = refolded(left, rules, at, f"erasure {erasure_id}")
        nobody = {one.profile_id for one in plan.rewrite.led if one.into is None} if plan.rewrite else set()
        if nobody.isdisjoint(left.profiles):
            marks = _counting_otherwise(state, gone, plan)
            plan = replace(plan, reckoned=tuple((dict(plan.reckoned) | marks).items()))
            return gone, left, None if changes_nothing(plan) and not marks else plan
        people = people | (nobody & left.profiles.keys())


def _counting_otherwise(state: State, gone: Forgotten, plan: Plan) -> dict[str, Reckoning]:
    """Purchases and refunds that stay, of orders that what goes told of: how they count without that."""
    counts = dict(plan.reckoned)
    events = [entry for _, entry in state.whole.log if isinstance(entry, Event) and entry.order is not None]
    orders = {one.order for one in events if one.event_id in gone.events}
    stay = (one for one in events if one.order in orders and one.event_id not in gone.events)
    return {one.event_id: counts.get(one.event_id, AS_IT_CAME) for one in stay if one.type in COUNTED}


def _forgotten(state: State, people: frozenset[str], elsewhere: Set[Identifier], erasure_id: str) -> Forgotten:
    region = state.whole
    profile_ids = people | {one for one in (*region.issued, *state.survivors) if state.find(one) in people}
    events = frozenset(
        key for key, home in region.homes.items() if home.profile_id is not None and state.find(home.profile_id) in people
    )
    imports = frozenset(e.profile_id for _, e in region.log if isinstance(e, ProfileImport) and e.profile_id in profile_ids)
    carried = _carried(region, events | imports)
    identifiers = frozenset(
        one for one, node in state.identifiers.items() if _is_theirs(state, node, people, carried.get(one), one in elsewhere)
    )
    return Forgotten(
        people=people,
        profile_ids=frozenset(profile_ids),
        events=events,
        imports=imports,
        identifiers=identifiers,
        stripped=dict(_stripped(state, profile_ids, identifiers, events)),
        judgements=dict(_judged(region, profile_ids, identifiers)),
        stand_ins={
            one: Identifier(one.type, f"{ERASED}{stable_id(state.brand_id, 'erased', erasure_id, str(number))}")
            for number, one in enumerate(sorted(identifiers))
        },
    )


def _carried(region: Region, theirs: Set[str]) -> dict[Identifier, bool]:
    """What entries carry, and whether only theirs do."""
    found: dict[Identifier, bool] = {}
    for _, entry in region.log:
        if not isinstance(entry, Judgement):
            for one in entry.identifiers:
                found[one] = found.get(one, True) and entry_id(entry) in theirs
    return found


def _is_theirs(state: State, node: IdentifierState, people: Set[str], only: bool | None, elsewhere: bool) -> bool:
    """Whether an identifier goes with these people: nobody else holds it; what nobody may hold, nobody else carried."""
    holders = state.holders(node.identifier)
    if holders or node.standing is Standing.LINKABLE:
        return bool(holders) and holders <= people
    return bool(only) and not elsewhere and not is_blocked(node.identifier)


def _stripped(
    state: State, profile_ids: Set[str], identifiers: Set[Identifier], events: Set[str]
) -> Iterator[tuple[str, frozenset[Identifier]]]:
    """Events of others, with what they carry of what goes; and with what founded who goes, though an import holds it as well."""
    region = state.whole
    founded = {(anchor.founded_by, anchor.founded_on) for key, anchor in region.issued.items() if key in profile_ids}
    for _, entry in region.log:
        if isinstance(entry, Event) and entry.event_id not in events:
            strange = {one for one in entry.identifiers if one in identifiers or (entry.event_id, one) in founded}
            if strange:
                yield entry.event_id, frozenset(strange)


def _judged(region: Region, profile_ids: Set[str], identifiers: Set[Identifier]) -> Iterator[tuple[str, Judgement | None]]:
    for _, entry in region.log:
        if isinstance(entry, Judgement):
            sides = tuple(Side(side.profile_ids - profile_ids, side.identifiers - identifiers) for side in entry.sides)
            if sides != entry.sides:
                yield entry.judgement_id, _of_others(entry, sides)


def _of_others(judgement: Judgement, sides: Iterable[Side]) -> Judgement | None:
    """What is left of it; None of one that tells nobody apart, or says of one only that it is itself."""
    left = tuple(side for side in sides if side.profile_ids or side.identifiers)
    parts = len(left) if judgement.kind is JudgementKind.DISTINCT else sum(map(_atoms, left))
    return replace(judgement, sides=left, note="") if parts > 1 else None


def _atoms(side: Side) -> int:
    return len(side.profile_ids) + len(side.identifiers)


def without(state: State, gone: Forgotten) -> State:
    """The region as if nothing of them had ever come."""
    region = state.whole
    kept = {key: node for key, node in state.identifiers.items() if key not in gone.identifiers}
    log = tuple((clock, entry) for clock, old in region.log if (entry := _left_of(old, gone)) is not None)
    left = Region(
        log=log,
        issued=dict(_anchored(region, gone, log)),
        placed={key: place for key, place in region.placed.items() if key not in gone.profile_ids},
        homes={key: home for key, home in region.homes.items() if key not in gone.events},
        merges={key: merge for key, merge in region.merges.items() if merge[0] not in gone.profile_ids},
        intents=region.intents,
    )
    return replace(
        state,
        identifiers={key: _forgetful(node, gone) for key, node in kept.items()},
        profiles={key: profile for key, profile in state.profiles.items() if key not in gone.people},
        survivors={key: into for key, into in state.survivors.items() if key not in gone.profile_ids},
        orders={order: tuple(one for one in told if one.event_id not in gone.events) for order, told in state.orders.items()},
        region=left,
    )


def _anchored(region: Region, gone: Forgotten, log: Iterable[tuple[int, Entry]]) -> Iterator[tuple[str, Anchor]]:
    """The ids of others. One that an erased event founded, on an identifier that was not this person's, leads from now on where
    the first one leads who tells of that identifier still."""
    first: dict[Identifier, str] = {}
    for _, entry in in_order(log):
        for one in () if isinstance(entry, Judgement) else entry.identifiers:
            first.setdefault(one, entry_id(entry))
    for key, anchor in region.issued.items():
        if key not in gone.profile_ids:
            lost = anchor.founded_by in gone.events and anchor.founded_on in first
            yield key, anchor._replace(founded_by=first[anchor.founded_on]) if lost and anchor.founded_on else anchor


def _left_of(entry: Entry, gone: Forgotten) -> Entry | None:
    match entry:
        case Judgement():
            return gone.judgements.get(entry.judgement_id, entry)
        case ProfileImport():
            return None if entry.profile_id in gone.imports else entry
        case Event() if entry.event_id in gone.events:
            return None
    strange = gone.stripped.get(entry.event_id)
    if strange is None:
        return entry
    names = names_of(strange)
    return replace(
        entry,
        identifiers=tuple(one for one in entry.identifiers if one not in strange),
        attributes=tuple(pair for pair in entry.attributes if not names.are_in(pair[1])),
    )


def _forgetful(node: IdentifierState, gone: Forgotten) -> IdentifierState:
    if gone.identifiers.isdisjoint(node.seen_with) and gone.identifiers.isdisjoint(node.through):
        return node
    seen_with, through = (frozenset(gone.stand_ins.get(one, one) for one in seen) for seen in (node.seen_with, node.through))
    return node._replace(seen_with=seen_with, through=through)
