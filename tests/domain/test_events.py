"""What an event says of itself."""

from datetime import UTC, datetime, timedelta

import pytest

from app.domain.events import Visit

NOON = datetime(2024, 1, 17, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(("seconds", "minutes"), [(0, 0), (29.999, 0), (30, 1), (89, 1), (90, 2), (150, 3), (2_700, 45)])
def test_a_visits_minutes_round_half_up(seconds: float, minutes: int) -> None:
    assert Visit("S1", None, NOON, NOON + timedelta(seconds=seconds), None).duration_minutes == minutes
