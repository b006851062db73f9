"""Shared identifiers (semantics, rule 3 and law L6): a hub links nobody, from the beginning, whenever it is recognised."""

from collections import Counter
from dataclasses import replace

from hypothesis import example, given
from hypothesis import strategies as st

from app.domain.profiles import Standing
from app.domain.rules import Rules
from tests.resolve.test_laws import act, brought, carried, decided, ordered, seen
from tests.resolve.world import LIMITS, World, essence, event, ids, imported, partition, people

ONE = dict.fromkeys(("email", "phone", "loyalty_id", "user_id", "cookie", "device"), 1)
TWO = dict.fromkeys(ONE, 2)
RULES = Rules(max_auto_merge=2, limits=LIMITS, fan_out=ONE)
OPEN = Rules(max_auto_merge=100, limits={}, fan_out={**TWO, "device": 5, "cookie": 5})
BOUNDLESS = dict.fromkeys(ONE, 10_000)

declared = st.tuples(
    st.just("declare"), st.tuples(st.sampled_from(["m0", "p0", "l0", "c0", "d0"]), st.sampled_from([*Standing, None]))
)
histories = st.lists(st.one_of(seen, seen, seen, brought, decided), min_size=2, max_size=14)
declared_histories = st.lists(st.one_of(seen, seen, seen, ordered, brought, decided, declared), min_size=2, max_size=14)
NOBODYS_SINCE_SHARED: list[tuple[str, object]] = [  # and somebody else's, once an update said whose
    ("order", ("purchase", "o1", ["d0"])), ("declare", ("d0", Standing.SHARED)), ("order", ("order_updated", "o1", ["m0"])),
]  # fmt: skip
events_only = st.lists(carried, min_size=1, max_size=14)
crowds = st.one_of(
    events_only,
    st.lists(st.lists(st.sampled_from(["m0", "m1", "m2", "c0", "c1", "d0"]), min_size=2, max_size=3, unique=True), max_size=14),
)


def shared(world: World) -> set[str]:
    return {i.value for i, node in world.state.identifiers.items() if node.standing is Standing.SHARED}


def live(history: list[tuple[str, object]], rules: Rules = RULES, world: World | None = None) -> World:
    world = world or World(rules)
    for what, how in history:
        if what == "declare":
            world.declare(*how)  # type: ignore[misc]
        else:
            act(world, what, how)
    return world


@given(histories)
def test_l7_the_live_state_equals_the_rebuild_when_hubs_cross(history: list[tuple[str, object]]) -> None:
    world = live(history)
    assert essence(world) == essence(world.rebuilt())


@given(declared_histories)
@example(NOBODYS_SINCE_SHARED)
def test_l7_also_when_an_admin_declares_what_an_identifier_is(history: list[tuple[str, object]]) -> None:
    world = live(history)
    assert essence(world) == essence(world.rebuilt())


@given(st.lists(st.one_of(seen, brought), min_size=1, max_size=14), st.lists(st.integers(1, 5), min_size=1, max_size=14))
@example([("see", ["d0"]), ("see", ["m1", "d0"]), ("see", ["m0", "d0"])], [3])  # whose the first two are, changes by the third
def test_l2_a_crossing_in_the_middle_of_a_batch_gives_the_same_state(history: list, sizes: list[int]) -> None:  # type: ignore[type-arg]
    log = [event(n, names) if what == "see" else imported(n, names) for n, (what, names) in enumerate(history, 1)]
    one_by_one, batched = World(RULES), World(RULES)
    for entry in log:
        one_by_one.take([entry])
    at = 0
    while at < len(log):
        size = sizes[at % len(sizes)]
        batched.take(log[at : at + size])
        at += size
    assert essence(batched) == essence(one_by_one)
    assert batched.state.links == one_by_one.state.links
    told = [[answer for plan in world.plans for answer in plan.answers] for world in (batched, one_by_one)]
    assert told[0] == told[1]


@given(events_only)
def test_l6_a_crossing_equals_the_history_in_which_the_hub_never_linked(history: list[list[str]]) -> None:
    world = World(RULES)
    for number, names in enumerate(history, 1):
        world.take([event(number, names)])
    never = World(replace(RULES, fan_out=BOUNDLESS))
    for number, names in enumerate(history, 1):
        never.take([event(number, [name for name in names if name not in shared(world)])])
    assert partition(world.state) == partition(never.state)
    assert {key: home[:2] for key, home in world.homes.items()} == {key: home[:2] for key, home in never.homes.items()}
    assert world.merges == never.merges
    assert {r.profile_ids for r in world.state.pending()} == {r.profile_ids for r in never.state.pending()}
    assert {p.profile_id: p.spend for p in world.state.profiles.values()} == {
        p.profile_id: p.spend for p in never.state.profiles.values()
    }


@given(crowds, st.integers(1, 2))
@example([["c0", "d0"], ["c1", "d0"], ["c0", "m0"], ["c1", "m1"]], 1)  # the browsers' people are met later
@example([["c0", "m0"], ["c1", "m1"], ["c0", "d0"], ["c1", "d0"]], 1)  # and before
@example([["c0", "d0"], ["c0", "c1"], ["c0", "c2"]], 1)  # browsers are no people
@example([["p0", "m0"], ["p0", "l0"], ["p0", "p1", "p2"]], 1)  # one of each type, and of its own
def test_who_is_shared_was_carried_with_too_many_people_whatever_the_order(history: list[list[str]], limit: int) -> None:
    world = World(replace(RULES, fan_out=dict.fromkeys(ONE, limit)))
    for number, names in enumerate(history, 1):
        world.take([event(number, names)])
    assert shared(world) == {one for names in history for one in names if fan_out(one, history) > limit}


def fan_out(one: str, history: list[list[str]]) -> int:
    """Rule 3, word for word: values of one strong type, other than its own, in the same events; for an anonymous one also in
    those of its anonymous neighbours."""
    beside = {other for names in history if one in names for other in names} - {one}
    if one[0] in "cd":
        near = {other for other in beside if other[0] in "cd"}
        beside |= {other for names in history if not near.isdisjoint(names) for other in names}
    return max(Counter(other[0] for other in beside if other[0] not in f"cd{one[0]}").values(), default=0)


@given(declared_histories)
def test_l8_every_id_ever_issued_leads_to_one_person_or_is_a_tombstone(history: list[tuple[str, object]]) -> None:
    world = live(history)
    for profile_id in world.issued:
        at, steps = profile_id, 0
        while at not in world.state.profiles and world.placed[at].into is not None:
            at, steps = str(world.placed[at].into), steps + 1
            assert steps <= len(world.issued)
        assert at in world.state.profiles or world.placed[at].into is None
        assert (at in world.state.profiles) != (at in world.placed)


@given(declared_histories)
def test_value_is_lost_only_with_events_that_name_nobody(history: list[tuple[str, object]]) -> None:
    world = live([step for step in history if step[0] != "order"])  # of orders: test_orders.py
    spent = sum(dict(profile.spend).get("USD", 0) for profile in world.state.profiles.values())
    identified = [e for key, e in world.stored.items() if world.homes[key].profile_id is not None]
    assert spent == sum(e.event.total.minor for e in identified if e.event.total) + 7 * sum(len(p.imports) for p in world.plans)
    for key, stored in world.stored.items():
        standings = {world.state.identifiers[i].standing for i in stored.event.identifiers}
        assert (world.homes[key].profile_id is not None) == (Standing.LINKABLE in standings)


# The smallest killers


def test_fan_out_never_counts_profiles() -> None:
    """A hub that merges everyone has one profile, and is recognised all the same."""
    world = World(OPEN)
    for name in ("m1", "m2", "m3"):
        world.see(f"p0 {name}")
    assert shared(world) == {"p0"}
    assert partition(world.state) == people("m1", "m2", "m3")
    assert essence(world) == essence(world.rebuilt())


def test_what_it_joined_comes_apart_from_the_beginning() -> None:
    """Not only "stops linking from now on": {m1,d},{m0,d} with limit 1."""
    world = World(replace(OPEN, fan_out=ONE))
    first = world.see("m1 d0").answers[0]
    crossing = world.see("m0 d0")
    second = crossing.answers[0]
    assert crossing.rewrite is not None
    assert (crossing.rewrite.because, crossing.rewrite.at) == ("device is shared", event(2, "m0").received_at)
    assert partition(world.state) == people("m0", "m1")
    assert first.profile_id != second.profile_id
    assert second.outcome == "created"
    assert [p.strong for p in world.state.profiles.values()] == [frozenset(ids(n)) for n in ("m1", "m0")]


def test_a_kiosk_chains_nobody_through_its_browsers() -> None:
    """Direct co-occurrence only would chain 20 people: {kiosk, c_i}, {c_i, m_i}."""
    world = World(OPEN)
    for n in range(1, 21):
        world.see(f"d0 c{n}")
    for n in range(1, 21):
        world.see(f"c{n} m{n}")
    assert "d0" in shared(world)
    assert partition(world.state) == people(*(f"c{n} m{n}" for n in range(1, 21)))
    assert essence(world) == essence(world.rebuilt())


def test_an_event_that_names_only_a_hub_is_nobodys() -> None:
    world = World(replace(OPEN, fan_out=ONE))
    for name in ("m1", "m2"):
        world.see(f"{name} c0")
    (alone,) = world.see("c0", value=500).events
    assert (alone.answer.outcome, alone.profile_id, alone.matched) == ("unidentified", None, False)
    assert sum(dict(p.spend)["USD"] for p in world.state.profiles.values()) == 2


def test_declared_personal_it_links_again_and_one_review_brings_them_back() -> None:
    world = World(Rules(max_auto_merge=3, limits=LIMITS, fan_out=TWO))
    for n in (1, 2, 3):
        world.see(f"m{n} p0")
    assert partition(world.state) == people("m1", "m2", "m3")
    assert not world.state.pending()
    world.declare("p0", Standing.LINKABLE)
    assert partition(world.state) == people("m1 m2 p0", "m3")
    review = world.review()
    world.approve(review)
    assert partition(world.state) == people("m1 m2 m3 p0")
    assert essence(world) == essence(world.rebuilt())


def test_an_approved_merge_survives_a_crossing() -> None:
    """A person's SAME is no link of the hub's: it holds whatever the hub joined before."""
    world = World(replace(OPEN, fan_out=TWO))
    world.see("m1 p0")
    world.see("m2")
    world.merge([world.holder("m1"), world.holder("m2")])
    world.see("m3 p0")
    world.see("m4 p0")
    assert shared(world) == {"p0"}
    assert partition(world.state) == people("m1 m2", "m3", "m4")
    assert essence(world) == essence(world.rebuilt())


def test_an_id_that_is_a_person_again_holds_what_was_its_own() -> None:
    """What it held when it was absorbed stays with who absorbed it."""
    world = World(RULES)
    world.see("l0 l1")
    world.bring("m0")
    world.see("m0")
    world.merge([world.holder("l1"), world.holder("m0")])
    world.declare("l0", Standing.BLOCKED)
    assert partition(world.state) == people("l1 m0"), "what was decided of an id holds for who has what founded it"
    assert essence(world) == essence(world.rebuilt())
    world.declare("l0", Standing.LINKABLE)
    assert partition(world.state) == people("l0", "l1 m0")
    assert essence(world) == essence(world.rebuilt())


def test_however_many_people_on_one_cookie_stay_as_many() -> None:
    world = World(Rules())
    for n in range(300):
        world.see(f"m{n} c0")
    assert len(world.state.profiles) == 300
    assert world.replays == 1
    world.see(["c1", *(f"m{n}" for n in range(30))])
    assert [len(world.state.identifiers[cookie].seen_with) for cookie in ids("c0 c1")] == [20, 20]
