"""What is drawn of an answer of the graph, and where. Without a browser."""

from datetime import UTC, datetime, timedelta
from itertools import combinations
from math import dist
from typing import Any

from app.console.drawing import Dot, Drawing, Line, at_most, called, drawing, neighbours, start_of
from app.console.layout import places

DAY = datetime(2024, 1, 1, tzinfo=UTC)
DAY_MS = 86_400_000
FIRST = int(DAY.timestamp() * 1000)


def node(name: str, label: str, day: int | None = 0, **said: Any) -> dict[str, Any]:
    return {"id": name, "label": label, "at": None if day is None else DAY + timedelta(days=day), **said}


def person(name: str, label: str = "Profile", day: int | None = 9) -> dict[str, Any]:
    return node(f"profile:{name}", label, day, profile_id=name)


def event(name: str, day: int, kind: str = "page_view") -> dict[str, Any]:
    return node(f"event:{name}", "Event", day, type=kind, event_id=name)


def mail(value: str, standing: str = "linkable") -> dict[str, Any]:
    return node(f"identifier:email:{value}", "Identifier", 1, type="email", value=value, standing=standing)


def edge(source: str, kind: str, target: str, **said: str) -> dict[str, Any]:
    return {"source": source, "target": target, "type": kind, **said}


def seen(nodes: list[dict[str, Any]], edges: list[dict[str, Any]], *, truncated: bool = False) -> dict[str, Any]:
    return {"nodes": nodes, "edges": edges, "truncated": truncated}


ADA = seen(
    [person("ada"), mail("a@x.org", "shared"), event("3", 3), event("1", 1), event("2", 2, "purchase"),
     node("storevisit:1", "StoreVisit"), event("stray", 5)],
    [edge("profile:ada", "HAS_IDENTIFIER", "identifier:email:a@x.org"), edge("event:1", "ATTACHED_TO", "profile:ada"),
     edge("event:2", "ATTACHED_TO", "profile:ada"), edge("event:3", "ATTACHED_TO", "profile:ada"),
     edge("event:3", "CARRIES", "identifier:email:a@x.org"), edge("event:1", "CARRIES", "identifier:email:a@x.org"),
     edge("event:stray", "CARRIES", "identifier:email:a@x.org"), edge("event:1", "RECORDED", "storevisit:1")],
)  # fmt: skip


def test_events_of_a_type_are_one_dot_of_their_person() -> None:
    drawn = called(drawing(ADA, 3), {"ada": "Ada"})
    views = next(dot for dot in drawn.dots if dot.id == "events:page_view@profile:ada")
    assert (views.kind, views.label, views.since) == ("events", "page_view", FIRST + DAY_MS)
    assert views.times == (FIRST + DAY_MS, FIRST + 3 * DAY_MS)
    assert (views.or_more, drawing(ADA, 4).dots[-1].or_more) == (True, False)  # as many as were asked for, and fewer
    assert [(dot.id, dot.label, dot.standing) for dot in drawn.dots if dot.kind != "events"] == [
        ("profile:ada", "Ada", ""), ("identifier:email:a@x.org", "a@x.org", "shared"),
    ]  # fmt: skip
    assert Line(views.id, "identifier:email:a@x.org", "carried", FIRST + DAY_MS) in drawn.lines


def test_whose_events_are_older_than_their_node_is_there_since_these() -> None:
    assert drawing(ADA, 9).dots[0].since == FIRST + DAY_MS
    alone = drawing(seen([person("ada", day=None)], []), 9)
    assert (alone.dots[0].since, alone.dots[0].label) == (None, "ada")


def test_who_was_absorbed_is_there_since_what_the_merge_moved_and_became_another_at_the_merge() -> None:
    merge = node("mergehistory:m", "MergeHistory", 7, merge_id="m")
    drawn = drawing(
        seen(
            [person("ada"), person("bob", "MergedProfile"), merge, event("old", 2), event("own", 4)],
            [edge("profile:bob", "MERGED_INTO", "profile:ada", merge_id="m"), edge("mergehistory:m", "KEPT", "profile:ada"),
             edge("event:old", "ATTACHED_TO", "profile:ada", merge_id="m"), edge("event:own", "ATTACHED_TO", "profile:ada")],
        ),
        9,
    )  # fmt: skip
    since = {dot.id: dot.since for dot in drawn.dots}
    assert (since["profile:ada"], since["profile:bob"]) == (FIRST + 2 * DAY_MS, FIRST + 2 * DAY_MS)
    assert Line("profile:bob", "profile:ada", "became", FIRST + 7 * DAY_MS) in drawn.lines
    assert Line("mergehistory:m", "profile:ada", "kept") in drawn.lines


def household() -> Drawing:
    """Ada, Bob and Cy in a row, by an address that two share, then another."""
    nodes = [person("ada"), mail("a"), person("bob"), mail("b"), person("cy"), event("1", 1), person("far")]
    held = [("ada", "a"), ("bob", "a"), ("bob", "b"), ("cy", "b")]
    edges = [edge(f"profile:{who}", "HAS_IDENTIFIER", f"identifier:email:{what}") for who, what in held]
    edges += [edge("event:1", "ATTACHED_TO", "profile:cy"), edge("event:1", "CARRIES", "identifier:email:a")]
    return drawing(seen(nodes, edges, truncated=True), 9)


def test_the_nearest_are_kept_and_the_rest_is_counted() -> None:
    whole = household()
    assert "profile:far" not in {dot.id for dot in whole.dots}  # nothing leads there
    few = at_most(whole, 3)
    assert [dot.id for dot in few.dots] == ["profile:ada", "identifier:email:a", "profile:bob"]
    assert (len(few.lines), few.more, few.or_more) == (2, 3, True)
    assert at_most(whole, 6) == whole


def test_what_lies_around_a_dot_brings_the_people_of_its_events() -> None:
    around = neighbours(household(), "identifier:email:a")
    assert {dot.id for dot in around.dots} == {
        "profile:ada", "identifier:email:a", "profile:bob", "events:page_view@profile:cy", "profile:cy",
    }  # fmt: skip
    assert Line("profile:cy", "identifier:email:b", "holds") in around.lines  # for a drawing where that is there


def test_events_are_looked_for_at_their_person() -> None:
    assert start_of("events:page_view@profile:a@b") == "profile:a@b"
    assert start_of("identifier:email:a@x.org") == "identifier:email:a@x.org"


def star(*spokes: int) -> Drawing:
    """A dot with others around it, each with so many of its own."""
    dots, lines = [Dot("0", "person", "0", None)], []
    for number, count in enumerate(spokes, 1):
        dots.append(Dot(f"{number}", "person", "", None))
        lines.append(Line("0", f"{number}", "holds"))
        for leaf in range(count):
            dots.append(Dot(f"{number}.{leaf}", "person", "", None))
            lines.append(Line(f"{number}.{leaf}", f"{number}", "holds"))
    return Drawing(tuple(dots), tuple(lines))


def test_dots_have_room_and_lie_where_they_lay() -> None:
    drawn = star(40, 7, 1, 0, 0, 12)
    where = places(drawn)
    assert where["0"] == (0, 0)
    assert min(dist(one, other) for one, other in combinations(where.values(), 2)) >= 50
    assert places(drawn) == where
    assert places(Drawing((), ())) == {}


def test_a_ring_and_a_long_chain_have_places() -> None:
    chain = [Dot(str(number), "person", "", None) for number in range(3_000)]
    lines = [Line(str(number), str((number + 1) % 3_000), "holds") for number in range(3_000)]
    where = places(Drawing(tuple(chain), tuple(lines)))
    assert len(set(where.values())) == 3_000


def test_thousands_of_dots_reach_no_further_than_they_must() -> None:
    """5,000 dots of a hub fill a disc, not a circle: one sees them at once."""
    where = places(star(4_998))
    assert len(where) == 5_000
    assert max(abs(x) for x, _ in where.values()) < 6_000
