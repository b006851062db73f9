"""What an event says of itself."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.events import NAMESPACE, OWN_NAMES, Visit, read_name, stable_id, stored_name

NOON = datetime(2024, 1, 17, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(("seconds", "minutes"), [(0, 0), (29.999, 0), (30, 1), (89, 1), (90, 2), (150, 3), (2_700, 45)])
def test_a_visits_minutes_round_half_up(seconds: float, minutes: int) -> None:
    assert Visit("S1", None, NOON, NOON + timedelta(seconds=seconds), None).duration_minutes == minutes


@given(st.lists(st.text(st.characters(codec="utf-8"))))
def test_a_stable_id_is_the_version_5_uuid_of_its_parts(parts: list[str]) -> None:
    assert stable_id(*parts) == str(uuid.uuid5(NAMESPACE, "".join(f"{len(part)}:{part}" for part in parts)))


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("Order Completed", "purchase"), ("order completed", "purchase"), ("ORDER UPDATED", "order_updated"),
        ("Order Refunded", "refund"), ("Order Cancelled", "order_cancelled"), ("Checkout Started", "checkout"),
        ("Purchase", "purchase"), ("Product Added", "product added"), ("Order Shipped", "Order Shipped"),
        ("order_completed", "order_completed"), ("Order  Completed", "Order  Completed"), ("", ""),
    ],
)  # fmt: skip
def test_a_name_of_ours_is_known_in_any_case_and_by_what_segment_calls_it(written: str, stored: str) -> None:
    assert stored_name(written) == stored
    assert read_name(f" {written} ") == (stored or None)


@given(st.text() | st.sampled_from(["Order Completed", "Checkout Started", *OWN_NAMES]))
def test_what_is_stored_stays_as_it_is(written: str) -> None:
    assert stored_name(stored_name(written)) == stored_name(written)
