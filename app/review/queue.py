"""One review as it is decided on: who waits in it, why, and what it hangs on."""

from app.domain.identifiers import Identifier
from app.domain.profiles import ReviewStatus
from app.graph.driver import Graph
from app.graph.history import carried_by, find_review
from app.graph.rows import Row
from app.resolve.bridges import FEWEST, Drawn, Member, structure


async def read_review(graph: Graph, brand_id: str, review_id: str) -> Row | None:
    """None for an unknown one. `structure` is filled in while it is pending with three profiles or more."""
    found = await find_review(graph, brand_id, review_id)
    if found is not None and found["status"] == ReviewStatus.PENDING.value and len(found["profiles"]) >= FEWEST:
        found["structure"] = await _structure(graph, brand_id, found)
    return found


async def _structure(graph: Graph, brand_id: str, review: Row) -> Row:
    carried = await carried_by(graph, brand_id, [link["event_id"] for link in review["links"] if link["event_id"]])
    members = (
        Member(
            one["profile_id"],
            frozenset({one["profile_id"], *one["merged_profile_ids"]}),
            frozenset(Identifier(held["type"], held["value"]) for held in one["all_identifiers"]),
        )
        for one in review["profiles"]
    )
    links = (
        Drawn(
            link["event_id"] or f"request-{place}",
            frozenset(link["profile_ids"]),
            carried.get(link["event_id"], frozenset()),
            link["event_id"] is not None,
        )
        for place, link in enumerate(review["links"])
    )
    found = structure(members, links)
    return {
        "articulation_points": [point._asdict() for point in found.points],
        "bridges": [[end._asdict() for end in ends] for ends in found.bridges],
        "proposal": found.proposal and {"cut": [one._asdict() for one in found.proposal.cut], "groups": found.proposal.groups},
    }
