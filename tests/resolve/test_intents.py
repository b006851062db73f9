"""What a profile keeps of products is bounded, in number and in size: it is read and written with every event."""

from dataclasses import replace

from app.domain.events import Item
from app.domain.profiles import Attribute
from app.resolve.intents import MAX_BOUGHT, MAX_BOUGHT_CHARACTERS, MAX_OPEN, cap_bought
from app.resolve.survivorship import MAX_ATTRIBUTES, survive
from tests.resolve.world import START, World, event


def cart(number: int, names: str):  # type: ignore[no-untyped-def]
    return replace(event(number, names, type_="cart_add"), items=(Item(f"p{number}", None, None, None, 1),))


def test_the_oldest_open_intent_expires_first() -> None:
    world = World()
    plans = [world.take([cart(number, "m0")]) for number in range(MAX_OPEN + 1)]
    (expired,) = plans[-1].closed_intents
    assert expired[0] == plans[0].intents[0].intent_id


def test_what_expires_in_a_merge_is_said() -> None:
    world = World()
    plans = [world.take([cart(number, "m0" if number % 2 else "p0")]) for number in range(2 * 60)]
    plans.append(world.take([event(500, "m0 p0", type_="page_view")]))
    shown = {intent.intent_id for plan in plans for intent in plan.intents}
    closed = {intent_id for plan in plans for intent_id, _, _ in plan.closed_intents}
    (profile,) = world.state.profiles.values()
    assert shown - closed == {intent.intent_id for intent in profile.intents}


def test_the_most_recently_bought_are_remembered() -> None:
    keys = tuple(f"id:{number}" for number in range(MAX_BOUGHT + 2))
    assert cap_bought(keys) == keys[2:]
    assert cap_bought((*keys, keys[2])) == (*keys[3:], keys[2])


def test_long_names_are_remembered_as_far_as_they_fit() -> None:
    keys = tuple(f"name:{number:0500}" for number in range(MAX_BOUGHT))
    kept = cap_bought(keys)
    assert kept == keys[-len(kept) :]
    assert MAX_BOUGHT_CHARACTERS - 505 < sum(map(len, kept)) <= MAX_BOUGHT_CHARACTERS


def test_a_profile_keeps_so_many_attributes_whatever_their_order() -> None:
    offered = [Attribute(f"n{number:03}", "v", START, "e") for number in range(MAX_ATTRIBUTES + 50)]
    kept: tuple[Attribute, ...] = ()
    for one in reversed(offered):
        kept = survive(kept, [one], {})
    assert kept == survive((), offered, {}) == tuple(offered[:MAX_ATTRIBUTES])
