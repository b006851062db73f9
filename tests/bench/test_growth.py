"""What the growth run says of what it measured, and who its customers are."""

import re
from dataclasses import replace

from bench.__main__ import numbers
from bench.bodies import Customers, Orders
from bench.growth import Fact, Grown, Row, tables
from bench.load import customers
from bench.report import Figures
from bench.rounds import Plan


def addresses(orders: Orders, count: int) -> list[str]:
    found = (re.search(rb"u\d+\.\d+@example\.com", orders.next().body) for _ in range(count))
    return [match[0].decode() for match in found if match]


def test_cold_people_are_those_of_the_filling() -> None:
    filling = set(addresses(Orders(99, repeat=0.0), 50))
    assert len(filling) == 50
    cold = addresses(Orders(3, repeat=1.0, among=Customers(99, 50)), 200)
    assert set(cold) <= filling
    assert len(set(cold)) > 40
    assert not set(addresses(Orders(4, repeat=0.0), 50)) & filling


def test_an_order_of_a_known_person_is_no_order_of_the_filling() -> None:
    def ids(orders: Orders) -> set[bytes]:
        found = (re.search(rb'"id": (5\d{12})', orders.next().body) for _ in range(50))
        return {match[1] for match in found if match}

    first = ids(Orders(99, repeat=0.0))
    assert len(first) == 50
    assert not first & ids(Orders(3, repeat=1.0, among=Customers(99, 50)))


def test_cost_is_told_against_the_smallest_size() -> None:
    write, read = Figures(100.0, 5.0, 6.0, 7.0, 2.0), Figures(100.0, 4.0, 6.0, 7.0, 0.0)
    rows = [
        Row("write", 100, 32, write),
        Row("read", 100, 1, read),
        Row("write", 900, 32, replace(write, cpu_ms=2.5)),
        Row("read", 900, 1, replace(read, p50_ms=3.0)),
    ]
    shown = tables(Grown(rows, [Fact("memory", 900, "12 MB")], []))
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in shown.splitlines() if line.startswith("| ")]
    assert [line[-1] for line in cells if line[0] == "write"] == ["1.00", "1.25"]
    assert [line[-1] for line in cells if line[0] == "read"] == ["1.00", "0.75"]
    assert ["memory", "900", "12 MB"] in cells


def test_lists_of_numbers_are_read_smallest_first() -> None:
    assert numbers("32,1,8,8") == (1, 8, 32)
    assert customers("99:2000") == Customers(99, 2000)


def test_the_drivers_ceiling_is_measured_alone_as_full_as_the_service_can_be_and_at_its_best() -> None:
    plan = replace(Plan(1.0, 1.0, 1, 1.0, 100), connections=(1, 8, 32))
    assert [[one.at for one in plan.ceilings(many)] for many in plan.connections] == [
        ["1 (1 a tx)"], [], ["2 (16 a tx)", "2 (250 a tx)"],
    ]  # fmt: skip
