"""What `resolve` sees: the part of the graph that the events touch, frozen."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.domain.identifiers import Identifier
from app.domain.plan import Known, Plan
from app.domain.profiles import IdentifierState, OpenLink, Profile, Review, ReviewStatus


@dataclass(frozen=True, slots=True)
class State:
    """A neighbourhood. `survivors` maps an absorbed id to who absorbed it, `known` the event ids already stored."""

    brand_id: str = ""
    identifiers: Mapping[Identifier, IdentifierState] = field(default_factory=dict)
    profiles: Mapping[str, Profile] = field(default_factory=dict)
    survivors: Mapping[str, str] = field(default_factory=dict)
    links: Mapping[str, OpenLink] = field(default_factory=dict)
    reviews: Mapping[str, Review] = field(default_factory=dict)
    known: Mapping[str, Known] = field(default_factory=dict)

    def find(self, profile_id: str) -> str:
        """Who answers for an id that was ever issued."""
        return find(self.survivors, profile_id)

    def after(self, plan: Plan) -> "State":
        """This state with a plan written: what the graph would hold."""
        survivors = {**self.survivors, **{gone.profile_id: gone.into for gone in plan.absorptions}}
        profiles = {**self.profiles, **{profile.profile_id: profile for profile in plan.profiles}}
        identifiers = {**self.identifiers, **{node.identifier: node for node in plan.identifiers}}
        return State(
            brand_id=self.brand_id,
            identifiers=identifiers,
            profiles={key: profile for key, profile in profiles.items() if key not in survivors},
            survivors=survivors,
            links={**self.links, **{link.link_id: link for link in plan.links}},
            reviews={**self.reviews, **{review.review_id: review for review in plan.reviews}},
            known={**self.known, **{s.event.event_id: Known(s.answer, s.event.request_id) for s in plan.events}},
        )

    def holders(self, identifier: Identifier) -> frozenset[str]:
        node = self.identifiers.get(identifier)
        return frozenset(self.find(holder) for holder in node.holders) if node else frozenset()

    def pending(self) -> tuple[Review, ...]:
        return tuple(review for review in self.reviews.values() if review.status is ReviewStatus.PENDING)


def find(survivors: Mapping[str, str], profile_id: str) -> str:
    """The end of a chain of absorptions."""
    while profile_id in survivors:
        profile_id = survivors[profile_id]
    return profile_id
