"""Scenario 3: a customer falls silent for 45 days and comes back."""

from app.scenarios.story import Stage, Story

EMAIL = "emma.williams@email.com"
CUSTOMER = {
    "profile_id": "emma-williams",
    "identifiers": {"email": EMAIL, "phone": "+1-555-0789"},
    "lifetime_value": 0,
    "currency": "USD",
    "total_orders": 0,
    "created_at": "2024-01-02T10:00:00Z",
    "attributes": {"first_name": "Emma", "last_name": "Williams"},
}
# 90, 60 and 45 days before the feature calculation of 2024-04-01; then the order two days after the message.
BEFORE = (("2024-01-02T10:00:00Z", "150.00"), ("2024-02-01T10:00:00Z", "75.00"), ("2024-02-16T10:00:00Z", "100.00"))
AFTER = ("2024-04-03T10:00:00Z", "120.00", "New Collection Dress")


def play(stage: Stage) -> None:
    profile_id = stage.post("/api/profiles", CUSTOMER)["profile_id"]
    for number, (at, amount) in enumerate(BEFORE, 1):
        last = order(stage, 30_000 + number, at, amount, f"Order {number}")
    before = stage.get(f"/api/profiles/{profile_id}")
    if last["outcome"] != "duplicate":
        stage.check("before: lifetime value", 325.00, before["lifetime_value"])
        stage.check("before: total orders", 3, before["total_orders"])
    stage.pending("before: segment", "before: churn", "before: predicted LTV", "before: journey")
    order(stage, 30_004, *AFTER)
    profile = stage.get(f"/api/profiles/{profile_id}")
    stage.check("lifetime value", 445.00, profile["lifetime_value"])
    stage.check("total orders", 4, profile["total_orders"])
    stage.check("last activity", AFTER[0], profile["last_seen"])
    stage.counts(Profile=1, Event=4, MergeHistory=0, MergeReview=0)
    stage.pending("segment", "churn", "predicted LTV", "journey", "automations (WhatsApp)")


def order(stage: Stage, number: int, at: str, amount: str, name: str) -> dict[str, object]:
    body = {
        "id": number,
        "email": EMAIL,
        "total_spent": amount,
        "items": [{"product_name": name, "price": amount}],
        "created_at": at,
    }
    return stage.event("/api/integrations/shopify/webhook", body, {"x-shopify-topic": "orders/create"})


STORY = Story("Churn risk detection and retention", play)
