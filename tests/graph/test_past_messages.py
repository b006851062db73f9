"""Messages and executions by a moment: news that came later had not come."""

from datetime import timedelta
from typing import Any

import pytest

from app.domain.past import Moments
from app.graph.messages import campaign_by, execution_by
from app.graph.rows import EPOCH

MESSAGE: dict[str, Any] = {
    "status": "read", "reason": "x", "error_code": None, "due": None, "not_before": None, "attempts": 2, "message_id": "SM1",
    "sent_at": 10, "delivered_at": 20, "read_at": 30, "failed_at": None,
}  # fmt: skip


def by(milliseconds: int) -> Moments:
    return Moments(known_at=EPOCH + timedelta(milliseconds=milliseconds))


@pytest.mark.parametrize(("at", "status"), [(5, "queued"), (10, "sent"), (19, "sent"), (25, "delivered"), (30, "read")])
def test_a_message_is_as_far_along_as_was_known(at: int, status: str) -> None:
    seen = campaign_by(by(at), MESSAGE)
    assert seen["status"] == status
    assert [seen[name] for name in ("sent_at", "delivered_at", "read_at")] == [one if one <= at else None for one in (10, 20, 30)]
    assert (seen["message_id"] is None) == (at < 10)


def test_what_had_ended_by_then_is_as_it_is_stored() -> None:
    assert campaign_by(by(30), MESSAGE) is MESSAGE
    assert campaign_by(Moments(as_of=EPOCH), MESSAGE) is MESSAGE
    ended = {"status": "skipped", "reason": "no consent", "finished_at": 10}
    assert execution_by(by(10), ended) is ended
    assert execution_by(by(9), ended) == {"status": "triggered", "reason": None, "finished_at": None}
