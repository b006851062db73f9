"""Whatever a person decides is kept with who they are, when they decided, and why."""

from app.domain.judgements import Act, Judgement
from app.domain.rules import Rules
from app.resolve.decisions import approve, merge_request, reject
from app.resolve.undo import apart, groups_apart
from tests.resolve.world import BRAND, START, World, ids

ACT = Act(BRAND, "ann", START, "1", "they rang us")


def kept(judgements: tuple[Judgement, ...]) -> list[tuple[str, str]]:
    assert all((one.decided_by, one.decided_at, one.note) == (ACT.by, ACT.at, ACT.note) for one in judgements)
    return [(one.kind, one.reason) for one in judgements]


def test_of_a_review() -> None:
    world = World(Rules(max_auto_merge=2, limits={}))
    for names in ("m0", "m1", "m2", "m0 m1 m2"):
        world.see(names)
    first, second, third = people = [world.state.profiles[key] for key in sorted(world.state.profiles)]
    assert kept(reject(ACT, world.review(), people, {})) == [("distinct", "")]
    assert kept(approve(ACT, world.review(), [first, second], [third], {})) == [("distinct", ""), ("same", "manual_review")]
    assert kept((merge_request(ACT, [first, second], 2),)) == [("same", "identifier_match")]
    assert kept((merge_request(ACT, people, 2),)) == [("proposed", "identifier_match")]


def test_of_a_merge_and_of_one_person() -> None:
    world = World(Rules())
    for names in ("m0", "p0", "m0 p0 l0"):
        world.see(names)
    (merge_id,), (person,) = world.merges, world.state.profiles
    state = world.with_region(())
    assert kept((apart(ACT, state, merge_id, world.rules),)) == [("distinct", "undo")]
    groups = [frozenset(ids("m0 l0")), frozenset(ids("p0"))]
    assert kept(groups_apart(ACT, state, person, groups)) == [("distinct", "split"), ("same", "split")]
