"""Where dots are drawn: each with what hangs on it around it, in rings that hold as many as fit. Pure, and the same every time.

It takes one pass from the outermost dots to the first, so thousands are placed in some hundredths of a second.
"""

from collections.abc import Mapping, Sequence
from math import asin, cos, pi, sin

from app.console.drawing import Drawing

DOT = 30.0  # the space around a dot, in pixels of a drawing that is not zoomed
GAP = 14.0  # between a dot and the ring around it

Point = tuple[float, float]


def places(drawn: Drawing) -> dict[str, Point]:
    """Each dot's place, the first at (0, 0). Every dot hangs on the first one that leads to it; nothing overlaps."""
    if not drawn.dots:
        return {}
    hangs = _tree(drawn)
    radius: dict[str, float] = {}
    around: dict[str, list[tuple[str, Point]]] = {}
    for one in reversed(hangs):  # what hangs on a dot comes after it
        rings = sorted(hangs[one], key=lambda other: -radius[other])
        around[one], radius[one] = _rings(rings, radius)
    found = {drawn.dots[0].id: (0.0, 0.0)}
    for one in hangs:
        x, y = found[one]
        found |= {other: (x + dx, y + dy) for other, (dx, dy) in around[one]}
    return {one: (round(x, 1), round(y, 1)) for one, (x, y) in found.items()}


def _tree(drawn: Drawing) -> dict[str, list[str]]:
    """What hangs on each dot, in an order in which nothing comes before what it hangs on."""
    beside: dict[str, list[str]] = {dot.id: [] for dot in drawn.dots}
    for line in drawn.lines:
        beside[line.source].append(line.target)
        beside[line.target].append(line.source)
    first = drawn.dots[0].id
    hangs: dict[str, list[str]] = {first: []}
    met = {first}
    waiting = [first]
    for one in waiting:
        hangs[one] = [other for other in dict.fromkeys(beside[one]) if other not in met]
        met.update(hangs[one])
        waiting += hangs[one]
    return hangs


def _rings(inside: Sequence[str], radius: Mapping[str, float]) -> tuple[list[tuple[str, Point]], float]:
    """Where discs of these radii (the largest first) lie around a dot, and how far all of it reaches."""
    placed: list[tuple[str, Point]] = []
    reach, rest = DOT, list(inside)
    while rest:
        widest = radius[rest[0]]
        away = reach + GAP + widest
        ring: list[tuple[str, float]] = []
        taken = 0.0
        for one in rest:
            turn = 2 * asin(min(1.0, radius[one] / away))
            if ring and taken + turn > 2 * pi:
                break
            ring.append((one, turn))
            taken += turn
        spare = max(0.0, 2 * pi - taken) / len(ring)
        angle = -pi / 2
        for one, turn in ring:
            angle += (turn + spare) / 2
            placed.append((one, (away * cos(angle), away * sin(angle))))
            angle += (turn + spare) / 2
        reach = away + widest
        rest = rest[len(ring) :]
    return placed, reach
