"""The life of an order: what it comes to by all that is told of it, whose it is, and that no order of arrival changes that."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.events import Event, Money
from app.domain.orders import AS_IT_CAME, MOST_TOLD, Reckoning
from app.domain.plan import Outcome, StoredEvent
from app.domain.profiles import Profile
from app.domain.state import Home
from tests.resolve.test_undo import FREE, histories, played
from tests.resolve.world import World, event, ids, rebuilds

Histories = list[tuple[str, object]]


def of_order(
    number: int, type_: str, names: str = "", value: int = 0, when: int | None = None, order: str = "o1", revision: int = 0
) -> Event:
    return event(number, names, value, type_=type_, when=when, order=order, revision=revision)


PLACED = of_order(1, "purchase", "m0", 14850)
EDITED = of_order(2, "order_updated", "m0", 12000)
STALE = of_order(3, "order_updated", "m0", 13000, when=1)
REFUNDED = of_order(4, "refund", "", 1000)
ALL_BACK, ALL_BACK_AGAIN = (of_order(n, "refund", "m0") for n in (6, 7))  # says not how much
CALLED_OFF = of_order(5, "order_cancelled", "m0")


def folded(*events: Event) -> World:
    world = World(FREE)
    for one in events:
        world.take([one])
    return world


def only(world: World) -> Profile:
    (profile,) = world.state.profiles.values()
    return profile


@pytest.mark.parametrize(
    ("events", "spend", "orders"),
    [
        ([PLACED], 14850, 1),
        ([PLACED, EDITED], 12000, 1),
        ([PLACED, EDITED, STALE], 12000, 1),
        ([PLACED, REFUNDED], 13850, 1),
        ([PLACED, EDITED, REFUNDED], 11000, 1),
        ([PLACED, EDITED, REFUNDED, CALLED_OFF], 0, 0),
        ([PLACED, ALL_BACK], 0, 1),
        ([PLACED, EDITED, REFUNDED, ALL_BACK, ALL_BACK_AGAIN], 0, 1),
        ([ALL_BACK, REFUNDED, PLACED], 0, 1),
        ([PLACED, ALL_BACK, of_order(8, "refund", "", 20000)], -5150, 1),
        ([ALL_BACK], 0, 0),
        ([EDITED], 0, 0),
        ([EDITED, PLACED], 12000, 1),
        ([CALLED_OFF, PLACED], 0, 0),
    ],
)
def test_what_an_order_comes_to(events: list[Event], spend: int, orders: int) -> None:
    world = folded(*events)
    assert (dict(only(world).spend).get("USD", 0), only(world).orders) == (spend, orders)
    assert rebuilds(world)


def test_no_order_of_arrival_changes_what_an_order_comes_to() -> None:
    for events in permutations([PLACED, EDITED, STALE, REFUNDED]):
        assert only(folded(*events)).spend == (("USD", 11000),)
    for events in permutations([PLACED, EDITED, REFUNDED, CALLED_OFF]):
        assert (only(folded(*events)).spend, only(folded(*events)).orders) == ((), 0)


def test_a_refund_that_names_nobody_goes_to_whose_order_it_is() -> None:
    world = folded(PLACED, REFUNDED)
    (answer,) = world.plans[-1].answers
    assert (answer.outcome, answer.profile_id) == (Outcome.ATTACHED, only(world).profile_id)
    assert only(world).events == 2


def test_a_refund_that_came_before_its_order_is_its_buyers_once_that_came() -> None:
    world = folded(REFUNDED, EDITED, PLACED)
    assert world.plans[0].answers[0].outcome is Outcome.UNIDENTIFIED
    assert [one.event_id for one in world.plans[2].adopted] == [REFUNDED.event_id]
    assert (only(world).spend, only(world).events) == ((("USD", 11000),), 3)
    assert rebuilds(world)


def test_also_of_one_batch_and_when_the_buyer_is_absorbed_in_it() -> None:
    world = World(FREE)
    world.take([event(6, "p0", 7), event(7, "p0", 1), REFUNDED, PLACED, event(8, "m0 p0", 2)])
    assert (only(world).spend, only(world).events) == ((("USD", 13860),), 5)
    assert world.plans[0].adopted == ()
    world = folded(REFUNDED)
    world.take([event(6, "p0", 7), event(7, "p0", 1), PLACED, event(8, "m0 p0", 2)])
    (moved,) = world.plans[1].adopted
    assert (moved.profile_id, moved.moved_by) == (only(world).profile_id, *world.merges)
    assert rebuilds(world)


def test_a_purchase_that_names_nobody_follows_no_order() -> None:
    """Tills number their receipts anew each day: the next buyer of a number is somebody else."""
    world = folded(PLACED, of_order(2, "purchase", "", 500))
    assert world.plans[-1].answers[0].outcome is Outcome.UNIDENTIFIED
    assert only(world).spend == (("USD", 14850),)


def test_a_purchase_that_named_nobody_is_nobodys_and_so_is_its_refund() -> None:
    world = folded(event(9, "m0", 7), of_order(1, "purchase", "", 500), REFUNDED, of_order(2, "order_cancelled", "m0"))
    assert world.plans[2].answers[0].outcome is Outcome.UNIDENTIFIED
    assert (only(world).spend, only(world).orders, only(world).events) == ((("USD", 7),), 1, 2)
    assert rebuilds(world)


def test_a_purchase_that_named_nobody_is_whose_an_update_says_first() -> None:
    """A till takes the money, and asks for the card afterwards."""
    nameless, for_one, for_another = (
        of_order(1, "purchase", "", 500),
        of_order(2, "order_updated", "m0", 500),
        of_order(3, "order_updated", "m1", 500),
    )
    for events in permutations([nameless, for_one, REFUNDED]):
        world = folded(*events, for_another)
        first, second = (world.state.profiles[world.holder(name)] for name in ("m0", "m1"))
        assert (dict(first.spend), first.orders, first.events) == ({"USD": -500}, 1, 3)
        assert (second.spend, second.orders) == ((), 0)
        assert rebuilds(world)


def test_of_one_moment_the_highest_revision_counts() -> None:
    """A till that tells a sale anew gives each the time of the sale."""

    def told(number: int, revision: int, value: int, type_: str = "order_updated") -> Event:
        return of_order(number, type_, "m0", value, when=1, revision=revision)

    placed, second, third = told(1, 7, 900, "purchase"), told(2, 8, 950), told(3, 9, 800)
    for events in permutations([placed, second, third, told(4, 3, 100)]):
        assert only(folded(*events)).spend == (("USD", 800),)
    assert only(folded(placed, told(4, 3, 100))).spend == (("USD", 900),)


def test_a_refund_of_an_order_from_before_we_were_told_of_any_is_nobodys() -> None:
    """Shops tell of old orders whenever one is touched: their buyers would owe us what they got back."""
    world = folded(EDITED, REFUNDED)
    assert (only(world).spend, only(world).events) == ((), 1)
    assert only(folded(of_order(1, "refund", "m0", 30))).spend == (("USD", -30),)  # but one that says whose it is


def test_an_order_has_one_purchase_and_so_many_events() -> None:
    """Whatever else comes under its number is of no order, for good: the next day's buyer, or a sender who numbers all alike."""
    world = folded(
        PLACED, of_order(2, "purchase", "m1", 500), *(of_order(n, "refund", "m1", 1) for n in range(10, 10 + MOST_TOLD))
    )
    spent = {name: dict(world.state.profiles[world.holder(name)].spend)["USD"] for name in ("m0", "m1")}
    assert spent == {"m0": 14850, "m1": 500 - MOST_TOLD}
    world.take([CALLED_OFF])
    assert dict(world.state.profiles[world.holder("m0")].spend)["USD"] == 14850
    assert rebuilds(world)


def test_an_order_joins_nobody() -> None:
    """An order that is handed to another customer is no evidence that the two are one person; its money stays where it was."""
    world = folded(PLACED, of_order(2, "order_updated", "m1", 9000))
    assert sorted(dict(one.spend).get("USD", 0) for one in world.state.profiles.values()) == [0, 9000]
    assert dict(world.state.profiles[world.holder("m0")].spend) == {"USD": 9000}
    assert not world.state.pending()


def test_what_is_told_of_another_senders_order_is_of_another() -> None:
    assert only(folded(PLACED, replace(CALLED_OFF, source="till"))).spend == (("USD", 14850),)


def test_a_cancelled_order_confirms_nobody() -> None:
    world = folded(event(9, "m0", type_="page_view"), PLACED)
    assert only(world).confirmed == 1
    world.take([CALLED_OFF])
    assert only(world).confirmed == 0


def test_an_order_goes_with_its_purchase_when_a_merge_is_undone() -> None:
    world = folded(PLACED, event(6, "p0", 7), event(7, "m0 p0", 1))
    world.take([REFUNDED])
    assert only(world).spend == (("USD", 13858),)
    (merge_id,) = world.merges
    world.undo(merge_id)
    world.take([CALLED_OFF])
    assert sorted(dict(one.spend).get("USD", 0) for one in world.state.profiles.values()) in ([0, 8], [1, 7])
    assert rebuilds(world)


def test_the_plan_says_which_stored_events_count_otherwise() -> None:
    world = folded(PLACED, EDITED, REFUNDED)
    assert world.plans[1].reckoned == ((PLACED.event_id, Reckoning(None, Money(12000, "USD"), EDITED.occurred_at)),)
    assert world.plans[2].reckoned == ()
    world.take([CALLED_OFF])
    at = CALLED_OFF.occurred_at
    assert dict(world.plans[3].reckoned) == {
        PLACED.event_id: Reckoning(at, Money(12000, "USD"), EDITED.occurred_at),
        REFUNDED.event_id: Reckoning(at),
    }


def test_an_edit_that_is_taken_back_takes_back_what_stands_beside_the_purchase() -> None:
    world = folded(PLACED, EDITED, of_order(6, "order_updated", "m0", 14850))
    assert world.plans[2].reckoned == ((PLACED.event_id, AS_IT_CAME),)
    assert only(world).spend == (("USD", 14850),)


@given(histories)
def test_everybody_spent_what_their_orders_come_to(history: Histories) -> None:
    world = played(history, FREE)
    assert {key: _spent(one) for key, one in world.state.profiles.items()} == expected(world)


def _spent(profile: Profile) -> tuple[int, int, int]:
    opening = sum(minor for _, minor in profile.opening_spend)
    return sum(minor for _, minor in profile.spend) - opening, profile.orders - profile.opening_orders, profile.confirmed


def expected(world: World) -> dict[str, tuple[int, int, int]]:
    """By a ledger, as a bookkeeper would keep it: one page for each order."""
    found = dict.fromkeys(world.state.profiles, (0, 0, 0))
    pages: dict[object, list[StoredEvent]] = {}
    for key, stored in world.stored.items():
        pages.setdefault(stored.event.order or key, []).append(stored)
    for page in pages.values():
        page.sort(key=lambda one: (one.clock, one.event.event_id))
        for to, minor, orders, confirmed in booked(page, world.homes):
            spent, so_far, known = found[to]
            found[to] = spent + minor, so_far + orders, known + confirmed
    return found


def booked(page: list[StoredEvent], homes: dict[str, Home]) -> Iterator[tuple[str, int, int, int]]:
    if any(one.event.type == "order_cancelled" for one in page):
        return
    left = left_to_pay_back(page)
    for one in sorted(page, key=lambda stored: (stored.event.occurred_at, stored.event.event_id)):
        home, total = homes[one.event.event_id], one.event.total.minor if one.event.total else 0
        if one.event.type == "refund" and one.event.total is None:
            total, left = -left, 0
        if home.profile_id and one.event.type == "purchase":
            yield home.profile_id, newest_total(page, said_at(one.event), total), 1, int(home.matched)
        elif home.profile_id and one.event.type == "refund":
            yield home.profile_id, total, 0, 0


def left_to_pay_back(page: list[StoredEvent]) -> int:
    back = sum(one.event.total.minor for one in page if one.event.type == "refund" and one.event.total)
    bought = [one.event for one in page if one.event.type == "purchase" and one.event.total]
    return max(0, back + sum(newest_total(page, said_at(one), one.total.minor) for one in bought if one.total))


def newest_total(page: list[StoredEvent], since: tuple[datetime, int], total: int) -> int:
    for one in sorted((one.event for one in page), key=lambda event: (said_at(event), event.event_id)):
        if one.type == "order_updated" and said_at(one) >= since and one.total:
            total = one.total.minor
    return total


def said_at(event: Event) -> tuple[datetime, int]:
    return event.occurred_at, event.revision


parts = st.lists(
    st.sampled_from(
        [*(("order_updated", n) for n in (2, 3)), ("purchase", 0), ("order_cancelled", 4), ("refund", 5), ("refund", 6)]
    ),
    unique=True,
    max_size=6,
)
NAMED = frozenset({0, 2, 4, 6})


@given(parts, st.lists(st.integers(0, 3), min_size=14, max_size=14), st.sampled_from([NAMED, NAMED - {0}]), st.integers(0, 1_000))
def test_any_order_of_arrival_makes_the_same_account(
    kinds: list[tuple[str, int]], numbers: list[int], named: frozenset[int], seed: int
) -> None:
    """Of one person's order, whoever of its events names them."""
    events = [
        of_order(n, type_, "m0" if n in named else "", 100 + n, when=numbers[n], revision=numbers[n + 7]) for type_, n in kinds
    ]
    first = event(50, "m0", 1)
    shuffled = random.Random(seed).sample(events, len(events))
    one, other = folded(first, *events), folded(first, *shuffled)
    assert (only(one).spend, only(one).orders) == (only(other).spend, only(other).orders)
    assert rebuilds(one)


SHOP = "shopify"


@pytest.mark.parametrize(
    ("change", "spend", "orders"),
    [
        ({}, 14850, 1),
        ({"total": Money(12000, "USD")}, 14850, 1),  # edited since: its updates tell
        ({"order_id": "o2"}, 29700, 2),
        ({"source": "till"}, 29700, 2),
        ({"backfill": False}, 29700, 2),
    ],
)
def test_an_order_that_is_brought_in_is_the_one_that_came(change: dict[str, Any], spend: int, orders: int) -> None:
    """An export has keys of its own; only where numbers are given once does the order tell."""
    live = replace(PLACED, source=SHOP)
    brought = replace(of_order(2, "purchase", "m0", 14850), **{"source": SHOP, "backfill": True, **change})
    for events in ((live, brought), (brought, live)):
        person = only(folded(*events))
        first = events[0].total
        assert first is not None
        assert (person.spend, person.orders) == ((("USD", spend if orders > 1 else first.minor),), orders)


@pytest.mark.parametrize(
    ("change", "orders"),
    [
        ({}, 1),
        ({"identifiers": ()}, 1),
        ({"identifiers": ids("m0 p0")}, 2),  # of somebody who is told of for the first time
        ({"identifiers": ids("m1")}, 2),
        ({"total": Money(12000, "USD")}, 2),
        ({"occurred_at": PLACED.occurred_at + timedelta(seconds=1)}, 2),
        ({"order_id": "o2"}, 2),
        ({"source": "till"}, 2),
    ],
)
def test_a_purchase_that_is_told_by_two_subscriptions_is_one(change: dict[str, Any], orders: int) -> None:
    """Each has an id of its own. A body that somebody sends for many people, as a test may, stays one order of each."""
    placed = replace(PLACED, source=SHOP)
    again = replace(of_order(2, "purchase", "m0", 14850, when=1), **{"source": SHOP, **change})
    world = folded(event(9, "m1", 7), placed, again)
    assert sum(one.orders for one in world.state.profiles.values()) == 1 + orders
    if orders == 1:
        (answer,) = world.plans[-1].answers
        assert (answer.outcome, answer.event_id, answer.profile_id) == (Outcome.DUPLICATE, placed.event_id, world.holder("m0"))
    assert rebuilds(world)


def test_a_purchase_of_somebody_who_waits_in_the_queue_is_told_by_two_subscriptions() -> None:
    world = World()
    world.take([event(7, "l0 m0", 1), event(8, "l1", 1)])
    world.take([replace(of_order(1, "purchase", "l1 m0", 500), source=SHOP)])
    assert world.plans[-1].answers[0].outcome is Outcome.REVIEW
    world.take([replace(of_order(2, "purchase", "l1 m0", 500, when=1), source=SHOP)])
    assert world.plans[-1].answers[0].outcome is Outcome.DUPLICATE


def test_where_numbers_are_given_again_what_is_brought_in_is_another_order() -> None:
    two = [replace(PLACED, source="till"), replace(of_order(2, "purchase", "m0", 14850, when=1), source="till", backfill=True)]
    assert only(folded(*two)).orders == 2


@pytest.mark.parametrize(("hour", "value", "spend"), [(4, 1000, 13850), (5, 1000, 12850), (4, 900, 12950)])
def test_a_refund_that_is_brought_in_is_the_one_that_came(hour: int, value: int, spend: int) -> None:
    live = [replace(one, source=SHOP) for one in (PLACED, REFUNDED)]
    brought = replace(of_order(8, "refund", "", value, when=hour), source=SHOP, backfill=True)
    world = folded(*live, brought, brought)
    assert only(world).spend == (("USD", spend),)
    assert world.plans[-1].answers[0].outcome is Outcome.DUPLICATE
