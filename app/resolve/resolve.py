"""`resolve`: from a neighbourhood and a batch of evidence to the rows to write. Pure; everything else is plumbing."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from app.domain.events import Event
from app.domain.identifiers import Identifier
from app.domain.judgements import Judgement
from app.domain.plan import Plan
from app.domain.profiles import IdentifierState, Standing
from app.domain.rules import Rules
from app.domain.state import Anchor, Entry, State
from app.resolve.changes import changes
from app.resolve.fold import Fold, RegionNeeded, in_order, replayed
from app.resolve.judge import decide, hoist
from app.resolve.sightings import unread
from app.resolve.working import Working

__all__ = ["RegionNeeded", "declare", "replay", "resolve", "wanted"]


def resolve(state: State, events: Iterable[Entry], judgements: Iterable[Judgement], rules: Rules, *, park: bool = False) -> Plan:
    """Folds evidence into a state, entry by entry, so that batch size can never change who is who.

    `events` are events, imports and (in a replay) the SAMEs and proposals among them, in arrival order.
    `judgements` are what people decided: their DISTINCTs hold from the first entry on, the rest follows the last one.
    The state must hold who is `wanted`. Raises RegionNeeded when an identifier becomes shared and the state lacks its
    region; with `park`, the event that would make it so is parked instead.
    """
    fold = Fold(state, rules, park)
    judgements = tuple(judgements)
    hoist(fold.working, judgements)
    for entry in events:
        fold.take(entry)
    if judgements:
        decide(fold.working, judgements)
    return fold.plan()


def wanted(state: State, events: Iterable[Entry]) -> frozenset[Identifier]:
    """Identifiers that learn from these events without being carried by them, and that the state lacks."""
    carried = (entry.identifiers for entry in events if isinstance(entry, Event))
    return frozenset().union(*(unread(state.identifiers, identifiers) for identifiers in carried))


def declare(state: State, identifier: Identifier, declared: Standing | None, rules: Rules, at: datetime) -> Plan:
    """What an admin says of an identifier (None: nothing any more) holds from the beginning: its region again."""
    fold = Fold(state, rules)
    fold.declare(identifier, declared, at)
    return fold.plan()


def replay(
    brand_id: str,
    log: Iterable[tuple[int, Entry]],
    rules: Rules,
    issued: Mapping[str, Anchor] | None = None,
    declared: Mapping[Identifier, Standing] | None = None,
) -> Plan:
    """The whole history again, from nothing: what a rebuild, an undo and time travel stand on.

    `issued` are the profile ids that judgements may name, `declared` what admins said of identifiers.
    """
    log = tuple(log)
    return changes(replayed(brand_id, log, evidence(brand_id, log, rules, declared or {}), issued or {}, rules).working)


def evidence(
    brand_id: str, log: Iterable[tuple[int, Entry]], rules: Rules, declared: Mapping[Identifier, Standing]
) -> tuple[IdentifierState, ...]:
    """Every identifier of a history as all of its events show it: the standing that holds from the beginning."""
    working = Working(State(brand_id), rules)
    for _, entry in in_order(log):
        if isinstance(entry, Event):
            working.learn(working.seen_together(working.meet(entry.identifiers)).nodes)
    working.meet(declared)
    return tuple(node._replace(declared=declared.get(node.identifier)) for node in working.nodes.values())
