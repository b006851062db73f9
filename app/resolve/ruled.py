"""A region under other rules: its history again, and what that changes, by people. Pure.

Like what a person judged, rules hold from the beginning of the log. So a region that was folded again under the rules in
force is what a rebuild would give, whatever rules came before; and going back to earlier rules gives what they gave.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from app.domain.identifiers import Identifier
from app.domain.plan import Plan
from app.domain.profiles import IdentifierState, OpenLink, Review, ReviewStatus, Standing
from app.domain.rules import Rules
from app.domain.state import State
from app.resolve.fold import replayed
from app.resolve.rewriting import rewriting
from app.resolve.rules import human_said_no
from app.resolve.sightings import standing
from app.resolve.working import Working

KINDS = ("merged", "split", "created", "dissolved", "changed", "review_opened", "review_changed", "review_closed")


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that would be other than it is.

    `merged`: this person becomes part of another. `split`: this person comes out of another. `created`: events that named
    nobody found a person. `dissolved`: nothing names this person any more. `changed`: the same person, with other
    identifiers, money, attributes. The reviews speak for themselves.

    `about` is the profile or review id, `with_` the ids on the other side. `anchor` is the profile, among those that stand
    now, or the identifier, by whose page the difference is counted: so that whoever goes page by page counts it once.
    """

    kind: str
    about: str
    with_: tuple[str, ...]
    anchor: str | Identifier


def links_under(rules: Rules, node: IdentifierState) -> bool:
    """Whether an identifier may link people under these rules."""
    return standing(node, rules) is Standing.LINKABLE


def ruled_anew(state: State, rules: Rules, at: datetime) -> Plan | None:
    """The region's history again under `rules`; None when all stands as it stood.

    `state` must hold the region's closure through identifiers that link under the old or the new rules (semantics, rule 12).
    """
    plan = refolded(state, rules, at, f"version {rules.version} of the rules is in force")
    return None if changes_nothing(plan) else plan


def refolded(state: State, rules: Rules, at: datetime, because: str) -> Plan:
    """The region's history again, nothing new in it. Where all stands as it stood, the plan says how."""
    region, before = state.whole, Working(state, rules)
    working = replayed(state.brand_id, region.log, state.identifiers.values(), region.issued, rules).working
    working.go_on_from(before)
    working.judgements = []  # none is new
    _as_they_were(working, state)
    plan = rewriting(state, working, {}, at, because)
    waiting = {link_id for review in working.waiting.reviews.values() if _waits(review) for link_id in review.link_ids}
    return replace(plan, links=tuple(link for link in plan.links if not _says_nothing_new(state, link, link.link_id in waiting)))


def _as_they_were(working: Working, state: State) -> None:
    """Who is just as before keeps the place in the log too: nothing of them is written."""
    for identifier, node in tuple(working.nodes.items()):
        old = state.identifiers.get(identifier)
        if old is not None and node._replace(clock=old.clock, holders=old.holders) == old:
            working.nodes[identifier] = node._replace(clock=old.clock)
    for key, profile in tuple(working.profiles.items()):
        stood = state.profiles.get(key)
        if stood is not None and profile._replace(clock=stood.clock) == stood:
            working.profiles[key] = stood


def _says_nothing_new(state: State, link: OpenLink, waits: bool) -> bool:
    """One that is as it was but for its place in the log; where nobody is asked about it any more, also for what it says. What a
    person said of some of its people later is not why the others wait."""
    old = state.links.get(link.link_id)
    if old is None or old.profile_ids != link.profile_ids:
        return False
    return not waits or link.rule == human_said_no.__name__ or replace(link, clock=old.clock) == old


def _waits(review: Review) -> bool:
    return review.status is ReviewStatus.PENDING


def changes_nothing(plan: Plan) -> bool:
    """Whether a plan of a replay leaves all as it stood."""
    rewrite = plan.rewrite
    assert rewrite is not None
    rows = (plan.identifiers, plan.profiles, plan.holds, plan.merges, plan.links, plan.reviews, plan.intents, plan.stillborn)
    gone = (rewrite.moved, rewrite.revived, rewrite.led, rewrite.let_go, rewrite.unmade, rewrite.dropped_links)
    return not any((*rows, plan.closed_intents, *gone, rewrite.dropped_intents, rewrite.rescored))


def differences(state: State, plan: Plan) -> tuple[Difference, ...]:
    """What the plan of a region makes other than it is, in a fixed order."""
    after = state.after(plan)
    found = [*_people(state, plan, after), *_reviews(state, plan, after)]
    return tuple(sorted(found, key=lambda one: (KINDS.index(one.kind), one.about)))


def digest(found: Iterable[Difference]) -> int:
    """A number that stands for these differences."""
    return fingerprint((one.kind, one.about, *sorted(one.with_)) for one in found)


def fingerprint(rows: Iterable[Iterable[str]]) -> int:
    """A number that stands for rows whatever their order: numbers of parts add up, modulo 2 ** 128."""
    hashes = (hashlib.sha256("\x1f".join(row).encode()).digest() for row in rows)
    return sum(int.from_bytes(one[:16]) for one in hashes) % 2**128


def _people(state: State, plan: Plan, after: State) -> Iterator[Difference]:
    assert plan.rewrite is not None
    for led in plan.rewrite.led:
        if led.profile_id in state.profiles:
            kind = "dissolved" if led.into is None else "merged"
            with_ = () if led.into is None else (after.find(led.into),)
            yield Difference(kind, led.profile_id, with_, led.profile_id)
    came = _came_out_of(plan)
    for key in sorted(after.profiles.keys() - state.profiles.keys()):
        out_of = came.get(key)
        if out_of is None:
            yield Difference("created", key, (), _named_first(state, after, key))
        else:
            yield Difference("split", key, (out_of,), out_of)
    for profile in plan.profiles:
        old = state.profiles.get(profile.profile_id)
        if old is not None and profile.profile_id in after.profiles and profile._replace(clock=old.clock) != old:
            yield Difference("changed", profile.profile_id, (), profile.profile_id)


def _came_out_of(plan: Plan) -> dict[str, str]:
    """Of those who come apart: whose, of those that stand now, their evidence is."""
    assert plan.rewrite is not None
    return {part: parted.profile_id for parted in plan.rewrite.parted for part in parted.parts}


def _named_first(state: State, after: State, profile_id: str) -> str | Identifier:
    """The first identifier of a new person that does not link people yet."""
    held = sorted(identifier for identifier in after.identifiers if profile_id in after.holders(identifier))
    before = (identifier for identifier in held if state.identifiers[identifier].standing is not Standing.LINKABLE)
    return next(before, profile_id)


def _reviews(state: State, plan: Plan, after: State) -> Iterator[Difference]:
    for review in plan.reviews:
        old = state.reviews.get(review.review_id)
        if review.status is not ReviewStatus.PENDING:
            kind = "review_closed"
        else:
            kind = "review_opened" if old is None else "review_changed"
        members = review.profile_ids if review.status is ReviewStatus.PENDING else (old or review).profile_ids
        anchor = _anchor(state, after, _came_out_of(plan), members)
        if anchor is not None:
            yield Difference(kind, review.review_id, tuple(sorted(members)), anchor)


def _anchor(state: State, after: State, came: Mapping[str, str], members: Iterable[str]) -> str | Identifier | None:
    """The first person, of those that stand now, whom a review concerns; None where all are erased."""
    now = (state.find(came.get(member, member)) for member in members)
    stood = [member for member in now if member in state.profiles]
    if stood:
        return min(stood)
    return min((_named_first(state, after, member) for member in members if member in after.profiles), default=None)
