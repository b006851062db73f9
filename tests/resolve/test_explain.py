"""Properties of explanations over the random worlds of the laws: what is cited is so, and the way leads to the other."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations, pairwise

import networkx as nx
from hypothesis import given

from app.domain.events import Event, ProfileImport
from app.domain.evidence import Absorbed, Decision, Evidence, Sighting, Waiting
from app.domain.identifiers import Identifier
from app.domain.judgements import Judgement
from app.domain.profiles import Merge, Standing, clash
from app.resolve.explain import PairExplained, Step, Tie, explain_pair, explain_person
from tests.resolve.test_laws import RULES, histories, live
from tests.resolve.world import World, ids

PEOPLE_SEEN = 6  # pairs grow with the square


def evidence_of(world: World) -> Evidence:
    """Everything of a world as the graph would give it."""
    merges = {merge.merge_id: merge for plan in world.plans for merge in plan.merges}
    judgements = [entry for _, entry in world.log if isinstance(entry, Judgement)]
    links = world.state.links
    return Evidence(
        dict(world.state.profiles),
        tuple(_absorbed(a.profile_id, a.into, merges[a.merge_id], world) for plan in world.plans for a in plan.absorptions),
        tuple(sightings(world)),
        tuple(Decision(j.judgement_id, j.kind, j.decided_by, j.decided_at, j.reason, j.note, j.review_id) for j in judgements),
        tuple(
            Waiting(r.review_id, r.status, r.reason, tuple(links[i] for i in sorted(r.link_ids) if i in links))
            for r in world.state.reviews.values()
        ),
        tuple(sorted(world.state.identifiers)),
        {identifier: node.standing for identifier, node in world.state.identifiers.items()},
        links=tuple(sorted(links.values(), key=lambda link: link.place)),
    )


def sightings(world: World) -> list[Sighting]:
    found = []
    for clock, entry in world.log:
        if isinstance(entry, Event):
            stored = world.stored[entry.event_id]
            was, now = stored.answer.profile_id, world.state.find(stored.profile_id or "")
            carried = frozenset(entry.identifiers)
            found.append(
                Sighting(
                    entry.event_id, "test", entry.type, entry.occurred_at, clock, stored.answer.outcome, carried, was, now or None
                )
            )
        elif isinstance(entry, ProfileImport):
            now = world.state.find(entry.profile_id)
            kind, carried = "profile_import", frozenset(entry.identifiers)
            found.append(
                Sighting(entry.profile_id, "import", kind, entry.created_at, clock, "created", carried, entry.profile_id, now)
            )
    return found


def _absorbed(gone: str, into: str, merge: Merge, world: World) -> Absorbed:
    """Strong identifiers only: that is what a merge remembers of its profiles."""
    held = {profile.profile_id: profile.strong for profile in merge.before}
    return Absorbed(gone, into, merge.merge_id, merge.reason, merge.because, merge.decided_by, merge.decided_at, merge.note, held)


def pairs(world: World) -> list[tuple[str, str]]:
    everyone = sorted({*world.state.survivors, *world.state.profiles})
    return list(combinations(everyone[:PEOPLE_SEEN], 2))


def explained(world: World) -> Iterator[tuple[str, str, PairExplained]]:
    """What is said of each pair of its people."""
    evidence = evidence_of(world)
    return ((one, other, explain_pair(one, other, evidence, RULES)) for one, other in pairs(world))


@given(histories)
def test_the_steps_lead_from_one_to_the_other(history: list[tuple[str, object]]) -> None:
    world = live(history)
    for one, other, said in explained(world):
        assert said.one_person == (world.state.find(one) == world.state.find(other))
        if said.one_person:
            assert [step.between[0] for step in said.steps] + [other] == [one, *(step.between[1] for step in said.steps)]
            assert all({*step.between} == {step.act.gone, step.act.into} for step in said.steps)
            assert all(step.act.merge_id in said.says for step in said.steps)


@given(histories)
def test_every_step_cites_who_decided_and_events_that_carried_both_sides(history: list[tuple[str, object]]) -> None:
    world = live(history)
    for step in explain_person(evidence_of(world), "").absorbed:
        assert (step.event is None) != (step.decision is None)
        if step.event is None:
            assert step.decision is not None
            assert step.decision.judgement_id == step.act.because
        else:
            assert {tie.held_by for tie in step.ties} == {step.act.gone, step.act.into}
            for tie in step.ties:
                assert_carried(world, step, tie)


def assert_carried(world: World, step: Step, tie: Tie) -> None:
    """The deciding event really carried it, and so did the earlier ones, which came to that side before."""
    assert step.event is not None
    assert tie.identifier in world.stored[step.event.event_id].event.identifiers
    assert step.event.event_id == step.act.because
    for seen in tie.seen_in:
        assert tie.identifier in seen.identifiers
        assert seen.event_id != step.event.event_id
        assert seen.clock <= step.event.clock


@given(histories)
def test_two_people_are_kept_apart_by_exactly_the_judgements_that_clash(history: list[tuple[str, object]]) -> None:
    world = live(history)
    for one, other, said in explained(world):
        if said.apart is not None:
            tags = world.state.profiles[world.state.find(one)].tags | world.state.profiles[world.state.find(other)].tags
            assert bool(said.apart.decisions) == clash(tags)
            assert (said.apart.objection is not None and said.apart.objection.rule == "human_said_no") == clash(tags)


@given(histories)
def test_what_keeps_two_people_apart_is_named_and_so_is_what_would_join_them(history: list[tuple[str, object]]) -> None:
    world = live(history)
    for _, _, said in explained(world):
        if (apart := said.apart) is None:
            continue
        assert {review.review_id for review in apart.reviews} == {review.review_id for review in world.state.pending()}
        reasons = [one.judgement_id for one in apart.decisions] or [review.review_id for review in apart.reviews]
        assert all(reason in said.says for reason in reasons)
        assert said.would_join[0].startswith("only a person") == bool(apart.decisions)
        guard = apart.guard
        if apart.decisions:
            assert apart is not None
            assert guard.name == "human_said_no"
            met = world.state.links.get(guard.event.event_id) if guard.event else None
            assert guard.at == (met.opened_at if met else max(decision.decided_at for decision in apart.decisions))
        elif guard is not None and guard.event is not None:
            assert guard.event.event_id in world.state.links or guard.event in apart.nearest
            assert guard.rule_version or guard.at == guard.event.occurred_at


@given(histories)
def test_the_nearest_way_is_one_that_was_seen_and_there_is_one_when_anything_connects_them(
    history: list[tuple[str, object]],
) -> None:
    world = live(history)
    evidence = evidence_of(world)
    oracle = nx.Graph()
    oracle.add_nodes_from(world.state.profiles)
    for seen in evidence.sightings:
        oracle.add_edges_from((seen.person, str(identifier)) for identifier in seen.identifiers)
    for one, other in pairs(world):
        said = explain_pair(one, other, evidence, RULES)
        if said.apart is None:
            continue
        ends = world.state.find(one), world.state.find(other)
        assert bool(said.apart.nearest) == nx.has_path(oracle, *ends)
        if said.apart.nearest:
            assert (said.apart.nearest[0], said.apart.nearest[-1]) == ends
        for left, right in pairwise(said.apart.nearest):
            event, node = (left, right) if isinstance(left, Sighting) else (right, left)
            assert isinstance(event, Sighting)
            assert node in event.identifiers if isinstance(node, Identifier) else node == event.person


@given(histories)
def test_every_identifier_of_a_person_is_cited_from_events_of_that_person(history: list[tuple[str, object]]) -> None:
    world = live(history)
    evidence = evidence_of(world)
    for identifier in world.state.identifiers:
        for holder in world.state.holders(identifier):
            (why,) = [one for one in explain_person(evidence, holder).identifiers if one.identifier == identifier]
            for seen in why.seen_in:
                assert identifier in seen.identifiers
                assert seen.person == holder


def test_an_automatic_merge_in_words() -> None:
    world = World(RULES)
    world.see("m1")
    world.see("p1")
    world.see("m1 p1")
    (gone,), (base,) = world.state.survivors, world.state.profiles
    said = explain_pair(base, gone, evidence_of(world), RULES)
    (step,) = said.steps
    assert f"{base} absorbed {gone} by merge {step.act.merge_id} because event " in said.says
    assert {(tie.identifier, tie.held_by) for tie in step.ties} == {
        (ids("m1")[0], world.log[0][1].event_id and base if base == holder(world, 0) else gone),
        (ids("p1")[0], base if base == holder(world, 1) else gone),
    }


def holder(world: World, place: int) -> str:
    return list(world.stored.values())[place].answer.profile_id or ""


def test_a_blocked_identifier_is_no_way_between_people() -> None:
    world = World(RULES)
    world.see("m1 c1")
    world.see("m2 c2")
    evidence = evidence_of(world)
    one, other = sorted(world.state.profiles)
    joined = ids("d0")[0]
    seen = [
        Sighting(f"e{place}", "t", "x", s.occurred_at, 9, "attached", s.identifiers | {joined}, s.profile_id, s.person)
        for place, s in enumerate(evidence.sightings)
    ]
    for standing, finds in ((Standing.SHARED, True), (Standing.BLOCKED, False)):
        about = Evidence(evidence.people, sightings=tuple(seen), standings={joined: standing})
        said = explain_pair(one, other, about, RULES)
        assert said.apart is not None
        assert bool(said.apart.nearest) is finds


def test_what_keeps_each_of_two_from_a_third_does_not_keep_them_from_each_other() -> None:
    world = World(replace(RULES, max_auto_merge=1))
    for names in ("m1", "p1", "l1", "m1 p1", "p1 l1"):
        world.see(names)
    evidence = evidence_of(world)
    first, second = sorted(evidence.links, key=lambda link: link.place)
    mail, phone, card = map(world.holder, ("m1", "p1", "l1"))
    for one, other, link in ((mail, phone, first), (phone, card, second)):
        apart = explain_pair(one, other, evidence, world.rules).apart
        assert apart is not None
        assert apart.guard is not None
        assert apart.guard.event is not None
        assert apart.guard.event.event_id == link.link_id
    apart = explain_pair(mail, card, evidence, world.rules).apart
    assert apart is not None
    assert apart.guard is None
