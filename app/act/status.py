"""The way of a message: queued, sent, delivered, read, or failed. Never backwards, in whatever order news of it comes.

One scale: what is further along wins, and a message that was delivered did not fail, whatever was reported before or after.
"""

EXECUTIONS = ("triggered", "executed", "failed", "skipped")  # of what an automation answered
MESSAGES = ("queued", "sent", "delivered", "read", "failed")
RANK = {"queued": 0, "sent": 1, "failed": 2, "delivered": 3, "read": 4}

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
