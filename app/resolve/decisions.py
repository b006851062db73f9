"""What an admin's decision on a review means: judgements over the atoms of its members (semantics, rule 11)."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from app.domain.errors import ForbiddenPair
from app.domain.events import stable_id
from app.domain.identifiers import Identifier
from app.domain.judgements import Judgement, JudgementKind, Side
from app.domain.profiles import Profile, clash

Holders = Mapping[Identifier, frozenset[str]]


def side_of(members: Iterable[Profile], holders: Holders) -> Side:
    """The atoms of profiles judged as one: all ids they answer for, and the identifiers that nobody else holds."""
    members = tuple(members)
    ids = frozenset(member.profile_id for member in members)
    own = frozenset(identifier for identifier, held_by in holders.items() if held_by and held_by <= ids)
    return Side(frozenset().union(*(member.constituents for member in members)), own)


def reject(
    brand_id: str,
    review_id: str,
    version: int,
    members: Collection[Profile],
    holders: Holders,
    by: str,
    at: datetime,
    note: str = "",
) -> tuple[Judgement, ...]:
    """None of these is any other: one DISTINCT with a side for each member."""
    sides = tuple(side_of([member], holders) for member in sorted(members, key=lambda m: m.profile_id))
    judgement_id = stable_id(brand_id, "reject", review_id, str(version))
    return (Judgement(judgement_id, JudgementKind.DISTINCT, sides, by, at, note=note, review_id=review_id),)


def approve(
    brand_id: str,
    review_id: str,
    version: int,
    chosen: Collection[Profile],
    left_out: Collection[Profile],
    holders: Holders,
    by: str,
    at: datetime,
    note: str = "",
) -> tuple[Judgement, ...]:
    """The chosen are one person, and not the same as any left out; those stay pending among themselves.

    Raises ForbiddenPair when two of the chosen were judged not to be the same.
    """
    same = Judgement(
        stable_id(brand_id, "approve", review_id, str(version)),
        JudgementKind.SAME,
        (Side(frozenset().union(*(member.constituents for member in chosen))),),
        by,
        at,
        reason="manual_review",
        note=note,
        review_id=review_id,
    )
    forbid_forbidden(chosen)
    ours = side_of(chosen, holders)
    apart = tuple(
        Judgement(
            stable_id(brand_id, "leave-out", review_id, str(version), other.profile_id),
            JudgementKind.DISTINCT,
            (ours, side_of([other], holders)),
            by,
            at,
            note=note,
            review_id=review_id,
        )
        for other in sorted(left_out, key=lambda m: m.profile_id)
    )
    return (*apart, same)


def merge_request(
    brand_id: str, request_id: str, members: Collection[Profile], cap: int, by: str, at: datetime, note: str = ""
) -> Judgement:
    """An admin asks for a merge: SAME within the cap, a proposal (and so a review) above it. Raises ForbiddenPair."""
    forbid_forbidden(members)
    kind = JudgementKind.SAME if len(members) <= cap else JudgementKind.PROPOSED
    side = Side(frozenset().union(*(member.constituents for member in members)))
    return Judgement(
        stable_id(brand_id, "merge-request", request_id), kind, (side,), by, at, reason="identifier_match", note=note
    )


def forbid_forbidden(members: Collection[Profile]) -> None:
    if clash(tag for member in members for tag in member.tags):
        ids = ", ".join(sorted(member.profile_id for member in members))
        raise ForbiddenPair(f"at least two of {ids} were judged not to be the same person; choose a subset without them")
