"""Taking back what joined people, and taking that back again (semantics, rule 11). Pure: a judgement and a replay."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import combinations, takewhile

from app.domain.errors import Conflict, Unprocessable
from app.domain.events import ProfileImport, stable_id
from app.domain.identifiers import Identifier
from app.domain.judgements import Judgement, JudgementKind, Side
from app.domain.plan import Plan
from app.domain.profiles import Profile
from app.domain.rules import Rules
from app.domain.state import Entry, Region, State, entry_id
from app.resolve.decisions import side_of
from app.resolve.fold import in_order, replayed
from app.resolve.rewriting import rewriting
from app.resolve.working import Working


def apart(state: State, merge_id: str, request_id: str, by: str, at: datetime, note: str, rules: Rules) -> Judgement:
    """The DISTINCT that undoes a merge: a side for each profile as it was just before, with what only it held then.

    What was then is folded again from the evidence, so no snapshot is needed. `state` must hold the merge's region.
    Raises Conflict when the merge does not stand, or not by these rules: they were changed, and have not come to it yet.
    """
    region = state.whole
    if merge_id not in region.merges:
        raise Conflict(f"merge {merge_id} does not stand (any more), so there is nothing to undo")
    base, absorbed = region.merges[merge_id]
    before = replayed(state.brand_id, _before(state, merge_id), state.identifiers.values(), region.issued, rules).working
    if not before.profiles.keys() >= {base, *absorbed}:
        raise Conflict(
            f"merge {merge_id} was made by other rules than version {rules.version}, which is in force by now and under "
            "which it joins nobody; everybody is being resolved anew, so look again when that has ended (GET /api/rules/runs)"
        )
    members = [before.profiles[profile_id] for profile_id in sorted((base, *absorbed))]
    holders = {identifier: before.holders(identifier) for identifier in before.nodes}
    sides = tuple(side_of([member], holders) for member in members)
    judgement_id = stable_id(state.brand_id, "undo", merge_id, request_id)
    return Judgement(judgement_id, JudgementKind.DISTINCT, sides, by, at, reason="undo", note=note)


def groups_apart(
    state: State, profile_id: str, groups: Sequence[frozenset[Identifier]], by: str, at: datetime, note: str
) -> tuple[Judgement, ...]:
    """What splits a profile into groups of its identifiers: they are not one person, and each group is.

    Identifiers that no group names go where the evidence puts them. The same groups of a profile as it is have the same ids,
    so that a preview names what the act will make. Raises Unprocessable for groups that overlap, that are
    fewer than two, that name what the profile does not hold alone, or that part what one import brought.
    """
    named = [identifier for group in groups for identifier in group]
    strange = sorted(f"{i.type}:{i.value}" for i in named if state.holders(i) != {profile_id})
    if strange:
        raise Unprocessable(f"groups: profile {profile_id} does not hold {', '.join(strange)} (alone); name only what it holds")
    if len(groups) < 2 or not all(groups) or len(set(named)) < len(named):
        raise Unprocessable("groups must be two or more, none empty, and no identifier in two of them")
    person = state.profiles[profile_id]
    clock, said = str(person.clock), [",".join(sorted(map(str, group))) for group in groups]
    ids = [stable_id(state.brand_id, "split", profile_id, clock, *said, str(n)) for n in range(len(groups) + 1)]
    sides = tuple(Side(_brought(state.whole, person, group), group) for group in groups)
    _forbid_parted_imports(sides)
    apart_ = Judgement(ids[0], JudgementKind.DISTINCT, sides, by, at, reason="split", note=note)
    same = (
        Judgement(judgement_id, JudgementKind.SAME, (Side(identifiers=group),), by, at, reason="split", note=note)
        for judgement_id, group in zip(ids[1:], groups, strict=True)
        if len(group) > 1
    )
    return (apart_, *same)


def _brought(region: Region, person: Profile, group: frozenset[Identifier]) -> frozenset[str]:
    """The imports of a person that brought something of this group. They are judged by their ids, never by what they hold."""
    imports = (entry for _, entry in region.log if isinstance(entry, ProfileImport))
    return frozenset(
        one.profile_id for one in imports if one.profile_id in person.constituents and not group.isdisjoint(one.identifiers)
    )


def _forbid_parted_imports(sides: Sequence[Side]) -> None:
    """Raises Unprocessable where one import brought something of two groups: it is one piece of evidence."""
    for one, other in combinations(sides, 2):
        for profile_id in sorted(one.profile_ids & other.profile_ids):
            raise Unprocessable(
                f"groups: import {profile_id} brought something of two of them as one person; name that in one group only"
            )


def judged_anew(state: State, judgements: Sequence[Judgement], at: datetime, because: str, rules: Rules) -> Plan:
    """The region's history again, with judgements that were not in it, or that are retracted now.

    A DISTINCT holds from the beginning; a SAME comes after all that there is.
    """
    region, before = state.whole, Working(state, rules)
    placed = [replace(one, clock=0 if _is_distinct(one) else before.beyond()) for one in judgements]
    ids = {one.judgement_id for one in placed}
    log = [(clock, entry) for clock, entry in region.log if entry_id(entry) not in ids]
    log += [(one.clock, one) for one in placed]
    working = replayed(state.brand_id, log, state.identifiers.values(), region.issued, rules).working
    working.go_on_from(before)
    working.judgements = [one for one in placed if one.retracted_at is None]
    return rewriting(state, working, {}, at, because)


def retracted(judgement: Judgement, at: datetime) -> Judgement:
    return replace(judgement, retracted_at=at)


def _before(state: State, merge_id: str) -> list[tuple[int, Entry]]:
    """The log up to what made the merge, which is left out. Every DISTINCT is in it: they hold from the beginning, at clock 0."""
    ordered = in_order(state.whole.log)
    return list(takewhile(lambda row: stable_id(state.brand_id, "merge", entry_id(row[1])) != merge_id, ordered))


def _is_distinct(entry: Entry) -> bool:
    return isinstance(entry, Judgement) and entry.kind is JudgementKind.DISTINCT
