"""Who waits for an admin: open links and the reviews they make, kept up as the fold goes on."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import pairwise

from app.domain.profiles import OpenLink, Profile, Review, ReviewStatus
from app.domain.state import State, find
from app.resolve.reviews import components, named


class Waiting:
    """Links and reviews of a working copy. `profiles` and `survivors` are the copy's own maps, read as they change."""

    def __init__(self, state: State, profiles: Mapping[str, Profile], survivors: Mapping[str, str]) -> None:
        self._brand_id = state.brand_id
        self._profiles = profiles
        self._survivors = survivors
        self._links = dict(state.links)
        self._reviews = dict(state.reviews)
        self._touched: dict[str, None] = {}
        self._links_of = _links_by_profile(state)
        self._review_of = {state.find(old): review.review_id for review in state.pending() for old in review.profile_ids}
        self._met: set[str] = set()
        self.new_links: list[OpenLink] = []

    @property
    def reviews(self) -> Mapping[str, Review]:
        """Every review there was, whatever became of it."""
        return self._reviews

    def changed(self) -> tuple[Review, ...]:
        """The reviews that are new, moved or ended."""
        return tuple(self._reviews[review_id] for review_id in self._touched)

    def inherit(self, base_id: str, gone_id: str) -> None:
        """What waited for the absorbed profile waits for the base."""
        links = self._links_of.pop(gone_id, None)
        if links:
            self._links_of.setdefault(base_id, set()).update(links)
        review_id = self._review_of.get(gone_id)
        if review_id and self._review_of.setdefault(base_id, review_id) != review_id:
            self._met.add(review_id)  # two reviews met in one person: whichever is no longer there ends when derived

    def draw(self, link: OpenLink) -> str | None:
        """Keeps an open link, unless one of the same review already says as much. Returns its pending review, if any."""
        current = frozenset(self._find(profile_id) for profile_id in link.profile_ids)
        if len(current) < 2:
            return None
        if not self._already_said(current):
            self._links[link.link_id] = link
            self.new_links.append(link)
            for profile_id in current:
                self._links_of.setdefault(profile_id, set()).add(link.link_id)
            self.derive(current)
        return self._shared_review(current)

    def _already_said(self, current: frozenset[str]) -> bool:
        """Whether a link joins all of these already. (Its pairs stay permitted or forbidden exactly as this one's would.)"""
        shared = set.intersection(*(self._links_of.get(profile_id, set()) for profile_id in current))
        return bool(shared)

    def _shared_review(self, current: frozenset[str]) -> str | None:
        """The pending review in which two of these meet. A profile waits in one review at the most."""
        waiting = sorted(self._review_of[profile_id] for profile_id in current if profile_id in self._review_of)
        return next((one for one, other in pairwise(waiting) if one == other), None)

    def derive(self, profile_ids: Iterable[str], decided: Mapping[str, ReviewStatus] | None = None) -> None:
        """Derives the reviews around these profiles anew. One that is no longer there was decided, or is superseded."""
        links = self._links_around(profile_ids)
        if not links:
            return
        now = named(components(links, self._find, self._profiles), self._find, self._brand_id)
        around = {self._find(profile_id) for link in links for profile_id in link.profile_ids}
        before = {self._review_of[profile_id] for profile_id in around if profile_id in self._review_of} | self._met
        self._met.clear()
        for review_id in sorted(before - now.keys()):
            review = self._reviews[review_id]
            status = (decided or {}).get(review_id, ReviewStatus.SUPERSEDED)
            self._put_review(replace(review, status=status, version=review.version + 1))
        for review_id, component in now.items():
            self._put_review(self._reviewed(review_id, component.profile_ids, component.links))

    def _reviewed(self, review_id: str, profile_ids: frozenset[str], links: tuple[OpenLink, ...]) -> Review:
        link_ids = frozenset(link.link_id for link in links)
        old = self._reviews.get(review_id)
        if old is None:
            first = links[0]
            return Review(review_id, link_ids, profile_ids, first.reason, first.link_id, first.opened_at)
        moved = old.profile_ids != profile_ids or old.status is not ReviewStatus.PENDING
        return replace(old, link_ids=link_ids, profile_ids=profile_ids, status=ReviewStatus.PENDING, version=old.version + moved)

    def _put_review(self, review: Review) -> None:
        old = self._reviews.get(review.review_id)
        if old == review:
            return
        self._reviews[review.review_id] = review
        self._touched[review.review_id] = None
        for profile_id in old.profile_ids if old else ():
            if self._review_of.get(profile_id) == review.review_id:
                del self._review_of[profile_id]
        if review.status is ReviewStatus.PENDING:
            self._review_of.update(dict.fromkeys(review.profile_ids, review.review_id))

    def _links_around(self, profile_ids: Iterable[str]) -> list[OpenLink]:
        """All links that can be reached from these profiles, forbidden pairs or not."""
        waiting, seen, links = list(profile_ids), set(profile_ids), dict[str, OpenLink]()
        while waiting:
            for link_id in self._links_of.get(waiting.pop(), ()):
                if link_id not in links:
                    links[link_id] = self._links[link_id]
                    ids = {self._find(profile_id) for profile_id in links[link_id].profile_ids} - seen
                    seen |= ids
                    waiting.extend(ids)
        return list(links.values())

    def _find(self, profile_id: str) -> str:
        return find(self._survivors, profile_id)


def _links_by_profile(state: State) -> dict[str, set[str]]:
    index: dict[str, set[str]] = {}
    for link in state.links.values():
        for profile_id in link.profile_ids:
            index.setdefault(state.find(profile_id), set()).add(link.link_id)
    return index
