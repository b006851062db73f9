"""Why two ids are, or are not, one person; and why what is on a profile belongs to it. Pure, over frozen rows.

Inside a person, who absorbed whom is a tree, so the path between two ids is the only one there is. Between people the
path is the shortest through events and the identifiers they carried.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import networkx as nx

from app.domain.evidence import Absorbed, Decision, Evidence, Sighting, Waiting
from app.domain.identifiers import Identifier
from app.domain.profiles import Profile, Standing, clash
from app.domain.rules import Rules
from app.resolve.cut import Cut
from app.resolve.guards import Guard, Node, guard_between, guard_of
from app.resolve.rules import Encounter, Objection, base_order, objection

CITED = 3  # events cited for one identifier, the earliest


@dataclass(frozen=True, slots=True)
class Tie:
    """An identifier that the deciding event carried, whose side held it, and the earliest events that brought it there."""

    identifier: Identifier
    held_by: str
    seen_in: tuple[Sighting, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One absorption on the way. `event` decided it by the rules, or `decision` did by a person (`review`: what was asked,
    `guard`: what had stopped the rules)."""

    between: tuple[str, str]
    act: Absorbed
    says: str
    event: Sighting | None = None
    ties: tuple[Tie, ...] = ()
    decision: Decision | None = None
    review: Waiting | None = None
    guard: Guard | None = None
    cited: tuple[Sighting, ...] = ()


@dataclass(frozen=True, slots=True)
class Apart:
    """What stands between two people: judgements, open reviews, the nearest evidence, what the rules say of a merge today, and
    the guard that stopped one."""

    decisions: tuple[Decision, ...]
    reviews: tuple[Waiting, ...]
    cited: tuple[Sighting, ...]
    nearest: tuple[Node, ...]
    objection: Objection | None
    guard: Guard | None


@dataclass(frozen=True, slots=True)
class PairExplained:
    says: str
    steps: tuple[Step, ...] = ()
    apart: Apart | None = None
    would_join: tuple[str, ...] = ()
    would_separate: tuple[str, ...] = ()
    cut: Cut | None = None

    @property
    def one_person(self) -> bool:
        return self.apart is None


@dataclass(frozen=True, slots=True)
class Belonging:
    """Why one identifier is this person's: the earliest events that carried it, and what the first carried beside it."""

    identifier: Identifier
    says: str
    seen_in: tuple[Sighting, ...]


@dataclass(frozen=True, slots=True)
class PersonExplained:
    identifiers: tuple[Belonging, ...]
    absorbed: tuple[Step, ...]


def explain_pair(one: str, other: str, evidence: Evidence, rules: Rules, cut: Cut | None = None) -> PairExplained:
    """Why two ids, absorbed or not, answer for one person, or for two. `cut` is what would separate them."""
    if evidence.find(one) == evidence.find(other):
        return _together(one, other, evidence, cut)
    return _apart(evidence.find(one), evidence.find(other), evidence, rules)


def explain_person(evidence: Evidence, profile_id: str) -> PersonExplained:
    """Why each identifier and each absorbed id belongs to a person."""
    acts = sorted(evidence.absorbed, key=lambda act: (bool(act.merge_id), act.decided_at, act.merge_id, act.gone))
    return PersonExplained(
        tuple(_belonging(identifier, profile_id, evidence) for identifier in evidence.held),
        tuple(_step((act.into, act.gone), act, evidence) for act in acts),
    )


def explain_inside(one: Node, other: Node, evidence: Evidence) -> tuple[Node, ...]:
    """The way between what is one person's (identifiers, or the person): by what was seen together, else by whose it was."""
    return _nearest(one, other, evidence, through_people=False) or _nearest(one, other, evidence)


# One person


def _together(one: str, other: str, evidence: Evidence, cut: Cut | None) -> PairExplained:
    tree: nx.Graph[str] = nx.Graph()
    tree.add_node(one)
    for act in evidence.absorbed:
        tree.add_edge(act.gone, act.into, act=act)
    way = nx.shortest_path(tree, one, other)
    steps = tuple(_step((left, right), tree.edges[left, right]["act"], evidence) for left, right in pairwise(way))
    merges = dict.fromkeys(step.act.merge_id for step in steps if step.act.merge_id)
    return PairExplained(
        f"{one} and {other} are one person: " + ("; ".join(step.says for step in steps) or "they are the same id"),
        steps,
        would_separate=tuple(f"undoing merge {merge_id}: a decision that its profiles are not one person" for merge_id in merges),
        cut=cut,
    )


def _step(between: tuple[str, str], act: Absorbed, evidence: Evidence) -> Step:
    """One absorption, with the event that carried identifiers of both sides, or the person who decided."""
    if not act.merge_id:
        return Step(between, act, f"a replay of the evidence found all that {act.gone} had to be {act.into}'s, by no one merge")
    event = next((seen for seen in evidence.sightings if seen.event_id == act.because), None)
    said = f"{act.into} absorbed {act.gone} by merge {act.merge_id}"
    if event is not None:
        ties = tuple(tie for side in (act.into, act.gone) for tie in _ties(side, act, event, evidence))
        carried = " and ".join(f"{tie.identifier} (held by {tie.held_by})" for tie in ties)
        return Step(between, act, f"{said} because event {event.event_id} from {event.source} carried {carried}", event, ties)
    decision = next((one for one in evidence.decisions if one.judgement_id == act.because), None)
    review = next((one for one in evidence.reviews if decision and one.review_id == decision.review_id), None)
    how = f", deciding review {review.review_id} ({review.reason})" if review else ""
    note = f': "{act.note}"' if act.note else ""
    says = f"{said} because {act.decided_by} decided so ({act.reason}){how}{note}"
    guard = guard_of(review.links[0], evidence.sightings) if review and review.links else None
    cited = _cited([review] if review else [], evidence)
    return Step(between, act, says, decision=decision, review=review, guard=guard, cited=cited)


def _ties(side: str, act: Absorbed, event: Sighting, evidence: Evidence) -> list[Tie]:
    """What the event carried that this side held. Where no snapshot says so, what earlier events had brought to the side."""
    held = act.held.get(side, frozenset()) & event.identifiers
    if not held:
        ours = _constituents(side, act, evidence)
        earlier = (seen for seen in evidence.sightings if seen.profile_id in ours and seen.clock < event.clock)
        held = frozenset().union(*(seen.identifiers for seen in earlier)) & event.identifiers
    return [Tie(one, side, _brought(one, side, act, event, evidence)) for one in sorted(held)]


def _brought(identifier: Identifier, side: str, act: Absorbed, event: Sighting, evidence: Evidence) -> tuple[Sighting, ...]:
    """The earliest other events of a side that carried an identifier."""
    ours = _constituents(side, act, evidence)
    found = (seen for seen in evidence.sightings if identifier in seen.identifiers and seen.profile_id in ours)
    return _earliest(seen for seen in found if seen.event_id != event.event_id and seen.clock <= event.clock)


def _constituents(side: str, act: Absorbed, evidence: Evidence) -> frozenset[str]:
    """A profile and all it had absorbed, but for what this very merge brought it."""
    absorbed: dict[str, list[str]] = {}
    for one in evidence.absorbed:
        if one.merge_id != act.merge_id:
            absorbed.setdefault(one.into, []).append(one.gone)
    ours, waiting = {side}, [side]
    while waiting:
        more = set(absorbed.get(waiting.pop(), ())) - ours
        ours |= more
        waiting += more
    return frozenset(ours)


def _belonging(identifier: Identifier, profile_id: str, evidence: Evidence) -> Belonging:
    seen_in = _earliest(seen for seen in evidence.sightings if identifier in seen.identifiers and seen.person == profile_id)
    if not seen_in:
        return Belonging(identifier, f"{identifier} is held by {profile_id}; the event that brought it was not read", ())
    first = seen_in[0]
    beside = sorted(other for other in first.identifiers if other != identifier and _links(other, evidence))
    where = f"event {first.event_id} from {first.source}" if first.type != "profile_import" else f"import {first.event_id}"
    says = f"{where} carried {identifier}" + (f" beside {', '.join(map(str, beside))}" if beside else "")
    how = f", and founded {first.profile_id}" if first.outcome == "created" else f", and was attached to {first.profile_id}"
    return Belonging(identifier, says + how, seen_in)


def _links(identifier: Identifier, evidence: Evidence) -> bool:
    return evidence.standings.get(identifier, Standing.LINKABLE) is Standing.LINKABLE


def _earliest(sightings: Iterable[Sighting]) -> tuple[Sighting, ...]:
    return tuple(sorted(sightings, key=lambda seen: seen.place)[:CITED])


# Two people


def _apart(one: str, other: str, evidence: Evidence, rules: Rules) -> PairExplained:
    left, right = evidence.people[one], evidence.people[other]
    against = tuple(decision for decision in evidence.decisions if _between(decision.judgement_id, left, right))
    open_reviews = tuple(review for review in evidence.reviews if review.status == "pending")
    members = tuple(sorted((left, right), key=base_order))
    no = objection(Encounter(members, (), left.tags | right.tags), rules)
    nearest = _nearest(one, other, evidence)
    guard = guard_between((left, right), evidence, against, nearest, no)
    apart = Apart(against, open_reviews, _cited(open_reviews, evidence), nearest, no, guard)
    why = _why_apart(apart)
    return PairExplained(f"{one} and {other} are two people: {why}", apart=apart, would_join=tuple(_would_join(apart, members)))


def _between(judgement_id: str, left: Profile, right: Profile) -> bool:
    return clash(tag for tag in left.tags | right.tags if tag.judgement_id == judgement_id)


def _why_apart(apart: Apart) -> str:
    if apart.decisions:
        return "; ".join(
            f"{one.decided_by} decided at {one.decided_at:%Y-%m-%d %H:%M} UTC that they are not the same (judgement "
            f"{one.judgement_id}" + (f', "{one.note}"' if one.note else "") + ")"
            for one in apart.decisions
        )
    if apart.reviews:
        return "; ".join(f"review {one.review_id} waits for a person ({one.reason})" for one in apart.reviews)
    if apart.nearest:
        between = [str(node) for node in apart.nearest if isinstance(node, Identifier)]
        why = f" ({apart.guard.reason})" if apart.guard else ""
        return f"the nearest evidence between them leads through {', '.join(between) or 'events'}, which did not join them{why}"
    return apart.guard.reason if apart.guard else "no evidence that was read connects them"


def _would_join(apart: Apart, members: tuple[Profile, ...]) -> Iterable[str]:
    if apart.decisions:
        yield "only a person: POST /api/judgements/{judgement_id}/retract takes it back, no evidence overrides it"
        return
    yield from (f"approving review {one.review_id}; rejecting it keeps them apart for good" for one in apart.reviews)
    yield "a person who asks for their merge"
    samples = [min(member.strong, default=None) for member in members]
    if all(samples):
        both = " and ".join(map(str, samples))
        if apart.objection is None:
            yield f"one event that carries an identifier of each, such as {both}"
        else:
            yield f"one event with {both} would open a review, not join them ({apart.objection.reason})"


def _nearest(one: Node, other: Node, evidence: Evidence, *, through_people: bool = True) -> tuple[Node, ...]:
    """The shortest way from one to the other through what was seen; empty when there is none in what was read."""
    graph: nx.Graph[Node] = nx.Graph()
    graph.add_nodes_from([one, other])
    for seen in sorted(evidence.sightings, key=lambda seen: seen.place):
        if seen.person is not None and (through_people or seen.person in {one, other}):
            graph.add_edge(seen.person, seen)
        for identifier in sorted(seen.identifiers):
            if evidence.standings.get(identifier) is not Standing.BLOCKED:
                graph.add_edge(seen, identifier)
    return tuple(nx.shortest_path(graph, one, other)) if nx.has_path(graph, one, other) else ()


def _cited(reviews: Iterable[Waiting], evidence: Evidence) -> tuple[Sighting, ...]:
    """The events that drew the links of these reviews."""
    drew = {link.link_id for review in reviews for link in review.links}
    return tuple(sorted((seen for seen in evidence.sightings if seen.event_id in drew), key=lambda seen: seen.place))
