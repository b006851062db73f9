"""What a profile keeps of products is bounded, in number and in size: it is read and written with every event."""

from dataclasses import replace

from app.domain.events import Event, Item
from app.domain.profiles import Attribute
from app.resolve.intents import (
    MAX_BOUGHT,
    MAX_BOUGHT_CHARACTERS,
    MAX_OPEN,
    SCORE_BOUGHT_BEFORE,
    SCORE_FIRST_TIME,
    SCORE_PURCHASE,
    cap_bought,
)
from app.resolve.survivorship import MAX_ATTRIBUTES, survive
from tests.resolve.world import START, World, event


def cart(number: int, names: str):  # type: ignore[no-untyped-def]
    return replace(event(number, names, type_="cart_add"), items=(Item(f"p{number}", None, None, None, 1),))


KETTLE, MUG, NOTHING = Item("p1", "Kettle", None, None, 1), Item("p2", "Mug", None, None, 1), Item(None, None, None, None, 1)


def test_a_purchase_closes_what_waited_for_its_products_by_id_or_by_name() -> None:
    world = World()
    (shown, other) = world.take([with_items(1, "cart_add", KETTLE, NOTHING, MUG)]).intents
    assert [(one.product_id, one.product_name, one.score, one.status, one.converted_by) for one in (shown, other)] == [
        ("p1", "Kettle", SCORE_FIRST_TIME, "active", None),
        ("p2", "Mug", SCORE_FIRST_TIME, "active", None),
    ]
    looked = world.take([with_items(2, "page_view", KETTLE)])
    assert (looked.intents, looked.closed_intents) == ((), ())
    bought = with_items(3, "purchase", Item(None, " KETTLE", None, None, 1))
    plan = world.take([bought])
    assert plan.closed_intents == ((shown.intent_id, "converted", bought.event_id),)
    (itself,) = plan.intents
    assert (itself.event_id, itself.product_name, itself.score) == (bought.event_id, " KETTLE", SCORE_PURCHASE)
    assert (itself.status, itself.converted_by) == ("converted", bought.event_id)
    (profile,) = world.state.profiles.values()
    assert [one.intent_id for one in profile.intents] == [other.intent_id]
    again = world.take([with_items(4, "cart_add", KETTLE, MUG)]).intents
    assert [one.score for one in again] == [SCORE_BOUGHT_BEFORE, SCORE_FIRST_TIME]


def test_who_is_first_met_buying_had_no_intent() -> None:
    assert not World().take([with_items(1, "purchase", KETTLE)]).intents


def with_items(number: int, type_: str, *items: Item) -> Event:
    return replace(event(number, "m0", type_=type_), items=items)


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
