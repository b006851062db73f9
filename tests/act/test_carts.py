"""Which carts are abandoned: once each, in whatever order events arrive and however often the job runs."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.act.carts import Did, abandoned
from tests.act.conftest import NOON, Acting, hours

ANN = "ann@example.com"
HOUR = 3_600_000

HISTORY = st.lists(st.tuples(st.integers(0, 100), st.booleans()), max_size=12)


def history(drawn: list[tuple[int, bool]]) -> list[Did]:
    return [Did(f"e{number:02}", at * HOUR, bought) for number, (at, bought) in enumerate(drawn)]


@given(drawn=HISTORY, clock=st.integers(0, 130), data=st.data())
def test_carts_do_not_depend_on_the_order_of_arrival(drawn: list[tuple[int, bool]], clock: int, data: st.DataObject) -> None:
    arrived = history(drawn)
    shuffled = data.draw(st.permutations(arrived))
    assert abandoned(shuffled, clock * HOUR) == abandoned(arrived, clock * HOUR)


def told(did: list[Did], clocks: Iterable[int]) -> list[tuple[int, tuple[str, ...]]]:
    """The carts that jobs with these clocks write about, each as its events; what they did is all that they remember."""
    found: list[tuple[int, tuple[str, ...]]] = []
    for clock in clocks:
        for cart in abandoned(did, clock * HOUR):
            if "a" not in cart.told:
                ids = tuple(add.event_id for add in cart.adds)
                found.append((clock, ids))
                did = [replace(one, told=frozenset({"a"})) if one.event_id in ids else one for one in did]
    return found


@given(drawn=HISTORY, looks=st.lists(st.integers(0, 130), max_size=15))
def test_each_cart_is_told_of_once_and_while_it_is_abandoned(drawn: list[tuple[int, bool]], looks: list[int]) -> None:
    did = history(drawn)
    at = {one.event_id: one.at // HOUR for one in did}
    bought = [one.at // HOUR for one in did if one.is_purchase]
    for clocks in (sorted(looks), [clock for clock in range(131) for _ in range(2)]):
        carts = told(did, clocks)
        parts = [event_id for _, cart in carts for event_id in cart]
        assert len(parts) == len(set(parts)), "no event is in two carts that were told of"
        for clock, cart in carts:
            assert 2 <= clock - at[cart[-1]] <= 24
            assert not any(at[cart[0]] <= hour <= clock for hour in bought)


@given(drawn=HISTORY)
def test_who_looks_each_hour_misses_nothing(drawn: list[tuple[int, bool]]) -> None:
    """An add after which two hours passed without another add or a purchase was told of, or goes on with one that was."""
    did = history(drawn)
    events = {event_id for _, cart in told(did, range(131)) for event_id in cart}
    hours_of = {one.at // HOUR for one in did if one.event_id in events}
    for add in (one for one in did if not one.is_purchase):
        begin = add.at // HOUR
        followed = any(begin < one.at // HOUR <= begin + 2 for one in did)
        bought = any(one.is_purchase and one.at == add.at for one in did)
        if not followed and not bought:
            assert add.event_id in events or any(hour <= begin for hour in hours_of)


@pytest.mark.parametrize(("after", "count"), [(1.99, 0), (2, 1), (24, 1), (24.01, 0)])
async def test_a_cart_is_abandoned_from_two_hours_to_a_day(brand: Acting, after: float, count: int) -> None:
    await brand.does(ANN, NOON, "cart_add", {"product_name": "Premium Sneakers"}, phone="+1-555-0123")
    did = await brand.job(NOON + hours(after), "cart-abandonment")
    assert (did["triggered"], did["sent"]) == (count, count)
    assert await brand.count("AutomationExecution") == count
    assert await brand.count("CampaignExecution") == count


async def test_the_message(brand: Acting) -> None:
    """The first scenario's: by WhatsApp, in the sandbox."""
    profile_id = await brand.omnichannel()
    assert (await brand.job(NOON + hours(2), "cart-abandonment"))["sent"] == 1
    assert (await brand.job(NOON + hours(3), "cart-abandonment"))["triggered"] == 0
    assert (await brand.job(NOON + hours(3)))["triggered"] == 0
    whole = await brand.data(f"/api/profiles/{profile_id}/360")
    [execution], [message] = whole["automation_executions"], whole["campaign_executions"]
    assert (execution["status"], execution["trigger"], len(execution["event_ids"])) == ("executed", "cart_abandonment", 1)
    assert execution["automation_name"] == "Cart Abandonment Recovery"
    told = {name: message[name] for name in ("channel", "provider", "to", "status")}
    assert told == {"channel": "whatsapp", "provider": "sandbox", "to": "+15550123", "status": "sent"}
    assert message["body"] == "Hi there! You left Premium Sneakers in your cart. Here's 10% off to finish your order: CART10"
    assert message["sent_at"]
    assert await brand.executions() == whole["automation_executions"]
    assert await brand.messages(profile_id=profile_id, status="sent") == whole["campaign_executions"]


async def test_a_purchase_ends_a_cart(brand: Acting) -> None:
    await brand.does(ANN, NOON, "cart_add", {}, phone="+1-555-0123")
    await brand.buys(ANN, NOON + hours(1))
    assert (await brand.job(NOON + hours(3)))["triggered"] == 0
    await brand.adds(ANN, NOON + hours(1.5), kind="Product Added")
    assert (await brand.job(NOON + hours(3)))["triggered"] == 0, "not two hours old"
    assert (await brand.job(NOON + hours(4)))["triggered"] == 1


async def test_events_after_the_clock_do_not_exist(brand: Acting) -> None:
    await brand.does(ANN, NOON, "cart_add", {}, phone="+1-555-0123")
    await brand.adds(ANN, NOON + hours(3))
    await brand.buys(ANN, NOON + hours(4))
    assert (await brand.job(NOON + hours(2.5)))["sent"] == 1
    assert (await brand.job(NOON + hours(6)))["triggered"] == 0


async def test_late_arrivals_do_not_make_it_another_cart(brand: Acting) -> None:
    await brand.does(ANN, NOON, "cart_add", {}, phone="+1-555-0123")
    assert (await brand.job(NOON + hours(3)))["sent"] == 1
    await brand.adds(ANN, NOON - hours(5), "Socks")
    await brand.adds(ANN, NOON + hours(2), "Laces")
    assert (await brand.job(NOON + hours(5)))["triggered"] == 0
    await brand.adds(ANN, NOON + timedelta(days=3), "Boots")
    assert (await brand.job(NOON + timedelta(days=3, hours=2)))["triggered"] == 1, "a new cart after a day of silence"


async def test_two_people_who_turn_out_to_be_one(brand: Acting) -> None:
    one = await brand.does(ANN, NOON, "cart_add", {}, phone="+1-555-0123")
    assert (await brand.job(NOON + hours(3)))["sent"] == 1
    other = await brand.does("ann.other@example.com", NOON + hours(1), "page_view")
    await brand.post("/api/merges", {"profile_ids": [one, other]})
    survivor = (await brand.data(f"/api/profiles/{one}"))["profile_id"]
    gone = other if survivor == one else one
    assert (await brand.job(NOON + hours(4)))["triggered"] == 0
    for profile_id in (survivor, gone):
        assert len((await brand.data(f"/api/profiles/{profile_id}/360"))["campaign_executions"]) == 1
        assert len(await brand.executions(profile_id=profile_id)) == 1


async def test_one_who_cannot_be_reached_is_skipped(brand: Acting) -> None:
    await brand.adds(ANN, NOON)
    assert (await brand.job(NOON + hours(3)))["skipped"] == 1
    [execution] = await brand.executions(status="skipped")
    assert execution["reason"] == "no address for whatsapp"
    assert await brand.messages() == []
