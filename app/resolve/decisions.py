"""What an admin's decision on a review means: judgements over the atoms of its members (semantics, rule 11)."""

from collections.abc import Collection, Iterable, Mapping

from app.domain.errors import ForbiddenPair
from app.domain.events import stable_id
from app.domain.identifiers import Identifier
from app.domain.judgements import Act, Judgement, JudgementKind, Side
from app.domain.profiles import Profile, Review, clash

Holders = Mapping[Identifier, frozenset[str]]


def side_of(members: Iterable[Profile], holders: Holders) -> Side:
    """The atoms of profiles judged as one: all ids they answer for, and the identifiers that nobody else holds."""
    members = tuple(members)
    ids = frozenset(member.profile_id for member in members)
    own = frozenset(identifier for identifier, held_by in holders.items() if held_by and held_by <= ids)
    return Side(frozenset().union(*(member.constituents for member in members)), own)


def reject(act: Act, review: Review, members: Collection[Profile], holders: Holders) -> tuple[Judgement, ...]:
    """None of these is any other: one DISTINCT with a side for each member."""
    sides = tuple(side_of([member], holders) for member in sorted(members, key=_by_id))
    judgement_id = stable_id(act.brand_id, "reject", review.review_id, str(review.version))
    return (act.judges(judgement_id, JudgementKind.DISTINCT, sides, review_id=review.review_id),)


def approve(
    act: Act, review: Review, chosen: Collection[Profile], left_out: Collection[Profile], holders: Holders
) -> tuple[Judgement, ...]:
    """The chosen are one person, and not the same as any left out; those stay pending among themselves.

    Raises ForbiddenPair when two of the chosen were judged not to be the same.
    """
    forbid_forbidden(chosen)
    decided = review.review_id, str(review.version)
    ours = side_of(chosen, holders)
    apart = (
        act.judges(
            stable_id(act.brand_id, "leave-out", *decided, other.profile_id),
            JudgementKind.DISTINCT,
            (ours, side_of([other], holders)),
            review_id=review.review_id,
        )
        for other in sorted(left_out, key=_by_id)
    )
    judgement_id = stable_id(act.brand_id, "approve", *decided)
    return (*apart, act.judges(judgement_id, JudgementKind.SAME, _one_person(chosen), "manual_review", review.review_id))


def merge_request(act: Act, members: Collection[Profile], cap: int) -> Judgement:
    """An admin asks for a merge: SAME within the cap, a proposal (and so a review) above it. Raises ForbiddenPair."""
    forbid_forbidden(members)
    kind = JudgementKind.SAME if len(members) <= cap else JudgementKind.PROPOSED
    judgement_id = stable_id(act.brand_id, "merge-request", act.request_id)
    return act.judges(judgement_id, kind, _one_person(members), "identifier_match")


def _one_person(members: Iterable[Profile]) -> tuple[Side]:
    """Profiles by all ids they answer for, and by nothing that they hold: that may be somebody else's later."""
    return (Side(frozenset().union(*(member.constituents for member in members))),)


def _by_id(member: Profile) -> str:
    return member.profile_id


def forbid_forbidden(members: Collection[Profile]) -> None:
    if clash(tag for member in members for tag in member.tags):
        ids = ", ".join(sorted(member.profile_id for member in members))
        raise ForbiddenPair(f"at least two of {ids} were judged not to be the same person; choose a subset without them")
