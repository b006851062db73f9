"""What people decided, applied to the working copy (semantics, rules 9-11)."""

from collections.abc import Iterable
from dataclasses import replace

from app.domain.events import stable_id
from app.domain.identifiers import Identifier
from app.domain.judgements import Judgement, JudgementKind, Side
from app.domain.profiles import OpenLink, Profile, ReviewStatus, Tag, clash
from app.resolve.rules import base_order, cap_reason
from app.resolve.working import Working


def hoist(working: Working, judgements: Iterable[Judgement]) -> None:
    """DISTINCTs hold from the beginning: their tags lie on every atom, seen already or still to come. None is retracted."""
    for judgement in judgements:
        if judgement.kind is JudgementKind.DISTINCT:
            for number, side in enumerate(judgement.sides):
                _tag(working, side, Tag(judgement.judgement_id, number))


def decide(working: Working, judgements: Iterable[Judgement]) -> None:
    """Applies judgements, hoisted already, as one decision, then derives the reviews around them once."""
    judgements = tuple(judgements)
    concerned: set[str] = set()
    decided: dict[str, ReviewStatus] = {}
    for judgement in judgements:
        members = spoken_of(working, judgement.sides)
        # A DISTINCT holds from the beginning, so it has no place in the log.
        clock = working.place((), members) if judgement.kind is not JudgementKind.DISTINCT else 0
        working.judgements.append(replace(judgement, clock=clock))
        if judgement.kind is JudgementKind.SAME:
            _same(working, judgement, members)
        if judgement.review_id:
            merged = judgement.kind is JudgementKind.SAME or decided.get(judgement.review_id) is ReviewStatus.MERGED
            decided[judgement.review_id] = ReviewStatus.MERGED if merged else ReviewStatus.REJECTED
        concerned.update(member.profile_id for member in members)
    working.waiting.derive(sorted({working.find(profile_id) for profile_id in concerned}), decided)
    for judgement in judgements:
        if judgement.kind is JudgementKind.PROPOSED:
            _propose(working, judgement)


def spoken_of(working: Working, sides: Iterable[Side]) -> tuple[Profile, ...]:
    """The profiles that the atoms of these sides belong to now, best base first."""
    ids: set[str] = set()
    for side in sides:
        ids.update(found for found in map(working.where, side.profile_ids) if found is not None)
        for identifier in side.identifiers:
            if identifier in working.nodes:
                ids.update(working.holders(identifier))
    return tuple(sorted((working.profiles[profile_id] for profile_id in ids), key=base_order))


def _tag(working: Working, side: Side, tag: Tag) -> None:
    atoms: list[str | Identifier] = [*side.profile_ids, *side.identifiers]
    for atom in atoms:
        working.atom_tags[atom] = working.atom_tags.get(atom, frozenset()) | {tag}
    for profile_id in side.profile_ids:
        profile = working.profiles.get(working.find(profile_id))  # in a replay nobody is there yet; atom_tags will tell
        if profile is not None:
            working.put(profile._replace(tags=profile.tags | {tag}))
    for identifier in side.identifiers:
        working.tag(identifier, tag)


def _same(working: Working, judgement: Judgement, members: tuple[Profile, ...]) -> None:
    """Base first, greedily, skipping forbidden pairs; limits and caps do not count, and the cumulative count starts anew."""
    taken: list[Profile] = []
    tags: frozenset[Tag] = frozenset()
    for member in (working.profiles[m.profile_id] for m in members):
        if not clash(tags | member.tags):
            taken.append(member)
            tags |= member.tags
    if len(taken) > 1:
        merge_id = stable_id(working.brand_id, "merge", judgement.judgement_id)
        at, by = judgement.decided_at, judgement.decided_by
        working.merge(tuple(taken), merge_id, judgement.reason, judgement.judgement_id, by, at, judgement.note)
    if taken:
        working.put(working.profiles[taken[0].profile_id]._replace(cumulative=0))


def _propose(working: Working, judgement: Judgement) -> None:
    """An admin's merge above the cap: an open link like an event's, and so a review."""
    members = frozenset(member.profile_id for member in spoken_of(working, judgement.sides))
    clock = working.drawn_at(max((working.profiles[profile_id].clock for profile_id in members), default=0))
    reason = cap_reason(len(members), working.rules)
    at, version = judgement.decided_at, working.rules.version
    working.waiting.draw(OpenLink(judgement.judgement_id, members, "above_the_cap", reason, clock, at, version))
