"""`resolve`: from a neighbourhood and a batch of evidence to the rows to write. Pure; everything else is plumbing."""

from collections.abc import Iterable
from typing import TypeGuard

from app.domain.events import Event, ProfileImport
from app.domain.judgements import Judgement, JudgementKind
from app.domain.plan import Plan
from app.domain.state import State
from app.resolve.fold import Fold
from app.resolve.judge import decide, hoist
from app.resolve.rules import Rules

Entry = Event | ProfileImport | Judgement


def resolve(state: State, events: Iterable[Entry], judgements: Iterable[Judgement], rules: Rules) -> Plan:
    """Folds evidence into a state, entry by entry, so that batch size can never change who is who.

    `events` are events, imports and (in a replay) the SAMEs and proposals among them, in arrival order.
    `judgements` are what people decided: their DISTINCTs hold from the first entry on, the rest follows the last one.
    """
    fold = Fold(state, rules)
    judgements = tuple(judgements)
    hoist(fold.working, judgements)
    for entry in events:
        match entry:
            case Event():
                fold.event(entry)
            case ProfileImport():
                fold.profile_import(entry)
            case Judgement():
                decide(fold.working, [entry])
    if judgements:
        decide(fold.working, judgements)
    return fold.working.plan()


def replay(brand_id: str, log: Iterable[tuple[int, Entry]], rules: Rules) -> Plan:
    """The whole history again, from nothing: what a rebuild, an undo and time travel stand on.

    `log` gives each entry with its clock, in any order. Entries with equal clocks never touched one another, so
    their order is free; it is by id.
    """
    ordered = [
        entry for _, _, entry in sorted(((clock, entry_id(entry), entry) for clock, entry in log), key=lambda row: row[:2])
    ]
    return resolve(State(brand_id=brand_id), (e for e in ordered if not _hoisted(e)), (e for e in ordered if _hoisted(e)), rules)


def entry_id(entry: Entry) -> str:
    match entry:
        case Event():
            return entry.event_id
        case ProfileImport():
            return entry.profile_id
        case Judgement():
            return entry.judgement_id


def _hoisted(entry: Entry) -> TypeGuard[Judgement]:
    return isinstance(entry, Judgement) and entry.kind is JudgementKind.DISTINCT
