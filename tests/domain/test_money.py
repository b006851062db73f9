"""Amounts are exact, bounded, and refused when they are none."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import BadInput
from app.domain.money import EXPONENT, currency_code, major, minor_units


@pytest.mark.parametrize(
    ("raw", "currency", "minor"),
    [
        ("89.99", "USD", 8999), (125.50, "USD", 12550), (0.1, "USD", 10), (16200, "JPY", 16200),
        ("1.2345", "BHD", 1234),
        ("1.2355", "BHD", 1236), ("0.125", "USD", 12), ("0.135", "USD", 14), ("2.5", "JPY", 2), ("3.5", "JPY", 4),
        (" 10 ", "USD", 1000), ("10.", "USD", 1000), (".5", "USD", 50), ("-10.00", "GBP", -1000), (1e12, "USD", 10**14),
        (Decimal("84.10"), "GBP", 8410), (1e-9, "USD", 0), ("9999999999999.99", "USD", 10**15 - 1),
    ],
)  # fmt: skip
def test_minor_units(raw: object, currency: str, minor: int) -> None:
    assert minor_units(raw, currency, "total") == minor


@pytest.mark.parametrize(
    "raw",
    [
        "", "abc", "1e5", "1_000", "1,000.00", "NaN", "Infinity", "\u0661", "9" * 65,
        "--1", True, None, [], {}, float("nan"),
        float("inf"), 1e308, 2**63, -(2**63), "92233720368547758.08", "10000000000000.00", Decimal("NaN"), Decimal("Infinity"),
    ],
)  # fmt: skip
def test_no_amount(raw: object) -> None:
    with pytest.raises(BadInput, match=r"^total: "):
        minor_units(raw, "USD", "total")


def test_currencies() -> None:
    assert currency_code("eur", "USD", "currency") == "EUR"
    assert currency_code(None, "GBP", "currency") == "GBP"
    assert (EXPONENT["JPY"], EXPONENT["BHD"], EXPONENT["USD"]) == (0, 3, 2)
    for raw in ("XYZ", "dollars", 5, ["USD"]):
        with pytest.raises(BadInput, match="ISO 4217"):
            currency_code(raw, "USD", "currency")
    with pytest.raises(BadInput, match="ISO 4217"):
        minor_units("1", "XYZ", "total")


@given(st.integers(-(10**14), 10**14), st.sampled_from(["USD", "JPY", "BHD"]))
def test_what_goes_out_comes_back(minor: int, currency: str) -> None:
    assert minor_units(major(minor, currency), currency, "total") == minor
    assert minor_units(str(Decimal(minor).scaleb(-EXPONENT[currency])), currency, "total") == minor


@given(st.one_of(st.text(), st.floats(), st.integers(), st.decimals(), st.none(), st.binary()))
def test_raises_nothing_but_bad_input(raw: object) -> None:
    try:
        assert abs(minor_units(raw, "USD", "total")) < 10**15
    except BadInput:
        return


def test_the_example_of_the_specification() -> None:
    assert major(minor_units("89.99", "USD", "a") + minor_units(125.50, "USD", "b"), "USD") == 215.49
