"""Scenario 4: one event names five profiles, more than may merge without a person."""

from typing import Any

from app.scenarios.story import Stage, Story

EMAIL, PHONE, LOYALTY = "customer@example.com", "+1-555-1111", "LOY-1111"
# profile id, identifiers, lifetime value, orders; the first is the oldest
PROFILES = (
    ("prof-101", {"email": EMAIL}, 200.00, 2),
    ("prof-102", {"phone": PHONE, "whatsapp": PHONE}, 0.00, 0),
    ("prof-103", {"loyalty_id": LOYALTY, "phone": PHONE}, 150.00, 1),
    ("prof-104", {"cookie": "cookie-abc123", "email": EMAIL}, 50.00, 1),
    ("prof-105", {"device": "device-xyz789", "email": EMAIL}, 75.00, 1),
)
IDS = [profile_id for profile_id, *_ in PROFILES]


def play(stage: Stage) -> None:
    for number, (profile_id, identifiers, value, orders) in enumerate(PROFILES, 1):
        body = {
            "profile_id": profile_id,
            "identifiers": identifiers,
            "lifetime_value": value,
            "currency": "USD",
            "total_orders": orders,
            "created_at": f"2024-01-{number:02}T00:00:00Z",
        }
        stage.post("/api/profiles", body)
    arrival = {
        "type": "identify",
        "source": "web",
        "occurred_at": "2024-02-01T00:00:00Z",
        "identifiers": {"email": EMAIL, "phone": PHONE, "loyalty_id": LOYALTY},
        "idempotency_key": "scenario-manual-merge",
    }
    answer = stage.event("/api/events", arrival)
    review_id = answer["review_id"]
    stage.check("a review is opened", True, review_id is not None)
    if review_id is not None:
        decide(stage, review_id)
    outcome(stage)


def decide(stage: Stage, review_id: str) -> None:
    review = stage.get(f"/api/merge-queue/{review_id}")
    stage.check("queue reason", "Auto-merge blocked: 5 profiles exceed threshold of 3", review["reason"])
    if review["status"] == "pending":
        stage.check("waiting profiles", IDS, sorted(review["profile_ids"]))
        stage.check("strengths before", [40] * 5, [p["profile_strength"] for p in review["profiles"]])
        stage.post(f"/api/merge-queue/{review_id}/approve", {"version": review["version"]})
    stage.check("queue status", "merged", stage.get(f"/api/merge-queue/{review_id}")["status"])


def outcome(stage: Stage) -> None:
    whole: dict[str, Any] = stage.get("/api/profiles/prof-105/360")
    profile = whole["profile"]
    stage.check("base profile", "prof-101", profile["profile_id"])
    stage.check("merged profiles", IDS[1:], sorted(profile["merged_profile_ids"]))
    stage.check("lifetime value", 475.00, profile["lifetime_value"])
    stage.check("total orders", sum(orders for *_, orders in PROFILES), profile["total_orders"])
    stage.check("profile strength", 95, profile["profile_strength"])
    stage.check("merge history", ["manual_review"], [merge["reason"] for merge in whole["merge_history"]])
    stage.counts(Profile=1, Event=1, MergeHistory=1, MergeReview=1)


STORY = Story("Profile merge with manual review", play)
