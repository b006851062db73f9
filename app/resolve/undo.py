"""Taking back what joined people, and taking that back again (semantics, rule 11). Pure: a judgement and a replay."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import combinations, takewhile

from app.domain.errors import Conflict, Unprocessable
from app.domain.events import ProfileImport, stable_id
from app.domain.identifiers import Identifier
from app.domain.judgements import Act, Judgement, JudgementKind, Side
from app.domain.plan import Plan
from app.domain.profiles import Profile
from app.domain.rules import Rules
from app.domain.state import Entry, Region, State, entry_id
from app.resolve.decisions import side_of
from app.resolve.fold import in_order, replayed
from app.resolve.judge import spoken_of
from app.resolve.rewriting import rewriting
from app.resolve.working import Working


def apart(act: Act, state: State, merge_id: str, rules: Rules) -> Judgement:
    """The DISTINCT that undoes a merge: a side for each profile as it was just before, with what only it held then.

    What was then is folded again from the evidence, so no snapshot is needed. `state` must hold the merge's region.
    Raises Conflict when the merge does not stand, or not by these rules: they were changed, and have not come to it yet.
    """
    region = state.whole
    if merge_id not in region.merges:
        raise Conflict(f"merge {merge_id} does not stand (any more), so there is nothing to undo")
    base, absorbed = region.merges[merge_id]
    earlier, maker = _made_by(state, merge_id)
    before = replayed(state.brand_id, earlier, state.identifiers.values(), region.issued, rules).working
    if not before.profiles.keys() >= {base, *absorbed}:
        raise Conflict(
            f"merge {merge_id} was made by other rules than version {rules.version}, which is in force by now and under "
            "which it joins nobody; everybody is being resolved anew, so look again when that has ended (GET /api/rules/runs)"
        )
    groups = [[before.profiles[profile_id]] for profile_id in sorted((base, *absorbed))]
    if isinstance(maker, Judgement):
        groups = _with_who_was_left_out(state, earlier, maker, before, groups)
    holders = {identifier: before.holders(identifier) for identifier in before.nodes}
    sides = tuple(side_of(group, holders) for group in groups)
    judgement_id = stable_id(state.brand_id, "undo", merge_id, act.request_id)
    return act.judges(judgement_id, JudgementKind.DISTINCT, sides, "undo")


def _with_who_was_left_out(
    state: State, earlier: Sequence[tuple[int, Entry]], same: Judgement, before: Working, groups: list[list[Profile]]
) -> list[list[Profile]]:
    """Whom a decision spoke of and does not join today, since others were judged apart later, beside whom they were one with
    when it was made. On no side, it would join them to one of those that it has joined until now.
    """
    joined = {member.profile_id for group in groups for member in group}
    left_out = [member for member in spoken_of(before, same.sides) if member.profile_id not in joined]
    if not left_out:
        return groups
    known = [(clock, entry) for clock, entry in earlier if not (_is_distinct(entry) and _was_said_after(entry, same))]
    then = replayed(state.brand_id, known, state.identifiers.values(), state.whole.issued, before.rules).working
    for member in left_out:
        beside = [group for group in groups if then.where(group[0].profile_id) == then.where(member.profile_id)]
        if len(beside) == 1:
            beside[0].append(member)
        else:  # of nobody's side, or of several: of a side of its own
            groups.append([member])
    return groups


def groups_apart(act: Act, state: State, profile_id: str, groups: Sequence[frozenset[Identifier]]) -> tuple[Judgement, ...]:
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
    same = (
        act.judges(judgement_id, JudgementKind.SAME, (Side(identifiers=group),), "split")
        for judgement_id, group in zip(ids[1:], groups, strict=True)
        if len(group) > 1
    )
    return (act.judges(ids[0], JudgementKind.DISTINCT, sides, "split"), *same)


def _brought(region: Region, person: Profile, group: frozenset[Identifier]) -> frozenset[str]:
    """The imports of a person that brought something of this group. They are judged by their ids, never by what they hold."""
    imports, ids = (entry for _, entry in region.log if isinstance(entry, ProfileImport)), person.constituents
    return frozenset(one.profile_id for one in imports if one.profile_id in ids and not group.isdisjoint(one.identifiers))


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


def _made_by(state: State, merge_id: str) -> tuple[list[tuple[int, Entry]], Entry | None]:
    """The log up to what made the merge, and that. Every DISTINCT is in it: they hold from the beginning, at clock 0."""
    ordered = in_order(state.whole.log)
    earlier = list(takewhile(lambda row: stable_id(state.brand_id, "merge", entry_id(row[1])) != merge_id, ordered))
    return earlier, ordered[len(earlier)][1] if len(earlier) < len(ordered) else None


def _is_distinct(entry: Entry) -> bool:
    return isinstance(entry, Judgement) and entry.kind is JudgementKind.DISTINCT


def _was_said_after(entry: Entry, same: Judgement) -> bool:
    return isinstance(entry, Judgement) and entry.decided_at > same.decided_at
