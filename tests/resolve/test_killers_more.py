"""Small worlds that kill mutants of the core which random worlds let live."""

from dataclasses import replace

import pytest

from app.domain.errors import ForbiddenPair
from app.domain.events import Money
from app.domain.identifiers import Identifier
from app.domain.judgements import Act, Judgement, JudgementKind, Side
from app.domain.profiles import ReviewStatus
from app.domain.rules import Rules
from app.resolve.decisions import merge_request
from app.resolve.founding import profile_id_of
from app.resolve.resolve import resolve
from tests.resolve.world import BRAND, START, World, event, ids, rebuilds

FREE = Rules(max_auto_merge=3, limits={})
ONE_CARD = Rules(max_auto_merge=3, limits={"loyalty_id": 1})
CAP_ONE = Rules(max_auto_merge=1, limits={})


def saw(rules: Rules, *names: str) -> World:
    world = World(rules)
    for words in names:
        world.see(words)
    return world


def outcomes(world: World, *names: str) -> list[str]:
    return [world.see(words).answers[0].outcome for words in names]


def test_anonymous_profiles_do_not_count_towards_the_cap_of_a_chain() -> None:
    world = saw(FREE, "m0", "c0", "c1", "c2", "c3", "c4")
    assert outcomes(world, "m0 c0", "m0 c1", "m0 c2", "m0 c3", "m0 c4") == ["merged"] * 5
    world = saw(FREE, "m0", "m1", "m2", "m3", "c0", "m0 m1", "m0 m2", "m0 m3")
    assert outcomes(world, "m0 c0") == ["merged"]


def test_every_members_count_goes_into_the_cap_of_a_chain() -> None:
    world = saw(FREE, "m0", "m1", "m2", "p0", "p1", "p2", "m0 m1", "m1 m2", "p0 p1", "p1 p2")
    assert outcomes(world, "m0 p0") == ["review"]
    world = saw(FREE, "m0", "m1", "p0", "p1", "l0", "m0 m1", "p0 p1")
    assert outcomes(world, "m0 p0", "m0 l0") == ["merged", "review"], "and stays with who absorbs them"


def test_a_no_passes_to_who_absorbs_either_side() -> None:
    world = saw(ONE_CARD, "l0", "l1", "l0 l1")
    world.reject(world.review())
    outcomes(world, "m0 p0", "m0 p0 l0")  # the stronger absorbs l0's person
    absorbed = world.holder("l0")
    assert absorbed == world.holder("m0")
    assert world.forbidden([absorbed, world.holder("l1")])
    with pytest.raises(ForbiddenPair):
        world.merge([absorbed, world.holder("l1")])


def test_a_no_speaks_of_all_ids_and_identifiers_of_each_side() -> None:
    world = saw(CAP_ONE, "m0", "p0", "l1")
    world.merge([world.holder("m0")])  # nothing to merge: still one profile
    world = saw(ONE_CARD, "m0", "l0", "m0 l0", "l1", "l0 l1")
    (no,) = world.reject(world.review()).judgements
    sides = {frozenset(side.identifiers): side.profile_ids for side in no.sides}
    assert set(sides) == {frozenset(ids("m0 l0")), frozenset(ids("l1"))}
    assert len(sides[frozenset(ids("m0 l0"))]) == 2


def test_a_home_was_not_judged_to_be_somebody_else() -> None:
    """The second event's own profile is not the first's: its new cookie goes there."""
    first, second = event(1, "m0"), event(2, "m0 c0")
    sides = tuple(Side(frozenset({profile_id_of(e)})) for e in (first, second))
    no = Judgement("no", JudgementKind.DISTINCT, sides, "admin", START)
    plan = resolve(World().state, [first, second], [no], FREE)
    assert [stored.profile_id for stored in plan.events] == [profile_id_of(first), profile_id_of(second)]
    assert {hold.profile_id for hold in plan.holds if hold.identifier.type == "cookie"} == {profile_id_of(second)}


def test_new_identifiers_judged_apart_do_not_stay_together() -> None:
    """Judged before they were seen, as in a replay: two sides of one no meet in the event's own new identifiers."""
    a, b = ids("m0 l0")
    no = Judgement("no", JudgementKind.DISTINCT, tuple(Side(frozenset(), frozenset({i})) for i in (a, b)), "admin", START)
    log = [event(1, "m0 l0"), event(2, "m0 c0"), event(3, "l0 c1")]
    world = World(FREE)
    plan = world._written(resolve(world.state, log, [no], FREE))
    assert world.holder("m0") == world.holder("c0") != world.holder("l0") == world.holder("c1")
    assert plan.answers[0].profile_id == world.holder("l0"), "a card speaks before an address"
    assert not world.state.pending()


def test_orders_confirm_a_profile_only_when_it_was_there_before_the_delivery() -> None:
    world = World(FREE)
    batch = [event(n, "m0", delivery="one", type_=type_) for n, type_ in ((1, "store_visit"), (2, "purchase"))]
    assert [stored.matched for stored in world.take(batch).events] == [False, False]
    assert world.take([event(3, "m0")]).events[0].matched
    assert world.take([event(4, "m0", type_="page_view")]).events[0].matched
    (profile,) = world.state.profiles.values()
    assert (profile.orders, profile.confirmed) == (2, 1)


def test_an_order_that_merges_an_old_profile_with_its_own_deliverys_confirms() -> None:
    world = saw(FREE, "m0")
    batch = [event(11, "p0", delivery="one"), event(12, "m0 p0", delivery="one")]
    assert [stored.matched for stored in world.take(batch).events] == [False, True]
    (profile,) = world.state.profiles.values()
    assert profile.confirmed == 1


def test_two_of_one_delivery_who_merge_were_not_there_before_it() -> None:
    world = World(FREE)
    batch = [event(n, names, delivery="one") for n, names in enumerate(("m0", "p0", "m0 p0", "m0"), 1)]
    assert [stored.matched for stored in world.take(batch).events] == [False] * 4
    (profile,) = world.state.profiles.values()
    assert (profile.orders, profile.confirmed) == (4, 0)


def test_a_conflict_within_one_delivery_does_not_confirm_its_own_profile() -> None:
    world = World(ONE_CARD)
    batch = [event(1, "m0", delivery="one"), event(2, "m0 l0 l1", delivery="one")]
    assert [stored.matched for stored in world.take(batch).events] == [False, False]
    assert sum(profile.confirmed for profile in world.state.profiles.values()) == 0


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_the_newest_attribute_survives_whatever_the_order_of_arrival(order: tuple[int, int]) -> None:
    for hours in ({1: 5, 2: 3}, {1: 4, 2: 4}):
        world = World(FREE)
        given = {n: event(n, "m0", when=hours[n]) for n in order}
        world.take([given[n] for n in order])
        (profile,) = world.state.profiles.values()
        best = max(given.values(), key=lambda e: (e.occurred_at, e.attributes))
        (attribute,) = profile.attributes
        assert attribute.given_by == best.event_id


def test_the_base_is_the_strongest_then_the_oldest() -> None:
    world = saw(FREE, "m0", "m1 p1", "m0 m1")
    assert world.plans[-1].merges[0].base_id == world.plans[1].answers[0].profile_id, "strength before age"
    for number in range(8):  # of random ids, whatever their order
        world = saw(FREE, f"m{number}", f"p{number}", f"m{number} p{number}")
        assert world.plans[-1].merges[0].base_id == world.plans[0].answers[0].profile_id, "age before id"


def test_an_anonymous_profile_joins_and_a_strangers_card_counts_against_those_carried() -> None:
    world = saw(ONE_CARD, "c0", "m0")
    assert outcomes(world, "m0 c0") == ["merged"], "nothing about an anonymous profile contradicts"
    world = saw(ONE_CARD, "l0 c0")
    assert outcomes(world, "m0 c0") == ["attached"], "nor about somebody whose card does not clash"
    assert outcomes(world, "l1 c0") == ["created"]
    assert outcomes(world, "m1 l2", "m1 c0") == ["created", "attached"], "nor does a card that was not carried fit"
    assert not world.state.pending()


def test_an_anonymous_profile_stays_where_strangers_cards_clash_and_the_strongest_is_the_base() -> None:
    world = saw(ONE_CARD, "c0")
    browser = world.holder("c0")
    assert outcomes(world, "l0 l1 c0") == ["review"]
    assert world.holder("c0") == world.holder("l0") == browser
    world = saw(ONE_CARD, "l0", "m0 p0 c0")
    strongest = world.holder("m0")
    assert outcomes(world, "l0 c0") == ["merged"]
    assert world.plans[-1].merges[0].base_id == strongest, "also when it was met through a browser only"


def test_a_review_joins_no_forbidden_pair_and_misses_no_permitted_one() -> None:
    """m0|m1 forbidden: {m0,m1} again is no review; {m0,m1,m2} joins both to m2 all the same."""
    world = saw(CAP_ONE, "m0", "m1", "m2", "m0 m1")
    world.reject(world.review())
    assert outcomes(world, "m0 m1") == ["attached"]
    assert not world.state.pending()
    assert outcomes(world, "m0 m1 m2") == ["review"]
    assert len(world.review().profile_ids) == 3


def test_an_event_is_told_of_a_review_only_if_two_of_its_people_meet_in_it() -> None:
    world = saw(CAP_ONE, "m0", "m1", "m2", "m0 m1")
    world.reject(world.review())
    assert outcomes(world, "m1 m2") == ["review"]
    answer = world.see("m0 m1").answers[0]
    assert (answer.outcome, answer.review_id) == ("attached", None)


def test_a_link_that_says_nothing_new_is_not_kept_and_one_that_does_is() -> None:
    world = saw(CAP_ONE, "m0", "m1", "m2", "m0 m1")
    assert not world.see("m0 m1").links
    assert world.see("m1 m2").links
    assert world.see("m0 m2").links, "no single link joins these two"
    assert not world.see("m0 m2").links


def test_a_reviews_id_is_its_earliest_links_and_its_version_moves_with_its_members() -> None:
    world = saw(CAP_ONE, "m0", "m1", "m2", "m0 m1")
    first = world.review()
    world.see("m1 m2")
    grown = world.review()
    assert (grown.review_id, grown.event_id, grown.version) == (first.review_id, first.event_id, 2)
    world.see("m0 m2")
    assert world.review().version == 2, "another link among the same members moves nothing"


def test_decided_reviews_say_how() -> None:
    for decide, status in (("reject", ReviewStatus.REJECTED), ("approve", ReviewStatus.MERGED)):
        world = saw(CAP_ONE, "m0", "m1", "m0 m1")
        review = world.review()
        getattr(world, decide)(review)
        assert world.state.reviews[review.review_id].status is status


def test_an_admins_merge_keeps_the_base_by_the_base_rule() -> None:
    for number in range(8):
        world = saw(FREE, f"m{number}", f"p{number}")
        (merge,) = world.merge([world.holder(f"m{number}"), world.holder(f"p{number}")]).merges
        assert merge.base_id == world.plans[0].answers[0].profile_id


def test_an_import_is_not_judged_by_what_it_holds() -> None:
    """It may hold what both sides of a no hold, and is no side of it."""
    world = saw(ONE_CARD, "l0", "l1", "l0 l1")
    world.reject(world.review())
    world.bring("l0 l1")
    assert not world.state.profiles[world.plans[-1].answers[0].profile_id].tags


def test_an_import_is_no_sight_of_its_identifiers_together() -> None:
    world = World(FREE)
    world.bring("m0 p0")
    assert not any(node.seen_with for node in world.state.identifiers.values())
    world.see("m0 p0")
    assert world.state.identifiers[ids("m0")[0]].seen_with == frozenset(ids("p0"))


def test_approving_all_with_a_forbidden_pair_inside_is_refused() -> None:
    world = saw(CAP_ONE, "m0", "m1", "m2", "m0 m1")
    world.reject(world.review())
    world.see("m0 m1 m2")
    with pytest.raises(ForbiddenPair):
        world.approve(world.review())
    with pytest.raises(ForbiddenPair):
        merge_request(Act(BRAND, "admin", START, "1"), [world.state.profiles[p] for p in world.review().profile_ids], 9)


def test_an_admins_merge_one_above_the_cap_waits() -> None:
    world = saw(FREE, "m0", "m1", "m2", "m3")
    assert world.merge([world.holder(f"m{n}") for n in range(4)]).reviews
    assert world.review().reason == "Auto-merge blocked: 4 profiles exceed threshold of 3"
    world.merge([world.holder(f"m{n}") for n in range(3)])
    assert len(world.state.profiles) == 2


def test_whoever_is_met_moves_in_the_log() -> None:
    world = saw(ONE_CARD, "l0 c0", "l1 c0")
    clocks = {profile.clock for profile in world.state.profiles.values()}
    assert clocks == {2}, "the stranger who does not join was met all the same"


def test_a_blocked_value_is_carried_and_links_nobody() -> None:
    world = saw(Rules(blocked=frozenset({Identifier("email", "m9")})), "m9 p0", "m9 p1", "m9")
    assert [plan.answers[0].outcome for plan in world.plans] == ["created", "created", "unidentified"]
    assert world.plans[-1].events[0].profile_id is None
    assert sum(dict(p.spend)["USD"] for p in world.state.profiles.values()) == 2


def test_balances_and_currencies_survive_a_merge_apart() -> None:
    world = World(FREE)
    world.bring("m0", value=5)
    world.bring("p0", value=7)
    world.take([replace(event(9, "m0 p0"), total=Money(3, "EUR"))])
    (profile,) = world.state.profiles.values()
    assert (profile.spend, profile.opening_spend) == ((("EUR", 3), ("USD", 12)), (("USD", 12),))


def test_only_purchases_and_refunds_are_money() -> None:
    world = World(FREE)
    world.take([replace(event(1, "m0", type_="page_view"), total=Money(3, "USD"))])
    (profile,) = world.state.profiles.values()
    assert (profile.spend, profile.orders) == ((), 0)


def test_first_and_last_seen_are_the_extremes_of_all_who_became_one() -> None:
    world = World(FREE)
    world.take([event(1, "m0", when=5), event(2, "p0", when=1), event(3, "p0", when=9), event(4, "m0 p0", when=6)])
    (profile,) = world.state.profiles.values()
    assert ((profile.first_seen - START).seconds // 3600, (profile.last_seen - START).seconds // 3600) == (1, 9)


def test_an_order_after_a_merge_in_its_own_delivery_confirms() -> None:
    world = World()
    world.see("c0")
    batch = [event(n, names, delivery="one") for n, names in ((11, "m0"), (12, "m0 c0"), (13, "m0"))]
    plan = world.take(batch)
    assert [stored.matched for stored in plan.events] == [False, True, True]


def test_a_review_whose_members_all_merge_into_somebody_who_waits_elsewhere_is_superseded() -> None:
    world = World(Rules(max_auto_merge=3, limits={"loyalty_id": 1}))
    for names in ("m0 p0 l0", "l1", "l2", "l3", "l0 l3", "l1 l2"):
        world.see(names)
    other = next(review for review in world.state.pending() if world.holder("l1") in review.profile_ids)
    world.merge([world.holder(name) for name in ("l0", "l1", "l2")])
    assert world.state.reviews[other.review_id].status == "superseded"
    assert world.review().profile_ids == {world.holder("l0"), world.holder("l3")}
    assert rebuilds(world)


@pytest.mark.parametrize("brand", [f"b{n}" for n in range(12)])
def test_who_joins_one_half_of_a_link_changes_no_review_of_the_other(brand: str) -> None:
    """One link fell into two reviews; ids (here: of many brands) must not say which of them keeps its name."""
    world = World(Rules(limits={"user_id": 1}), brand)
    for n in range(6):
        world.see(f"u{n} m{n}")
    for pair in ("m0 m2", "m0 m3", "m1 m2", "m1 m3"):
        world.see(pair)
        world.reject(world.review())
    world.see("m0 m1 m2 m3")
    review_id = str(world.see("m3 m4").answers[0].review_id)
    before = world.state.reviews[review_id]
    world.see("m0 m5")
    assert world.state.reviews[review_id] == before
