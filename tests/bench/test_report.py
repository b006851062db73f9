"""What the benchmark says of what it measured, and that it notices what is missing."""

from dataclasses import replace

from bench.bodies import Orders
from bench.report import Figures, Series, table
from bench.verify import Acked, Entry, Totals, complaints

ACKED = Acked((("e1", 100), ("e2", 250)))
STORED = [Entry("e1", 100, 1), Entry("e2", 250, 1)]
TOTALS = Totals(profiles=1, minor=350, orders=2)


def test_all_is_well_when_everything_is_there_once() -> None:
    assert complaints(ACKED, STORED, TOTALS) == []


def test_what_is_missing_doubled_astray_or_miscounted_is_named() -> None:
    assert "1 events acknowledged but not stored, such as e2" in complaints(ACKED, STORED[:1], TOTALS)
    assert "1 events stored more than once, such as e1" in complaints(ACKED, [*STORED, STORED[0]], TOTALS)
    astray = [STORED[0], replace(STORED[1], homes=2)]
    assert complaints(ACKED, astray, TOTALS) == ["1 events not attached to exactly one profile, such as e2"]
    assert complaints(ACKED, STORED, replace(TOTALS, minor=250, orders=1)) == [
        "350 minor units on the profiles were acknowledged, 250 are there",
        "2 orders on the profiles were acknowledged, 1 are there",
    ]
    assert "1 events acknowledged for two orders, such as e1" in complaints(Acked((("e1", 100), ("e1", 250))), STORED, TOTALS)


def test_the_table_shows_medians_and_the_ratio_at_the_same_number_of_connections() -> None:
    def series(name: str, connections: int, *rates: float) -> Series:
        return Series(name, str(connections), connections, tuple(Figures(rate, 1.0, 2.0, 3.0, 4.0) for rate in rates))

    shown = table([series("us", 1, 90, 50, 10), series("them", 1, 100), series("us", 32, 3000), series("them", 32, 1000)], "them")
    assert [[cell.strip() for cell in line.split("|")[1:-1]] for line in shown.splitlines()[2:]] == [
        ["us", "1", "50", "1.0", "2.0", "3.0", "4.00", "0.50"],
        ["them", "1", "100", "1.0", "2.0", "3.0", "4.00", "1.00"],
        ["us", "32", "3,000", "1.0", "2.0", "3.0", "4.00", "3.00"],
        ["them", "32", "1,000", "1.0", "2.0", "3.0", "4.00", "1.00"],
    ]


def test_orders_are_realistic_and_reproducible() -> None:
    orders, again = Orders(3), Orders(3)
    bodies = [orders.next().body for _ in range(400)]
    assert bodies == [again.next().body for _ in range(400)]
    assert 4_000 < len(bodies[0]) < 5_500
    assert 160 < orders.customers < 240
    assert 160 < sum(b'"+4479' in body for body in bodies) < 240
