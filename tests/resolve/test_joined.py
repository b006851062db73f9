"""A sender's own merge (an `alias` of two users, `customers/merge`) is a judgement: of all guards a person's no alone holds."""

import time

import pytest

from app.domain.identifiers import Identifier
from app.domain.judgements import SENDER_MERGE
from app.domain.rules import Rules
from app.resolve.fold import replayed
from app.resolve.resolve import evidence
from app.resolve.rewriting import with_held
from tests.resolve.world import BRAND, LIMITS, World, event, ids, partition, people, rebuilds

RULES = Rules(max_auto_merge=2, limits=LIMITS)


def strangers(*names: str) -> World:
    world = World(RULES)
    for one in names:
        world.see(one)
    return world


@pytest.mark.parametrize("names", ["u0 u1", "u0 u1 m0", "u0 u1 u2 p0 l0"])
def test_it_joins_whom_limits_and_caps_would_keep_apart(names: str) -> None:
    world = strangers("u0 m0", "u1 p0", "u2 l0")
    assert world.see(names).answers[0].outcome == "review", "as any other event"
    world = strangers("u0 m0", "u1 p0", "u2 l0")
    plan = world.see(names, joins=True)
    (merge,) = plan.merges
    assert (plan.answers[0].outcome, merge.reason, merge.decided_by) == ("merged", SENDER_MERGE, "test")
    assert len({world.holder(name) for name in names.split()}) == 1
    assert not world.state.pending()
    assert rebuilds(world)


def test_whom_nobody_was_seen_as_yet_is_the_same_person_too() -> None:
    world = strangers("u0 m0")
    assert world.see("u0 u1", joins=True).answers[0].outcome == "attached"
    assert world.see("u1 p0").answers[0].outcome == "attached", "what a person has already is no conflict"
    assert partition(world.state) == people("u0 m0 u1 p0")
    world.see("u3 u4", joins=True)
    assert partition(world.state) == people("u0 m0 u1 p0", "u3 u4")
    assert rebuilds(world)


def test_whoever_else_sits_at_the_browser_stays_out() -> None:
    """Libraries of phones send the anonymous id along, which may be a stranger's."""
    world = strangers("u0", "u1", "u2 c0")
    world.see("u0 u1 c0", joins=True)
    assert partition(world.state) == people("u0 u1", "u2 c0")
    assert rebuilds(world)


def test_a_persons_no_stands_before_and_after() -> None:
    world = strangers("u0", "u1")
    world.merge({world.holder("u0"), world.holder("u1")})
    (merge_id,) = world.merges
    world.undo(merge_id)
    assert world.see("u0 u1", joins=True).answers[0].merge_id is None
    assert (len(world.state.profiles), world.state.pending()) == (2, ())
    assert rebuilds(world)
    world = strangers("u0", "u1")
    joined = world.see("u0 u1", joins=True).answers[0]
    world.undo(str(joined.merge_id))
    world.see("u0 u1", joins=True)
    assert partition(world.state) == people("u0", "u1")
    assert rebuilds(world)


def test_what_is_shared_joins_nobody() -> None:
    world = World(Rules(max_auto_merge=2, limits=LIMITS, fan_out={"cookie": 1}))
    for one in ("u0 c0", "u1 c0"):
        world.see(one)
    world.see("u2 c0", joins=True)
    assert partition(world.state) == people("u0", "u1", "u2")


def test_it_is_not_counted_as_merged_without_a_person() -> None:
    world = strangers("u0", "u1", "m0", "p0", "l0")
    world.see("u0 u1", joins=True)
    world.see("u0 m0")
    assert world.see("u0 p0").answers[0].outcome == "merged", "two of two"
    assert world.see("u0 l0").answers[0].outcome == "review", "and a sender's word does not begin it anew"
    assert rebuilds(world)


@pytest.mark.parametrize(
    ("before", "meant", "joins"),
    [
        ("", "c9", False),
        ("c9 m0", "c9", False),
        ("u9 m0", "u9", True),
    ],
)
def test_an_id_of_which_nobody_says_what_it_is_is_what_it_was_seen_as(before: str, meant: str, joins: bool) -> None:
    world = strangers("u0 p0", *filter(None, [before]))
    plan = world.take([event(9, "u0 u9 c9", type_="alias", joins=True, either="u9 c9")])
    stored = plan.events[0].event
    assert (stored.identifiers, stored.joins, stored.either) == (ids(f"u0 {meant}"), joins, ())
    assert len(partition(world.state)) == 1
    dropped = ({"u9", "c9"} - {meant}).pop()
    assert Identifier("user_id" if dropped == "u9" else "cookie", dropped) not in world.state.identifiers
    assert rebuilds(world)


def test_what_was_seen_before_counts_within_a_delivery_as_well() -> None:
    alone, at_once = World(RULES), World(RULES)
    history = [event(1, "u0"), event(2, "u9 m0"), event(3, "u0 u9 c9", joins=True, either="u9 c9")]
    for one in history:
        alone.take([one])
    at_once.take(history)
    assert partition(alone.state) == partition(at_once.state) == people("u0 u9 m0")


def test_a_person_of_a_thousand_merges_is_resolved_anew_at_once() -> None:
    """What each merge's people held before it took ten seconds, in which the service served nobody."""
    count = 1_000
    seen = [(1, event(n, f"u{n}")) for n in range(count)]
    joined = [(n + 1, event(count + n, f"u0 u{n}", joins=True)) for n in range(1, count)]
    rules = Rules(fan_out={})
    working = replayed(BRAND, [*seen, *joined], evidence(BRAND, [*seen, *joined], rules, {}), {}, rules).working
    began = time.process_time()
    held = [with_held(working, merge).held for merge in working.merges]
    assert time.process_time() - began < 3
    assert len(held) == count - 1
    base, gone = working.merges[-1].before
    before = {base.profile_id: ids([f"u{n}" for n in range(count - 1)]), gone.profile_id: ids([f"u{count - 1}"])}
    assert held[-1] == {key: frozenset(names) for key, names in before.items()}
