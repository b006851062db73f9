"""Which value of an attribute survives: source priority, then recency, then the value itself."""

from dataclasses import replace
from datetime import timedelta
from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.consent import CONSENTS
from app.domain.profiles import Attribute
from app.domain.rules import Rules, Trust
from app.resolve.resolve import replay
from app.resolve.survivorship import MAX_ATTRIBUTES, survive
from tests.resolve.world import START, World, event

TRUST: Trust = {"*": ("import", "pos"), "city": ("shopify",), "nick": ()}

said = st.builds(
    Attribute,
    st.sampled_from(["first_name", "city", "nick", "sms_consent"]),
    st.sampled_from(["a", "b", "no", "true"]),
    st.integers(0, 2).map(lambda hours: START + timedelta(hours=hours)),
    st.sampled_from(["e1", "e2", "e3"]),
    st.sampled_from(["import", "pos", "shopify", ""]),
)
heard = st.lists(said, max_size=12)


@given(heard, st.randoms(use_true_random=False), st.sampled_from([{}, TRUST]))
def test_order_and_grouping_never_matter(all_said: list[Attribute], chance: object, trust: Trust) -> None:
    shuffled = sorted(all_said, key=lambda _: chance.random())  # type: ignore[attr-defined]
    cut = len(shuffled) // 2
    two = [survive((), part, trust) for part in (shuffled[:cut], shuffled[cut:])]
    once = survive((), all_said, trust)
    assert once == survive(two[0], two[1], trust) == survive(two[1], two[0], trust)
    assert once == reduce(lambda held, one: survive(held, [one], trust), shuffled, ())


@given(heard)
def test_nobody_more_trusted_loses_and_no_one_as_trusted_is_newer(all_said: list[Attribute]) -> None:
    order = {"first_name": ["", "pos", "import"], "city": ["", "shopify"], "nick": [""]}
    for winner in (one for one in survive((), all_said, TRUST) if one.name not in CONSENTS):
        ranks = order[winner.name]
        rank = ranks.index(winner.source) if winner.source in ranks else 0
        for other in (one for one in all_said if one.name == winner.name):
            others = ranks.index(other.source) if other.source in ranks else 0
            assert (others, other.occurred_at, other.value) <= (rank, winner.occurred_at, winner.value)


@given(heard)
def test_the_last_word_of_messages_counts_and_of_two_at_once_the_no(all_said: list[Attribute]) -> None:
    """Also from a source that nobody trusts, and whatever was said since that is neither yes nor no."""
    told = [one for one in all_said if one.name == "sms_consent" and one.value in {"no", "true"}]
    kept = {one.name: one.value for one in survive((), all_said, TRUST)}
    if told:
        last = max(one.occurred_at for one in told)
        expected = "no" if any(one.value == "no" for one in told if one.occurred_at == last) else "true"
        assert kept["sms_consent"] == expected


@pytest.mark.parametrize("before_or_after", "az")
def test_no_number_of_attributes_drowns_a_no(before_or_after: str) -> None:
    names = [f"{before_or_after}{number:03}" for number in range(MAX_ATTRIBUTES + 50)]
    many = [Attribute(name, "v", START, "e", "track") for name in names]
    noes = [Attribute(name, "no", START, "e", "track") for name in sorted(CONSENTS)]
    for said in (noes + many, many + noes):
        kept = survive(survive((), said[:100], {}), said[100:], {})
        assert [one for one in kept if one.name in CONSENTS] == noes
        assert [one for one in kept if one.name not in CONSENTS] == many[:MAX_ATTRIBUTES]


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 2, 1), (2, 3, 1)])
def test_a_trusted_source_wins_over_newer_ones_after_merges_and_replays(order: tuple[int, ...]) -> None:
    rules = Rules(trust={"*": ("pos",)})
    told = {
        1: replace(event(1, "m0", when=1), source="pos", attributes=(("city", "Rome"),)),
        2: replace(event(2, "p0", when=2), attributes=(("city", "Oslo"), ("nick", "Bo"))),
        3: replace(event(3, "m0 p0", when=3), attributes=(("city", "Bonn"), ("nick", "Al"))),
    }
    world = World(rules)
    for number in order:
        world.take([told[number]])
    again = replay(world.brand, world.log, rules)
    for profiles in (world.state.profiles.values(), again.profiles):
        (profile,) = profiles
        assert {one.name: (one.value, one.source) for one in profile.attributes} == {
            "city": ("Rome", "pos"),
            "nick": ("Al", "test"),
        }
