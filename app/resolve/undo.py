"""Taking back what joined people, and taking that back again (semantics, rule 11). Pure: a judgement and a replay."""

from dataclasses import replace
from datetime import datetime

from app.domain.errors import Conflict
from app.domain.events import stable_id
from app.domain.judgements import Judgement, JudgementKind
from app.domain.plan import Plan
from app.domain.state import Entry, Region, State
from app.resolve.decisions import side_of
from app.resolve.fold import entry_id, replayed
from app.resolve.rewriting import rewriting
from app.resolve.rules import Rules
from app.resolve.working import Working


def apart(state: State, merge_id: str, request_id: str, by: str, at: datetime, note: str, rules: Rules) -> Judgement:
    """The DISTINCT that undoes a merge: a side for each profile as it was just before, with what only it held then.

    What was then is folded again from the evidence, so no snapshot is needed. `state` must hold the merge's region.
    Raises Conflict when the merge does not stand.
    """
    region = _region(state)
    if merge_id not in region.merges:
        raise Conflict(f"merge {merge_id} does not stand (any more), so there is nothing to undo")
    base, absorbed = region.merges[merge_id]
    before = replayed(state.brand_id, _before(state, merge_id), state.identifiers.values(), region.issued, rules).working
    members = [before.profiles[profile_id] for profile_id in sorted((base, *absorbed))]
    holders = {identifier: before.holders(identifier) for identifier in before.nodes}
    sides = tuple(side_of([member], holders) for member in members)
    judgement_id = stable_id(state.brand_id, "undo", merge_id, request_id)
    return Judgement(judgement_id, JudgementKind.DISTINCT, sides, by, at, reason="undo", note=note)


def judged_anew(state: State, judgement: Judgement, at: datetime, because: str, rules: Rules) -> Plan:
    """The region's history again, with a judgement that was not in it; or that is retracted now."""
    region = _region(state)
    others = [(clock, entry) for clock, entry in region.log if entry_id(entry) != judgement.judgement_id]
    log = [*others, (0, judgement)]
    working = replayed(state.brand_id, log, state.identifiers.values(), region.issued, rules).working
    working.go_on_from(Working(state, rules))
    working.judgements = [judgement] if judgement.retracted_at is None else []
    return rewriting(state, working, {}, at, because)


def retracted(judgement: Judgement, at: datetime) -> Judgement:
    return replace(judgement, retracted_at=at)


def _before(state: State, merge_id: str) -> list[tuple[int, Entry]]:
    """The log up to what made the merge (which is left out), and every DISTINCT: these hold from the beginning."""
    ordered = sorted(_region(state).log, key=lambda row: (row[0], entry_id(row[1])))
    earlier: list[tuple[int, Entry]] = []
    for clock, entry in ordered:
        if stable_id(state.brand_id, "merge", entry_id(entry)) == merge_id:
            break
        earlier.append((clock, entry))
    said = {entry_id(entry) for _, entry in earlier}
    later = [row for row in ordered if _is_distinct(row[1]) and entry_id(row[1]) not in said]
    return earlier + later


def _is_distinct(entry: Entry) -> bool:
    return isinstance(entry, Judgement) and entry.kind is JudgementKind.DISTINCT


def _region(state: State) -> Region:
    assert state.region is not None, "whoever undoes reads the region first"
    return state.region
