"""Laws of the fold (shared semantics, "Laws"), over random worlds. The oracle of L3 is networkx."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from itertools import pairwise

import networkx as nx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.domain.errors import ForbiddenPair
from app.domain.events import Event, ProfileImport
from app.domain.identifiers import STRONG, Identifier
from app.domain.judgements import Judgement, JudgementKind
from app.domain.plan import Hold, StoredEvent
from app.domain.profiles import ReviewStatus
from app.domain.rules import Rules
from app.resolve.fold import in_order
from tests.resolve.world import LIMITS, World, essence, event, ids, imported

NAMES = ["m0", "m1", "m2", "p0", "p1", "l0", "l1", "l2", "c0", "c1", "d0"]
RULES = Rules(max_auto_merge=2, limits=LIMITS)

carried = st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True)
seen = st.tuples(st.just("see"), carried)
joined = st.tuples(st.just("join"), st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True))
brought = st.tuples(st.just("bring"), st.lists(st.sampled_from(NAMES), min_size=1, max_size=2, unique=True))
of_an_order = st.tuples(
    st.sampled_from(["purchase", "purchase", "order_updated", "order_cancelled", "refund"]),
    st.sampled_from(["o1", "o1", "o2"]),
    st.lists(st.sampled_from(NAMES), max_size=2, unique=True),
)
ordered = st.tuples(st.just("order"), of_an_order)
decided = st.tuples(st.sampled_from(["reject", "approve", "subset", "merge"]), st.integers(0, 1_000))
histories = st.lists(st.one_of(seen, seen, ordered, brought, joined, decided), min_size=2, max_size=14)


def live(history: list[tuple[str, object]], rules: Rules = RULES) -> World:
    world = World(rules)
    for what, how in history:
        act(world, what, how)
    return world


def act(world: World, what: str, how: object) -> None:
    late = world.steps * 7 % 12  # what happened first need not arrive first
    if what == "order":
        type_, order, names = how  # type: ignore[misc]
        value = 0 if type_ == "refund" and world.steps % 3 == 0 else world.steps  # of all of it
        # Of a till's word only the revision says which is the later one.
        world.see(names, type_=type_, order=order, value=value, when=late // 6, revision=world.steps * 5 % 4)
    elif what == "see":
        world.see(how, type_="purchase" if world.steps % 3 else "cart_add", when=late)  # type: ignore[arg-type]
    elif what == "join":
        world.see(how, type_="alias", joins=True)  # type: ignore[arg-type]
    elif what == "bring":
        world.bring(how, value=7)  # type: ignore[arg-type]
    elif what == "merge":
        admin_merges(world, how)  # type: ignore[arg-type]
    elif pending := sorted(world.state.pending(), key=lambda review: review.review_id):
        decide(world, what, how, pending)  # type: ignore[arg-type]


def admin_merges(world: World, pick: int) -> None:
    everyone = sorted(world.state.profiles)
    if len(everyone) > 1:
        pair = {everyone[pick % len(everyone)], everyone[(pick // 7) % len(everyone)]}
        if len(pair) == 2 and not world.forbidden(pair):
            world.merge(pair)


def decide(world: World, what: str, pick: int, pending: list) -> None:  # type: ignore[type-arg]
    review = pending[pick % len(pending)]
    members = sorted(review.profile_ids)
    if what == "reject":
        world.reject(review)
        return
    chosen = members if what == "approve" else [m for place, m in enumerate(members) if (pick >> place) & 1]
    if len(chosen) > 1 and not world.forbidden(chosen):
        world.approve(review, chosen)


@given(histories)
@example([("see", ["l0", "l1"]), ("reject", 0), ("see", ["l0", "l2"]), ("reject", 0)])  # two noes lie on one
def test_l7_the_live_state_equals_the_rebuild(history: list[tuple[str, object]]) -> None:
    world = live(history)
    again = world.rebuilt()
    assert essence(world) == essence(again)
    assert decisions(world) == decisions(again)


def decisions(world: World) -> dict[str, Judgement]:
    judgements = (entry for _, entry in world.log if isinstance(entry, Judgement))
    return {one.judgement_id: replace(one, clock=0) for one in judgements}


@given(histories)
def test_l1_replaying_what_is_known_changes_nothing(history: list[tuple[str, object]]) -> None:
    world = live(history)
    before = essence(world)
    for number in range(1, world.steps + 1):
        stored = [e for _, e in world.log if getattr(e, "event_id", None) == event(number, ["m0"]).event_id]
        plan = world.take(stored)
        assert plan.is_empty
        assert [answer.outcome for answer in plan.answers] == ["duplicate"] * len(stored)
    assert essence(world) == before


def test_a_merge_within_a_delivery_moves_what_came_before_it_as_any_other() -> None:
    """Of a list of three the second event said nothing of the merge that made it another's."""
    world = World(RULES)
    world.take([event(1, "m0"), event(2, "p0"), event(3, "m0 p0")])
    (merge_id,) = world.merges
    assert [home.moved_by for home in world.homes.values()] == [None, merge_id, None]
    assert world.brought == {Hold(world.holder("m0"), ids("m0")[0]): None, Hold(world.holder("m0"), ids("p0")[0]): merge_id}


entries = st.lists(st.one_of(seen, brought), min_size=1, max_size=14)


@given(entries, st.lists(st.integers(1, 5), min_size=1, max_size=14))
@example([("see", names.split()) for names in ("l0 l1", "u0 u1 m0 p0", "l1 u0", "l4 l5")], [4])  # two reviews meet, a third opens
@example([("see", ["m0"]), ("see", ["m1"]), ("see", ["m0", "m1"]), ("bring", ["m1"]), ("see", ["m1"])], [2, 3])  # merged twice
def test_l2_any_batch_size_gives_the_same_state(history: list[tuple[str, list[str]]], sizes: list[int]) -> None:
    one_by_one = World(RULES)
    batched = World(RULES)
    log = [event(n, names) if what == "see" else imported(n, names) for n, (what, names) in enumerate(history, 1)]
    for entry in log:
        one_by_one.take([entry])
    log = [replace(entry, identifiers=entry.identifiers[::-1]) for entry in log]  # nor does the order in which they are written
    at = 0
    while at < len(log):
        size = sizes[at % len(sizes)]
        batched.take(log[at : at + size])
        at += size
    assert essence(batched) == essence(one_by_one)
    assert batched.state.reviews == one_by_one.state.reviews
    assert batched.state.links == one_by_one.state.links


@given(st.lists(carried, min_size=1, max_size=14), st.randoms(use_true_random=False))
def test_l3_partition_closed_over_reviews_is_the_components_of_the_evidence(history: list[list[str]], random) -> None:  # type: ignore[no-untyped-def]
    """Anonymous identifiers are left out: a stranger met only through one does not join and asks nobody."""
    history = [names for names in ([n for n in names if n[0] not in "cd"] for names in history) if names]
    shuffled = list(enumerate(history))
    random.shuffle(shuffled)
    for order in (list(enumerate(history)), shuffled):
        world = World(RULES)
        for number, names in order:
            world.take([event(number, names)])
        assert closed_over_reviews(world) == evidence_components(history)


def evidence_components(history: list[list[str]]) -> set[frozenset[Identifier]]:
    graph: nx.Graph[Identifier] = nx.Graph()
    for names in history:
        carried_ids = ids(names)
        graph.add_nodes_from(carried_ids)
        graph.add_edges_from(pairwise(carried_ids))
    return {frozenset(component) for component in nx.connected_components(graph)}


def closed_over_reviews(world: World) -> set[frozenset[Identifier]]:
    graph: nx.Graph[object] = nx.Graph()
    for identifier in world.state.identifiers:
        for holder in world.state.holders(identifier):
            graph.add_edge(identifier, holder)
    for review in world.state.pending():
        graph.add_edges_from(pairwise(sorted(review.profile_ids)))
    components = nx.connected_components(graph)
    return {frozenset(node for node in component if isinstance(node, Identifier)) for component in components}


@given(histories, st.integers(0, 1_000))
def test_l5_a_decided_review_does_not_reopen_on_the_same_evidence(history: list[tuple[str, object]], pick: int) -> None:
    world = live(history)
    pending = sorted(world.state.pending(), key=lambda review: review.review_id)
    if not pending:
        return
    review = pending[pick % len(pending)]
    links = [world.state.links[link_id] for link_id in review.link_ids]
    world.reject(review)
    assert world.state.reviews[review.review_id].status is ReviewStatus.REJECTED
    evidence = [e for _, e in world.log if getattr(e, "event_id", None) in {link.link_id for link in links}]
    for entry in evidence:
        world.see([name.value for name in entry.identifiers])  # type: ignore[union-attr]
    still = [r for r in world.state.pending() if len(r.profile_ids & review.profile_ids) > 1]
    assert all(world.forbidden(pair) for r in still for pair in _direct_pairs(world, r, review.profile_ids))
    assert essence(world) == essence(world.rebuilt())


def _direct_pairs(world: World, review, old: frozenset[str]) -> list[set[str]]:  # type: ignore[no-untyped-def]
    both = sorted(review.profile_ids & old)
    return [{a, b} for a, b in pairwise(both)]


@given(histories)
def test_l8_every_id_ever_issued_resolves_to_one_profile(history: list[tuple[str, object]]) -> None:
    world = live(history)
    issued = {answer.profile_id for plan in world.plans for answer in plan.answers if answer.profile_id}
    issued |= {new.imported.profile_id for plan in world.plans for new in plan.imports} | set(world.state.survivors)
    assert all(world.state.find(profile_id) in world.state.profiles for profile_id in issued)


@given(histories)
def test_nothing_is_lost_or_counted_twice(history: list[tuple[str, object]]) -> None:
    """Total value equals the sum over events and opening balances; every linkable identifier is held by somebody."""
    world = live([step for step in history if step[0] != "order"])  # of orders: test_orders.py
    spent = sum(dict(profile.spend).get("USD", 0) for profile in world.state.profiles.values())
    paid = sum(e.event.total.minor for e in world.stored.values() if e.event.total)
    assert spent == paid + 7 * sum(len(p.imports) for p in world.plans)
    assert all(world.state.holders(identifier) for identifier in world.state.identifiers)
    assert all(stored.profile_id for stored in world.stored.values())


@given(histories)
@example([("see", names.split()) for names in ("m0", "m0", "c1", "p0", "p0", "m0 p0")])  # two who bought twice are one
@example([("order", ("purchase", "o2", [])), ("order", ("order_updated", "o2", ["m0"]))])  # nobody's, until an update said whose
def test_a_person_is_what_their_own_evidence_adds_up_to(history: list[tuple[str, object]]) -> None:
    """What they spent: test_orders.py."""
    world = live(history)
    noes = {entry.judgement_id for _, entry in world.log if isinstance(entry, Judgement) and entry.kind is JudgementKind.DISTINCT}
    for key, person in world.state.profiles.items():
        events = [one for one in world.stored.values() if world.homes[one.event.event_id].profile_id == key]
        brought = [one for _, one in world.log if isinstance(one, ProfileImport) and world.state.find(one.profile_id) == key]
        founders = {world.issued[one].founded_by for one in person.constituents}
        orders = [one for one in events if one.event.is_purchase]
        assert person.events == len(events)
        assert person.opening_orders == sum(one.total_orders for one in brought)
        assert person.opening_spend == ((("USD", 7 * len(brought)),) if brought else ())
        found = [world.stored[one] for one in founders & world.stored.keys()]
        assert (person.first_seen, person.last_seen) == _seen([*events, *brought, *found])
        held = {identifier for identifier in world.state.identifiers if key in world.state.holders(identifier)}
        assert person.strong == {one for one in held if one.type in STRONG}
        assert person.anonymous == {one.type for one in held if one.type not in STRONG}
        assert person.absorbed == {one for one in world.state.survivors if world.state.find(one) == key}
        assert {tag.judgement_id for tag in person.tags} <= noes
        own = {one.event.event_id for one in events}
        shown = {one.intent_id for plan in world.plans for one in plan.intents if one.event_id in own}
        assert {one.intent_id for one in person.intents} == {one for one in shown if world.intents[one][1] == "active"}
        assert set(person.bought) == {key for one in orders for item in one.event.items for key in item.keys}


@given(histories)
def test_an_identifier_was_seen_from_the_first_to_the_last_that_carried_it(history: list[tuple[str, object]]) -> None:
    world = live(history)
    for identifier, node in world.state.identifiers.items():
        carried_by = [entry for _, entry in in_order(world.log) if identifier in getattr(entry, "identifiers", ())]
        assert (node.first_seen, node.last_seen) == _seen(carried_by)
        assert node.source == carried_by[0].source


def _seen(evidence: Iterable[Event | ProfileImport | StoredEvent]) -> tuple[datetime, datetime]:
    entries = [one.event if isinstance(one, StoredEvent) else one for one in evidence]
    hours = [one.occurred_at if isinstance(one, Event) else one.created_at for one in entries]
    return min(hours), max(hours)


@given(histories)
def test_a_persons_no_is_never_overridden(history: list[tuple[str, object]]) -> None:
    world = live(history)
    assert not any(world.forbidden([profile_id]) for profile_id in world.state.profiles)
    for review in world.state.pending():
        assert len(review.profile_ids) > 1


def test_an_admins_merge_of_a_forbidden_pair_is_refused() -> None:
    world = World(RULES)
    world.see("l0 l1")
    review = world.review()
    world.reject(review)
    with pytest.raises(ForbiddenPair, match="not to be the same person"):
        world.merge(review.profile_ids)
