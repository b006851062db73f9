"""The way of a message: queued, sent, delivered, read, or failed. Never backwards, in whatever order news of it comes.

One scale: what is further along wins, and a message that was delivered did not fail, whatever was reported before or after.
"""

from collections.abc import Iterable

RANK = {"queued": 0, "sent": 1, "failed": 2, "delivered": 3, "read": 4}
BY_RANK = tuple(sorted(RANK, key=RANK.__getitem__))

# What Twilio says: https://www.twilio.com/docs/messaging/api/message-resource#message-status-values
OF_TWILIO = {
    "accepted": "queued",
    "scheduled": "queued",
    "queued": "queued",
    "sending": "queued",
    "sent": "sent",
    "delivered": "delivered",
    "read": "read",
    "undelivered": "failed",
    "failed": "failed",
    "canceled": "failed",
}


def later(one: str, other: str) -> str:
    """Which of two statuses of a message holds."""
    return one if RANK[one] >= RANK[other] else other


def after(reports: Iterable[str], begin: str = "queued") -> str:
    """The status once all these reports have come."""
    status = begin
    for report in reports:
        status = later(status, report)
    return status
