"""Time travel (architecture, "one function, six uses"): a moment is a history that ended there."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from app.domain.events import stable_id
from app.domain.identifiers import Identifier
from app.domain.past import Declared, Moments, Past, Shape, Whole
from app.domain.profiles import Standing
from app.domain.state import entry_id
from app.resolve.fold import in_order
from app.resolve.past import past
from tests.resolve.test_laws import RULES as SMALL
from tests.resolve.test_laws import carried
from tests.resolve.test_undo import FREE, RULES, histories, played, with_hubs
from tests.resolve.world import START, World, essence, event, ids, imported

PROFILE = "profile"


class Remembering(World):
    """Keeps when each declaration was made, as the graph does."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.said: dict[Identifier, list[tuple[datetime | None, Standing | None]]] = {}

    def declare(self, name: str, standing: Standing | None):  # type: ignore[no-untyped-def]
        (identifier,) = ids(name)
        self.said.setdefault(identifier, []).append((self._now(), standing))
        return super().declare(name, standing)


def whole(world: Remembering) -> Whole:
    declared = tuple(
        Declared(identifier, node.standing, tuple(world.said.get(identifier, ())))
        for identifier, node in world.state.identifiers.items()
    )
    return Whole(world.brand, tuple(world.log), world.issued, world.homes, world.placed, world.state.reviews, declared)


def at(hours: int) -> datetime:
    return START + timedelta(hours=hours)


def shown(shape: Shape) -> dict[str, object]:
    """The same of a shape as `essence` says of a world."""
    seen = {key: node for key, node in shape.identifiers.items() if node.first_seen is not None}
    return {
        "profiles": {key: profile._replace(clock=0) for key, profile in shape.profiles.items()},
        "holders": {key: frozenset(hold.profile_id for hold in shape.holds if hold.identifier == key) for key in seen},
        "seen": {k: (n.standing, n.seen_with, n.through, n.first_seen, n.last_seen, n.tags) for k, n in seen.items()},
        "events": dict(shape.homes),
        "brought": dict(shape.holds),
        "merges": {key: (made.base_id, made.absorbed_ids) for key, made in shape.merges.items()},
        "intents": {key: (one.score, one.status, one.converted_by) for key, one in shape.intents.items()},
        "reviews": sorted((sorted(review.profile_ids), key) for key, review in shape.reviews.items()),
    }


def assert_then_is_its_prefix(history: list[tuple[str, object]], pick: int, rules: Any) -> None:
    lengths = []
    world = Remembering(rules)
    for step in history:
        played([step], rules, world)
        lengths.append(world.steps)
    hours = pick % (world.steps + 1)
    prefix = Remembering(rules)
    played(history[: sum(length <= hours for length in lengths)], rules, prefix)
    everything = whole(world)
    for profile_id in sorted(world.issued):
        found = past(everything, profile_id, Moments(known_at=at(hours)), rules, rules)
        if profile_id in prefix.issued:
            assert answering(prefix, profile_id) == (found.person if found else None)
        if found is not None:
            assert shown(found.then) == essence(prefix)
            assert {one: found.then.find(one) for one in prefix.issued} == {one: answering(prefix, one) for one in prefix.issued}
            assert shown(found.latest) == essence(world)


def answering(world: World, profile_id: str) -> str | None:
    found: str | None = profile_id
    while found is not None and found in world.placed:
        found = world.placed[found].into
    return found


@given(histories, st.integers(0, 1_000))
def test_what_was_known_is_the_history_that_ended_there(history: list[tuple[str, object]], pick: int) -> None:
    """Also what was undone since was merged then, and what was retracted since was apart."""
    assert_then_is_its_prefix(history, pick, FREE)


# An id of the first event's is nobody's own after the split, and somebody's again once that is taken back.
LIVES_AGAIN: list[tuple[str, object]] = [("see", ["m0", "m1", "m2"]), ("split", 0), ("see", ["m0"]), ("retract", 0)]


@given(with_hubs, st.integers(0, 1_000))
@example(LIVES_AGAIN, 2)
def test_also_where_hubs_crossed_since_and_admins_declared(history: list[tuple[str, object]], pick: int) -> None:
    assert_then_is_its_prefix(history, pick, RULES)


late = st.tuples(st.sampled_from(["see", "see", "bring"]), carried, st.integers(0, 14))


# Without what happened at 1, the sixth and the seventh are one person's. They never met, so their order in the log is by id.
NEVER_MET = [
    ("see", ["m0"], 0), ("see", ["m0"], 0), ("see", ["m0"], 0), ("see", ["m0", "m2"], 1), ("see", ["m0", "m1"], 0),
    ("see", ["m0"], 0), ("see", ["m1"], 0),
]  # fmt: skip


@given(st.lists(late, min_size=1, max_size=12), st.integers(0, 14), st.integers(0, 12))
@example(NEVER_MET, 0, 7)
def test_what_had_happened_is_the_history_of_just_those_events(
    history: list[tuple[str, list[str], int]], happened: int, known: int
) -> None:
    """Entries arrive in the order of their numbers and happened whenever they did; those events are told in the log's order."""
    world, only, heard = Remembering(SMALL), Remembering(SMALL), Remembering(SMALL)
    there = set()
    for number, (what, names, when) in enumerate(history, 1):
        entry = event(number, names, when=when) if what == "see" else replace(imported(number, names), created_at=at(when))
        world.take([entry])
        if number <= known:
            heard.take([entry])
        if when <= happened and number <= known:
            there.add(entry_id(entry))
    for _, entry in in_order(world.log):
        if entry_id(entry) in there:
            only.take([entry])
    moments = Moments(at(happened), at(known))
    for profile_id in sorted(world.issued):
        found = past(whole(world), profile_id, moments, SMALL, SMALL)
        if profile_id in only.issued:
            assert found is not None
            assert found.person == only.state.find(profile_id)
        if found is not None:
            assert shown(found.then) == essence(only)
            assert shown(found.heard) == essence(heard)
            assert shown(found.latest) == essence(world)


@given(with_hubs)
def test_the_end_of_time_is_today(history: list[tuple[str, object]]) -> None:
    world = played(history, RULES, Remembering(RULES))
    for profile_id in sorted(world.issued):
        found = past(whole(world), profile_id, Moments(known_at=at(10_000)), RULES, RULES)
        assert answering(world, profile_id) == (found.person if found else None)  # type: ignore[arg-type]
        if found is not None:
            assert shown(found.then) == essence(world)
            assert {one: found.home(one) for one in world.homes} == world.homes


def found_at(world: Remembering, profile_id: str, **moments: datetime) -> Past | None:
    return past(whole(world), profile_id, Moments(**moments), world.rules, world.rules)


def test_a_merge_that_was_undone_since_stood_then() -> None:
    world = Remembering(FREE)
    for names in ("m1", "p1", "m1 p1"):
        world.see(names)
    base, gone = world.holder("m1"), min(world.state.survivors)
    (merge_id,) = world.merges
    judgement = world.undo(merge_id).judgements[0]
    undone = world._now()
    world.see("m1")
    assert world.holder("p1") == gone
    before = found_at(world, gone, known_at=undone - timedelta(hours=1))
    assert before is not None
    assert (before.person, set(before.then.merges)) == (base, {merge_id})
    after = found_at(world, gone, known_at=undone)
    assert after is not None
    assert (after.person, set(after.then.merges)) == (gone, set())
    # A judgement is about people: it holds for whatever had happened.
    happened = found_at(world, gone, as_of=at(3))
    assert happened is not None
    assert happened.person == gone
    world.see("m1")
    world.retract(judgement.judgement_id)
    while_undone = found_at(world, gone, known_at=undone)
    assert while_undone is not None
    assert while_undone.person == gone
    assert while_undone.undone(while_undone.latest.merges[merge_id]) is not None


def test_a_history_brought_in_late_names_people_before_we_met_them() -> None:
    world = Remembering(FREE)
    met = world.see("m1", when=100).answers[0].profile_id
    world.see("m1 p1", value=7, when=10)
    assert met is not None
    found = found_at(world, met, as_of=at(50))
    assert found is not None
    assert found.person == stable_id(world.brand, PROFILE, found.log[0][1].event_id)  # type: ignore[union-attr]
    assert dict(found.then.profiles[found.person].spend) == {"USD": 7}
    assert found_at(world, met, known_at=at(1)) is not None
    assert found_at(world, met, as_of=at(9)) is None


def test_nobody_answers_for_who_conflicts_with_a_person_that_was_there() -> None:
    """l2 came with m1, who has another card: whoever l2 founded was nobody before."""
    world = Remembering(replace(FREE, limits={"loyalty_id": 1}))
    world.see("m1 l1")
    world.see("m1 l2")
    assert found_at(world, world.holder("l2"), known_at=at(1)) is None
