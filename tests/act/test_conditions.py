"""Conditions: all must hold, and what is not known does not hold."""

import math
from datetime import UTC, datetime

import pytest

from app.act.conditions import InvalidCondition, Value, all_hold, checked

FACTS = {
    "profile": {
        "total_orders": 3,
        "lifetime_value": 325.0,
        "profile_strength": 60,
        "attributes": {"city": "Bern", "age": "42", "vip": True, "number": "12345678901234567"},
    },
    "features": {
        "recency_days": 45,
        "channel_mix": {"shopify": 2, "x.y": 1},
        "last_order_at": datetime(2026, 11, 20, 9, tzinfo=UTC),
    },
    "prediction": {"churn_score": 0.75, "segment": "loyal_customer"},
}


@pytest.mark.parametrize(
    ("field", "op", "value", "true"),
    [
        ("profile.total_orders", "=", 3, True),
        ("profile.total_orders", "=", "3", True),
        ("profile.total_orders", ">", 3, False),
        ("profile.lifetime_value", ">=", 325, True),
        ("profile.attributes.city", "=", "bern", True),
        ("profile.attributes.city", "!=", "Basel", True),
        ("profile.attributes.age", ">", 40, True),
        ("profile.attributes.age", ">", 5, True),  # as text it comes before
        ("profile.attributes.age", "=", " 42.0 ", True),
        ("profile.attributes.number", "=", 12345678901234568, False),  # which is the same as a float
        ("profile.attributes.number", "=", "12345678901234567", True),
        ("profile.attributes.number", "<", 12345678901234568, True),
        ("profile.lifetime_value", "=", "3.25e2", True),
        ("profile.attributes.vip", "=", 1, False),
        ("profile.attributes.vip", "=", "TRUE", True),
        ("profile.attributes.city", ">", 40, False),
        ("profile.attributes.zip", "!=", "x", False),
        ("profile.attributes.zip", "exists", None, False),
        ("profile.attributes.zip", "exists", False, True),
        ("profile.attributes.city", "exists", None, True),
        ("features.recency_days", "<", 50, True),
        ("features.other", "<", 50, False),
        ("features.channel_mix.shopify", ">=", 2, True),
        ("features.channel_mix.x.y", "=", 1, True),
        ("features.channel_mix.pos", ">=", 0, False),
        ("features.category_affinity.Home & Garden", ">", 0, False),
        ("profile.attributes.Kids' size (EU)", "exists", False, True),
        ("features.last_order_at", "=", "2026-11-20T10:00:00+01:00", True),
        ("features.last_order_at", ">", "2026-11-20", True),
        ("features.last_order_at", "=", " 2026-11-20t09:00:00z ", True),
        ("features.last_order_at", "<", "2026-11-20T09:00:00Z", False),
        ("features.last_order_at", "<", "soon", False),
        ("prediction.segment", "=", "loyal", True),
        ("predictions.segment", "=", "loyal", True),
        ("predictions.churn_score", ">=", 0.75, True),
        ("prediction.segment", "in", ["champion", "loyal"], True),
        ("prediction.segment", "in", ["champion"], False),
        ("prediction.churn_score", "<=", 0.75, True),
        ("journey.stage", "=", "retention", False),
    ],
)
def test_a_condition(field: str, op: str, value: Value, true: bool) -> None:
    assert all_hold([checked(field, op, value)], FACTS) is true


@pytest.mark.parametrize("name", ["Nan", "Infinity", "inf", "1e-99999999999999999999"])
def test_a_name_that_python_would_read_as_a_number_is_a_name(name: str) -> None:
    facts = {"profile": {"attributes": {"first_name": name}}}
    assert all_hold([checked("profile.attributes.first_name", "=", name.lower())], facts)
    assert not all_hold([checked("profile.attributes.first_name", "!=", name)], facts)
    assert not all_hold([checked("profile.attributes.first_name", ">", 1)], facts)


@pytest.mark.parametrize(
    ("field", "op", "value"),
    [
        ("total_orders", "=", 3),
        ("profile.shoe_size", "=", 3),
        ("profile.attributes.", "=", 3),
        ("brand.name", "=", "x"),
        ("features.", "=", 1),
        ("prediction.luck", "=", 1),
        ("profile.total_orders", "~", 1),
        ("profile.total_orders", "in", 1),
        ("profile.total_orders", "in", []),
        ("profile.total_orders", "=", [1]),
        ("profile.total_orders", "=", None),
        ("profile.total_orders", "exists", "maybe"),
        ("profile.total_orders", "exists", 0),
        ("profile.attributes. ", "=", 3),
        ("profile.attributes." + "x" * 129, "=", 3),
        ("features.category_affinity.\x00", "=", 3),
        ("profile.total_orders", "=", math.inf),
        ("profile.total_orders", "<", math.nan),
        ("profile.total_orders", "in", [1, 2**63]),
        ("profile.total_orders", "=", 99999999999999999999),
        ("profile.attributes.city", "=", "\ud800"),
        ("profile.attributes.city", "in", ["London", "\x00"]),
    ],
)
def test_what_could_never_be_looked_at_is_refused(field: str, op: str, value: Value) -> None:
    with pytest.raises(InvalidCondition):
        checked(field, op, value)
