"""The fold gives what a second reading of the semantics gives. The other laws hold one run of the fold against another: what all
of its runs have wrong, only this one can find."""

from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.rules import Rules
from app.domain.strength import strength
from tests.resolve.reading import Reading
from tests.resolve.test_laws import brought, decided, joined, seen
from tests.resolve.test_shared import ONE, TWO, declared
from tests.resolve.test_undo import played, taken_back
from tests.resolve.world import LIMITS, World

steps = st.one_of(seen, seen, seen, brought, joined, decided, declared, taken_back)
rules = st.builds(
    Rules, max_auto_merge=st.integers(1, 3), limits=st.sampled_from([{}, LIMITS]), fan_out=st.sampled_from([ONE, TWO, {}])
)


def told(world: World) -> dict[str, object]:
    state = world.state
    events = {one: {key for key, home in world.homes.items() if home.profile_id == one} for one in state.profiles}
    held = {one: {each for each in state.identifiers if one in state.holders(each)} for one in state.profiles}
    return {
        one.profile_id: (held[one.profile_id], events[one.profile_id], one.absorbed, strength(one), one.confirmed, one.cumulative)
        for one in state.profiles.values()
    }


@settings(max_examples=400)  # each finds little, and costs little
@given(st.lists(steps, min_size=10, max_size=20), rules)
def test_the_fold_is_what_the_semantics_say(history: list[tuple[str, object]], how: Rules) -> None:
    world = played(history, how)
    reading = Reading(world.log, world.issued, world.declared, how)
    assert told(world) == {
        one.id: (one.held, one.events, one.absorbed, one.strength, one.confirmed, one.cumulative)
        for one in reading.people.values()
    }
    assert {review.profile_ids for review in world.state.pending()} == reading.reviews
    assert {one: world.state.find(one) for one in world.issued if world.state.find(one) in world.state.profiles} == {
        one: found for one in world.issued if (found := reading.where(one)) is not None
    }
